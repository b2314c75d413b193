"""Correcting a bill where somebody else has a say: waivers, invoices, former owners, two who must agree, on both databases."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from bot.rendering import Renderer
from models.billing.tables import Bill, Charge, Tariff
from models.billing.waiver_tables import Waiver
from models.db import savepoint
from models.errors import Refusal
from models.estate.tables import Community, Home
from models.money import shown
from models.payments import invoicing, month_close, waivers
from models.payments.actions import Money, take_in
from models.payments.handover import Change, hand_over
from models.payments.invariants import violations
from models.payments.month_figures import figures_of
from models.payments.month_ties import broken
from models.payments.purses import held_of
from models.payments.rebilling import Rebilled, Wish, bill_anew, outlook, take_back
from models.payments.tables import Payment
from models.people.binding import enter_on_books
from tests.support.fees import bill_month, home_of, two_months

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=SHANGHAI)
ANEW, DROP = Wish("面积或楼层登记错了", anew=True), Wish("不该收这一户", anew=False)
MONTH = 16_533  # 89.37 m² × 1.85 yuan


@pytest.fixture
def garden(session: Session) -> Iterator[int]:
    """February and March are billed, 165.33 each for 3-2-501, which belongs to 王强."""
    community = two_months(session)
    company = session.get_one(Community, community).company_id
    enter_on_books(
        session, company_id=company, home_id=home(session).id, name="王强", phone="", relation="owner", now=NOW
    )
    yield community
    session.flush()
    assert list(violations(session)) == []
    for period in ("2026-02", "2026-03", "2026-04"):
        assert list(broken(figures_of(session, community, period))) == []


def home(session: Session) -> Home:
    return home_of(session, "501")


def bill_of(session: Session, period: str = "2026-03") -> Bill:
    """What is owed for a month."""
    return session.scalars(
        sa.select(Bill).where(
            Bill.home_id == home(session).id, Bill.period == period, Bill.state == "posted", Bill.amount > 0,
            Bill.late_for.is_(None),
        )
    ).one()  # fmt: skip


def measured(session: Session, area: int) -> None:
    home(session).area = area
    session.flush()


def pays(session: Session, fen: int, slip: str = "slip") -> Payment:
    return take_in(session, home(session), Money(fen, "cash", slip), by="test", now=NOW).payment


def does(session: Session, bill: Bill, wish: Wish = ANEW, *, now: datetime = NOW) -> Rebilled:
    """What was shown is what is done."""
    seen = outlook(session, bill, wish, now=now)
    done = take_back(session, home(session), bill, wish, by="staff:1", now=now)
    assert (seen.total, seen.held) == (done.total, done.held)
    return done


def refuses(session: Session, words: str, bill: Bill, wish: Wish = ANEW, *, now: datetime = NOW) -> None:
    """Said before it is tried, and nothing is done."""
    with pytest.raises(Refusal, match=words):
        outlook(session, bill, wish, now=now)
    with pytest.raises(Refusal, match=words), savepoint(session):
        take_back(session, home(session), bill, wish, by="staff:1", now=now)
    assert bill.state == "posted"


def waived(session: Session, fen: int, *, now: datetime = NOW) -> Waiver:
    return waivers.ask(session, home(session), waivers.Wish(fen, "error"), by="staff:1", now=now)


def told(done: Rebilled, used: str) -> str:
    """What whoever is bound to the home hears of it."""
    data = {
        "home": "锦绣花园3-2-501", "item": "物业费", "period": done.bill.period, "was": shown(done.bill.amount),
        "now": shown(done.total), "left": "", "held": shown(done.held), "used": used,
    }  # fmt: skip
    return Renderer({}).text("bill_corrected", data)


# --- what was waived --------------------------------------------------------------------------------------------------


def test_what_is_left_over_beside_a_waiver_is_shown_before_it_is_held(session: Session, garden: int) -> None:
    """20.00 were waived and 145.33 paid of 165.33: of 148.00 the 20.00 are waived again, so 17.33 are too much."""
    pays(session, MONTH, "february")
    waived(session, 2_000)
    pays(session, MONTH - 2_000, "march")
    measured(session, 8_000)
    done = does(session, bill_of(session))
    assert (done.total, done.open, done.held) == (14_800, 0, 1_733)


def test_a_former_owners_money_is_not_held_for_the_next_one_beside_a_waiver(session: Session, garden: int) -> None:
    waived(session, 2_000)  # February's, the oldest
    pays(session, MONTH - 2_000)
    hand_over(session, home(session), Change(date(2026, 3, 17), "周涛"), by="staff:1", now=NOW)
    february = bill_of(session, "2026-02")
    assert february.former_id is not None
    measured(session, 8_000)
    refuses(session, r"多出来的17\.33元要退", february)


def test_a_waiver_that_was_granted_again_counts_once_against_what_one_may_decide(session: Session, garden: int) -> None:
    waived(session, 15_000)
    measured(session, 8_800)
    does(session, bill_of(session, "2026-02"))
    assert waived(session, 5_000).state == "done", "150.00 and 50.00 are the 200.00 that one person may take off"
    assert waived(session, 1).state == "wanted"


# --- what one person takes off ----------------------------------------------------------------------------------------


def test_a_large_sum_is_not_dropped_in_small_pieces(session: Session, garden: int) -> None:
    does(session, bill_of(session, "2026-02"), DROP)
    refuses(session, r"最近30天.*165\.33元.*再少收165\.33元.*200\.00元", bill_of(session), DROP)
    assert waived(session, 3_467).state == "done", "165.33 and 34.67 are 200.00"
    late = NOW + timedelta(days=31)
    does(session, bill_of(session), DROP, now=late)


def test_what_one_person_waived_counts_when_a_bill_is_dropped(session: Session, garden: int) -> None:
    """In both orders."""
    pays(session, MONTH, "february")
    bill_month(session, garden, "2026-04")
    waived(session, 3_500)  # March's
    refuses(session, "200.00元", bill_of(session, "2026-04"), DROP)
    does(session, bill_of(session), DROP)  # it goes with the waiver: 165.33 in all
    assert waived(session, 3_468).state == "wanted"


def test_what_is_billed_after_all_was_not_taken_off(session: Session, garden: int) -> None:
    wrong = bill_of(session, "2026-02")
    does(session, wrong, DROP)
    bill_anew(session, home(session), wrong, by="staff:1", now=NOW)
    does(session, bill_of(session), DROP)


def test_a_correction_of_what_was_registered_takes_nothing_off(session: Session, garden: int) -> None:
    for area, period in ((1_000, "2026-02"), (1_100, "2026-03")):
        measured(session, area)
        does(session, bill_of(session, period))
    assert waived(session, 3_000).state == "done"


# --- closed months, and what is said -----------------------------------------------------------------------------------


def test_a_month_that_is_closed_stays_as_it_was_signed(session: Session, garden: int) -> None:
    """March was closed with 165.33 and a late fee in it; what is put right in April is April's."""
    session.execute(sa.update(Tariff).values(late_rate=500))
    pays(session, 20_000)
    waived(session, 500)
    second = datetime(2026, 4, 2, 9, 0, tzinfo=SHANGHAI)
    compound = session.get_one(Community, garden)
    signed = month_close.close(session, compound, "2026-03", by="staff:1", now=second).totals
    measured(session, 8_000)
    does(session, bill_of(session, "2026-02"), now=second)
    does(session, bill_of(session), now=second)
    session.flush()
    assert list(month_close.changed_after_closing(session)) == []
    assert figures_of(session, garden, "2026-03").closing == signed["closing"]


def test_what_is_left_over_and_pays_another_bill_at_once_is_not_said_to_be_held(session: Session, garden: int) -> None:
    march = bill_of(session)
    take_in(session, home(session), Money(MONTH, "cash", "a"), chosen=[march.id], by="test", now=NOW)
    measured(session, 8_000)
    done = does(session, march)
    assert (done.held, done.used) == (1_733, 1_733), "for February"
    assert "存作预存款，其中17.33元已经抵了没交的账单，要退请联系物业" in told(done, "17.33元")
    assert "存作预存款，下次出账自动抵扣，要退请联系物业" in told(done, "")
    pays(session, MONTH + 14_800, "b")
    measured(session, 7_000)
    done = does(session, bill_of(session))
    assert (done.held, done.used) == (14_800 - 12_950, 0)


# --- invoices and former owners ---------------------------------------------------------------------------------------


def test_a_late_fee_with_an_invoice_is_not_taken_back_with_its_bill(session: Session, garden: int) -> None:
    session.execute(sa.update(Tariff).values(late_rate=500))
    payment = pays(session, 5_000)  # 1.49 of it for the late fee of February
    fee = session.scalars(sa.select(Bill).where(Bill.late_for.is_not(None))).one()
    invoice = invoicing.ask_for(
        session, payment, kind="normal", title="王强", tax_number="", email="", by="staff:1", now=NOW
    )
    assert invoice.fen == fee.amount == 149
    refuses(session, "违约金 2026-03 开过发票了，请先把发票红冲，再冲红", bill_of(session, "2026-02"), DROP)


def test_what_the_former_owner_paid_of_a_debt_that_went_with_the_home_is_not_held_for_the_next(
    session: Session, garden: int
) -> None:
    """By contract the new owner pays what is open of February; 50.00 of it had been paid before."""
    pays(session, 5_000)
    change = Change(date(2026, 3, 17), "周涛", "", "refund", debts_stay=False)
    hand_over(session, home(session), change, by="staff:1", now=NOW)
    february = bill_of(session, "2026-02")
    assert (february.former_id, february.paid) == (None, 5_000)
    refuses(session, r"过户以前交的，多出来的50\.00元要退", february, DROP)
    assert held_of(session, [home(session).id]) == {}


def test_the_charge_of_those_days_is_what_counts(session: Session, garden: int) -> None:
    """The home paid until the end of February, and pays again from May on."""
    measured(session, 8_000)
    ours = Charge.home_id == home(session).id
    charge = session.scalars(sa.select(Charge).where(ours)).one()
    charge.until_day = date(2026, 2, 28)
    session.add(Charge(home_id=charge.home_id, tariff_id=charge.tariff_id, from_day=date(2026, 5, 1), pieces=1))
    session.flush()
    assert does(session, bill_of(session, "2026-02")).total == 14_800
