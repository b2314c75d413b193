"""Fault 29: the process is gone in the middle of a month's bills, at any statement. The jobs go on the next time to the very same rows.

Here the whole way of a month is gone: the draft, the manager's word, the bills given out and the owners told; with meters, with homes
that cannot be billed, and one that owes for the month already.
"""

import gc
import hashlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import models.tables
from bot.services import Services
from models.billing.ledger import LedgerEntry, LedgerLine
from models.billing.meter_actions import new_meter
from models.billing.meter_tables import BilledUse, Reading
from models.billing.once import bill_once, in_words
from models.billing.publish import approve
from models.billing.tables import Bill, BillingRun, Charge, FeeItem, SkippedHome
from models.billing.tariffs import Agreement, agree, charge_all
from models.db import Database
from models.estate.tables import Home
from models.payments.invariants import violations
from scheduler.jobs import draft_bills, publish_bills
from tests.faults.test_f24_bills import Crash, crashing
from tests.support.databases import drop_postgresql, fresh_postgresql
from tests.support.fees import NOW, PAPER, four_homes, service_fee

KILLS, HOMES, PERIOD = 50, 2_000, "2026-03"
FLOORS = {"1": "0", "5": "1.4"}


def compound(session: Session, homes: int) -> None:
    """So many homes and four items: by area, by home, by floor and by meter. Some have no area, some were not read."""
    garden = four_homes(session)
    rows = [
        {"community_id": garden, "building": "9", "entrance": "1", "room": str(number), "floor": 1 + 4 * (number % 2),
         "area": None if number % 50 == 7 else 4_000 + number * 37 % 10_007, "created_at": NOW}
        for number in range(homes)
    ]  # fmt: skip
    session.execute(sa.insert(Home), rows)
    service = service_fee(session, garden)
    for code, formula, more in (
        ("TRASH", "fixed", {}),
        ("LIFT", "floor", {"floors": FLOORS}),
        ("WATER", "meter", {"in_advance": False}),
    ):
        agreement = Agreement(formula, 80_000, PAPER, date(2024, 1, 1), **cast("dict[str, Any]", more))
        charge_all(session, agree(session, garden, code, agreement, by="test", now=NOW), date(2024, 1, 1))
    meters = [
        new_meter(home, garden, "water", now=NOW, start=home.id * 10_000, start_on=date(2026, 1, 31))
        for home in session.scalars(sa.select(Home).order_by(Home.id))
        if home.id % 3 == 0
    ]
    session.add_all(meters)
    session.flush()
    readings = [
        {"meter_id": meter.id, "on": date(2026, 2, 27), "value": (meter.start or 0) + 10_000 * (1 + meter.id % 9),
         "source": "chat", "by": "test", "at": NOW}
        for meter in meters if meter.id % 7
    ]  # fmt: skip
    session.execute(sa.insert(Reading), readings)
    first = session.scalars(sa.select(Home).order_by(Home.id).limit(1)).one()
    bill_once(
        session, first, session.get_one(FeeItem, service.item_id), 9_900, start=date(2026, 3, 1), end=date(2026, 3, 31),
        due_on=date(2026, 3, 31), basis=in_words("期初欠费"), by="test", now=NOW,
    )  # fmt: skip


def the_month(database: Database) -> None:
    """The jobs of a month, and the manager's word between them."""
    services = cast(Services, SimpleNamespace(database=database))
    draft_bills.run(services, NOW)
    with database.transaction() as session:
        for run in session.scalars(sa.select(BillingRun).where(BillingRun.state == "ready")).all():
            approve(session, run, by="test", now=NOW)
    publish_bills.run(services, NOW)


def digest(session: Session) -> str:
    """Everything that came of the month, as a set: in any order, and without the numbers that rows happened to get."""
    of = (Bill.home_id, Bill.item_id, Bill.start, Bill.end, Bill.seq)
    questions = (
        sa.select(*of, Bill.amount, Bill.paid, Bill.due_on, Bill.state, Bill.period, sa.cast(Bill.basis, sa.Text)),
        sa.select(*of, BilledUse.meter_id, BilledUse.since, BilledUse.upto, BilledUse.upto_on, BilledUse.used).join(
            Bill
        ),
        sa.select(Charge.home_id, Charge.tariff_id, SkippedHome.reason).join_from(SkippedHome, Charge),
        sa.select(LedgerEntry.what, LedgerLine.account, LedgerLine.item_id, LedgerLine.fen).join_from(
            LedgerLine, LedgerEntry
        ),
        sa.select(BillingRun.period, BillingRun.state, BillingRun.bills, BillingRun.total),
    )
    rows = [sorted(repr(tuple(row)) for row in session.execute(question)) for question in questions]
    assert all(rows)
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def outcome(database: Database) -> str:
    with database.reading() as session:
        assert list(violations(session)) == []
        run = session.scalars(sa.select(BillingRun)).one()
        assert (run.state, run.told_at is not None) == ("published", True)
        assert run.bills == session.scalar(sa.select(sa.func.count(Bill.id)).where(Bill.run_id == run.id))
        return digest(session)


@pytest.mark.thorough
def test_f29_a_crash_at_any_statement_of_the_jobs_leaves_the_same_month_in_the_end(
    database: Database, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'whole.db'}"
    whole = Database(url)
    models.tables.metadata.create_all(whole.engine)
    with whole.transaction() as session:
        compound(session, 20)
    the_month(whole)
    wanted = outcome(whole)
    whole.close()
    with database.transaction() as session:
        compound(session, 20)
    crashes, done = 0, False
    while not done:
        try:
            with crashing(database, crashes + 1):
                the_month(database)
            done = True
        except Crash:
            crashes += 1
        gc.collect()  # a process that is gone has no connections; here one might stay open, with its lock, in the frames of the crash
    assert crashes >= 30
    assert outcome(database) == wanted


# --- kill -9, of two thousand homes -------------------------------------------------------------------------------------

Fresh = Callable[[], str]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fresh]:
    """The address of a copy of the compound in which nothing has been billed, each time a new one."""
    names: list[str] = []
    if request.param == "sqlite":
        first = tmp_path / "first.db"
        url = f"sqlite:///{first}"
    else:
        url, template = fresh_postgresql(request.getfixturevalue("postgresql_template"))
    database = Database(url)
    if request.param == "sqlite":
        models.tables.metadata.create_all(database.engine)
    with database.transaction() as session:
        compound(session, HOMES)
    database.close()

    def copy() -> str:
        while names:
            drop_postgresql(names.pop())
        if request.param == "sqlite":
            path = tmp_path / "copy.db"
            for old in tmp_path.glob("copy.db*"):
                old.unlink()
            path.write_bytes(first.read_bytes())
            return f"sqlite:///{path}"
        address, name = fresh_postgresql(template)
        names.append(name)
        return address

    yield copy
    if request.param == "postgresql":
        for name in (*names, template):
            drop_postgresql(name)


def _killed(url: str, at: int, event: str) -> None:
    """The month until statement number `at`: just before it ("before_cursor_execute") or just after."""
    database, count = Database(url), [0]

    def strike(*_: Any) -> None:
        count[0] += 1
        if count[0] == at:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(database.engine, event, strike)
    the_month(database)


def statements(url: str) -> tuple[int, str]:
    """How many an undisturbed month has, and what comes of it."""
    database, count = Database(url), [0]

    def one_more(*_: Any) -> None:
        count[0] += 1

    sa.event.listen(database.engine, "before_cursor_execute", one_more)
    the_month(database)
    sa.event.remove(database.engine, "before_cursor_execute", one_more)
    wanted = outcome(database)
    database.close()
    return count[0], wanted


@pytest.mark.long
def test_f29_killed_at_any_statement_of_two_thousand_homes(fresh: Fresh) -> None:
    """kill -9, for real; whoever comes after it goes on to the very same month. Each time on a new copy."""
    among, wanted = statements(fresh())
    assert among >= KILLS
    for number in range(KILLS):
        at = 1 + number * (among - 1) // (KILLS - 1)
        event = ("before_cursor_execute", "after_cursor_execute")[number % 2]
        url = fresh()
        worker = multiprocessing.get_context("fork").Process(target=_killed, args=(url, at, event))
        worker.start()
        worker.join()
        assert worker.exitcode == -signal.SIGKILL, at
        database = Database(url)
        the_month(database)
        assert outcome(database) == wanted, (at, event)
        database.close()
