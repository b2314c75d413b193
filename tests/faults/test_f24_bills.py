"""Faults 24 and 28 to 34: fen that are lost on the way, months billed twice or half, areas and readings that cannot be."""

import hashlib
import itertools
import multiprocessing
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import models.tables
from models.billing.due import due_tariffs
from models.billing.meters import Doubtful, use_between
from models.billing.publish import publish, reverse
from models.billing.run import begin_run, write_slice
from models.billing.tables import Bill, BillingRun, SkippedHome
from models.billing.tariffs import Agreement, agree, change_price, charge_all
from models.db import Database
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Home
from models.money import rounded
from models.payments.invariants import violations
from tests.models.billing import test_discounts_by_days, test_handover
from tests.models.billing.test_allocation import agree_fen_by_fen
from tests.support.fees import NOW, PAPER, bill_month, draft_month, four_homes, service_fee

ITEMS = (("TRASH", "fixed", 80_000, {}), ("LIFT", "floor", 150_000, {"floors": {"1": "0", "5": "1.4"}}))


def garden_of(session: Session) -> int:
    """Four homes and three items."""
    garden = four_homes(session)
    service_fee(session, garden)
    for code, formula, price, more in ITEMS:
        agreement = Agreement(formula, price, PAPER, date(2024, 1, 1), **more)
        charge_all(session, agree(session, garden, code, agreement, by="test", now=NOW), date(2024, 1, 1))
    return garden


def digest(session: Session) -> str:
    """All bills of all runs as one number: rows in the order of home, item and period, without the ids they happened to get."""
    rows = session.execute(
        sa.select(Bill.home_id, Bill.item_id, Bill.start, Bill.end, Bill.seq, Bill.amount, Bill.state, Bill.basis)
        .order_by(Bill.home_id, Bill.item_id, Bill.start, Bill.seq)
    )  # fmt: skip
    return hashlib.sha256("\n".join(map(repr, rows)).encode()).hexdigest()


# --- F24: cents ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "quantity", "fen"),
    [("0.15", "130.70", 1961), ("1.15", "1", 115), ("19.99", "1", 1999), ("0.005", "1", 1), ("0.0049", "1", 0)],
)
def test_f24_cents_are_never_lost_to_a_float(price: str, quantity: str, fen: int) -> None:
    assert rounded(Fraction(price) * Fraction(quantity) * 100) == fen


def test_f24_ten_thousand_products_agree_with_paper_arithmetic() -> None:
    for seed in range(10_000):
        chance = random.Random(seed)
        price, quantity = chance.randrange(1, 100_000), chance.randrange(1, 1_000_000)
        paper = (Decimal(price) * Decimal(quantity) / Decimal(1000)).quantize(Decimal(1), ROUND_HALF_UP)
        assert rounded(Fraction(price * quantity, 1000)) == int(paper), seed


# --- F28: twice ---------------------------------------------------------------------------------------------------------


def test_f28_what_was_billed_is_not_billed_again_however_it_is_asked(session: Session) -> None:
    garden = garden_of(session)
    run = draft_month(session, garden, "2026-03")
    before = digest(session)
    for limit, after in itertools.product((1, 2, 3, 4, 100), (0, 1, 2, 3, 5, 8)):  # overlapping lists of homes
        again = begin_run(session, garden, "2026-03", by="test", now=NOW)
        assert again.id == run.id
        told = [
            write_slice(session, again, due, after=after, limit=limit).written
            for due in due_tariffs(session, garden, "2026-03")
        ]
        assert told == [0, 0, 0]
        assert digest(session) == before
    publish(session, run, by="test", now=NOW)
    with pytest.raises(AlreadyDone):
        publish(session, run, by="test", now=NOW)
    with pytest.raises(AlreadyDone):
        begin_run(session, garden, "2026-03", by="test", now=NOW)
    reversed_one = session.scalars(sa.select(Bill).order_by(Bill.id)).first()
    assert reversed_one is not None
    reverse(session, reversed_one, reason="面积错了", by="test", now=NOW)
    live = sa.select(Bill.home_id, Bill.item_id).where(Bill.state == "posted")
    rows = session.execute(live).all()
    assert len(rows) == len(set(rows)) == 9 - 1
    assert run.bills == 9
    assert list(violations(session)) == []


# --- F29: crashed -------------------------------------------------------------------------------------------------------


class Crash(BaseException):
    """The process is gone: nothing of ours catches it."""


@contextmanager
def crashing(database: Database, at: int) -> Iterator[list[int]]:
    """The statement number `at` and all after it never reach the database."""
    count = [0]

    def strike(*_: Any) -> None:
        count[0] += 1
        if count[0] >= at:
            raise Crash

    sa.event.listen(database.engine, "before_cursor_execute", strike)
    try:
        yield count
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", strike)


def bill_all(database: Database, garden: int) -> None:
    """The month as the jobs do it: each slice in a transaction of its own."""
    with database.transaction() as session:
        run = begin_run(session, garden, "2026-03", by="test", now=NOW)
        due_ones = due_tariffs(session, garden, "2026-03")
    for due in due_ones:
        after: int | None = 0
        while after is not None:
            with database.transaction() as session:
                after = write_slice(session, run, due, after=after, limit=2).after
    with database.transaction() as session:
        publish(session, session.get_one(BillingRun, run.id), by="test", now=NOW)


@pytest.mark.thorough
def test_f29_a_crash_at_any_statement_leaves_the_same_month_in_the_end(database: Database) -> None:
    with database.transaction() as session:
        garden = garden_of(session)
    at, crashes = 0, 0
    while True:
        at += 1
        try:
            with crashing(database, at):
                bill_all(database, garden)
        except Crash:
            crashes += 1
            continue
        except AlreadyDone:  # it was whole before: the crash came after the last commit
            pass
        break
    assert crashes >= 20
    with database.reading() as session:
        crashed = digest(session)
        assert list(violations(session)) == []
        published = session.scalars(sa.select(BillingRun)).one()
        assert (published.state, published.bills) == ("published", 9)
    with database.transaction() as session:  # and the month that nothing happened to
        session.execute(sa.delete(SkippedHome))
        for table in ("bills", "ledger_lines", "ledger_entries", "billing_runs"):
            session.execute(sa.text(f"DELETE FROM {table}"))
    bill_all(database, garden)
    with database.reading() as session:
        assert digest(session) == crashed


def _work(url: str, garden: int) -> None:
    database = Database(url)
    with suppress(AlreadyDone):
        bill_all(database, garden)
    database.close()


@pytest.mark.long
def test_f29_killed_at_fifty_points_of_two_thousand_homes(tmp_path: Path) -> None:
    """kill -9, for real, on the database as a file; whoever comes after it goes on to the very same bills."""
    wanted = ""
    for kills in (0, 50):
        url = f"sqlite:///{tmp_path / f'killed{kills}.db'}"
        database = Database(url)
        models.tables.metadata.create_all(database.engine)
        with database.transaction() as session:
            garden = garden_of(session)
            more = [
                {"community_id": garden, "building": "9", "entrance": "1", "room": str(n), "area": 4_000 + n * 37 % 10_007,
                 "floor": 1 + 4 * (n % 2), "created_at": NOW}
                for n in range(2_000)
            ]  # fmt: skip
            session.execute(sa.insert(Home), more)
            for due in due_tariffs(session, garden, "2026-03"):
                charge_all(session, due.tariff, date(2024, 1, 1))
        chance = random.Random(1)
        for _ in range(kills):
            worker = multiprocessing.get_context("fork").Process(target=_work, args=(url, garden))
            worker.start()
            time.sleep(chance.uniform(0.01, 0.4))
            worker.kill()
            worker.join()
            assert worker.exitcode in (0, -signal.SIGKILL)
        _work(url, garden)
        with database.reading() as session:
            assert session.scalar(sa.select(sa.func.count(Bill.id))) == 9 + 2_000 * 3 - 1_000, (
                "the ground floor has no lift"
            )
            assert list(violations(session)) == []
            assert wanted in ("", digest(session))
            wanted = digest(session)
        database.close()


# --- F30: a new price ---------------------------------------------------------------------------------------------------


def test_f30_a_new_price_changes_no_bill_that_was_issued(session: Session) -> None:
    garden = four_homes(session)
    tariff = service_fee(session, garden)
    bill_month(session, garden, "2026-03")
    before = digest(session)
    for day in (date(2025, 1, 1), date(2026, 1, 31), date(2026, 3, 1), date(2026, 3, 31)):
        with pytest.raises(Refusal):
            change_price(session, tariff, price=30_000, valid_from=day, document=PAPER, by="test", now=NOW)
    # While the next month is being written, the price of the middle of it changes: homes before and after are told alike.
    run = begin_run(session, garden, "2026-04", by="test", now=NOW)
    (due,) = due_tariffs(session, garden, "2026-04")
    write_slice(session, run, due, limit=1)
    change_price(session, tariff, price=30_000, valid_from=date(2026, 4, 16), document=PAPER, by="test", now=NOW)
    (later,) = due_tariffs(session, garden, "2026-04")
    assert write_slice(session, run, later, limit=100).written == 2
    first, *rest = session.scalars(sa.select(Bill).where(Bill.run_id == run.id).order_by(Bill.home_id)).all()
    assert first.amount == 16_533
    assert [bill.amount for bill in rest] == [rounded(Fraction(area) * 24_250 / 10_000) for area in (6850, 5632)]
    assert [len(bill.basis["months"][0]["pieces"]) for bill in (first, *rest)] == [1, 2, 2], (
        "each keeps what it was worked out by"
    )
    session.execute(sa.delete(Bill).where(Bill.run_id == run.id))
    assert digest(session) == before


# --- F31: half a month --------------------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_f31_three_thousand_months_in_part_are_whole_together() -> None:
    for seed in range(20_000, 21_500):
        test_handover.by_days(seed)
        test_handover.in_the_first_month(seed)
        test_discounts_by_days.by_days(seed)


# --- F32: areas that cannot be ------------------------------------------------------------------------------------------


def test_f32_a_home_nobody_can_bill_is_listed_and_never_billed_nothing(session: Session) -> None:
    garden = garden_of(session)
    for area, floor in itertools.product((None, 0, -1, -8937), (None, -1, 0, 2, 99)):
        session.execute(sa.update(Home).values(area=area, floor=floor))
        run = draft_month(session, garden, "2026-03")
        assert session.scalar(sa.select(sa.func.count(Bill.id)).where(Bill.amount <= 0)) == 0
        reasons = set(session.scalars(sa.select(SkippedHome.reason).where(SkippedHome.run_id == run.id)))
        assert reasons == {"没有登记面积", "没有这一层的系数"}
        for table in (SkippedHome, Bill, BillingRun):
            session.execute(sa.delete(table))
    for price in (0, -1):
        with pytest.raises(Refusal, match="大于0"):
            agree(session, garden, "HEAT", Agreement("area", price, PAPER, date(2024, 1, 1)), by="test", now=NOW)


# --- F33, F34 -----------------------------------------------------------------------------------------------------------


def test_f33_two_hundred_odd_readings_are_asked_about_and_never_counted() -> None:
    for seed in range(200):
        chance = random.Random(seed)
        before = Fraction(chance.randrange(1, 999_999), 10)
        less = before - Fraction(chance.randrange(1, int(before * 10) + 1), 10)
        for now, more in ((-before, {}), (less, {}), (less, {"digits": 5}), (less, {"rolled_over": True})):
            with pytest.raises(Doubtful):
                use_between(before, now, **more)  # type: ignore[arg-type]
        turned = 100_000 - before + less
        assert use_between(before, less, digits=5, rolled_over=True, usual=turned) == turned > 0
        with pytest.raises(Doubtful):
            use_between(before, less, digits=5, rolled_over=True, usual=turned / 3)


@pytest.mark.thorough
def test_f34_ten_thousand_costs_are_shared_out_to_the_fen() -> None:
    agree_fen_by_fen(10_000)
