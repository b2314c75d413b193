"""作废收据, 补打收据: what the cashier does with one that was given out already."""

import re

from bot.flow import Again, Done, Flow, Next, Outcome, Slot, Turn
from handlers.links import receipt_link
from handlers.speaker import Person
from models.errors import Refusal
from models.payments import receipt_desk
from models.payments.receipts import number_of
from models.payments.tables import Payment, Receipt

ASK_NUMBER = "收据的号码是多少？比如「12」，押金收据是「押12」。"
_NUMBER = re.compile(r"[#＃]?\s*(押?)金?\s*(\d{1,9})(?!\d)\s*(.*)", re.DOTALL)
_VERB = re.compile(r"^\s*(?:作废|补打)收据[\s,，:：]*")


def take_number(turn: Turn) -> Outcome:
    """The number of one that the speaker may touch; whatever is wrong with it is said at once."""
    if turn.asked not in ("", "number"):
        return None
    said = _NUMBER.match(_VERB.sub("", turn.text).strip())
    if said is None:
        return Again(ASK_NUMBER) if turn.asked == "number" else None
    receipt, _ = _found(turn, f"{said[1]}{said[2]}")
    if receipt.voided_at is not None:
        raise Refusal(f"收据 {number_of(receipt)} 在{receipt.voided_at:%Y-%m-%d}已经作废了。")
    return Next(number_of(receipt))


def take_reason(turn: Turn) -> Outcome:
    if turn.asked == "reason":
        return Next(turn.text.strip()[:100]) if turn.text.strip() else None
    said = _NUMBER.match(_VERB.sub("", turn.text).strip()) if turn.asked == "" else None
    return Next(said[3].strip()[:100]) if said is not None and said[3].strip() else None


def _found(turn: Turn, printed: str) -> tuple[Receipt, Payment]:
    """By its number as it is printed: 0000012, or 押0000012 of a deposit."""
    person: Person = turn.speaker
    return receipt_desk.find(
        turn.session, int(printed.removeprefix("押")), kind="deposit" if printed.startswith("押") else "payment",
        company_id=person.company_id or 0, community_ids=person.community_ids,
    )  # fmt: skip


def _what(turn: Turn) -> str:
    receipt, _ = _found(turn, turn.slots["number"])
    return f"收据 {number_of(receipt)}（{receipt.content['home']} {receipt.content['shown']}）"


def ask_void(turn: Turn) -> str:
    return f"要作废{_what(turn)}，原因：{turn.slots['reason']}。作废后号码留着，钱还在，会换开一张新的。对吗？"


def ask_reprint(turn: Turn) -> str:
    return f"要补打{_what(turn)}，会标上「补打」。对吗？"


def void(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    receipt, payment = _found(turn, turn.slots["number"])
    again = receipt_desk.replace(
        turn.session, receipt, payment, reason=turn.slots["reason"], by=person.log_name, now=turn.now
    )
    if again is None:
        return Done(f"收据 {number_of(receipt)} 已作废。这笔钱已经全部退了，不用再开。")
    return Done(
        f"收据 {number_of(receipt)} 已作废，换开了 {number_of(again)}。\n{receipt_link(turn, again.id)}".rstrip()
    )


def reprint(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    receipt, _ = _found(turn, turn.slots["number"])
    times = receipt_desk.reprint(turn.session, receipt, by=person.log_name, now=turn.now)
    return Done(f"收据 {number_of(receipt)} 第{times}次补打。\n{receipt_link(turn, receipt.id)}".rstrip())


_OFFICE = frozenset({"cashier", "clerk", "manager"})
_REFUSAL = "这是收费员用的。看自己的收据，请回复「收据」。"
_NUMBER_SLOT = Slot("number", take=take_number, ask=ASK_NUMBER)

VOID = Flow(
    intent="receipt_void",
    title="作废收据",
    roles=_OFFICE,
    commands=("作废收据 {text?}",),
    slots=(_NUMBER_SLOT, Slot("reason", take=take_reason, ask="为什么作废？说一句就行。", free_text=True)),
    confirm=ask_void,
    finish=void,
    refusal=_REFUSAL,
)
REPRINT = Flow(
    intent="receipt_reprint",
    title="补打收据",
    roles=_OFFICE,
    commands=("补打收据 {text?}",),
    slots=(_NUMBER_SLOT,),
    confirm=ask_reprint,
    finish=reprint,
    refusal=_REFUSAL,
)
FLOWS = (VOID, REPRINT)
