"""委托代扣 contracts: asked for, signed, ended. Nothing here calls WeChat; what it says comes in as ContractNews, from a notice or a
query, as often and in whatever order it likes."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.audit.log import record
from models.db import SHANGHAI, savepoint
from models.debit.mandates import in_force
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Home
from models.papay.facts import ContractNews
from models.papay.quiet import let_remind
from models.papay.rules import next_look
from models.papay.tables import PapayAttempt, PapayBill, PapayContract
from models.papay.telling import tell_ended, tell_signed
from models.people.names import wechat_name
from models.people.ownership import Ownership
from models.people.rights import MAY
from models.people.tables import Binding

_PAGE_LIFE = timedelta(minutes=30)  # somebody who opens the page again gets the same code
_END_AGAIN = timedelta(minutes=10)

BY_BANK = "您家签了银行卡代扣。要改成微信自动扣款，先回复「取消代扣」。"
TWICE = "您家已经有人开通了微信自动扣款。"

# Whoever signed is still one of the household that may see its bills, and the home was not sold since.
STILL_THEIRS = sa.and_(
    sa.exists().where(
        Binding.account == PapayContract.account,
        Binding.openid == PapayContract.openid,
        Binding.home_id == PapayContract.home_id,
        Binding.relation.in_(sorted(MAY["see_bills"])),
    ),
    ~sa.exists().where(Ownership.home_id == PapayContract.home_id, Ownership.ended_at >= PapayContract.asked_at),
)


def ask(
    session: Session, home: Home, company_id: int, who: tuple[str, str], plan_id: str, *, now: datetime
) -> PapayContract:
    """Somebody (account, openid) is about to agree for a home; the same code again within half an hour. Raises Refusal."""
    account, openid = who
    if signed_of(session, [home.id]):
        raise AlreadyDone(TWICE)
    if in_force(session, home.id) is not None:
        raise Refusal(BY_BANK)
    known = session.scalars(
        sa.select(PapayContract).where(
            PapayContract.home_id == home.id, PapayContract.account == account, PapayContract.openid == openid,
            PapayContract.state == "asked", PapayContract.asked_at > now - _PAGE_LIFE,
        )
    ).first()  # fmt: skip
    if known is not None:
        return known
    contract = PapayContract(
        company_id=company_id, community_id=home.community_id, home_id=home.id, account=account, openid=openid,
        plan_id=plan_id, code=f"C{now.astimezone(SHANGHAI):%Y%m%d%H%M%S}{secrets.token_hex(4).upper()}", asked_at=now,
        next_look_at=next_look(now, now) or now,
    )  # fmt: skip
    session.add(contract)
    session.flush()
    return contract


def take_news(session: Session, news: ContractNews, *, now: datetime) -> str:
    """What WeChat says of a contract becomes true once. Returns how it stands with us: a state, "unknown" or "mismatch"."""
    contract = find(session, news.code)
    if contract is None:
        return "unknown"
    if news.plan_id != contract.plan_id or (news.openid and news.openid != contract.openid):
        return "mismatch"
    if contract.contract_id is not None and news.contract_id not in ("", contract.contract_id):
        return "mismatch"
    if news.state == "signed":
        _signed(session, contract, news.contract_id, now=now)
    elif news.state == "ended":
        ended(session, contract, "在微信里解约", by=f"wechat:{contract.code}", now=now)
    else:
        _not_yet(session, contract, now=now)
    session.expire_all()
    return contract.state


def _signed(session: Session, contract: PapayContract, contract_id: str, *, now: datetime) -> None:
    """Only one of a home may be; another, or one of somebody who has left meanwhile, is ended again at once."""
    values = {"contract_id": contract_id, "signed_at": now, "from_day": now.astimezone(SHANGHAI).date()}
    theirs = session.scalar(sa.select(PapayContract.id).where(PapayContract.id == contract.id, STILL_THEIRS))
    why = "" if theirs is not None else "已经不是这户的人"
    if not why and in_force(session, contract.home_id) is not None:
        why = "这户有银行卡代扣"
    try:
        with savepoint(session):
            moved = not why and _move(session, contract, ("asked", "lapsed"), state="signed", **values)
    except IntegrityError:
        moved, why = False, "这户已经有人开通"
    if moved:
        _note(session, contract, "papay.sign", wechat_name(contract.account, contract.openid), {}, now=now)
        tell_signed(session, contract, now=now)
    elif why and _move(
        session, contract, ("asked", "lapsed"), state="ending", next_look_at=now, ended_by="system", ended_why=why, **values
    ):  # fmt: skip
        _note(session, contract, "papay.end", "system", {"why": why}, now=now)
        tell_ended(session, contract, why, now=now)


def _not_yet(session: Session, contract: PapayContract, *, now: datetime) -> None:
    later = next_look(contract.asked_at, now)
    if later is None:
        _move(session, contract, ("asked",), state="lapsed")
    else:
        _move(session, contract, ("asked",), next_look_at=later)


def want_end(session: Session, contract_id: int, why: str, *, by: str, now: datetime) -> PapayContract:
    """From now on nothing is taken; a job tells WeChat. Raises AlreadyDone when it is not signed any more."""
    contract = session.get_one(PapayContract, contract_id)
    if not _move(
        session, contract, ("signed",), state="ending", next_look_at=now, ended_by=by[:64], ended_why=why[:60]
    ):
        raise AlreadyDone("微信自动扣款已经停了。")
    drop_coming(session, contract, why, now=now)
    _note(session, contract, "papay.end", by, {"why": why[:60]}, now=now)
    return contract


def ended(session: Session, contract: PapayContract, why: str, *, by: str, now: datetime) -> None:
    """WeChat takes nothing under it any more. Who ended it in WeChat hears from us what that means."""
    if _move(session, contract, ("ending",), state="ended", ended_at=now):
        return
    was_signed = contract.state == "signed"
    if _move(
        session, contract, ("asked", "lapsed", "signed"), state="ended", ended_at=now, ended_by=by[:64], ended_why=why
    ):
        drop_coming(session, contract, why, now=now)
        _note(session, contract, "papay.end", by, {"why": why}, now=now)
        if was_signed:
            tell_ended(session, contract, why, now=now)


def looked(session: Session, contract: PapayContract, *, now: datetime) -> None:
    """WeChat did not answer: ask again later."""
    if contract.state == "asked":
        _not_yet(session, contract, now=now)
    else:
        _move(session, contract, ("ending",), next_look_at=now + _END_AGAIN)


def no_longer_theirs(session: Session) -> Sequence[int]:
    """Contracts of homes that were sold, and of people who are not of the household any more."""
    return session.scalars(
        sa.select(PapayContract.id).where(PapayContract.state == "signed", ~STILL_THEIRS).order_by(PapayContract.id)
    ).all()


def end_what_is_no_longer_theirs(session: Session, *, now: datetime) -> int:
    gone = no_longer_theirs(session)
    for number in gone:
        want_end(session, number, "已经不是这户的人", by="system", now=now)
    return len(gone)


def drop_coming(session: Session, contract: PapayContract, why: str, *, now: datetime) -> None:
    """What was announced and not asked for yet is not taken; its bills are free for another contract."""
    let_remind(session, contract.home_id, now=now)
    dropped = session.scalars(
        sa.update(PapayAttempt)
        .where(PapayAttempt.contract_id == contract.id, PapayAttempt.state.in_(("planned", "told")))
        .values(state="dropped", reason=why[:60])
        .returning(PapayAttempt.id)
        .execution_options(synchronize_session=False)
    ).all()
    if dropped:
        session.execute(
            sa.delete(PapayBill).where(PapayBill.attempt_id.in_(dropped)).execution_options(synchronize_session=False)
        )
    session.expire_all()


def _move(session: Session, contract: PapayContract, olds: tuple[str, ...], **values: object) -> bool:
    moved = session.execute(
        sa.update(PapayContract)
        .where(PapayContract.id == contract.id, PapayContract.state.in_(olds))
        .values(**values)
        .returning(PapayContract.id)
        .execution_options(synchronize_session=False)
    ).first()
    session.expire(contract)
    return moved is not None


def _note(
    session: Session, contract: PapayContract, action: str, by: str, details: dict[str, object], *, now: datetime
) -> None:
    record(
        session, at=now, actor=by, action=action, subject=f"home:{contract.home_id}", source="system",
        company_id=contract.company_id, details={"contract": contract.id, **details},
    )  # fmt: skip


# --- looking ----------------------------------------------------------------------------------------------------------


def find(session: Session, code: str) -> PapayContract | None:
    return session.scalars(sa.select(PapayContract).where(PapayContract.code == code)).first()


def newest_of(session: Session, home_id: int, who: tuple[str, str]) -> PapayContract | None:
    """The newest of this person (account, openid) for a home, as the page shows it."""
    return session.scalars(
        sa.select(PapayContract)
        .where(PapayContract.home_id == home_id, PapayContract.account == who[0], PapayContract.openid == who[1])
        .order_by(PapayContract.id.desc())
        .limit(1)
    ).first()


def signed_of(session: Session, home_ids: Collection[int]) -> dict[int, PapayContract]:
    """The signed contract of each of these homes, by a person who is still of it."""
    rows = session.scalars(
        sa.select(PapayContract).where(
            PapayContract.home_id.in_(home_ids), PapayContract.state == "signed", STILL_THEIRS
        )
    )
    return {contract.home_id: contract for contract in rows}


def due(session: Session, now: datetime, *, limit: int = 100) -> Sequence[tuple[str, str]]:
    """(code, state) of those to be looked up or ended with WeChat now."""
    rows = session.execute(
        sa.select(PapayContract.code, PapayContract.state)
        .where(PapayContract.state.in_(("asked", "ending")), PapayContract.next_look_at <= now)
        .order_by(PapayContract.next_look_at, PapayContract.id)
        .limit(limit)
    )
    return [(code, state) for code, state in rows]


def how_many(session: Session, community_ids: Collection[int]) -> dict[int, int]:
    """Signed contracts by compound."""
    rows = session.execute(
        sa.select(PapayContract.community_id, sa.func.count())
        .where(PapayContract.community_id.in_(community_ids), PapayContract.state == "signed")
        .group_by(PapayContract.community_id)
    )
    return {community: int(count) for community, count in rows}
