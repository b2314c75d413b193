"""A home changes hands, on both databases; the books are added up anew after every test, the month's ties too."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from models.billing.publish import publish
from models.billing.queries import bills_of, open_bills_of, periods_of
from models.billing.tables import Bill
from models.billing.tariffs import Agreement, agree, charge_all
from models.db import savepoint
from models.dunning.queries import late_homes, rules_of
from models.errors import Refusal
from models.estate.tables import Community
from models.payments import waivers
from models.payments.actions import Money, take_in
from models.payments.giving_back import use_held
from models.payments.handover import Change, Done, after_publishing, hand_over, plan
from models.payments.invariants import violations
from models.payments.month_figures import figures_of
from models.payments.month_ties import broken
from models.payments.purses import held_of
from models.payments.queries import payments_of
from models.payments.tables import Payment, PurseEntry
from models.payments.waivers import Wish
from models.people.binding import enter_on_books
from models.people.ownership import owners_named
from models.people.tables import Binding
from tests.support.fees import bill_month, draft_month, home_of, two_months

DAY = date(2026, 3, 17)
NOW = datetime(2026, 3, 18, 9, 0, tzinfo=SHANGHAI)
FORMER, NEW = 8_533, 8_000  # sixteen days of March, and the rest: E9


@pytest.fixture
def garden(session: Session) -> Iterator[int]:
    """February and March are billed, 165.33 each for 3-2-501, which belongs to 老王."""
    community = two_months(session)
    company = session.get_one(Community, community).company_id
    enter_on_books(
        session,
        company_id=company,
        home_id=home_of(session, "501").id,
        name="王强",
        phone="",
        relation="owner",
        now=NOW,
    )
    yield community
    session.flush()
    assert list(violations(session)) == []
    for period in ("2026-02", "2026-03", "2026-04"):
        assert list(broken(figures_of(session, community, period))) == []


def pay(
    session: Session, fen: int, *, at: datetime = NOW - timedelta(days=10), channel: str = "cash", **more: object
) -> Payment:
    money = Money(fen, channel, f"{fen} {at}", "王强")
    return take_in(session, home_of(session, "501"), money, by="test", now=at, **more).payment  # type: ignore[arg-type]


def change(session: Session, **more: object) -> Done:
    wanted = Change(**{"day": DAY, "name": "周涛", **more})  # type: ignore[arg-type]
    home = home_of(session, "501")
    told = plan(session, home, wanted, now=NOW)
    done = hand_over(session, home, wanted, by="staff:1", now=NOW)
    owes = told.owes if wanted.debts_stay else 0
    assert (owes, told.left) == (done.owes, done.moved + sum(done.back.values())), "what was shown is what was done"
    return done


def owed(session: Session, former: int | None = None) -> list[tuple[str, int]]:
    lines = open_bills_of(session, [home_of(session, "501").id], former=former)
    return [(f"{line.bill.start:%m-%d}", line.open) for line in lines]


def test_the_running_bill_is_settled_by_days_and_the_debt_follows_the_person(session: Session, garden: int) -> None:
    done = change(session)
    assert owed(session, done.former.id) == [("02-01", 16_533), ("03-01", FORMER)]
    assert done.owes == 16_533 + FORMER
    assert owed(session) == [("03-17", NEW)]
    assert periods_of(session, [home_of(session, "501").id]) == [("2026-03", NEW, NEW)], "the new owner sees no more"
    march = session.scalars(sa.select(Bill).where(Bill.start == date(2026, 3, 1), Bill.amount == 16_533)).one()
    assert march.state == "reversed", "the posted bill was taken back and not changed"


def test_what_was_paid_goes_to_the_former_owners_days_first_and_the_rest_goes_back(
    session: Session, garden: int
) -> None:
    pay(session, 33_066 + 500)
    done = change(session)
    assert (done.owes, done.back) == (0, {"现金": NEW + 500})
    assert owed(session) == [("03-17", NEW)]
    assert held_of(session, [home_of(session, "501").id]) == {}
    assert payments_of(session, [home_of(session, "501").id]) == [], "the new owner sees no payment of the former one"


def test_what_the_new_owner_paid_at_the_counter_before_it_was_on_the_books_stays_theirs(
    session: Session, garden: int
) -> None:
    pay(session, 33_066)
    home = home_of(session, "501")
    take_in(session, home, Money(200, "cash", "new"), by="test", now=NOW)
    assert change(session).back == {"现金": NEW}
    assert [payment.fen for payment, _ in payments_of(session, [home.id])] == [200]
    assert owed(session) == [("03-17", NEW - 200)]


def test_what_is_held_pays_the_former_owners_own_debt_before_anything_goes_back(session: Session, garden: int) -> None:
    february, march = (line.bill.id for line in open_bills_of(session, [home_of(session, "501").id]))
    pay(session, 16_533, chosen=[march], beyond=False)
    assert change(session).owes == 16_533 - NEW
    assert session.get_one(Bill, february).paid == NEW


def test_signed_for_it_goes_to_the_new_owner_and_two_entries_say_so(session: Session, garden: int) -> None:
    pay(session, 33_066 + 500)
    done = change(session, prepaid="move")
    assert (done.moved, done.back) == (NEW + 500, {})
    assert owed(session) == [], "what was moved pays the new owner's days"
    assert held_of(session, [home_of(session, "501").id]) == {home_of(session, "501").id: 500}
    moved = session.scalars(sa.select(PurseEntry.fen).where(PurseEntry.what == "moved").order_by(PurseEntry.id)).all()
    assert moved == [-(NEW + 500), NEW + 500]


def test_what_had_been_held_covers_the_former_owners_days_before_a_payment_does(session: Session, garden: int) -> None:
    """On every database the same: 100.00 in cash were held when April came, 65.33 came by WeChat for the rest of it."""
    pay(session, 33_066 + 10_000)
    bill_month(session, garden, "2026-04")
    home, later = home_of(session, "501"), datetime(2026, 4, 12, 9, 0, tzinfo=SHANGHAI)
    use_held(session, home.id, now=NOW)
    take_in(session, home, Money(6_533, "transfer", "x", "王强"), by="test", now=later - timedelta(days=2))
    done = hand_over(session, home, Change(date(2026, 4, 11), "周涛"), by="staff:1", now=later)
    # Ten of thirty days are 55.11.
    assert done.back == {"转账": 6_533, "现金": 10_000 - 5_511}


def test_by_contract_a_debt_may_go_with_the_home(session: Session, garden: int) -> None:
    done = change(session, debts_stay=False)
    assert done.owes == 0
    assert owed(session) == [("02-01", 16_533), ("03-01", FORMER), ("03-17", NEW)]


def test_nobody_is_reminded_of_another_persons_debt_and_only_the_cashier_can_take_it(
    session: Session, garden: int
) -> None:
    done = change(session)
    company = session.get_one(Community, garden).company_id
    april = datetime(2026, 4, 20, 9, 0, tzinfo=SHANGHAI)
    home = home_of(session, "501")
    late = late_homes(session, [garden], rules_of(session, company), april, homes=[home.id])
    assert [one.fen for one in late] == [NEW]
    taken = take_in(session, home, Money(NEW + 100, "cash", "new"), by="test", now=NOW)
    assert taken.prepaid == 100, "the new owner's money never pays the former one's debt"
    with pytest.raises(Refusal, match=r"一共只欠250\.66元"), savepoint(session):
        take_in(session, home, Money(999_999, "cash", "too much"), former=done.former.id, by="test", now=NOW)
    take_in(session, home, Money(16_533 + FORMER, "cash", "old"), former=done.former.id, by="test", now=NOW)
    assert owed(session, done.former.id) == []


def test_what_is_published_later_for_days_before_belongs_to_the_former_owner(session: Session, garden: int) -> None:
    service_fee_postpaid(session, garden)
    done = change(session)
    run = bill_month(session, garden, "2026-04")
    assert after_publishing(session, run.id, by="test", now=NOW) == 1, "March by the meter of time, and April as it is"
    former = open_bills_of(session, [home_of(session, "501").id], former=done.former.id)
    assert [(line.item, line.bill.end.day, line.open) for line in former if line.item == "电梯费"] == [
        ("电梯费", 16, 516)
    ]
    assert [
        line.open for line in bills_of(session, [home_of(session, "501").id], "2026-04") if line.item == "电梯费"
    ] == [484]


def service_fee_postpaid(session: Session, garden: int) -> None:
    agreement = Agreement("fixed", 100_000, "合同", date(2026, 3, 1), in_advance=False, anchor=date(2026, 3, 1))
    charge_all(session, agree(session, garden, "LIFT", agreement, by="test", now=NOW), date(2026, 3, 1))


def test_a_waiver_of_the_running_bill_stays_the_former_owners(session: Session, garden: int) -> None:
    home = home_of(session, "501")
    pay(session, 16_533)
    waivers.ask(session, home, Wish(1_000, "error"), by="staff:1", now=NOW)
    done = change(session)
    assert owed(session, done.former.id) == [("03-01", FORMER - 1_000)]
    assert owed(session) == [("03-17", NEW)]


def test_what_was_waived_beyond_the_former_owners_days_is_no_money(session: Session, garden: int) -> None:
    """100.00 of March are waived and 20.00 paid: the 85.33 of the former owner are covered, and only the 20.00 can go back."""
    home = home_of(session, "501")
    pay(session, 16_533 + 2_000)
    waiver = waivers.ask(session, home, Wish(10_000, "error"), by="staff:1", now=NOW)
    assert waiver.state == "done"
    done = change(session)
    assert (done.owes, done.back) == (0, {"现金": 2_000})
    assert owed(session) == [("03-17", NEW)]


def test_what_was_waived_of_months_to_come_is_no_money_either(session: Session, garden: int) -> None:
    home = home_of(session, "501")
    pay(session, 33_066)
    bill_month(session, garden, "2026-04")
    waivers.ask(session, home, Wish(3_000, "error"), by="staff:1", now=NOW)
    pay(session, 1_000, at=NOW - timedelta(days=2))
    assert change(session).back == {"现金": NEW + 1_000}
    assert owed(session) == [("03-17", NEW), ("04-01", 16_533 - 3_000)]


def test_what_was_paid_for_months_to_come_is_the_former_owners_too(session: Session, garden: int) -> None:
    run = draft_month(session, garden, "2026-04")
    publish(session, run, by="test", now=NOW)
    pay(session, 3 * 16_533, at=NOW - timedelta(days=2))
    assert change(session).back == {"现金": NEW + 16_533}
    assert owed(session) == [("03-17", NEW), ("04-01", 16_533)]


def test_the_household_leaves_and_the_new_one_comes(session: Session, garden: int) -> None:
    home = home_of(session, "501")
    company = session.get_one(Community, garden).company_id
    for name, relation in (("王强", "owner"), ("赵敏", "tenant")):
        person, _ = enter_on_books(
            session, company_id=company, home_id=home.id, name=name, phone="", relation=relation, now=NOW
        )
        session.add(
            Binding(
                account="gh", openid=name, home_id=home.id, person_id=person.id, relation=relation, proof="phone",
                bound_at=NOW,
            )
        )  # fmt: skip
    session.flush()
    assert change(session).let_go == [("gh", "王强")]
    assert owners_named(session, home.id) == "周涛"
    assert session.scalars(sa.select(Binding.openid)).all() == ["赵敏"], "the lease goes on with the new owner"


def test_what_cannot_be_is_refused_and_changes_nothing(session: Session, garden: int) -> None:
    home = home_of(session, "501")
    for wrong, words in (
        (Change(date(2026, 3, 19), "周涛"), "还没到"),
        (Change(date(2025, 3, 1), "周涛"), "一年以前"),
        (Change(DAY, " "), "叫什么名字"),
        (Change(DAY, "王强"), "已经是这一户的业主"),
    ):
        with pytest.raises(Refusal, match=words):
            hand_over(session, home, wrong, by="staff:1", now=NOW)
    change(session)
    with pytest.raises(Refusal, match="已经过户给周涛"):
        hand_over(session, home, Change(DAY, "李娜"), by="staff:1", now=NOW)
    again = hand_over(session, home, Change(DAY + timedelta(days=1), "李娜"), by="staff:1", now=NOW)
    assert owed(session, again.former.id) == [("03-17", 533)], "one day of a month of 165.33"
