"""What is to be taken under the contracts: planned when bills come near their due day, announced, asked of WeChat once, and what came
of it. Every bill is in one attempt at a time, and an attempt has one order, so nothing is ever taken twice."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.billing.queries import BillLine, open_bills_of
from models.billing.tables import Bill
from models.db import SHANGHAI, savepoint
from models.debit.mandates import valid_on
from models.debit.tables import Mandate
from models.dunning.queries import disputed
from models.errors import AlreadyDone
from models.estate.tables import Home
from models.money import shown
from models.papay.contracts import STILL_THEIRS
from models.papay.quiet import let_remind
from models.papay.rules import ASK_AGAIN_AFTER, LIFE, charge_day
from models.papay.tables import PapayAttempt, PapayBill, PapayContract
from models.papay.telling import tell_coming, tell_failed
from models.payments import online
from models.payments.actions import LARGEST
from models.payments.late_fees import accrued_on
from models.payments.online import ENTRUSTED, OtherOrder, Wanted
from models.payments.online_tables import OnlineOrder

PAID_MEANWHILE, CAME_AFTER_ALL = "已经交清", "前一次已经扣到"


def may_be_charged(today: date) -> tuple[sa.ColumnElement[bool], ...]:
    """Signed by somebody of the household; no bank debits the home as well, and its bill is not disputed."""
    by_bank = sa.exists().where(Mandate.home_id == PapayContract.home_id, valid_on(today))
    return (PapayContract.state == "signed", STILL_THEIRS, ~by_bank, ~disputed(PapayContract.home_id, today))


def plan(session: Session, *, notice_days: int, now: datetime, limit: int = 300) -> int:
    """An attempt for each set of bills of a home that falls due within the notice; returns how many were planned.

    What was due before the contract was signed is left to its owner.
    """
    today = now.astimezone(SHANGHAI).date()
    taken = sa.exists().where(PapayBill.bill_id == Bill.id)
    rows = session.execute(
        sa.select(PapayContract, Bill.id, Bill.due_on)
        .join(Bill, Bill.home_id == PapayContract.home_id)
        .where(
            *may_be_charged(today), Bill.state == "posted", Bill.amount > Bill.paid, Bill.former_id.is_(None), ~taken,
            Bill.due_on <= today + timedelta(days=notice_days),
            Bill.due_on >= PapayContract.from_day,
        )
        .order_by(PapayContract.id, Bill.due_on, Bill.id)
        .limit(limit)
    ).all()  # fmt: skip
    sets: dict[tuple[int, date], tuple[PapayContract, list[int]]] = {}
    for contract, bill, due_on in rows:
        sets.setdefault((contract.id, due_on), (contract, []))[1].append(bill)
    if len(rows) == limit and len(sets) > 1:
        sets.popitem()  # there may be more of it: whole next time
    return sum(
        _planned(session, contract, bills, charge_day(due_on, today, notice_days), now)
        for (_, due_on), (contract, bills) in sets.items()
    )


def _planned(session: Session, contract: PapayContract, bills: Collection[int], day: date, now: datetime) -> bool:
    fen = sum(open_on(session, contract.home_id, bills, day).values())
    if not 0 < fen <= LARGEST:
        return False
    try:
        with savepoint(session):
            attempt = PapayAttempt(
                community_id=contract.community_id, home_id=contract.home_id, contract_id=contract.id, charge_on=day,
                fen=fen, made_at=now,
            )  # fmt: skip
            session.add(attempt)
            session.flush()
            session.add_all(PapayBill(attempt_id=attempt.id, bill_id=bill) for bill in bills)
            session.flush()
    except IntegrityError:
        return False  # another scheduler has just planned one of these bills
    return True


def open_on(session: Session, home_id: int, bills: Collection[int], day: date) -> dict[int, int]:
    """Bill → fen still open, with the late fee it will bear on that day."""
    lines = [line for line in open_bills_of(session, [home_id]) if line.bill.id in bills]
    late = accrued_on(session, [line.bill for line in lines], day)
    return {line.bill.id: line.open + late[line.bill.id] for line in lines}


# --- announcing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Coming:
    """What is to be announced: `fen` of `contract_id` (ours: `code`) on `day`."""

    attempt: int
    code: str
    contract_id: str
    fen: int
    day: date


def to_announce(session: Session, now: datetime, *, notice_days: int, limit: int = 200) -> list[Coming]:
    """Planned and not told; an announced day that has passed without a charge is moved on, to be announced again."""
    today = now.astimezone(SHANGHAI).date()
    still_open = sa.exists().where(
        PapayBill.attempt_id == PapayAttempt.id, Bill.id == PapayBill.bill_id, Bill.state == "posted", Bill.amount > Bill.paid
    )  # fmt: skip
    session.execute(
        sa.update(PapayAttempt)
        .where(PapayAttempt.state.in_(("planned", "told")), ~still_open)
        .values(state="dropped", reason=PAID_MEANWHILE)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.update(PapayAttempt)
        .where(PapayAttempt.state.in_(("planned", "told")), PapayAttempt.charge_on < today)
        .values(state="planned", charge_on=today + timedelta(days=notice_days))
        .execution_options(synchronize_session=False)
    )
    rows = session.execute(
        sa.select(PapayAttempt, PapayContract.code, PapayContract.contract_id)
        .join(PapayContract, PapayContract.id == PapayAttempt.contract_id)
        .where(
            PapayAttempt.state == "planned",
            PapayAttempt.charge_on <= today + timedelta(days=notice_days),
            *may_be_charged(today),
        )
        .order_by(PapayAttempt.charge_on, PapayAttempt.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [Coming(attempt.id, code, number or "", attempt.fen, attempt.charge_on) for attempt, code, number in rows]


def announced(session: Session, coming: Coming, *, notice_days: int, now: datetime) -> bool:
    """WeChat knows: the home hears it too. When that took until another day, the day of the charge moves on with it."""
    day = max(coming.day, now.astimezone(SHANGHAI).date() + timedelta(days=notice_days))
    if not _move(session, coming.attempt, "planned", state="told", told_at=now, charge_on=day):
        return False
    attempt = session.get_one(PapayAttempt, coming.attempt)
    contract = session.get_one(PapayContract, attempt.contract_id)
    items = [f"{line.item} {line.bill.period} {shown(line.open)}" for line in _lines(session, attempt)]
    tell_coming(session, contract, attempt, items, now=now)
    return True


def refused(session: Session, attempt_id: int, reason: str, *, now: datetime) -> None:
    """WeChat will not have it announced, so it is not taken: the home hears that it has to pay."""
    if _move(session, attempt_id, "planned", state="dropped", reason=reason, failed_at=now):
        attempt = session.get_one(PapayAttempt, attempt_id)
        let_remind(session, attempt.home_id, now=now)
        tell_failed(session, attempt, reason, now=now)


def _lines(session: Session, attempt: PapayAttempt) -> list[BillLine]:
    bills = set(session.scalars(sa.select(PapayBill.bill_id).where(PapayBill.attempt_id == attempt.id)))
    return [line for line in open_bills_of(session, [attempt.home_id]) if line.bill.id in bills]


# --- taking -----------------------------------------------------------------------------------------------------------


def to_charge(session: Session, now: datetime, *, limit: int = 200) -> Sequence[int]:
    """Attempts whose day it is."""
    today = now.astimezone(SHANGHAI).date()
    return session.scalars(
        sa.select(PapayAttempt.id)
        .where(PapayAttempt.state == "told", PapayAttempt.charge_on == today)
        .order_by(PapayAttempt.id)
        .limit(limit)
    ).all()


def begin(session: Session, attempt_id: int, *, now: datetime) -> str | None:
    """The order for an attempt, written down before WeChat hears of it: its number. None when nothing is to be taken (any more),
    or somebody is just paying, who goes first."""
    today = now.astimezone(SHANGHAI).date()
    attempt = session.get_one(PapayAttempt, attempt_id)
    contract = session.scalars(
        sa.select(PapayContract).where(PapayContract.id == attempt.contract_id, *may_be_charged(today))
    ).first()
    if contract is None:
        return None
    bills = _lines(session, attempt)
    fen = sum(open_on(session, attempt.home_id, [line.bill.id for line in bills], today).values())
    if not bills:
        _move(session, attempt_id, "told", state="dropped", reason=PAID_MEANWHILE)
        return None
    if came_after_all(session, attempt):
        _move(session, attempt_id, "told", state="dropped", reason=CAME_AFTER_ALL)
        return None
    wanted = Wanted(
        min(fen, attempt.fen), tuple(line.bill.id for line in bills), way=ENTRUSTED, account=contract.account,
        openid=contract.openid, what="自动扣款",
    )  # fmt: skip
    try:
        with savepoint(session):
            order = online.begin(session, session.get_one(Home, attempt.home_id), wanted, now=now)
            order.expires_at, order.next_look_at = now + LIFE, now
            session.flush()
            if not _move(session, attempt_id, "told", state="asked", order_id=order.id):
                raise AlreadyDone("这一笔已经在扣了。")
    except (OtherOrder, AlreadyDone):
        return None
    return order.number


def number_before(session: Session, attempt: PapayAttempt) -> str | None:
    """The order of the try before this one."""
    before = sa.select(PapayAttempt.order_id).where(PapayAttempt.id == attempt.retry_of).scalar_subquery()
    return session.scalar(sa.select(OnlineOrder.number).where(OnlineOrder.id == before))


def came_after_all(session: Session, attempt: PapayAttempt) -> bool:
    """Did the money of the try before come late? Then the home has it in advance, and nothing more is taken."""
    before = number_before(session, attempt)
    order = online.find(session, before) if before is not None else None
    return order is not None and order.state == "paid"


def claim(session: Session, number: str, *, now: datetime) -> bool:
    """Whoever has it may ask WeChat about this order, and ask it to take it: nobody else does for the next minutes."""
    claimed = session.execute(
        sa.update(OnlineOrder)
        .where(
            OnlineOrder.number == number, OnlineOrder.way == ENTRUSTED, OnlineOrder.state.in_(("new", "open")),
            OnlineOrder.next_look_at <= now,
        )
        .values(next_look_at=now + ASK_AGAIN_AFTER)
        .returning(OnlineOrder.id)
        .execution_options(synchronize_session=False)
    ).first()  # fmt: skip
    session.expire_all()
    return claimed is not None


def charge_of(session: Session, number: str) -> tuple[PapayAttempt, PapayContract, OnlineOrder] | None:
    """The attempt behind an order."""
    row = session.execute(
        sa.select(PapayAttempt, PapayContract, OnlineOrder)
        .join(OnlineOrder, OnlineOrder.id == PapayAttempt.order_id)
        .join(PapayContract, PapayContract.id == PapayAttempt.contract_id)
        .where(OnlineOrder.number == number)
    ).first()
    return (row[0], row[1], row[2]) if row is not None else None


def _move(session: Session, attempt_id: int, old: str, **values: object) -> bool:
    moved = session.execute(
        sa.update(PapayAttempt)
        .where(PapayAttempt.id == attempt_id, PapayAttempt.state == old)
        .values(**values)
        .returning(PapayAttempt.id)
        .execution_options(synchronize_session=False)
    ).first()
    session.expire_all()
    return moved is not None


# --- looking ----------------------------------------------------------------------------------------------------------


def newest(session: Session, community_ids: Collection[int], limit: int) -> list[tuple[PapayAttempt, Home, str]]:
    """(attempt, home, how it stands in words) of these compounds, the newest first."""
    rows = session.execute(
        sa.select(PapayAttempt, Home, OnlineOrder.state)
        .join(Home, Home.id == PapayAttempt.home_id)
        .outerjoin(OnlineOrder, OnlineOrder.id == PapayAttempt.order_id)
        .where(PapayAttempt.community_id.in_(community_ids))
        .order_by(PapayAttempt.id.desc())
        .limit(limit)
    )
    return [(attempt, home, _words(attempt, state)) for attempt, home, state in rows]


def _words(attempt: PapayAttempt, order_state: str | None) -> str:
    if attempt.state == "asked":
        return {"paid": "扣到了", "closed": f"没扣到：{attempt.reason or '其他'}"}.get(order_state or "", "微信正在扣")
    if attempt.state == "planned" and attempt.run > 1:
        return f"{attempt.charge_on.month}月{attempt.charge_on.day}日再扣一次"
    return {"planned": "等着告诉业主", "told": "已经告诉业主"}.get(attempt.state, f"不扣了：{attempt.reason}")
