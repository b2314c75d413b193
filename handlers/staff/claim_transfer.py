"""待认领, 认领: money on the bank account, and the home it is for; the cashier says which, having seen what it would settle."""

import re
from typing import Any

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from handlers.which_compounds import compounds_meant
from handlers.which_home import HOME
from models.errors import Refusal
from models.estate.tables import Community, Home
from models.money import shown
from models.payments.actions import preview
from models.payments.receipts import number_of
from models.payments.transfer_tables import BankTransfer
from models.payments.transfers import Suggestion, claim, one_open, open_transfers, put_aside, suggestions, unclaimed

SHOWN = 5
_NUMBER = re.compile(r"^\s*(?:不认领|认领)\s*[#＃]?\s*(\d{1,9})(?![\d-])")
_REST = re.compile(r"^\s*不认领\s*[#＃]?\s*\d{1,9}[\s,，:：]*(.*)$", re.DOTALL)
_ROLES = frozenset({"cashier", "manager"})
_REFUSAL = "认领转账是收费员用的。交了钱没入账，请回复「人工」。"
PART_ONLY = "银行账户是全公司的，请让管全公司的收费员或经理来认领。"


def _company(turn: Turn) -> int:
    """Raises Refusal for somebody who is in charge of a part only: the account is everybody's."""
    person: Person = turn.speaker
    if person.community_ids is not None:
        raise Refusal(PART_ONLY)
    return person.company_id or 0


def show(turn: Turn) -> Outcome:
    company = _company(turn)
    count, fen = unclaimed(turn.session, company)
    if not count:
        return Done("没有待认领的转账。新的银行流水用「导入」放进来。")
    compounds = {community.id: community for community in compounds_meant(turn)}
    lines = [f"待认领 {count}笔，{shown(fen)}："]
    for transfer in open_transfers(turn.session, company, SHOWN):
        lines.append(_words(transfer))
        lines += [f"　像是{_called(one, compounds)}" for one in suggestions(turn.session, transfer, compounds)]
    if count > SHOWN:
        lines.append(f"先列最早的{SHOWN}笔。")
    return Done("\n".join([*lines, "是哪户的，回复「认领 编号 房号」；不是物业费，回复「不认领 编号 是什么钱」。"]))


def _words(transfer: BankTransfer) -> str:
    remark = f"，附言「{transfer.remark}」" if transfer.remark else ""
    return f"#{transfer.id} {transfer.day.month}月{transfer.day.day}日 {shown(transfer.fen)} {transfer.payer or '没写付款人'}{remark}"


def _called(one: Suggestion, compounds: dict[int, Community]) -> str:
    return f"{compounds[one.home.community_id].name}{one.home.label}（{'，'.join(one.why)}）"


def known_transfer(turn: Turn) -> Any:
    said = _NUMBER.match(turn.text)
    if said is None:
        raise Refusal("请带上编号和房号，比如「认领 7 3-2-501」。回复「待认领」看清单。")
    return one_open(turn.session, int(said[1]), _company(turn)).id


def take_transfer(turn: Turn) -> Outcome:
    return Next(known_transfer(turn)) if turn.asked == "" else None


def question(turn: Turn) -> str:
    transfer = one_open(turn.session, turn.slots["transfer"], _company(turn))
    home = turn.session.get_one(Home, turn.slots["home"]["home_id"])
    lines = [f"{_words(transfer)}\n记给{turn.slots['home']['label']}："]
    lines += [f"· {one.words} {shown(one.fen)}" for one in preview(turn.session, home, transfer.fen, now=turn.now)]
    return "\n".join([*lines, "对吗？"])


def finish(turn: Turn) -> Outcome:
    transfer = one_open(turn.session, turn.slots["transfer"], _company(turn))
    home = turn.session.get_one(Home, turn.slots["home"]["home_id"])
    taken = claim(turn.session, transfer, home, by=turn.speaker.log_name, now=turn.now)
    said = f"记好了：{turn.slots['home']['label']} 转账{shown(taken.payment.fen)}，收据 {number_of(taken.receipt)}。"
    return Done(f"{said}\n多出的{shown(taken.prepaid)}存作预存款，下次出账自动抵扣。" if taken.prepaid else said)


def not_ours(turn: Turn) -> Outcome:
    said, rest = _NUMBER.match(turn.text), _REST.match(turn.text)
    if said is None or rest is None:
        raise Refusal("请带上编号和是什么钱，比如「不认领 7 存款利息」。")
    transfer = one_open(turn.session, int(said[1]), _company(turn))
    put_aside(turn.session, transfer, rest[1], by=turn.speaker.log_name, now=turn.now)
    return Done(f"记好了，#{transfer.id} {shown(transfer.fen)}不是物业费：{transfer.reason}。")


FLOWS = (
    Flow(
        intent="unclaimed_transfers",
        title="看待认领的转账",
        roles=_ROLES,
        commands=("待认领", "待认领转账"),
        examples=("有没有没认领的转账", "银行来的钱还有哪些没对上户"),
        finish=show,
        quick=True,
        refusal=_REFUSAL,
    ),
    Flow(
        intent="claim_transfer",
        title="认领转账",
        roles=_ROLES,
        commands=("认领 {text?}",),
        slots=(Slot("transfer", take=take_transfer, ask="", known=known_transfer), HOME),
        confirm=question,
        finish=finish,
        refusal=_REFUSAL,
    ),
    Flow(
        intent="transfer_not_ours",
        title="不认领转账",
        roles=_ROLES,
        commands=("不认领 {text?}",),
        finish=not_ours,
        quick=True,
        refusal=_REFUSAL,
    ),
)
