"""What a sold home owes for being late, and what was waived of its bills, on both databases: worked out by hand."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from models.billing.explain import equation
from models.billing.tables import Bill
from models.billing.waiver_tables import WaiverLine
from models.db import savepoint
from models.errors import Refusal
from models.estate.tables import Community
from models.money import Rounding
from models.payments import waivers
from models.payments.actions import Money, take_in
from models.payments.giving_back import refund
from models.payments.handover import Change, hand_over
from models.payments.invariants import violations
from models.payments.late_fees import accrued
from models.payments.month_figures import figures_of
from models.payments.month_ties import broken
from models.payments.tables import Payment, Settlement
from models.payments.waivers import Wish
from models.people.binding import enter_on_books
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee

DAY = date(2026, 3, 17)
FORMER, NEW = 8_533, 8_000  # of March's 165.33, which is due on the 31st


def april(day: int) -> datetime:
    return datetime(2026, 4, day, 9, 0, tzinfo=SHANGHAI)


SOLD = april(20)  # when the office hears of it


@pytest.fixture
def garden(session: Session) -> Iterator[int]:
    """February is paid, March is not; 0.05 % a day, and a payment goes to the fees themselves first."""
    community = four_homes(session)
    service_fee(session, community, late_rate=500)
    for period in ("2026-02", "2026-03"):
        bill_month(session, community, period)
    company = session.get_one(Community, community).company_id
    home = home_of(session, "501")
    enter_on_books(session, company_id=company, home_id=home.id, name="王强", phone="", relation="owner", now=NOW)
    take_in(session, home, Money(16_533, "cash", "february"), principal_first=True, by="test", now=NOW)
    yield community
    session.flush()
    assert list(violations(session)) == []
    for period in ("2026-02", "2026-03", "2026-04", "2026-05"):
        assert list(broken(figures_of(session, community, period))) == []


def pay(session: Session, fen: int, at: datetime) -> Payment:
    money = Money(fen, "cash", f"{at}")
    return take_in(session, home_of(session, "501"), money, principal_first=True, by="test", now=at).payment


def sell(session: Session, at: datetime = SOLD) -> Bill:
    """The former owner's part of March."""
    done = hand_over(session, home_of(session, "501"), Change(DAY, "周涛", "", "move"), by="staff:1", now=at)
    return session.scalars(
        sa.select(Bill).where(Bill.former_id == done.former.id, Bill.start == date(2026, 3, 1), Bill.amount == FORMER)
    ).one()


def test_no_day_is_late_on_which_the_bill_was_paid(session: Session, garden: int) -> None:
    pay(session, 5_000, april(5))
    part = sell(session)
    assert (part.paid, part.due_on) == (5_000, date(2026, 3, 31))
    # 85.33 for five days, the 35.33 that were left of it for fifteen: 0.21333 + 0.26498
    assert accrued(session, part, SOLD.date()) == 48
    assert accrued(session, part, date(2026, 5, 10)) == 83  # and for twenty more: 0.83158
    new = session.scalars(sa.select(Bill).where(Bill.start == DAY, Bill.state == "posted")).one()
    assert (new.due_on, accrued(session, new, SOLD.date())) == (date(2026, 4, 30), 0)


def test_the_part_is_covered_first_and_what_was_refunded_is_late_again(session: Session, garden: int) -> None:
    payment = pay(session, 10_000, april(5))
    refund(session, payment, 6_000, number="r", reason="多交", by="test", now=april(10))
    part = sell(session)
    assert part.paid == 4_000
    # 85.33 for five days, nothing for five, 45.33 for ten: 0.21333 + 0.22665
    assert accrued(session, part, SOLD.date()) == 44


def test_two_who_paid_and_a_waiver_each_count_from_their_own_day(session: Session, garden: int) -> None:
    pay(session, 2_000, april(2))
    waivers.ask(session, home_of(session, "501"), Wish(1_000, "error", "", "物业费"), by="staff:1", now=april(6))
    pay(session, 3_000, april(12))
    part = sell(session)
    assert part.paid == 6_000
    # 85.33 × 2 + 65.33 × 4 + 55.33 × 6 + 25.33 × 8 = 966.60, by 0.0005
    assert accrued(session, part, SOLD.date()) == 48


def test_what_comes_in_after_the_sale_counts_from_its_own_day_and_is_told(session: Session, garden: int) -> None:
    pay(session, 5_000, april(5))
    part = sell(session)
    home = home_of(session, "501")
    money = Money(1_000, "cash", "later")
    take_in(session, home, money, former=part.former_id, principal_first=True, by="test", now=april(25))
    # 85.33 × 5 + 35.33 × 20 + 25.33 × 5, by 0.0005
    assert accrued(session, part, date(2026, 4, 30)) == 63
    rest = Money(2_533 + 63, "cash", "rest")
    take_in(session, home, rest, former=part.former_id, by="test", now=april(30))
    fee = session.scalars(sa.select(Bill).where(Bill.late_for == part.id)).one()
    assert (fee.amount, fee.paid, part.paid) == (63, 63, FORMER)
    assert equation(fee.basis, fee.amount, Rounding.FEN_HALF_UP)[:3] == [
        "没交的85.33元 × 每天0.05% × 5天 = 0.213325元",
        "没交的35.33元 × 每天0.05% × 20天 = 0.3533元",
        "没交的25.33元 × 每天0.05% × 5天 = 0.063325元",
    ]


def test_a_late_fee_that_was_asked_for_does_not_run_up_twice(session: Session, garden: int) -> None:
    home = home_of(session, "501")
    take_in(session, home, Money(5_000, "cash", "x"), principal_first=False, by="test", now=april(5))
    fee = session.scalars(sa.select(Bill).where(Bill.late_for.is_not(None))).one()
    assert fee.amount == 41  # 165.33 for five days: it all was the seller's to pay then
    part = sell(session)
    assert (fee.late_for, part.paid) == (part.id, 4_959)
    # 85.33 × 5 + 35.74 × 15 = 962.75, by 0.0005, is 48; 41 of it have been asked for.
    assert accrued(session, part, SOLD.date()) == 7


def test_the_money_stands_in_the_books_on_the_day_it_was_moved(session: Session, garden: int) -> None:
    """Only the late fee looks back: a month that has been closed meanwhile stays as it is."""
    pay(session, 5_000, april(5))
    part = sell(session)
    days = session.scalars(sa.select(Settlement.at).where(Settlement.bill_id == part.id)).all()
    assert [at.astimezone(SHANGHAI).date() for at in days] == [SOLD.date()]


def test_of_a_waiver_over_several_bills_each_gets_its_own_part_again(session: Session, garden: int) -> None:
    """30.00 are waived: 16.33 that were still open of April's bill come after 13.67 of March."""
    home = home_of(session, "501")
    pay(session, 16_533 - 1_367, april(1))
    bill_month(session, garden, "2026-04")
    waivers.ask(session, home, Wish(3_000, "hardship"), by="staff:1", now=april(2))
    live = sa.select(WaiverLine.fen).where(WaiverLine.live.is_(True)).order_by(WaiverLine.line_id)
    assert session.scalars(live).all() == [1_367, 1_633]
    part = sell(session)
    assert session.scalars(live).all() == [1_633, 1_367], "of March as much as was March's"
    assert part.paid == FORMER, "the rest of it was paid with money"


def test_a_waiver_that_was_asked_for_the_former_owner_is_not_agreed_to_for_the_new_one(
    session: Session, garden: int
) -> None:
    home = home_of(session, "501")
    bill_month(session, garden, "2026-04")
    asked = waivers.ask(session, home, Wish(21_000, "hardship"), by="staff:1", now=april(2))
    assert asked.state == "wanted"
    sell(session)
    bill_month(session, garden, "2026-05")
    with pytest.raises(Refusal, match="这一户后来过户了"), savepoint(session):
        waivers.agree(session, asked, by="staff:2", now=april(21))
    assert session.scalars(sa.select(WaiverLine)).all() == []
    waivers.refuse(session, asked, by="staff:2", now=april(21))
