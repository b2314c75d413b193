"""Money that two people move at the same moment: nothing is taken, given or numbered twice. Each race is run with its guard
taken away, too, and must then go wrong, or the test would prove nothing."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing import publish
from models.billing.ledger import Side, post
from models.billing.once import bill_once, in_words
from models.billing.run import begin_run
from models.billing.tables import Bill, BillingRun, Tariff
from models.billing.tariffs import charge_all, item_of
from models.db import Database
from models.estate.tables import Community, Home
from models.payments import actions, giving_back, handover, purses, rebilling, receipts
from models.payments.actions import Money, take_in
from models.payments.giving_back import refund, use_held
from models.payments.handover import Change, hand_over
from models.payments.invariants import violations as flaws_of_money
from models.payments.tables import Payment, Purse, ReceiptBook, Settlement
from models.people.ownership import Ownership
from tests.support.fees import NOW, four_homes, service_fee
from tests.support.races import Race, goes_wrong, violations

pytestmark = pytest.mark.thorough

ROUNDS, MANY_ROUNDS, UNGUARDED_ROUNDS = 3, 200, 20
OWED = 10_000  # fen

RACES: dict[str, tuple[Callable[[int], Race], Callable[[pytest.MonkeyPatch], None]]] = {}
# On SQLite nobody else can write while a transaction lasts: for these, its beginning is the guard and cannot be taken away.
ONLY_ON_POSTGRESQL: set[str] = set()


def race(take_away: Callable[[pytest.MonkeyPatch], None], *, only_on_postgresql: bool = False) -> Callable[[Any], Any]:
    def enter(make: Callable[[int], Race]) -> Callable[[int], Race]:
        RACES[make.__name__] = (make, take_away)
        if only_on_postgresql:
            ONLY_ON_POSTGRESQL.add(make.__name__)
        return make

    return enter


# --- what they fight over ---------------------------------------------------------------------------------------------


def home_that_owes(session: Session, community_id: int, number: int, fen: int = OWED) -> int:
    home = Home(
        community_id=community_id, building="9", entrance="1", room=str(number), area=5_000, floor=1, created_at=NOW
    )
    session.add(home)
    session.flush()
    session.add(Purse(home_id=home.id, held=0))
    if fen:
        company = session.get_one(Community, community_id).company_id
        day = date(2026, 2, 1)
        bill_once(
            session, home, item_of(session, company, "SPECIAL"), fen, start=day, end=day, due_on=day,
            basis=in_words("换角阀"), by="test", now=NOW,
        )  # fmt: skip
    return home.id


def paid_in(session: Session, community_id: int, number: int, fen: int) -> int:
    """A home that owes nothing and has paid this much in advance; the number of the payment."""
    home = session.get_one(Home, home_that_owes(session, community_id, number, 0))
    return take_in(session, home, Money(fen, "cash", f"in advance {number}"), by="test", now=NOW).payment.id


def pay(fen: int, slip: str) -> Callable[[Session, int], Any]:
    def act(session: Session, home_id: int) -> Any:
        money = Money(fen, "cash", f"{slip} {home_id}")
        return take_in(session, session.get_one(Home, home_id), money, by="test", now=NOW)

    return act


def money_does_not_add_up(session: Session, subject: int) -> list[str]:
    return list(flaws_of_money(session))


# --- guards taken away ------------------------------------------------------------------------------------------------


def slips_have_no_numbers(patch: pytest.MonkeyPatch) -> None:
    write, number = actions.write_payment, itertools.count()

    def anew(session: Session, community: Community, home: Home, money: Money, **more: Any) -> Payment:
        return write(session, community, home, replace(money, reference=f"{money.reference} {next(number)}"), **more)

    patch.setattr(actions, "write_payment", anew)


def purses_are_not_locked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        purses, "lock", lambda session, home_id: session.scalars(sa.select(Purse).where(Purse.home_id == home_id)).one()
    )


def bills_are_paid_unseen(patch: pytest.MonkeyPatch) -> None:
    """Neither is the purse locked nor does a bill refuse to be paid beyond what it asks for."""

    def anyway(session: Session, bill: Bill, fen: int, payment_id: int | None, **_: Any) -> None:
        session.execute(sa.update(Bill).where(Bill.id == bill.id).values(paid=Bill.paid + fen))
        session.add(Settlement(bill_id=bill.id, payment_id=payment_id, fen=fen, at=NOW))

    purses_are_not_locked(patch)
    patch.setattr(giving_back, "settle", anyway)


def every_move_is_a_success(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(publish, "_move", lambda *_: True)


def numbers_are_read_first(patch: pytest.MonkeyPatch) -> None:
    def read_then_write(session: Session, company_id: int, kind: str) -> range:
        book = session.scalars(sa.select(ReceiptBook).where(ReceiptBook.company_id == company_id)).one()
        book.next_number += 1
        return range(book.next_number - 1, book.next_number)

    patch.setattr(receipts, "take_numbers", read_then_write)


def whatever_was_paid(patch: pytest.MonkeyPatch) -> None:
    """A bill is taken back by who looked at it, whatever has happened to it since."""

    def anyway(session: Session, bill: Bill, **_: Any) -> None:
        session.execute(sa.update(Bill).where(Bill.id == bill.id).values(state="reversed"))

    patch.setattr(publish, "reverse", anyway)


def nobody_looks_whether_it_is_sold(patch: pytest.MonkeyPatch) -> None:
    """The owner of today is ended by whoever looked before, and what the database says against it is not heard."""

    def anyway(session: Session, home: Home, day: date, name: str, **_: Any) -> Ownership:
        former = Ownership(community_id=home.community_id, home_id=home.id, name=name, until_day=day, ended_at=NOW)
        session.add(former)
        session.flush()
        return former

    patch.setattr(handover, "change_hands", anyway)


def nobody_looks_whether_it_was_taken_back(patch: pytest.MonkeyPatch) -> None:
    """Whoever saw the bill posted takes it back and bills it anew."""

    def anyway(session: Session, bill: Bill, **_: Any) -> None:
        session.execute(sa.update(Bill).where(Bill.id == bill.id).values(state="reversed"))

    patch.setattr(rebilling, "refuse_taking_back", lambda *_: None)
    patch.setattr(rebilling, "refuse_anew", lambda *_: None)
    patch.setattr(rebilling, "reverse", anyway)


def nobody_looks_for_another_bill(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rebilling, "refuse_anew", lambda *_: None)


def neither_waits_for_the_other(patch: pytest.MonkeyPatch) -> None:
    """Both look, and then both write: the number of the next bill is the last to notice."""
    purses_are_not_locked(patch)
    patch.setattr(rebilling, "wait_for_other_ledgers", lambda *_: None)


# --- the races --------------------------------------------------------------------------------------------------------


@race(slips_have_no_numbers)
def one_slip_entered_by_four(community_id: int) -> Race:
    return Race(
        lambda session, number: home_that_owes(session, community_id, number), [pay(OWED, "slip")] * 4,
        flaws=money_does_not_add_up,
    )  # fmt: skip


@race(purses_are_not_locked, only_on_postgresql=True)
def one_bill_paid_from_four_phones(community_id: int) -> Race:
    """All of the money is taken: once for the bill, three times in advance."""

    def flaws(session: Session, home_id: int) -> list[str]:
        held = session.get_one(Purse, home_id).held
        paid = session.scalars(sa.select(Bill.paid).where(Bill.home_id == home_id)).one()
        return [] if (held, paid) == (3 * OWED, OWED) else [f"{held} fen are held, {paid} were paid"]

    acts = [pay(OWED, f"phone {phone}") for phone in range(4)]
    return Race(lambda session, number: home_that_owes(session, community_id, number), acts, flaws=flaws, winners=4)


@race(purses_are_not_locked, only_on_postgresql=True)
def one_refund_pressed_by_four(community_id: int) -> Race:
    def give(session: Session, payment_id: int) -> Any:
        payment = session.get_one(Payment, payment_id)
        return refund(session, payment, 3_000, number=f"refund {payment_id}", reason="多交", by="test", now=NOW)

    return Race(
        lambda session, number: paid_in(session, community_id, number, 10_000), [give] * 4, flaws=money_does_not_add_up
    )


@race(purses_are_not_locked, only_on_postgresql=True)
def more_refunded_than_was_paid(community_id: int) -> Race:
    """Four want two fifths of it back: two get them."""

    def give(who: int) -> Callable[[Session, int], Any]:
        def act(session: Session, payment_id: int) -> Any:
            payment = session.get_one(Payment, payment_id)
            number = f"refund {payment_id} by {who}"
            return refund(session, payment, 4_000, number=number, reason="多交", by="test", now=NOW)

        return act

    def flaws(session: Session, payment_id: int) -> list[str]:
        held = session.get_one(Purse, session.get_one(Payment, payment_id).home_id).held
        return [] if held == 2_000 else [f"{held} fen are held"]

    acts = [give(who) for who in range(4)]
    return Race(lambda session, number: paid_in(session, community_id, number, 10_000), acts, flaws=flaws, winners=2)


@race(bills_are_paid_unseen, only_on_postgresql=True)
def what_is_held_spent_by_four(community_id: int) -> Race:
    def prepare(session: Session, number: int) -> int:
        home = session.get_one(Home, home_that_owes(session, community_id, number, 0))
        take_in(session, home, Money(OWED + 1, "cash", f"in advance {number}"), by="test", now=NOW)
        company = session.get_one(Community, community_id).company_id
        day = date(2026, 2, 1)
        bill_once(
            session, home, item_of(session, company, "SPECIAL"), OWED, start=day, end=day, due_on=day,
            basis=in_words("换角阀"), by="test", now=NOW,
        )  # fmt: skip
        return home.id

    return Race(
        prepare, [lambda session, home_id: use_held(session, home_id, now=NOW) > 0] * 4, flaws=money_does_not_add_up
    )


@race(every_move_is_a_success)
def one_run_approved_by_four(community_id: int) -> Race:
    def prepare(session: Session, number: int) -> int:
        run = begin_run(session, community_id, f"20{10 + number // 12}-{1 + number % 12:02}", by="test", now=NOW)
        run.state = "ready"
        session.flush()
        return run.id

    def approve(session: Session, run_id: int) -> Any:
        return publish.approve(session, session.get_one(BillingRun, run_id), by="test", now=NOW)

    return Race(prepare, [approve] * 4)


@race(whatever_was_paid)
def one_bill_taken_back_by_four(community_id: int) -> Race:
    def take_back(session: Session, home_id: int) -> Any:
        bill = session.scalars(sa.select(Bill).where(Bill.home_id == home_id, Bill.reverses.is_(None))).one()
        return publish.reverse(session, bill, reason="面积错了", by="test", now=NOW)

    return Race(
        lambda session, number: home_that_owes(session, community_id, number), [take_back] * 4,
        flaws=money_does_not_add_up,
    )  # fmt: skip


def home_billed_wrongly(session: Session, community_id: int, number: int) -> int:
    """A home of 50 m² that was billed for 60 in March; returns the number of the bill."""
    home_id = home_that_owes(session, community_id, number, 0)
    tariff = session.scalars(sa.select(Tariff).where(Tariff.community_id == community_id)).one_or_none()
    if tariff is None:
        tariff = service_fee(session, community_id)
    charge_all(session, tariff, tariff.from_day)
    bill = Bill(
        community_id=community_id, home_id=home_id, item_id=tariff.item_id, tariff_id=tariff.id, period="2026-03",
        start=date(2026, 3, 1), end=date(2026, 3, 31), amount=11_100, paid=0, due_on=date(2026, 3, 31), state="posted",
        basis={"formula": "area", "quantity": "60", "months": []},
    )  # fmt: skip
    session.add(bill)
    session.flush()
    sides = [Side("receivable", 11_100, bill.item_id), Side("income", -11_100, bill.item_id)]
    post(session, community_id=community_id, what="bill", document=f"bill:{bill.id}", sides=sides, by="test", now=NOW)
    return bill.id


def billed_other_than_once(session: Session, bill_id: int) -> list[str]:
    """50 m² × 1.85 yuan, and nothing else, is owed for March."""
    home = session.get_one(Bill, bill_id).home_id
    owed = session.scalars(sa.select(Bill.amount).where(Bill.home_id == home, Bill.state == "posted")).all()
    return [*([] if owed == [9_250] else [f"{owed} is owed"]), *flaws_of_money(session)]


@race(nobody_looks_whether_it_was_taken_back)
def one_bill_corrected_by_four(community_id: int) -> Race:
    def correct(session: Session, bill_id: int) -> Any:
        bill = session.get_one(Bill, bill_id)
        wish = rebilling.Wish("面积错了", anew=True)
        return rebilling.take_back(session, session.get_one(Home, bill.home_id), bill, wish, by="test", now=NOW)

    return Race(
        lambda session, number: home_billed_wrongly(session, community_id, number), [correct] * 4,
        flaws=billed_other_than_once,
    )  # fmt: skip


def taken_back_and_billed_anew(community_id: int) -> Race:
    def prepare(session: Session, number: int) -> int:
        bill = session.get_one(Bill, home_billed_wrongly(session, community_id, number))
        publish.reverse(session, bill, reason="面积错了", by="test", now=NOW)
        return bill.id

    def anew(session: Session, bill_id: int) -> Any:
        bill = session.get_one(Bill, bill_id)
        return rebilling.bill_anew(session, session.get_one(Home, bill.home_id), bill, by="test", now=NOW)

    return Race(prepare, [anew] * 4, flaws=billed_other_than_once)


@race(nobody_looks_for_another_bill)
def one_bill_made_anew_by_four(community_id: int) -> Race:
    return taken_back_and_billed_anew(community_id)


@race(neither_waits_for_the_other, only_on_postgresql=True)
def one_bill_made_anew_by_four_who_wait(community_id: int) -> Race:
    return taken_back_and_billed_anew(community_id)


@race(purses_are_not_locked, only_on_postgresql=True)
def a_home_sold_while_money_is_put_by(community_id: int) -> Race:
    """What is held goes back, and what comes in meanwhile either with it or not at all; not a fen is lost or given twice."""

    def prepare(session: Session, number: int) -> int:
        return session.get_one(Payment, paid_in(session, community_id, number, 7_000)).home_id

    def sell(session: Session, home_id: int) -> Any:
        change = Change(NOW.date(), "周涛")
        return hand_over(session, session.get_one(Home, home_id), change, by="staff:1", now=NOW)

    def flaws(session: Session, home_id: int) -> list[str]:
        of_now = sa.select(sa.func.coalesce(sa.func.sum(Payment.fen), 0)).where(
            Payment.home_id == home_id, Payment.former_id.is_(None)
        )
        held, came = session.get_one(Purse, home_id).held, session.scalar(of_now)
        return [*([] if held == came else [f"{held} fen are held of {came}"]), *flaws_of_money(session)]

    acts = [sell, *(pay(100, f"new owner {who}") for who in range(3))]
    return Race(prepare, acts, flaws=flaws, winners=4)


@race(nobody_looks_whether_it_is_sold)
def one_home_sold_to_four(community_id: int) -> Race:
    def sell(who: int) -> Callable[[Session, int], Any]:
        def act(session: Session, home_id: int) -> Any:
            change = Change(NOW.date(), f"周{who}")
            return hand_over(session, session.get_one(Home, home_id), change, by="staff:1", now=NOW)

        return act

    return Race(
        lambda session, number: home_that_owes(session, community_id, number), [sell(who) for who in range(4)],
        flaws=money_does_not_add_up,
    )  # fmt: skip


@race(numbers_are_read_first, only_on_postgresql=True)
def four_receipts_at_once(community_id: int) -> Race:
    """Four homes of one company pay at the same moment: four numbers, none twice, none left out."""

    def prepare(session: Session, number: int) -> list[int]:
        return [home_that_owes(session, community_id, 10 * number + each) for each in range(4)]

    def act(which: int) -> Callable[[Session, list[int]], Any]:
        return lambda session, homes: pay(OWED, "slip")(session, homes[which])

    return Race(
        prepare, [act(which) for which in range(4)], winners=4, flaws=lambda session, _: list(receipts.gaps(session))
    )


# --- run them ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def community_id(database: Database) -> int:
    with database.transaction() as session:
        community_id = four_homes(session)
        company = session.get_one(Community, community_id).company_id
        session.add(ReceiptBook(company_id=company, kind="payment", next_number=1))
        return community_id


@pytest.fixture(params=RACES)
def named(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_money_moves_once(database: Database, community_id: int, named: str) -> None:
    assert violations(database, RACES[named][0](community_id), ROUNDS) == []


def test_without_its_guard_it_goes_wrong(
    database: Database, community_id: int, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.is_sqlite and named in ONLY_ON_POSTGRESQL:
        return
    make, take_away = RACES[named]
    take_away(monkeypatch)
    try:
        wrong = goes_wrong(database, make(community_id), UNGUARDED_ROUNDS)
    except sa.exc.SQLAlchemyError:  # the database's own keys are the last to notice
        wrong = True
    assert wrong


@pytest.mark.long
def test_money_moves_once_two_hundred_times(database: Database, community_id: int, named: str) -> None:
    assert violations(database, RACES[named][0](community_id), MANY_ROUNDS) == []
