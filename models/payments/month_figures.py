"""The numbers of a month of one compound as they stood at its end, each read from the rows it really rests on."""

from collections import Counter
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.closed_months import bounds
from models.billing.cycles import months_later
from models.billing.ledger import LedgerEntry, LedgerLine
from models.billing.tables import Bill, FeeItem
from models.db import SHANGHAI
from models.estate.tables import Community, Home
from models.payments.bank_book import unclaimed_at
from models.payments.deposit_tables import Deposit
from models.payments.month_ties import AGES, Month, age_of
from models.payments.receipts import CHANNELS
from models.payments.tables import Payment, PurseEntry, Refund, Settlement

_PAYING = (
    "payment",
    "refund",
    "held",
    "handover",
    "rebilled",
    "deduction",
)  # entries that settle what is owed; all others make it


def figures_of(session: Session, community_id: int, period: str) -> Month:
    begun, ended = bounds(period)
    bills = _bills(session, community_id, period, ended)
    owed = _receivable(session, community_id, begun, ended)
    channels, days = _receipts(session, community_id, begun, ended)
    put = _put(session, community_id, period, begun, ended)
    company = session.scalars(sa.select(Community.company_id).where(Community.id == community_id)).one()
    unclaimed, unclaimed_account = unclaimed_at(session, company, ended)
    return Month(
        due=bills[0], received=bills[1],
        items=_grouped(session, community_id, period, ended, FeeItem.name),
        buildings=_grouped(session, community_id, period, ended, Home.building),
        opening=owed[0], billed=owed[1], settled=owed[2], closing=sum(owed[:2]) - owed[2],
        ages=_ages(session, community_id, ended), channels=channels, money=_money(session, community_id, begun, ended),
        current=put["current"], arrears=put["arrears"], late_fees=put["late"], from_held=put["held"],
        prepaid=_prepaid(session, community_id, begun, ended), days=days,
        deposits=_deposits(session, community_id, begun, ended),
        unclaimed=unclaimed, unclaimed_account=unclaimed_account,
        deposit_account=-ledger_of(session, community_id, begun, ended).get("deposit", 0),
    )  # fmt: skip


def ledger_of(session: Session, community_id: int, begun: datetime, ended: datetime) -> dict[str, int]:
    """What moved on each account in the month: what `audit` holds a closed month against. Entries are only ever added."""
    rows = session.execute(
        sa.select(LedgerLine.account, sa.func.sum(LedgerLine.fen))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerEntry.community_id == community_id, LedgerEntry.at >= begun, LedgerEntry.at < ended)
        .group_by(LedgerLine.account)
    )
    return {account: int(fen) for account, fen in rows}


def _stood(ended: datetime) -> sa.ColumnElement[bool]:
    """Was this bill owed at that moment? Bills have no date of their own: the ledger knows when, and when it was taken back."""
    of_bill = sa.literal("bill:") + sa.cast(Bill.id, sa.String)
    entry = sa.select(LedgerEntry.id).where(LedgerEntry.at < ended)
    made = sa.or_(
        entry.where(
            LedgerEntry.document == sa.literal("run:") + sa.cast(Bill.run_id, sa.String), LedgerEntry.what == "bill"
        ).exists(),
        entry.where(LedgerEntry.document == of_bill, LedgerEntry.what != "reversal").exists(),
    )
    taken_back = entry.where(LedgerEntry.document == of_bill, LedgerEntry.what == "reversal").exists()
    return sa.and_(Bill.state.in_(("posted", "reversed")), Bill.reverses.is_(None), made, ~taken_back)


def _settled_by(ended: datetime) -> sa.Subquery:
    return (
        sa.select(Settlement.bill_id, sa.func.sum(Settlement.fen).label("fen"))
        .where(Settlement.at < ended)
        .group_by(Settlement.bill_id)
        .subquery()
    )


def _of_month(community_id: int, period: str, ended: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Bill.community_id == community_id, Bill.period == period, Bill.late_for.is_(None), _stood(ended))


def _bills(session: Session, community_id: int, period: str, ended: datetime) -> tuple[int, int]:
    ours = _of_month(community_id, period, ended)
    due = session.scalar(sa.select(sa.func.coalesce(sa.func.sum(Bill.amount), 0)).where(ours))
    received = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Settlement.fen), 0))
        .join(Bill, Bill.id == Settlement.bill_id)
        .where(ours, Settlement.at < ended)
    )
    return int(due or 0), int(received or 0)


def _grouped(
    session: Session, community_id: int, period: str, ended: datetime, by: sa.orm.InstrumentedAttribute[str]
) -> dict[str, tuple[int, int]]:
    settled = _settled_by(ended)
    rows = session.execute(
        sa.select(by, sa.func.sum(Bill.amount), sa.func.coalesce(sa.func.sum(settled.c.fen), 0))
        .select_from(Bill)
        .join(FeeItem, FeeItem.id == Bill.item_id)
        .join(Home, Home.id == Bill.home_id)
        .outerjoin(settled, settled.c.bill_id == Bill.id)
        .where(_of_month(community_id, period, ended))
        .group_by(by)
        .order_by(by)
    )
    return {str(name): (int(due), int(received)) for name, due, received in rows}


def _receivable(session: Session, community_id: int, begun: datetime, ended: datetime) -> tuple[int, int, int]:
    """(open at the beginning, billed within, settled within) as the ledger has them."""
    before, paying = LedgerEntry.at < begun, LedgerEntry.what.in_(_PAYING)
    parts = [
        sa.func.coalesce(sa.func.sum(sa.case((which, LedgerLine.fen), else_=0)), 0)
        for which in (before, sa.and_(~before, ~paying), sa.and_(~before, paying))
    ]
    opening, billed, settled = session.execute(
        sa.select(*parts)
        .select_from(LedgerLine)
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerEntry.community_id == community_id, LedgerLine.account == "receivable", LedgerEntry.at < ended)
    ).one()
    return int(opening), int(billed), -int(settled)


def _ages(session: Session, community_id: int, ended: datetime) -> dict[str, int]:
    """What was open at the end, by how long it had been late, from the bills themselves."""
    settled = _settled_by(ended)
    left = Bill.amount - sa.func.coalesce(settled.c.fen, 0)
    rows = session.execute(
        sa.select(Bill.due_on, sa.func.sum(left))
        .outerjoin(settled, settled.c.bill_id == Bill.id)
        .where(Bill.community_id == community_id, _stood(ended), left != 0)
        .group_by(Bill.due_on)
    )
    last = ended.astimezone(SHANGHAI).date() - timedelta(days=1)
    ages: Counter[str] = Counter()
    for due_on, fen in rows:
        ages[age_of(_months_late(due_on, last))] += int(fen)
    return {name: ages[name] for name in AGES if ages[name]}


def _months_late(due_on: date, day: date) -> int | None:
    """Whole months between; None for what is not past its day."""
    if due_on >= day:
        return None
    months = (day.year - due_on.year) * 12 + day.month - due_on.month
    return months if months_later(due_on, months) <= day else months - 1


def _receipts(
    session: Session, community_id: int, begun: datetime, ended: datetime
) -> tuple[dict[str, int], dict[str, int]]:
    """What came in less what was given back: by channel, summed by the database, and by day, summed row by row."""
    came = sa.select(Payment.channel, Payment.at, Payment.fen).where(
        Payment.community_id == community_id, Payment.at >= begun, Payment.at < ended
    )
    went = (
        sa.select(Payment.channel, Refund.at, -Refund.fen)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.community_id == community_id, Refund.at >= begun, Refund.at < ended)
    )
    channels: Counter[str] = Counter()
    days: Counter[str] = Counter()
    for query in (came, went):
        part = query.subquery()
        for channel, fen in session.execute(sa.select(part.c[0], sa.func.sum(part.c[2])).group_by(part.c[0])):
            channels[CHANNELS[channel]] += int(fen)
        for _, at, fen in session.execute(query.execution_options(yield_per=1000)):
            days[at.astimezone(SHANGHAI).date().isoformat()] += fen
    return dict(sorted(channels.items())), dict(sorted(days.items()))


def _money(session: Session, community_id: int, begun: datetime, ended: datetime) -> dict[str, int]:
    moved = ledger_of(session, community_id, begun, ended)
    return {words: moved[channel] for channel, words in CHANNELS.items() if channel in moved}


def _put(session: Session, community_id: int, period: str, begun: datetime, ended: datetime) -> dict[str, int]:
    """What was put to bills within the month: of this month, of earlier ones, to late fees; and out of what was held."""
    kind = sa.case(
        (Settlement.payment_id.is_(None), "held"),
        (Bill.late_for.is_not(None), "late"),
        (Bill.period < period, "arrears"),
        else_="current",
    )
    rows = session.execute(
        sa.select(kind, sa.func.sum(Settlement.fen))
        .join(Bill, Bill.id == Settlement.bill_id)
        .where(Bill.community_id == community_id, Settlement.at >= begun, Settlement.at < ended)
        .group_by(kind)
    )
    return {"current": 0, "arrears": 0, "late": 0, "held": 0} | {name: int(fen) for name, fen in rows}


def _prepaid(session: Session, community_id: int, begun: datetime, ended: datetime) -> int:
    """What of the payments was only put by, less what was given back of it."""
    fen = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(PurseEntry.fen), 0))
        .join(Payment, Payment.id == PurseEntry.payment_id)
        .where(Payment.community_id == community_id, PurseEntry.at >= begun, PurseEntry.at < ended)
    )
    return int(fen or 0)


def _deposits(session: Session, community_id: int, begun: datetime, ended: datetime) -> int:
    """What of the payments is only kept for somebody, less what went back or was kept for a damage."""
    ours = sa.select(Deposit.payment_id).where(Deposit.community_id == community_id)
    came, went, put = (
        session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(table.fen), 0)).where(
                of.in_(ours), table.at >= begun, table.at < ended
            )
        )
        for table, of in ((Payment, Payment.id), (Refund, Refund.payment_id), (Settlement, Settlement.payment_id))
    )
    return int(came or 0) - int(went or 0) - int(put or 0)
