"""A month's bills of many homes, exact and with their equations, beside a plain loop and beside PostgreSQL taking in the same rows.

`python -m benchmarks --money`: 2,000 homes × 3 items on SQLite, 12,000 homes × 10 items on PostgreSQL. `--size`: 120,000 × 10.
"""

import time
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import psycopg
import sqlalchemy as sa

from benchmarks import fees
from benchmarks.inside import settings_of
from benchmarks.report import Goal, table
from benchmarks.services import Place
from bot.clock import SystemClock
from bot.services import Services
from models.billing.due import prices_of
from models.billing.tables import Bill, BillingRun, Charge, Tariff
from models.db import Database
from models.estate.tables import Home
from models.payments.invariants import violations
from scheduler.jobs import draft_bills, publish_bills

SMALL, MIDDLE, LARGE = (2_000, 3), (12_000, 10), (120_000, 10)  # homes, items
PLAIN_LINES = 6_000


def run(place: Place, *, large: bool = False) -> tuple[list[Goal], str, Database]:
    """What was promised, what it was measured beside, and the database on PostgreSQL with its bills, to be paid."""
    small = _filled(f"sqlite:///{place.folder / 'bills.db'}", *SMALL)
    begun = time.perf_counter()
    lines = bill(place, small)
    embedded = time.perf_counter() - begun
    again = bill(place, small)
    small.close()
    homes, items = LARGE if large else MIDDLE
    database = _filled(place.fresh("bills"), homes, items)
    begun = time.perf_counter()
    written = bill(place, database)
    took = time.perf_counter() - begun
    copied = _copied(place.database("bills"), place.folder / "bills.copy")
    plain = _plain_loop(database)
    goals = [
        Goal(f"{lines:,} bills of {SMALL[0]:,} homes, SQLite", embedded, "s", 10, 6, "less"),
        Goal("bills the second time", again, "", 0, 0, "less"),
        Goal(f"{written:,} bills of {homes:,} homes ÷ COPY of the same rows", took / copied, "×", 6, 3, "less"),
    ]
    rows = [
        ("Linli, PostgreSQL: worked out, with its equation, drafted in slices, published", written / took),
        ("Linli, SQLite, the same", lines / embedded),
        ("plain loop, SQLAlchemy's ORM, PostgreSQL: a sum, no equation, one commit", plain),
        ("COPY of the finished rows, PostgreSQL", written / copied),
    ]
    shown = table("Bills a second", ("how", "bills/s"), [(how, f"{rate:,.0f}") for how, rate in rows])
    return goals, shown, database


def bill(place: Place, database: Database) -> int:
    """The month as the two jobs do it, up to where homes owe it (to tell them is the sender's part); returns how many bills."""
    services = Services(settings_of(place), SystemClock())
    services.__dict__["database"] = database
    now = SystemClock().now()
    draft_bills.run(services, now)
    with database.reading() as session:
        waiting = session.scalars(sa.select(BillingRun.id).where(BillingRun.state == "ready")).all()
    publish_bills.publish_all(database, waiting, now)
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.sum(BillingRun.bills)).where(BillingRun.id.in_(waiting))) or 0


def _filled(url: str, homes: int, items: int) -> Database:
    database = Database(url)
    fees.fill(database, homes, items, SystemClock().now())
    return database


def _copied(url: str, file: Path) -> float:
    """Seconds for the very same rows as one COPY into a table with the same keys and indexes: the least it can cost."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE bills_copied (LIKE bills INCLUDING ALL)")
        with file.open("wb") as kept, connection.cursor().copy("COPY bills TO STDOUT (FORMAT BINARY)") as rows:
            for part in rows:
                kept.write(part)
        begun = time.perf_counter()
        with file.open("rb") as kept, connection.cursor().copy("COPY bills_copied FROM STDIN (FORMAT BINARY)") as rows:
            while part := kept.read(1 << 20):
                rows.write(part)
        took = time.perf_counter() - begun
        connection.execute("DROP TABLE bills_copied")
    file.unlink()
    return took


def _plain_loop(database: Database) -> float:
    """What anybody would write: for each home and price an object, added one by one. Bills a second; nothing of it stays."""
    with database.transaction() as session:
        begun = time.perf_counter()
        count = 0
        for tariff in session.scalars(sa.select(Tariff).order_by(Tariff.id)).all():
            (price, *_) = prices_of(session, tariff.id)
            charges = session.scalars(sa.select(Charge).where(Charge.tariff_id == tariff.id)).all()
            for charge in charges:
                home = session.get_one(Home, charge.home_id)
                pieces = Decimal(home.area or 0) / 100 if tariff.formula == "area" else Decimal(charge.pieces)
                fen = pieces * Decimal(price.fen.numerator) / Decimal(price.fen.denominator)
                session.add(
                    Bill(
                        community_id=tariff.community_id, home_id=home.id, item_id=tariff.item_id, tariff_id=tariff.id,
                        period="1999-01", start=fees.SINCE, end=fees.SINCE, seq=0, paid=0, due_on=fees.SINCE,
                        amount=int(fen.quantize(Decimal(1), ROUND_HALF_UP)), state="draft", basis={},
                    )
                )  # fmt: skip
                count += 1
            if count >= PLAIN_LINES:
                break
        session.flush()
        took = time.perf_counter() - begun
        session.rollback()
    return count / took


def in_order(database: Database) -> list[str]:
    """What `audit` finds of money."""
    with database.reading() as session:
        return list(violations(session))
