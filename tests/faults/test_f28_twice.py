"""Fault 28: a month billed twice, by several at once, over what a ledger brought, or after a bill was taken back. No home is charged
twice for a day of an item, nobody is forgotten without a word, and what is said to have been written is what is there."""

import threading
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing import arrears
from models.billing import run as runs
from models.billing.arrears import undo_arrears, write_arrears
from models.billing.arrears_sheet import ArrearsRow, Owed
from models.billing.due import due_tariffs
from models.billing.elsewhere import ELSEWHERE
from models.billing.ledger import balance
from models.billing.meter_actions import Seen, new_meter, record_reading
from models.billing.once import bill_once, in_words
from models.billing.publish import discard, publish, reverse
from models.billing.run import begin_run, write_slice
from models.billing.tables import Bill, BillingRun, Charge, FeeItem, SkippedHome
from models.billing.tariffs import Agreement, agree, charge_all
from models.db import Database
from models.errors import AlreadyDone, Refusal
from models.estate.addresses import Address
from models.estate.tables import Community, Home
from models.imports.tables import Import
from models.payments.invariants import violations
from tests.support import races
from tests.support.by_hand import begin_of_month, days_from
from tests.support.fees import NOW, PAPER, draft_month, four_homes, home_of, service_fee
from tests.support.together import PATIENCE, at_once

ROOMS = {"501": 16_533, "502": 12_673, "101": 10_419}  # with an area; at 1.85 yuan a m² and month


def charged_twice(session: Session) -> list[tuple[Any, ...]]:
    """Every day that a home owes twice for, of the same item: all live bills laid side by side."""
    rows = session.execute(
        sa.select(Bill.home_id, Bill.item_id, Bill.start, Bill.end)
        .where(Bill.state.in_(("draft", "posted")), Bill.amount > 0)
        .order_by(Bill.id)
    )
    seen: set[tuple[Any, ...]] = set()
    found = []
    for home, item, start, end in rows:
        days = {(home, item, day) for day in days_from(start, end)}
        found += sorted(days & seen)[:1]
        seen |= days
    return found


# --- what a ledger brings -----------------------------------------------------------------------------------------------


def ledger(room: str, *months: str) -> ArrearsRow:
    """A home that owes 99 yuan for each of these months."""
    owed = []
    for number, month in enumerate(months):
        start = date.fromisoformat(f"{month}-01")
        end = date.fromordinal(begin_of_month(start, 1).toordinal() - 1)
        owed.append(Owed(start, end, 9_900, 9_900, f"台账!{number}"))
    return ArrearsRow(Address("3", "2", room), 9_900, 9_900, 0, tuple(owed), "台账!A2")


def bring(session: Session, garden: int, *rows: ArrearsRow) -> Import:
    community = session.get_one(Community, garden)
    return write_arrears(session, community, rows, name="台账.xlsx", sha256=f"{rows}"[:64], now=NOW)


def refused(session: Session, garden: int, *rows: ArrearsRow) -> None:
    with pytest.raises(Refusal, match="已经有账单"), session.begin_nested():
        bring(session, garden, *rows)


def month(session: Session, garden: int, period: str = "2026-03") -> BillingRun:
    return draft_month(session, garden, period, limit=1)


def out(session: Session, garden: int, period: str = "2026-03") -> BillingRun:
    return publish(session, month(session, garden, period), by="test", now=NOW)


def take_back(session: Session, room: str) -> None:
    bill = session.scalars(
        sa.select(Bill).where(Bill.home_id == home_of(session, room).id, Bill.state == "posted")
    ).one()
    reverse(session, bill, reason="错了", by="test", now=NOW)


def undone(session: Session, garden: int, *rows: ArrearsRow) -> None:
    undo_arrears(session, bring(session, garden, *rows), now=NOW, by="test", source="command")


def not_again(session: Session, garden: int) -> None:
    with pytest.raises(AlreadyDone):
        out(session, garden)


QUARTER = {"cycle_months": 3}
AFTERWARDS = {"in_advance": False}
Step = Callable[[Session, int], Any]
# Terms, what happens one after the other, who then owes how many months of 2026-01 to 03 or later, and who was listed for it.
STORIES: list[tuple[str, dict[str, Any], list[Step], dict[str, int], set[str]]] = [
    ("drafted twice", {}, [month, month], {"501": 1, "502": 1, "101": 1}, set()),
    ("thrown away and drafted", {}, [month, lambda s, g: discard(s, month(s, g)), month], dict.fromkeys(ROOMS, 1), set()),
    ("a ledger before the run", {}, [lambda s, g: bring(s, g, ledger("501", "2026-03")), month, month],
     dict.fromkeys(ROOMS, 1), {"501"}),
    ("an older month in the ledger", {}, [lambda s, g: bring(s, g, ledger("501", "2026-02")), month],
     {"501": 2, "502": 1, "101": 1}, set()),
    ("a ledger while it is a draft", {}, [month, lambda s, g: refused(s, g, ledger("501", "2026-03"))],
     dict.fromkeys(ROOMS, 1), set()),
    ("a ledger after it was given out", {}, [out, lambda s, g: refused(s, g, ledger("502", "2026-02", "2026-03"))],
     dict.fromkeys(ROOMS, 1), set()),
    ("a ledger, taken back before the run", {}, [lambda s, g: undone(s, g, ledger("501", "2026-03")), month, month],
     dict.fromkeys(ROOMS, 1), set()),
    ("taken back between two drafts", {},
     [lambda s, g: bring(s, g, ledger("501", "2026-03")), month, lambda s, g: take_back(s, "501"), lambda s, g: discard(s, month(s, g)), month],
     dict.fromkeys(ROOMS, 1), set()),
    ("a month of a quarter in the ledger", QUARTER, [lambda s, g: bring(s, g, ledger("101", "2026-02")),
     lambda s, g: month(s, g, "2026-01")], {"501": 3, "502": 3, "101": 1}, {"101"}),
    ("a quarter before the ledger", QUARTER, [lambda s, g: month(s, g, "2026-01"),
     lambda s, g: refused(s, g, ledger("101", "2026-02"))], dict.fromkeys(ROOMS, 3), set()),
    ("a quarter afterwards", {**QUARTER, **AFTERWARDS}, [lambda s, g: bring(s, g, ledger("101", "2026-01", "2026-02")),
     lambda s, g: month(s, g, "2026-04")], {"501": 3, "502": 3, "101": 2}, {"101"}),
    ("a month afterwards", AFTERWARDS, [lambda s, g: bring(s, g, ledger("101", "2026-02")), month],
     dict.fromkeys(ROOMS, 1), {"101"}),
    ("a bill taken back after it was given out", {}, [out, lambda s, g: take_back(s, "501"),
     lambda s, g: month(s, g, "2026-04")], {"501": 1, "502": 2, "101": 2}, set()),
    ("given out twice", {}, [out, not_again], dict.fromkeys(ROOMS, 1), set()),
]  # fmt: skip


@pytest.mark.parametrize(
    "stories", [STORIES[2:3], pytest.param(STORIES, marks=pytest.mark.thorough)], ids=["some", "all"]
)
def test_f28_whatever_came_before_no_day_is_owed_twice_and_nobody_is_forgotten(
    session: Session, stories: list[Any]
) -> None:
    garden = four_homes(session)
    room_of = dict(session.execute(sa.select(Home.id, Home.room)).all())
    for name, terms, steps, months, listed in stories:
        with session.begin_nested() as point:
            service_fee(session, garden, **terms)
            for step in steps:
                step(session, garden)
            assert charged_twice(session) == [], name
            spans = session.execute(
                sa.select(Bill.home_id, Bill.start, Bill.end).where(
                    Bill.state.in_(("draft", "posted")), Bill.amount > 0
                )
            ).all()
            owed = dict.fromkeys(ROOMS, 0)
            for home, start, end in spans:
                owed[room_of[home]] += len({(day.year, day.month) for day in days_from(start, end)})
            assert owed == months, name
            skipped = sa.select(Charge.home_id, SkippedHome.reason).join_from(SkippedHome, Charge)
            told = {(room_of[home], why) for home, why in session.execute(skipped)}
            assert told - {("102", "没有登记面积")} == {(room, ELSEWHERE) for room in listed}, name
            for run in session.scalars(sa.select(BillingRun).where(BillingRun.state == "published")):
                made = session.scalars(sa.select(Bill.amount).where(Bill.run_id == run.id)).all()
                assert (run.bills, run.total) == (len(made), sum(made)), name
            debt = session.scalar(sa.select(sa.func.sum(Bill.amount)).where(Bill.state == "posted", Bill.amount > 0))
            assert balance(session, garden, "receivable") == (debt or 0), name
            assert list(violations(session)) == [], name
            point.rollback()
        session.expire_all()


@pytest.mark.parametrize("room", ["501", "101"])
def test_f28_a_ledger_between_two_slices_of_a_draft_is_seen_whatever_its_months_are(
    session: Session, room: str
) -> None:
    """501 is drafted by then, so the ledger is refused; 101 is not, so the ledger is taken and the draft lists the home."""
    garden = four_homes(session)
    service_fee(session, garden, **QUARTER)
    run = begin_run(session, garden, "2026-01", by="test", now=NOW)
    (due,) = due_tariffs(session, garden, "2026-01")
    after = write_slice(session, run, due, limit=1).after
    assert after is not None
    if room == "501":
        refused(session, garden, ledger(room, "2026-02"))
    else:
        bring(session, garden, ledger(room, "2026-02"))
    while after is not None:
        after = write_slice(session, run, due, after=after, limit=1).after
    assert charged_twice(session) == []
    rows = session.execute(sa.select(Home.room, Bill.amount).join(Home, Home.id == Bill.home_id)).all()
    quarter = {name: 3 * fen for name, fen in ROOMS.items()}
    assert {name: fen for name, fen in rows} == (quarter if room == "501" else {**quarter, "101": 9_900})
    told = sa.select(Home.room).select_from(SkippedHome).join(Charge).join(Home, Home.id == Charge.home_id)
    listed = session.scalars(told.where(SkippedHome.reason == ELSEWHERE)).all()
    assert listed == ([] if room == "501" else ["101"])


def test_f28_a_meter_that_was_charged_for_by_hand_is_not_charged_again(session: Session) -> None:
    garden = four_homes(session)
    water = Agreement("meter", 50_000, PAPER, date(2026, 1, 1), in_advance=False)
    tariff = agree(session, garden, "WATER", water, by="test", now=NOW)
    charge_all(session, tariff, date(2026, 1, 1))
    for room in ("501", "502"):
        meter = new_meter(home_of(session, room), garden, "water", now=NOW, start=0, start_on=date(2026, 1, 31))
        session.add(meter)
        session.flush()
        record_reading(session, meter, Seen(date(2026, 2, 27), Fraction(7)), by="test", source="chat", now=NOW)
    bill_once(
        session, home_of(session, "501"), session.get_one(FeeItem, tariff.item_id), 3_500, start=date(2026, 2, 1),
        end=date(2026, 2, 28), due_on=date(2026, 3, 31), basis=in_words("手工登记"), by="test", now=NOW,
    )  # fmt: skip
    run = month(session, garden)
    made = session.execute(sa.select(Bill.home_id, Bill.amount).where(Bill.run_id == run.id)).all()
    assert [tuple(row) for row in made] == [(home_of(session, "502").id, 3_500)]
    assert session.scalars(sa.select(SkippedHome.reason)).all().count(ELSEWHERE) == 1
    assert charged_twice(session) == []


# --- several at once ----------------------------------------------------------------------------------------------------

HOMES, AT_ONCE = 40, 4


def street(database: Database) -> int:
    """A compound of forty homes with two items."""
    with database.transaction() as session:
        garden = four_homes(session)
        rows = [
            {"community_id": garden, "building": "9", "entrance": "1", "room": str(number), "area": 4_000 + number,
             "floor": 1, "created_at": NOW}
            for number in range(HOMES - 4)
        ]  # fmt: skip
        session.execute(sa.insert(Home), rows)
        service_fee(session, garden)
        refuse = Agreement("fixed", 80_000, PAPER, date(2024, 1, 1))
        charge_all(session, agree(session, garden, "TRASH", refuse, by="test", now=NOW), date(2024, 1, 1))
        return garden


def all_at_once(database: Database, garden: int, period: str) -> tuple[int, int]:
    """Four schedulers bill one month in slices of their own size and give it out: (bills they say they wrote, how many gave it out)."""
    together = threading.Barrier(AT_ONCE)

    def bill(who: int) -> tuple[int, bool]:
        written = 0
        with database.transaction() as session:
            run = begin_run(session, garden, period, by="test", now=NOW)
            due_ones = due_tariffs(session, garden, period)
        together.wait(PATIENCE)
        for due in due_ones if who % 2 else reversed(due_ones):
            after: int | None = 0
            while after is not None:
                with database.transaction() as session:
                    progress = write_slice(session, run, due, after=after, limit=5 + 3 * who)
                written, after = written + progress.written, progress.after
        together.wait(PATIENCE)
        try:
            with database.transaction() as session:
                publish(session, session.get_one(BillingRun, run.id), by="test", now=NOW)
        except AlreadyDone:
            return written, False
        return written, True

    told = at_once([partial(bill, who) for who in range(AT_ONCE)], meeting=together)
    return sum(written for written, _ in told), sum(given for _, given in told)


@pytest.mark.thorough
def test_f28_four_at_once_write_each_bill_once_and_say_so(database: Database) -> None:
    garden = street(database)
    for number in range(5):
        period = f"2026-{number + 1:02}"
        written, given = all_at_once(database, garden, period)
        with database.reading() as session:
            run = session.scalars(sa.select(BillingRun).where(BillingRun.period == period)).one()
            there = session.scalar(sa.select(sa.func.count(Bill.id)).where(Bill.run_id == run.id))
            assert (written, given, there, run.bills) == (2 * HOMES - 1, 1, written, written), period
            assert charged_twice(session) == []
            assert list(violations(session)) == []


@pytest.mark.thorough
def test_f28_without_the_key_of_a_bill_four_at_once_write_it_more_than_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the test above is known to see it: everybody's bills have a number of their own, and the key tells them apart."""
    insert = runs.insert_bills

    def as_ones_own(session: Session, shared: dict[str, Any], bills: Any) -> int:
        return insert(session, {**shared, "seq": threading.get_ident() % 2**31}, bills)

    monkeypatch.setattr(runs, "insert_bills", as_ones_own)
    garden = street(database)
    all_at_once(database, garden, "2026-01")
    with database.reading() as session:
        assert charged_twice(session)


def ledger_and_slice() -> races.Race:
    """One home of one compound: its quarter is drafted in the moment in which a ledger brings a month of it. One of the two does it."""

    def prepare(session: Session, number: int) -> tuple[int, Any, Any]:
        garden = four_homes(session)
        service_fee(session, garden, **QUARTER)
        run = begin_run(session, garden, "2026-01", by="test", now=NOW)
        return garden, run, due_tariffs(session, garden, "2026-01")[0]

    def draft(session: Session, seen: tuple[int, Any, Any]) -> bool:
        _, run, due = seen
        return write_slice(session, run, due, limit=1).written == 1

    def take_in(session: Session, seen: tuple[int, Any, Any]) -> Any:
        row = ledger("501", "2026-02")
        community = session.get_one(Community, seen[0])
        return write_arrears(session, community, [row], name="台账.xlsx", sha256="0" * 64, now=NOW)

    return races.Race(prepare, [draft, take_in], flaws=lambda session, _: [f"{day}" for day in charged_twice(session)])


@pytest.mark.thorough
def test_f28_a_ledger_and_a_slice_at_once_never_bill_the_same_day(database: Database) -> None:
    assert races.violations(database, ledger_and_slice(), 10) == []


@pytest.mark.thorough
def test_f28_without_waiting_for_each_other_a_day_is_billed_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.is_sqlite:  # there the beginning of a transaction is the guard
        return
    for module in (runs, arrears):
        monkeypatch.setattr(module, "wait_for_other_ledgers", lambda *_: None)
    assert races.goes_wrong(database, ledger_and_slice(), 40)
