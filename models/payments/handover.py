"""过户: a home changes hands on a day. The former owner's running bills are settled by days, what was paid beyond goes back to them or,
signed for, to the new owner, and the books keep the two apart from then on (domain rules 1.5, 1.9)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.queries import WAIVED, open_bills_of
from models.billing.tables import Bill
from models.db import SHANGHAI
from models.errors import Refusal
from models.estate.tables import Community, Home
from models.payments import purses, refunding
from models.payments.giving_back import held_from, refund, use_held
from models.payments.handover_bills import Split, make_two_of, of_the_owner, payments_of_former, running, set_free
from models.payments.online import open_order_of
from models.payments.receipts import CHANNELS
from models.payments.tables import Payment, Purse, Settlement
from models.people.names import same_name
from models.people.ownership import (
    Ownership,
    change_hands,
    household_comes,
    household_leaves,
    owners_named,
    ownership_of,
)

FARTHEST = timedelta(days=366)  # a handover of long ago is for a person to sort out
Prepaid = Literal["refund", "move"]


@dataclass(frozen=True)
class Change:
    """Who owns the home from `day` on. `prepaid`: what is held goes back, or (signed for) to the new owner. `debts_stay`: what is
    owed stays with the former owner."""

    day: date
    name: str
    phone: str = ""
    prepaid: Prepaid = "refund"
    debts_stay: bool = True


@dataclass(frozen=True)
class Plan:
    """What a change comes to, in fen. `owes`: what the former owner still owes with all of it; `left`: what of theirs is then held."""

    former: str
    splits: Sequence[Split]
    owes: int
    left: int


@dataclass
class Done:
    """What was done. `back`: channel → fen that went back; `moved` to the new owner; `owes`: open of the former owner."""

    former: Ownership
    owes: int = 0
    moved: int = 0
    back: dict[str, int] = field(default_factory=dict)
    let_go: Sequence[tuple[str, str]] = ()


def plan(session: Session, home: Home, change: Change, *, now: datetime) -> Plan:
    """What it would come to; changes nothing. Raises Refusal for a day, a name or an order that stands in the way."""
    _refuse_nonsense(session, home, change, now)
    splits = running(session, home.id, change.day)
    payments = payments_of_former(session, home.id, change.day)
    theirs = set(session.scalars(sa.select(Bill.id).where(Bill.home_id == home.id, of_the_owner(session, home.id))))
    before = [line for line in open_bills_of(session, [home.id]) if line.bill.start < change.day]
    owed = sum(line.open for line in before if line.bill.id in theirs)
    # A bill that runs on is owed up to the day only, and what was paid of it covers that first.
    owed -= sum(split.bill.amount - split.bill.paid for split in splits)
    owed += sum(max(0, (split.former.fen if split.former else 0) - split.bill.paid) for split in splits)
    purse = session.get(Purse, home.id)
    held = max(0, (purse.held if purse else 0) - _held_of_others(session, home, payments))
    held += sum(split.freed for split in splits) + sum(
        fen for _, fen in _paid_ahead(session, home, change.day, payments)
    )
    used = min(owed, held) if change.debts_stay else 0
    return Plan(owners_named(session, home.id), splits, owed - used, held - used)


def hand_over(session: Session, home: Home, change: Change, *, by: str, now: datetime) -> Done:
    """Do it. Raises Refusal as `plan` does, AlreadyDone when somebody was first."""
    purse = purses.lock(session, home.id)
    _refuse_nonsense(session, home, change, now)
    splits = running(session, home.id, change.day)
    payments = payments_of_former(session, home.id, change.day)
    ahead = _paid_ahead(session, home, change.day, payments)
    former = change_hands(session, home, change.day, change.name, by=by, now=now)
    for split in splits:
        make_two_of(session, split, purse, former.id, by=by, now=now)
    for bill, _ in ahead:
        set_free(session, bill, purse, [*payments, None], by=by, now=now)
    _mark(session, home, former, debts_stay=change.debts_stay)
    done = Done(former)
    left = max(0, purse.held - _held_of_others(session, home, payments))
    if change.debts_stay:
        left -= use_held(session, home.id, former=former.id, most=left, now=now)
    if change.prepaid == "refund":
        done.back = _give_back(session, home, payments, left, former, by=by, now=now)
    else:
        done.moved = _move(session, home, left, now=now)
    # Only now: from here on nothing that is held is given back for these payments.
    session.execute(
        sa.update(Payment)
        .where(Payment.id.in_(payments))
        .values(former_id=former.id)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    use_held(session, home.id, now=now)
    done.owes = sum(line.open for line in open_bills_of(session, [home.id], former=former.id))
    done.let_go = household_leaves(session, home, by=by, now=now)
    household_comes(session, home, change.name, change.phone, now=now)
    _note(session, home, change, done, by=by, now=now)
    return done


def after_publishing(session: Session, run_id: int, *, by: str, now: datetime) -> int:
    """Bills of a run for days before a change of owner belong to whoever owned the home then; one that runs over the day is made
    two. Returns how many bills that were."""
    rows = session.execute(
        sa.select(Bill, Ownership)
        .join(Ownership, Ownership.home_id == Bill.home_id)
        .where(
            Bill.run_id == run_id, Bill.state == "posted", Bill.former_id.is_(None), Ownership.until_day >= Bill.start,
            Ownership.community_id == Bill.community_id,
        )
        .order_by(Bill.home_id, Ownership.until_day)
    ).all()  # fmt: skip
    count = 0
    for bill, former in rows:
        until = former.until_day or bill.start
        if bill.former_id is not None or not _is_owners(session, bill):
            continue
        count += 1
        if bill.state == "posted" and bill.end <= until:
            bill.former_id = former.id
            continue
        purse = purses.lock(session, bill.home_id)  # also what an earlier owner's day has left of the bill
        for split in running(session, bill.home_id, until + timedelta(days=1)):
            make_two_of(session, split, purse, former.id, by=by, now=now)
    session.flush()
    return count


def former_owing(session: Session, home_id: int) -> Ownership:
    """The last former owner who still owes something. Raises Refusal when there is none."""
    owes = sa.select(Bill.id).where(Bill.former_id == Ownership.id, Bill.state == "posted", Bill.paid < Bill.amount)
    found = session.scalars(
        sa.select(Ownership)
        .where(Ownership.home_id == home_id, owes.exists())
        .order_by(Ownership.until_day.desc())
        .limit(1)
    ).first()
    if found is None:
        raise Refusal("这一户没有原业主的欠费。")
    return found


# --- the steps --------------------------------------------------------------------------------------------------------


def _refuse_nonsense(session: Session, home: Home, change: Change, now: datetime) -> None:
    today = now.astimezone(SHANGHAI).date()
    if change.day > today:
        raise Refusal("交接的日子还没到，请到那天再办。")
    if today - change.day > FARTHEST:
        raise Refusal("交接是一年以前的事了，请先和财务核对，不能在这里办。")
    current = ownership_of(session, home.id)
    if current is not None and current.from_day is not None and change.day <= current.from_day:
        raise Refusal(f"这一户{current.from_day}已经过户给{current.name}了，新的交接日要更晚。")
    if not change.name.strip():
        raise Refusal("新业主叫什么名字？")
    if any(same_name(change.name, name) for name in owners_named(session, home.id).split("、") if name):
        raise Refusal(f"{change.name}已经是这一户的业主了。")
    if open_order_of(session, home.id) is not None:
        raise Refusal("这一户正在用微信付款，请过半分钟再办过户。")


def _paid_ahead(session: Session, home: Home, day: date, payments: Sequence[int]) -> list[tuple[Bill, int]]:
    """Bills from the day on that the former owner's money paid: (bill, fen). What was waived of them is no money."""
    theirs = sa.or_(Settlement.payment_id.in_(payments), Settlement.payment_id.is_(None))
    paid = sa.func.sum(Settlement.fen) - WAIVED
    rows = session.execute(
        sa.select(Bill, paid)
        .join(Settlement, Settlement.bill_id == Bill.id)
        .where(
            Bill.home_id == home.id, Bill.state == "posted", Bill.amount > 0, Bill.former_id.is_(None), Bill.start >= day,
            theirs, of_the_owner(session, home.id),
        )
        .group_by(Bill.id)
        .having(paid > 0)
        .order_by(Bill.id)
    )  # fmt: skip
    return [(bill, int(fen)) for bill, fen in rows]


def _held_of_others(session: Session, home: Home, payments: Sequence[int]) -> int:
    """Fen that are held out of other payments: they are the new owner's."""
    later = session.scalars(
        sa.select(Payment).where(Payment.home_id == home.id, Payment.former_id.is_(None), Payment.id.not_in(payments))
    )
    return sum(held_from(session, payment) for payment in later)


def _is_owners(session: Session, bill: Bill) -> bool:
    return session.scalar(sa.select(Bill.id).where(Bill.id == bill.id, of_the_owner(session, bill.home_id))) is not None


def _mark(session: Session, home: Home, former: Ownership, *, debts_stay: bool) -> None:
    """Whose bills these were. Where debts go with the home, what is open stays."""
    of_home = sa.and_(
        Bill.home_id == home.id, Bill.former_id.is_(None), Bill.end <= former.until_day, of_the_owner(session, home.id)
    )
    closed = sa.true() if debts_stay else Bill.amount == Bill.paid
    session.execute(
        sa.update(Bill).where(of_home, Bill.late_for.is_(None), closed).values(former_id=former.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if not debts_stay:
        session.execute(
            sa.update(Bill).where(Bill.former_id == former.id, Bill.amount > Bill.paid).values(former_id=None)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
    late = sa.select(Bill.id).where(Bill.home_id == home.id, Bill.start <= former.until_day)
    session.execute(
        sa.update(Bill)
        .where(Bill.home_id == home.id, Bill.former_id.is_(None), Bill.late_for.in_(late), closed)
        .values(former_id=former.id)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def _give_back(
    session: Session, home: Home, payments: Sequence[int], fen: int, former: Ownership, *, by: str, now: datetime
) -> dict[str, int]:
    """Each payment gives back what is still held of it, the newest first: by WeChat the way it came, else at the counter."""
    back: dict[str, int] = {}
    for number in sorted(payments, reverse=True):
        payment = session.get_one(Payment, number)
        part = min(fen, held_from(session, payment))
        if not part:
            continue
        if payment.channel == "wechat":
            refunding.ask(session, payment, part, reason="过户退预存款", by=by, is_manager=True, now=now)
        else:
            key = f"handover:{former.id}:{payment.id}"
            refund(session, payment, part, number=key, reason="过户退预存款", by=by, now=now)
        words = CHANNELS[payment.channel]
        back[words] = back.get(words, 0) + part
        fen -= part
    if fen:
        raise Refusal("这户的预存款有一部分是以前的业主转来的，退不回原处，请选「转给新业主」。")
    return back


def _move(session: Session, home: Home, fen: int, *, now: datetime) -> int:
    """转出 and 转入: the purse is the home's, so it holds the same; the two entries say whose it was."""
    if fen:
        purse = purses.lock(session, home.id)
        purses.change(session, purse, -fen, "moved", now=now)
        purses.change(session, purse, fen, "moved", now=now)
    return fen


def _note(session: Session, home: Home, change: Change, done: Done, *, by: str, now: datetime) -> None:
    company_id = session.scalar(sa.select(Community.company_id).where(Community.id == home.community_id))
    record(
        session, at=now, actor=by, action="home.hand_over", subject=f"home:{home.id}", source="chat",
        company_id=company_id,
        details={
            "day": change.day.isoformat(), "ownership": done.former.id, "owes": done.owes, "moved": done.moved,
            "back": sum(done.back.values()), "debts_stay": change.debts_stay,
        },
    )  # fmt: skip
