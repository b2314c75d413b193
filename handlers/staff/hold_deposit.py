"""收押金, 退押金, 押金清单: what is only kept for somebody, with a receipt of its own that comes back with the refund."""

import re
from typing import Any

from bot.flow import Again, Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.links import receipt_link
from handlers.speaker import Person
from handlers.staff.take_payment import ASK_AMOUNT, take_amount, take_reference, words_said
from handlers.which_compounds import theirs_meant
from handlers.which_home import HOME
from models.errors import NotFound
from models.estate.ledger_amounts import read_amount
from models.estate.tables import Home
from models.estate.unclear import Unclear
from models.money import shown
from models.payments import deposits
from models.payments.actions import Money
from models.payments.deposits import KINDS, RENOVATION, Held
from models.payments.receipts import CHANNELS, number_of
from models.people.queries import residents_of

NONE_HELD = "这一户没有押金在我们这里。"
_DEDUCTION = re.compile(r"扣\s*(\d[\d,，.]*)\s*元?\s*(.*)", re.DOTALL)
_WORDS = {RENOVATION: ("装修",), "CARD_DEP": ("门禁", "卡"), "OTHER_DEP": ("其他", "出入证")}
_AT_THE_COUNTER = {"cash": ("现金",), "pos": ("刷卡", "POS", "pos"), "transfer": ("转账", "汇款")}


def take_kind(turn: Turn) -> Outcome:
    if turn.asked == "kind" and turn.choice is not None:
        return Next(turn.choice)
    said = turn.text if turn.asked == "kind" else " ".join(words_said(turn))
    meant = [code for code, words in _WORDS.items() if any(word in said for word in words)]
    return Next(meant[0]) if len(meant) == 1 and turn.asked in ("", "kind") else None


def ask_kind(turn: Turn) -> Question:
    return Ask("什么押金？", tuple(Choice(code, name) for code, name in KINDS.items()))


def take_channel(turn: Turn) -> Outcome:
    if turn.asked == "channel" and turn.choice is not None:
        return Next(turn.choice)
    meant = [channel for channel, words in _AT_THE_COUNTER.items() if any(word in turn.text for word in words)]
    return Next(meant[0]) if len(meant) == 1 else None


def ask_channel(turn: Turn) -> Question:
    return Ask("怎么收的？", tuple(Choice(channel, CHANNELS[channel]) for channel in _AT_THE_COUNTER))


def known_reference(turn: Turn) -> Any:
    return "" if turn.slots.get("channel") == "cash" else None


def ask_taking(turn: Turn) -> str:
    slots = turn.slots
    kind, how = KINDS[slots["kind"]], CHANNELS[slots["channel"]]
    return f"{slots['home']['label']}收{kind}{shown(slots['amount'])}，{how}，开押金收据，不算收入，要退的。对吗？"


def take(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    home = turn.session.get_one(Home, turn.slots["home"]["home_id"])
    owners = residents_of(turn.session, home.id)
    reference = turn.slots["reference"] or f"chat-{turn.incoming.key}"
    money = Money(turn.slots["amount"], turn.slots["channel"], reference, owners[0][0].name if owners else "")
    held = deposits.take(turn.session, home, money, turn.slots["kind"], by=person.log_name, now=turn.now)
    said = f"记好了：{turn.slots['home']['label']} {held.name}{shown(money.fen)}，押金收据 {number_of(held.receipt)}。"
    return Done(f"{said}请嘱咐业主收好，退的时候要交回。\n{receipt_link(turn, held.receipt.id)}".rstrip())


# --- giving it back ---------------------------------------------------------------------------------------------------


def take_deposit(turn: Turn) -> Outcome:
    return Next(turn.choice) if turn.asked == "deposit" and turn.choice is not None else None


def only_deposit(turn: Turn) -> Any:
    held = deposits.held_for(turn.session, [turn.slots["home"]["home_id"]])
    if not held:
        return Done(NONE_HELD)
    return held[0].deposit.id if len(held) == 1 else None


def ask_deposit(turn: Turn) -> Question:
    held = deposits.held_for(turn.session, [turn.slots["home"]["home_id"]])
    return Ask("退哪一笔？", tuple(Choice(one.deposit.id, _called(one)) for one in held[:9]))


def take_deduction(turn: Turn) -> Outcome:
    """扣 200 墙面损坏; with nothing said all of it goes back."""
    said = _DEDUCTION.search(turn.text) if turn.asked == "" else None
    if said is None:
        return None
    try:
        fen = read_amount(said[1])
    except Unclear as unclear:
        return Again(f"{unclear}。")
    if said[2].strip():
        turn.slots["reason"] = said[2].strip()[:100]
    return Next(fen or 0)


def take_reason(turn: Turn) -> Outcome:
    return Next(turn.text.strip()[:100]) if turn.asked == "reason" and turn.text.strip() else None


def known_reason(turn: Turn) -> Any:
    return None if turn.slots.get("deduction") else ""


def take_paper(turn: Turn) -> Outcome:
    if turn.asked == "paper" and turn.choice is not None:
        return Next(turn.choice)
    if turn.asked == "" and any(word in turn.text for word in ("收据丢", "遗失", "声明")):
        return Next("lost")
    return Next("surrendered") if turn.asked == "" and "收回" in turn.text else None


def ask_paper(turn: Turn) -> Question:
    return Ask("押金收据收回来了吗？", (Choice("surrendered", "收回来了"), Choice("lost", "丢了，已写遗失声明")))


def ask_returning(turn: Turn) -> str:
    one = _chosen(turn)
    deduction = turn.slots.get("deduction", 0)
    kept = f"，扣{shown(deduction)}（{turn.slots['reason']}）" if deduction else ""
    paper = "收据已收回" if turn.slots["paper"] == "surrendered" else "收据丢了，有遗失声明"
    back = shown(one.deposit.fen - deduction)
    return f"退{turn.slots['home']['label']} {_called(one)}{kept}，{CHANNELS[one.payment.channel]}退{back}，{paper}。对吗？"


def give_back(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    one = _chosen(turn)
    slots = turn.slots
    back = deposits.give_back(
        turn.session, one.deposit, slots.get("deduction", 0), slots["reason"], slots["paper"], by=person.log_name,
        now=turn.now,
    )  # fmt: skip
    kept = f"，扣下{shown(one.deposit.deducted)}，转给修复的人" if one.deposit.deducted else ""
    return Done(f"押金退好了：{slots['home']['label']} {CHANNELS[one.payment.channel]}退{shown(back)}{kept}。")


def _chosen(turn: Turn) -> Held:
    held = deposits.held_for(turn.session, [turn.slots["home"]["home_id"]])
    found = next((one for one in held if one.deposit.id == turn.slots["deposit"]), None)
    if found is None:
        raise NotFound("这笔押金刚刚已经退了。")
    return found


def _called(one: Held) -> str:
    return f"{one.name}{shown(one.deposit.fen)}（{one.payment.at:%Y-%m-%d}，收据{number_of(one.receipt)}）"


def show_list(turn: Turn) -> Outcome:
    found, count, fen = deposits.held_in(turn.session, [compound.id for compound in theirs_meant(turn)])
    if not found:
        return Done("现在没有押金在手里。")
    lines = [f"押金{count}笔，一共{shown(fen)}（老的在前）："]
    for one in found:
        home = turn.session.get_one(Home, one.deposit.home_id)
        lines.append(f"· {one.receipt.content['home'] or home.label} {_called(one)}")
    return Done("\n".join(lines))


_OFFICE = frozenset({"cashier", "clerk", "manager"})
_REFUSAL = "押金在收费处办。看自己交过的押金，请回复「押金」。"

TAKE = Flow(
    intent="take_deposit",
    title="收押金",
    roles=_OFFICE,
    commands=("收押金 {house?} {amount?} {text?}",),
    slots=(
        HOME,
        Slot("kind", take=take_kind, ask=ask_kind),
        Slot("amount", take=take_amount, ask=ASK_AMOUNT),
        Slot("channel", take=take_channel, ask=ask_channel),
        Slot(
            "reference", take=take_reference, ask="凭证上的单号是多少？没有就回复「没有」。", known=known_reference,
            free_text=True,
        ),
    ),
    confirm=ask_taking,
    finish=take,
    refusal=_REFUSAL,
)  # fmt: skip
BACK = Flow(
    intent="return_deposit",
    title="退押金",
    roles=_OFFICE,
    commands=("退押金 {house?} {text?}",),
    slots=(
        HOME,
        Slot("deposit", take=take_deposit, ask=ask_deposit, known=only_deposit),
        Slot("deduction", take=take_deduction, optional=True),
        Slot("reason", take=take_reason, ask="为什么扣？说一句就行。", known=known_reason, free_text=True),
        Slot("paper", take=take_paper, ask=ask_paper),
    ),
    confirm=ask_returning,
    finish=give_back,
    refusal=_REFUSAL,
)
LIST = Flow(
    intent="deposit_list",
    title="看押金清单",
    roles=_OFFICE,
    commands=("押金清单 {text?}",),
    finish=show_list,
    quick=True,
    refusal=_REFUSAL,
)
FLOWS = (TAKE, BACK, LIST)
