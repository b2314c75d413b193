"""收款: the cashier enters what was paid at the counter; what it will settle is shown before it is written."""

import re
from typing import Any

from bot.flow import Again, Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.speaker import Person
from handlers.which_home import HOME
from models.errors import Refusal
from models.estate.addresses import find_addresses
from models.estate.ledger_amounts import read_amount
from models.estate.tables import Home
from models.estate.unclear import Unclear
from models.money import shown
from models.payments.actions import Money, preview, take_in
from models.payments.handover import former_owing
from models.payments.online import ENTRUSTED, OtherOrder, Wanted, begin, just_paid, open_order_of, wants_end
from models.payments.receipts import CHANNELS, number_of
from models.payments.telling import tell_taken
from models.people.ownership import Ownership
from models.people.queries import residents_of
from models.workorders.charging import open_bill
from models.workorders.queries import find

# 收款 3-2-501 45 现金 #12, or 工单12: what somebody pays for is theirs to say.
_ORDER = re.compile(r"#\s*(\d{1,9})(?!\d)|工单\s*#?\s*(\d{1,9})(?!\d)")

ASK_AMOUNT = "收了多少钱？比如「165.33」。"
CODE = "wechat"  # a code on the cashier's screen, which the payer scans
AT_THE_COUNTER = {
    "cash": ("现金",),
    "pos": ("刷卡", "POS", "pos"),
    "transfer": ("转账", "汇款"),
    CODE: ("扫码", "二维码", "微信"),
}


def take_amount(turn: Turn) -> Outcome:
    """Fen: the answer to our question, or the one word of the command that is an amount."""
    words = [turn.text] if turn.asked == "amount" else words_said(turn)
    found = [fen for fen in map(_fen, words) if isinstance(fen, int)]
    if len(found) == 1 and found[0] > 0:
        return Next(found[0])
    if turn.asked != "amount":
        return None
    unclear = _fen(turn.text)
    return Again(f"{unclear}。" if isinstance(unclear, Unclear) else ASK_AMOUNT)


def words_said(turn: Turn) -> list[str]:
    """What was said, word by word, without the homes in it: a room is not an amount."""
    said = [str(turn.said("amount") or ""), *_ORDER.sub(" ", turn.text).split()[1:]]
    return [word for word in dict.fromkeys(said) if word and not find_addresses(word, bare_room=False)]


def _fen(word: str) -> int | Unclear | None:
    try:
        return read_amount(word)
    except Unclear as unclear:
        return unclear


def take_order(turn: Turn) -> Outcome:
    """#12: the money is for this repair, and settles its bill before anything else."""
    said = _ORDER.search(turn.text) if turn.asked == "" else None
    if said is None:
        return None
    person: Person = turn.speaker
    order = find(turn.session, person.actor(), int(said[1] or said[2]))
    bill = open_bill(turn.session, order)
    if bill is None:
        raise Refusal(f"#{order.id} 没有等着付的费用。")
    return Next(bill.id)


def take_former(turn: Turn) -> Outcome:
    """原业主: the money is for what somebody still owes who has sold the home since."""
    return Next(True) if turn.asked == "" and "原业主" in turn.text else None


def _former(turn: Turn) -> Ownership | None:
    return former_owing(turn.session, turn.slots["home"]["home_id"]) if turn.slots.get("former") else None


def _chosen(turn: Turn) -> list[int]:
    return [int(turn.slots["for_order"])] if "for_order" in turn.slots else []


def take_channel(turn: Turn) -> Outcome:
    if turn.asked == "channel" and turn.choice is not None:
        return Next(turn.choice)
    meant = [channel for channel, words in AT_THE_COUNTER.items() if any(word in turn.text for word in words)]
    return Next(meant[0]) if len(meant) == 1 else None


def ask_channel(turn: Turn) -> Question:
    return Ask("怎么收的？", tuple(Choice(channel, _called(channel)) for channel in AT_THE_COUNTER))


def _called(channel: str) -> str:
    return "微信扫码" if channel == CODE else CHANNELS[channel]


def take_reference(turn: Turn) -> Outcome:
    """The number on the slip or of the transfer, so that the same one is never entered twice."""
    if turn.asked != "reference":
        return None
    words = turn.text.strip()
    return Next("" if words in ("没有", "无") else words[:40])


def known_reference(turn: Turn) -> Any:
    return "" if turn.slots.get("channel") in ("cash", CODE) else None


def question(turn: Turn) -> str:
    home = turn.session.get_one(Home, turn.slots["home"]["home_id"])
    former = _former(turn)
    positions = preview(
        turn.session,
        home,
        turn.slots["amount"],
        chosen=_chosen(turn),
        former=former.id if former else None,
        now=turn.now,
    )
    whose = f"原业主{former.name}" if former is not None else ""
    lines = [f"{turn.slots['home']['label']}{whose}收{_called(turn.slots['channel'])}{shown(turn.slots['amount'])}："]
    lines += [f"· {position.words} {shown(position.fen)}" for position in positions]
    return "\n".join([*lines, *_ending_another(turn, home.id), "对吗？"])


def _ending_another(turn: Turn, home_id: int) -> list[str]:
    """What somebody is just paying on the phone is ended first, so that nobody pays twice."""
    order = open_order_of(turn.session, home_id)
    if order is None:
        return []
    if order.way == ENTRUSTED:
        raise Refusal(f"微信正在自动扣这户的{shown(order.fen)}，扣好了会有收据。请等一会儿再收。")
    wants_end(turn.session, order.number, by=turn.speaker.log_name, now=turn.now)
    return [f"这户正在用微信付{shown(order.fen)}，我先把那笔关掉，请过半分钟再回复1。"]


def _lost_to(turn: Turn, home_id: int) -> str:
    """Why nothing is entered now: the other payment is not ended yet, or it was faster. "" for nothing in the way."""
    if open_order_of(turn.session, home_id) is not None:
        return "那笔微信付款还没关掉，什么都没有记。请过半分钟重新发一次「收款」。"
    won = just_paid(turn.session, home_id, by=turn.speaker.log_name)
    return f"这户刚刚在微信上付好了{shown(won)}，已经入账，这次没有记。真的还要收，请重新发「收款」。" if won else ""


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    home = turn.session.get_one(Home, turn.slots["home"]["home_id"])
    lost = _lost_to(turn, home.id)
    if lost:
        return Done(lost)
    former = _former(turn)
    owners = residents_of(turn.session, home.id)
    payer = former.name if former is not None else owners[0][0].name if owners else ""
    if turn.slots["channel"] == CODE and former is not None:
        return Done("原业主的欠费请用现金、刷卡或转账收。")
    if turn.slots["channel"] == CODE:
        return _show_code(turn, home, payer)
    # Cash has no number of its own: the message it was entered with stands for it.
    reference = turn.slots["reference"] or f"chat-{turn.incoming.key}"
    money = Money(turn.slots["amount"], turn.slots["channel"], reference, payer)
    taken = take_in(
        turn.session, home, money, chosen=_chosen(turn), former=former.id if former else None, by=person.log_name,
        now=turn.now,
    )  # fmt: skip
    tell_taken(turn.session, home, taken.payment, taken.receipt, taken.positions, now=turn.now)
    said = f"记好了：{turn.slots['home']['label']} {shown(money.fen)}，收据 {number_of(taken.receipt)}。"
    return Done(f"{said}\n多出的{shown(taken.prepaid)}存作预存款，下次出账自动抵扣。" if taken.prepaid else said)


def _show_code(turn: Turn, home: Home, payer: str) -> Outcome:
    base = getattr(turn.settings, "public_url", "")
    if not base or not getattr(turn.settings, "pays_online", False):
        return Done("微信支付还没有开通，请用现金、刷卡或转账收。")
    wanted = Wanted(turn.slots["amount"], tuple(_chosen(turn)), way="native", account=turn.speaker.account, payer=payer)
    try:
        order = begin(turn.session, home, wanted, now=turn.now)
    except OtherOrder:
        return Done("那笔微信付款还没关掉，请过半分钟重新发一次「收款」。")
    link = f'<a href="{base}/desk/code/{order.number}">点这里打开付款码</a>'
    return Done(
        f"{turn.slots['home']['label']} {shown(order.fen)}的付款码好了，30分钟内有效。请在电脑上打开，让业主扫：\n{link}"
    )


FLOW = Flow(
    intent="take_payment",
    title="登记收款",
    roles=frozenset({"cashier", "clerk", "manager"}),
    commands=("收款 {house?} {amount?} {text?}",),
    slots=(
        HOME,
        Slot("for_order", take=take_order, optional=True),
        Slot("former", take=take_former, optional=True),
        Slot("amount", take=take_amount, ask=ASK_AMOUNT),
        Slot("channel", take=take_channel, ask=ask_channel),
        Slot(
            "reference",
            take=take_reference,
            ask="凭证上的单号是多少？没有就回复「没有」。",
            known=known_reference,
            free_text=True,
        ),
    ),
    confirm=question,
    finish=finish,
    refusal="登记收款是收费员用的。要交费，请回复「账单」看怎么交。",
)
