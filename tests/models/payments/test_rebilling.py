"""A wrong bill is taken back and billed anew, or not at all, on both databases; the books are added up anew after every test."""

from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from models.billing import invariants as of_billing
from models.billing.anew import OwnPrice
from models.billing.explain import equation
from models.billing.ledger import balance
from models.billing.meter_actions import Seen, new_meter, record_reading
from models.billing.once import bill_once, in_words
from models.billing.publish import reverse
from models.billing.queries import document_of, open_bills_of
from models.billing.run import begin_run
from models.billing.tables import Bill, Charge, FeeItem, Tariff
from models.billing.tariffs import Agreement, agree, charge_all, item_of
from models.db import savepoint
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, Home
from models.money import Rounding
from models.payments import waivers
from models.payments.actions import Money, take_in
from models.payments.handover import Change, hand_over
from models.payments.invariants import violations
from models.payments.month_figures import figures_of
from models.payments.month_ties import broken
from models.payments.purses import held_of
from models.payments.rebilling import Rebilled, Wish, bill_anew, outlook, take_back
from models.payments.tables import PurseEntry, Settlement
from models.people.binding import enter_on_books
from tests.support.fees import PAPER, bill_month, home_of, two_months

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=SHANGHAI)
LATER = datetime(2026, 5, 2, 9, 0, tzinfo=SHANGHAI)
ANEW, DROP = Wish("面积或楼层登记错了", anew=True), Wish("不该收这一户", anew=False)
MONTH = 16_533  # 89.37 m² × 1.85 yuan


@pytest.fixture
def garden(session: Session) -> Iterator[int]:
    """February and March are billed, 165.33 each for 3-2-501."""
    community = two_months(session)
    yield community
    session.flush()
    assert list(violations(session)) == []
    assert list(of_billing.violations(session)) == []
    for period in ("2026-02", "2026-03", "2026-04"):
        assert list(broken(figures_of(session, community, period))) == []


def home(session: Session) -> Home:
    return home_of(session, "501")


def bill_of(session: Session, period: str = "2026-03", room: str = "501", code: str = "PROP") -> Bill:
    """The bill of a month that was made first."""
    return session.scalars(
        sa.select(Bill)
        .join(FeeItem, FeeItem.id == Bill.item_id)
        .where(Bill.home_id == home_of(session, room).id, Bill.period == period, FeeItem.code == code)
        .order_by(Bill.id)
        .limit(1)
    ).one()


def rows(session: Session, period: str = "2026-03") -> list[tuple[int, int, int, str]]:
    found = session.execute(
        sa.select(Bill.seq, Bill.amount, Bill.paid, Bill.state)
        .where(Bill.home_id == home(session).id, Bill.period == period)
        .order_by(Bill.start, Bill.seq)
    )
    return [tuple(row) for row in found]


def corrected(session: Session, area: int, period: str = "2026-03") -> Rebilled:
    """The area is put right (1/100 m²), and the month's bill taken back and made anew."""
    home(session).area = area
    session.flush()
    return take_back(session, home(session), bill_of(session, period), ANEW, by="test", now=NOW)


def pays(session: Session, fen: int, slip: str = "slip") -> int:
    return take_in(session, home(session), Money(fen, "cash", slip), by="test", now=NOW).payment.id


def refuses(session: Session, words: str, bill: Bill, wish: Wish = ANEW) -> None:
    """Said before it is tried, and nothing is done."""
    before = session.execute(sa.select(Bill.id, Bill.state, Bill.paid).order_by(Bill.id)).all()
    with pytest.raises(Refusal, match=words):
        outlook(session, bill, wish, now=NOW)
    with pytest.raises(Refusal, match=words), savepoint(session):
        take_back(session, session.get_one(Home, bill.home_id), bill, wish, by="test", now=NOW)
    assert session.execute(sa.select(Bill.id, Bill.state, Bill.paid).order_by(Bill.id)).all() == before


# --- billed anew ------------------------------------------------------------------------------------------------------


def test_a_wrong_area_is_put_right_and_the_month_billed_anew(session: Session, garden: int) -> None:
    owed = balance(session, garden, "receivable")
    done = corrected(session, 8_000)
    assert rows(session) == [
        (0, MONTH, 0, "reversed"),
        (1, -MONTH, 0, "reversed"),
        (2, 14_800, 0, "posted"),  # 80 × 1.85
    ]
    (new,) = done.new
    assert (new.start, new.end, new.due_on) == (date(2026, 3, 1), date(2026, 3, 31), date(2026, 3, 31))
    assert equation(new.basis, new.amount, Rounding.FEN_HALF_UP) == ["80平方米 × 1.85元 = 148.00元"]
    assert document_of(session, new) == PAPER
    assert balance(session, garden, "receivable") == owed - MONTH + 14_800
    assert rows(session, "2026-02") == [(0, MONTH, 0, "posted")], "what was not touched stays as it was"


def test_what_was_paid_settles_the_new_bill_and_the_rest_is_held(session: Session, garden: int) -> None:
    payment = pays(session, 2 * MONTH)
    done = corrected(session, 8_000)
    assert rows(session)[-1] == (2, 14_800, 14_800, "posted")
    assert (done.held, done.open) == (MONTH - 14_800, 0)
    assert held_of(session, [home(session).id]) == {home(session).id: 1_733}
    assert balance(session, garden, "prepayment") == -1_733
    settled = sa.select(sa.func.sum(Settlement.fen)).where(Settlement.payment_id == payment)
    assert session.scalar(settled.where(Settlement.bill_id == done.new[0].id)) == 14_800, (
        "by the payment that had paid it"
    )
    assert session.scalars(sa.select(PurseEntry.what)).all() == ["corrected"]
    # The next month is paid out of it, as any other money that is held.
    bill_month(session, garden, "2026-04")


def test_what_is_held_is_used_for_what_the_new_bill_asks_for_more(session: Session, garden: int) -> None:
    pays(session, 2 * MONTH + 1_000)
    done = corrected(session, 10_000)
    assert rows(session)[-1] == (2, 18_500, MONTH + 1_000, "posted")
    assert done.open == 18_500 - MONTH - 1_000
    assert held_of(session, [home(session).id]) == {}


def test_money_left_over_pays_what_else_is_owed(session: Session, garden: int) -> None:
    """March alone was paid; what is too much of it goes to February, the oldest that is open."""
    take_in(session, home(session), Money(MONTH, "cash", "a"), chosen=[bill_of(session).id], by="test", now=NOW)
    corrected(session, 8_000)
    assert rows(session, "2026-02") == [(0, MONTH, 1_733, "posted")]
    assert held_of(session, [home(session).id]) == {}


def test_a_month_that_was_corrected_can_be_corrected_again(session: Session, garden: int) -> None:
    first = corrected(session, 8_000)
    home(session).area = 9_000
    session.flush()
    take_back(session, home(session), first.new[0], ANEW, by="test", now=NOW)
    assert [row for row in rows(session) if row[3] == "posted"] == [(4, 16_650, 0, "posted")]


def test_what_was_waived_is_waived_of_the_new_bill(session: Session, garden: int) -> None:
    take_in(session, home(session), Money(MONTH, "cash", "a"), by="test", now=NOW)  # February
    waivers.ask(session, home(session), waivers.Wish(2_000, "late_repair"), by="staff:1", now=NOW)
    pays(session, MONTH - 2_000, "b")
    done = corrected(session, 8_000)
    assert (done.total, done.open, done.held) == (14_800, 0, MONTH - 14_800)
    assert [line.waived for line in open_bills_of(session, [home(session).id])] == []
    live = sa.select(sa.func.sum(Bill.amount)).where(Bill.state == "posted", Bill.amount < 0)
    assert session.scalar(live) == -2_000


def test_the_late_fee_of_a_wrong_bill_goes_with_it(session: Session, garden: int) -> None:
    session.execute(sa.update(Tariff).values(late_rate=500))
    february = bill_of(session, "2026-02")
    pays(session, 5_000)  # 18 days late: a part for the late fee, the rest for February
    fee = session.scalars(sa.select(Bill).where(Bill.late_for == february.id)).one()
    assert (fee.amount, fee.paid, february.paid) == (149, 149, 4_851)  # 165.33 × 0.0005 × 18 = 1.48797
    found = outlook(session, february, Wish("", anew=False), now=NOW)
    assert (found.late, found.paid) == (149, 5_000)
    home(session).area = 2_000
    session.flush()
    done = take_back(session, home(session), february, ANEW, by="test", now=NOW)
    assert (done.total, done.open, done.held) == (3_700, 0, 1_300)
    assert fee.state == "reversed"
    assert bill_of(session).paid == 1_300, "what is left over pays March"


def test_a_wrong_price_is_put_right_for_the_bill_with_its_document(session: Session, garden: int) -> None:
    own = Wish("单价错了", anew=True, own=OwnPrice(18_000, "物业服务合同第5条"))
    done = take_back(session, home(session), bill_of(session), own, by="test", now=NOW)
    (new,) = done.new
    assert new.amount == 16_087  # 89.37 × 1.80 = 160.866
    assert equation(new.basis, new.amount, Rounding.FEN_HALF_UP)[0] == "89.37平方米 × 1.80元 = 160.866元"
    assert document_of(session, new) == "物业服务合同第5条"


# --- not at all -------------------------------------------------------------------------------------------------------


def test_what_is_not_to_be_billed_stays_unbilled_until_somebody_says_so(session: Session, garden: int) -> None:
    pays(session, 2 * MONTH)
    done = take_back(session, home(session), bill_of(session), DROP, by="test", now=NOW)
    assert (list(done.new), done.held) == ([], MONTH)
    assert rows(session) == [(0, MONTH, 0, "reversed"), (1, -MONTH, 0, "reversed")]
    with pytest.raises(AlreadyDone):
        begin_run(session, garden, "2026-03", by="test", now=NOW)
    bill_month(session, garden, "2026-04")
    assert len(rows(session)) == 2, "a later run bills its own month only"
    home(session).area = 8_000
    session.flush()
    again = bill_anew(session, home(session), bill_of(session), by="test", now=NOW)
    # What is held pays it, and then the rest stays with what April has of it
    assert [(bill.amount, bill.paid) for bill in again.new] == [(14_800, 14_800)]
    with pytest.raises(AlreadyDone, match=r"已经另有一张148.00元的账单"):
        bill_anew(session, home(session), bill_of(session), by="test", now=NOW)
    assert [row[1] for row in rows(session) if row[3] == "posted"] == [14_800]


def test_a_large_bill_is_not_dropped_by_one_person_alone(session: Session, garden: int) -> None:
    home(session).area = 20_000
    session.flush()
    bill_month(session, garden, "2026-04")
    refuses(session, "一次少收370.00元，超过一个人能定的200.00元", bill_of(session, "2026-04"), DROP)
    cheap = Wish("", anew=True, own=OwnPrice(100, PAPER))
    refuses(session, "一次少收368.00元，超过一个人能定的200.00元", bill_of(session, "2026-04"), cheap)


# --- by meter ---------------------------------------------------------------------------------------------------------


def read(session: Session, meter: Any, day: date, value: int) -> None:
    record_reading(session, meter, Seen(day, Fraction(value)), by="test", source="chat", now=LATER)


@pytest.fixture
def meter(session: Session, garden: int) -> Any:
    """Water at 5 yuan: from 10 to 26 as it was written down on 27 March, billed in April; the meter really stood at 20."""
    water = Agreement("meter", 50_000, PAPER, date(2026, 3, 1), in_advance=False)
    charge_all(session, agree(session, garden, "WATER", water, by="test", now=NOW), date(2026, 3, 1))
    made = new_meter(home(session), garden, "water", now=NOW, start=100_000, start_on=date(2026, 2, 28))
    session.add(made)
    session.flush()
    read(session, made, date(2026, 3, 27), 26)
    bill_month(session, garden, "2026-04")
    assert water_bills(session) == [("2026-04", 8_000, "posted")]
    return made


def water_bills(session: Session) -> list[tuple[str, int, str]]:
    found = session.execute(
        sa.select(Bill.period, Bill.amount, Bill.state)
        .join(FeeItem, FeeItem.id == Bill.item_id)
        .where(FeeItem.code == "WATER", Bill.amount > 0)
        .order_by(Bill.id)
    )
    return [tuple(row) for row in found]


def test_a_reading_that_was_put_right_is_billed_anew_and_the_next_bill_goes_on_from_it(
    session: Session, garden: int, meter: Any
) -> None:
    read(session, meter, date(2026, 3, 27), 20)
    take_back(session, home(session), bill_of(session, "2026-04", code="WATER"), ANEW, by="test", now=NOW)
    read(session, meter, date(2026, 4, 28), 31)
    bill_month(session, garden, "2026-05")
    assert water_bills(session) == [
        ("2026-04", 8_000, "reversed"),
        ("2026-04", 5_000, "posted"),
        ("2026-05", 5_500, "posted"),
    ]
    first = session.scalars(sa.select(Bill).where(Bill.amount == 5_000)).one()
    refuses(session, "后来又出过账", first)


def test_water_that_is_not_to_be_billed_is_not_billed_with_the_next_reading(
    session: Session, garden: int, meter: Any
) -> None:
    take_back(session, home(session), bill_of(session, "2026-04", code="WATER"), DROP, by="test", now=NOW)
    read(session, meter, date(2026, 4, 28), 31)
    bill_month(session, garden, "2026-05")
    assert water_bills(session) == [("2026-04", 8_000, "reversed"), ("2026-05", 2_500, "posted")]  # 31 − 26
    with pytest.raises(Refusal, match="后来又出过账"):
        bill_anew(session, home(session), bill_of(session, "2026-04", code="WATER"), by="test", now=NOW)


def test_water_that_is_billed_after_all_is_counted_once(session: Session, garden: int, meter: Any) -> None:
    wrong = bill_of(session, "2026-04", code="WATER")
    take_back(session, home(session), wrong, DROP, by="test", now=NOW)
    read(session, meter, date(2026, 3, 27), 20)
    bill_anew(session, home(session), wrong, by="test", now=NOW)
    read(session, meter, date(2026, 4, 28), 31)
    bill_month(session, garden, "2026-05")
    assert water_bills(session)[1:] == [("2026-04", 5_000, "posted"), ("2026-05", 5_500, "posted")]


# --- what is not taken back here --------------------------------------------------------------------------------------


def test_nothing_is_made_anew_while_nothing_was_put_right(session: Session, garden: int) -> None:
    refuses(session, "和这张账单一样", bill_of(session))


def test_water_is_not_made_anew_either_while_its_reading_stands(session: Session, garden: int, meter: Any) -> None:
    refuses(session, "和这张账单一样", bill_of(session, "2026-04", code="WATER"))


def test_what_cannot_be_worked_out_stays_as_it_is(session: Session, garden: int) -> None:
    home(session).area = None
    session.flush()
    refuses(session, "没有登记面积。请先改好", bill_of(session))
    session.execute(sa.update(Charge).values(until_day=date(2026, 2, 28)))
    refuses(session, "现在不收这一项", bill_of(session))


def test_what_a_ledger_brought_is_dropped_and_not_made_anew(session: Session, garden: int) -> None:
    company = session.get_one(Community, garden).company_id
    day = date(2025, 12, 31)
    old = bill_once(
        session, home(session), item_of(session, company, "PROP"), 9_900, start=date(2025, 12, 1), end=day, due_on=day,
        basis=in_words("期初欠费"), by="test", now=NOW,
    )  # fmt: skip
    refuses(session, "改好台账再导入一次", old)
    take_back(session, home(session), old, DROP, by="test", now=NOW)
    assert old.state == "reversed"


def test_a_day_that_another_bill_stands_for_is_not_billed_anew(session: Session, garden: int) -> None:
    """March is dropped, and a ledger brings it in the meantime."""
    take_back(session, home(session), bill_of(session), DROP, by="test", now=NOW)
    company = session.get_one(Community, garden).company_id
    bill_once(
        session, home(session), item_of(session, company, "PROP"), 9_900, start=date(2026, 3, 10), end=date(2026, 3, 31),
        due_on=date(2026, 3, 31), basis=in_words("补收"), by="test", now=NOW,
    )  # fmt: skip
    with pytest.raises(AlreadyDone, match=r"2026-03-10到2026-03-31已经另有一张99.00元的账单"):
        bill_anew(session, home(session), bill_of(session), by="test", now=NOW)


def test_repairs_deposits_and_late_fees_have_ways_of_their_own(session: Session, garden: int) -> None:
    company, day = session.get_one(Community, garden).company_id, date(2026, 3, 2)
    for code, words in (("SPECIAL", "免收"), ("DAMAGE", "押金"), ("PENALTY", "违约金")):
        bill = bill_once(
            session, home(session), item_of(session, company, code), 1_000, start=day, end=day, due_on=day,
            basis=in_words("x"), by="test", now=NOW,
        )  # fmt: skip
        refuses(session, words, bill, DROP)


def test_the_money_of_a_former_owner_is_not_held_for_the_next_one(session: Session, garden: int) -> None:
    enter_on_books(
        session, company_id=session.get_one(Community, garden).company_id, home_id=home(session).id, name="王强",
        phone="", relation="owner", now=NOW,
    )  # fmt: skip
    pays(session, MONTH)
    hand_over(session, home(session), Change(date(2026, 3, 17), "周涛"), by="staff:1", now=NOW)
    session.expire_all()
    february, parts = (
        bill_of(session, "2026-02"),
        session.scalars(
            sa.select(Bill).where(Bill.period == "2026-03", Bill.home_id == home(session).id, Bill.state == "posted")
        ).all(),
    )
    home(session).area = 8_000
    session.flush()
    for part in parts:
        refuses(session, "过户", part)
    refuses(session, "这是原业主的账单，多出来的17.33元要退给原业主", february)
    home(session).area = 10_000
    session.flush()
    done = take_back(session, home(session), february, ANEW, by="test", now=NOW)
    assert [(bill.amount, bill.paid, bill.former_id) for bill in done.new] == [(18_500, MONTH, february.former_id)]
    assert held_of(session, [home(session).id]) == {}


def test_a_bill_is_taken_back_once(session: Session, garden: int) -> None:
    wrong = bill_of(session)
    corrected(session, 8_000)
    refuses(session, "已经冲红", wrong)
    with pytest.raises(AlreadyDone, match=r"已经另有一张148.00元的账单"):
        bill_anew(session, home(session), wrong, by="test", now=NOW)
    with pytest.raises(Refusal, match="没有冲红"):
        bill_anew(session, home(session), bill_of(session, "2026-02"), by="test", now=NOW)
    reverse(session, bill_of(session, "2026-02"), reason="x", by="test", now=NOW)
    assert bill_anew(session, home(session), bill_of(session, "2026-02"), by="test", now=NOW).total == 14_800
