"""What a change of owner does to bills: the one that runs is taken back and made anew in two parts, and what had been paid of it
goes to the former owner's part first; the rest is held."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.closed_months import dated
from models.billing.handover import Part, cover, split_bill, with_paid_before
from models.billing.ledger import Account, Side, post
from models.billing.lines import Manner
from models.billing.meter_tables import BilledUse
from models.billing.proration import Proration
from models.billing.publish import reverse, same_period
from models.billing.tables import Bill, FeeItem, Tariff
from models.billing.waiver_tables import WaiverLine
from models.db import SHANGHAI
from models.errors import Refusal
from models.money import Rounding
from models.payments import purses, waivers
from models.payments.invoice_tables import InvoiceBill
from models.payments.late_fees import paid_on_days
from models.payments.settling import settle
from models.payments.tables import Payment, Purse, Settlement
from models.people.ownership import has_tenant


@dataclass(frozen=True)
class Split:
    """A bill that runs over the day of the handover, and its two parts. `waived` fen of what it counts as paid were only taken off."""

    bill: Bill
    item: str
    former: Part | None
    new: Part | None
    waived: int = 0

    @property
    def freed(self) -> int:
        """Fen that came in for it beyond the former owner's part; of that part what was waived is waived first."""
        beyond = max(0, self.bill.paid - (self.former.fen if self.former else 0))
        return min(beyond, self.bill.paid - self.waived)


def of_the_owner(session: Session, home_id: int) -> sa.ColumnElement[bool]:
    """The bills that are the owner's business: all of them, but where somebody rents the home not what whoever lives there pays."""
    if not has_tenant(session, home_id):
        return sa.true()
    return Bill.item_id.in_(sa.select(FeeItem.id).where(FeeItem.payer == "owner"))


def running(session: Session, home_id: int, day: date) -> list[Split]:
    """The posted bills of a home that run over the day. Raises Refusal for one with an invoice."""
    rows = session.execute(
        sa.select(Bill, FeeItem.name)
        .join(FeeItem, FeeItem.id == Bill.item_id)
        .where(
            Bill.home_id == home_id, Bill.state == "posted", Bill.amount > 0, Bill.former_id.is_(None),
            Bill.late_for.is_(None), Bill.start < day, Bill.end >= day,
            of_the_owner(session, home_id),
        )
        .order_by(Bill.item_id, Bill.start, Bill.seq)
    ).all()  # fmt: skip
    found = []
    for bill, item in rows:
        refuse_invoiced(session, bill, item, "办过户")
        former, new = split_bill(bill.basis, bill.amount, bill.start, bill.end, day, _manner(session, bill))
        found.append(Split(bill, item, former, new, sum(fen for _, fen in waivers.of_bill(session, bill))))
    return found


def make_two_of(session: Session, split: Split, purse: Purse, former_id: int, *, by: str, now: datetime) -> None:
    """Take the bill back and post its parts. The purse is locked."""
    bill = split.bill
    now = dated(session, bill.community_id, now)
    given, was_paid = waivers.of_bill(session, bill), paid_on_days(session, [bill])[bill.id]
    waivers.take_back(session, bill, by=by, now=now)
    paid = take_off(session, bill, now=now)
    reverse(session, bill, reason="过户，按天分开", by=by, now=now)
    former = _post(session, bill, _as_paid(split.former, was_paid, now), by=by, now=now, former_id=former_id)
    new = _post(session, bill, split.new, by=by, now=now)
    _carry_uses(session, bill, new or former)
    if former is not None:  # what was late of the bill is late of this part of it: its late fee does not run up twice
        session.execute(
            sa.update(Bill)
            .where(Bill.late_for == bill.id)
            .values(late_for=former.id)
            .execution_options(synchronize_session=False)
        )
    for waiver, fen in given:
        part = min(fen, former.amount - former.paid) if former is not None else 0
        if former is not None and part:
            waivers.grant_again(session, waiver, former, part, by=by, now=now)
    _pay_again(session, bill, former, purse, paid, by=by, now=now)


def set_free(
    session: Session, bill: Bill, purse: Purse, payments: Sequence[int | None], *, by: str, now: datetime
) -> int:
    """What these payments had put to a bill of the new owner's is held again; the bill is owed anew. Returns the fen."""
    now = dated(session, bill.community_id, now)
    paid = take_off(session, bill, now=now, only=payments)
    _pay_again(session, bill, None, purse, paid, by=by, now=now)
    return sum(fen for _, fen in paid)


def take_off(
    session: Session, bill: Bill, *, now: datetime, only: Sequence[int | None] | None = None
) -> list[tuple[int | None, int]]:
    """(payment, or None for what had been held; fen) that was put to a bill and is taken off it again."""
    waived = sa.select(sa.func.coalesce(sa.func.sum(WaiverLine.fen), 0)).where(
        WaiverLine.bill_id == bill.id, WaiverLine.live.is_(True)
    )
    not_money = int(session.scalar(waived) or 0)
    rows = session.execute(
        sa.select(Settlement.payment_id, sa.func.sum(Settlement.fen))
        .where(Settlement.bill_id == bill.id)
        .group_by(Settlement.payment_id)
        .having(sa.func.sum(Settlement.fen) > 0)
        .order_by(Settlement.payment_id.nulls_first())  # what was held goes first, on every database
    )
    found = [(payment, int(fen) - (not_money if payment is None else 0)) for payment, fen in rows]
    found = [(payment, fen) for payment, fen in found if fen and (only is None or payment in only)]
    for payment, fen in found:
        session.add(Settlement(bill_id=bill.id, payment_id=payment, fen=-fen, at=now))
        bill.paid -= fen
    session.flush()
    return found


def _pay_again(
    session: Session,
    bill: Bill,
    former: Bill | None,
    purse: Purse,
    paid: Sequence[tuple[int | None, int]],
    *,
    by: str,
    now: datetime,
) -> None:
    put = 0
    for payment, fen in paid:
        part = min(fen, former.amount - former.paid) if former is not None else 0
        if former is not None and part:
            settle(session, former, part, payment, now=now)
            put += part
        if fen > part:
            purses.change(session, purse, fen - part, "corrected", payment_id=payment, bill_id=bill.id, now=now)
    total = sum(fen for _, fen in paid)
    if total:
        sides = [
            Side("receivable", total, bill.item_id), Side("receivable", -put, bill.item_id), Side("prepayment", put - total)
        ]  # fmt: skip
        # A bill may be set free more than once, even in one moment: the entry is told apart by what was last taken off it.
        last = session.scalar(sa.select(sa.func.max(Settlement.id)).where(Settlement.bill_id == bill.id))
        document = f"bill:{bill.id}:{last}"
        post(session, community_id=bill.community_id, what="handover", document=document, sides=sides, by=by, now=now)


def _post(
    session: Session, bill: Bill, part: Part | None, *, by: str, now: datetime, former_id: int | None = None
) -> Bill | None:
    if part is None:
        return None
    made = Bill(
        community_id=bill.community_id, home_id=bill.home_id, item_id=bill.item_id, tariff_id=bill.tariff_id, run_id=None,
        period=bill.period, start=part.start, end=part.end, amount=part.fen, paid=0, state="posted", former_id=former_id,
        due_on=bill.due_on if former_id is not None else max(bill.due_on, month_end(now.date())), basis=part.basis,
    )  # fmt: skip
    last = session.scalar(sa.select(sa.func.max(Bill.seq)).where(*same_period(made)))
    made.seq = 0 if last is None else last + 1
    session.add(made)
    session.flush()
    fund = cast(Account, session.scalars(sa.select(FeeItem.fund).where(FeeItem.id == bill.item_id)).one())
    sides = [Side("receivable", part.fen, bill.item_id), Side(fund, -part.fen, bill.item_id)]
    post(session, community_id=bill.community_id, what="bill", document=f"bill:{made.id}", sides=sides, by=by, now=now)
    return made


def month_end(day: date) -> date:
    """A bill that is new to its owner is not late on the day it is made."""
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _carry_uses(session: Session, bill: Bill, to: Bill | None) -> None:
    """What the bill had counted of a meter stays counted."""
    for use in session.scalars(sa.select(BilledUse).where(BilledUse.bill_id == bill.id)).all():
        if to is not None:
            kept: dict[str, Any] = {"since": use.since, "upto": use.upto, "upto_on": use.upto_on, "used": use.used}
            session.add(BilledUse(bill_id=to.id, meter_id=use.meter_id, **kept))


def _as_paid(part: Part | None, paid: Sequence[tuple[date, int]], now: datetime) -> Part | None:
    """The due day stays what it was, so the days on which it was paid stay, too."""
    if part is None:
        return None
    moved = now.astimezone(SHANGHAI).date()
    return replace(part, basis=with_paid_before(part.basis, cover(part.fen, paid, moved)))


def _manner(session: Session, bill: Bill) -> Manner:
    tariff = session.get(Tariff, bill.tariff_id) if bill.tariff_id is not None else None
    if tariff is None:
        return Manner()
    return Manner(Rounding(tariff.rounding), tariff.month_by_month, Proration(tariff.proration))


def refuse_invoiced(session: Session, bill: Bill, item: str, then: str) -> None:
    if session.scalar(sa.select(InvoiceBill.bill_id).where(InvoiceBill.bill_id == bill.id, InvoiceBill.live.is_(True))):
        raise Refusal(f"{item} {bill.period} 开过发票了，请先把发票红冲，再{then}。")


def payments_of_former(session: Session, home_id: int, day: date) -> list[int]:
    """The payments of a home that are the former owner's: all until the day itself, and afterwards what its WeChats still paid.

    Whoever comes next can bind a WeChat only once the handover is on the books, but may have paid at the counter already.
    """
    following = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    return list(
        session.scalars(
            sa.select(Payment.id).where(
                Payment.home_id == home_id, Payment.former_id.is_(None),
                sa.or_(Payment.at < following, Payment.openid.is_not(None)),
            )
        )
    )  # fmt: skip
