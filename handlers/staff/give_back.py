"""退款: staff ask for it by the number of the receipt; above what the contract leaves free a manager agrees; WeChat pays it back."""

import re

from bot.flow import Done, Flow, Outcome, Turn
from handlers.speaker import Person
from models.errors import NotFound, Refusal
from models.estate.ledger_amounts import read_amount
from models.estate.unclear import Unclear
from models.money import shown
from models.payments import refunding
from models.payments.queries import payment_with_receipt
from models.payments.refunding import refund_in_scope

HOW = "请写成「退款 收据号 金额 原因」，比如「退款 0000012 165.33 交重了」。"
NOT_FOUND = "没有找到这张收据。"
NO_SUCH_REFUND = "没有找到这笔退款。"
_ASKED = re.compile(r"^\s*退款\s*#?0*(?P<receipt>\d{1,9})\s+(?P<sum>[\d.,，]+)\s*元?\s+(?P<why>.+)$", re.DOTALL)
_NUMBER = re.compile(r"\d{1,9}")


def ask(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    said = _ASKED.match(turn.text)
    if said is None:
        return Done(HOW)
    try:
        fen = read_amount(said["sum"]) or 0
    except Unclear as unclear:
        raise Refusal(f"{unclear}。{HOW}") from None
    payment = payment_with_receipt(
        turn.session, person.company_id or 0, int(said["receipt"]), community_ids=person.community_ids
    )
    if payment is None:
        raise NotFound(NOT_FOUND)
    wanted = refunding.ask(
        turn.session, payment, fen, reason=said["why"].strip(), by=person.log_name, is_manager=_decides(person),
        now=turn.now,
    )  # fmt: skip
    if wanted.state == "wanted":
        return Done(f"退款{shown(fen)}已经报给经理，经理同意了就原路退回。")
    return Done(f"退款{shown(fen)}已经记好，会原路退回业主的微信。")


def decide(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    number = _NUMBER.search(turn.text)
    wanted = refund_in_scope(
        turn.session, int(number[0]) if number else 0, person.company_id or 0, community_ids=person.community_ids
    )
    if wanted is None:
        raise NotFound(NO_SUCH_REFUND)
    if "不同意" in turn.text:
        refunding.refuse(turn.session, wanted.id, by=person.log_name, now=turn.now)
        return Done(f"退款 {wanted.id} 不退了。")
    refunding.agree(turn.session, wanted.id, by=person.log_name, now=turn.now)
    return Done(f"退款 {wanted.id} 同意了，{shown(wanted.fen)}会原路退回。")


def _decides(person: Person) -> bool:
    return person.staff is not None and person.staff.role == "manager"


ASK = Flow(
    intent="give_back",
    title="退款",
    roles=frozenset({"cashier", "clerk", "manager"}),
    commands=("退款 {text?}",),
    finish=ask,
    quick=True,
    refusal="退款请找物业收费处，回复「人工」。",
)
DECIDE = Flow(
    intent="decide_refund",
    title="审退款",
    roles=frozenset({"manager"}),
    commands=("同意退款 {text?}", "不同意退款 {text?}"),
    finish=decide,
    quick=True,
    refusal="退款由经理同意。",
)
FLOWS = (ASK, DECIDE)
