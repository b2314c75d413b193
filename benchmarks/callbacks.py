"""Notices of WeChat Pay to the program as it is served: 50 a second of which 30 % are told again, and as many as it can take."""

import random
from collections.abc import Sequence

import psycopg
import sqlalchemy as sa

from benchmarks import fees
from benchmarks.billing import in_order
from benchmarks.load import as_fast_as_it_can, at_a_rate
from benchmarks.report import Goal
from benchmarks.services import Place, linli, served
from bot.clock import SystemClock
from models.db import Database
from models.payments.online_tables import OnlineOrder
from models.payments.tables import Payment

RATE = 50  # a second: a whole compound paying on the last evening
AGAIN = 0.3  # of the notices are told a second time
FAST = 3_000  # orders for the top rate
WARM_UP = 800  # orders: a company that takes payments by WeChat has taken some before
EXPECTED = b"SUCCESS"


def run(place: Place, database: Database, seconds: float) -> list[Goal]:
    """`database` has homes with bills; they ask to pay, and WeChat says so."""
    calm = int(seconds * RATE * (1 - AGAIN))
    orders = fees.order_all(database, range(1, calm + FAST + 1), SystemClock().now())
    settings = {
        "DATA_DIR": str(place.folder), "DATABASE_URL": place.database("bills"), "REDIS_URL": f"unix://{place.redis}",
        "WEB_PROCESSES": "2", "SECRET_KEY": "only for measuring",
    }  # fmt: skip
    with served(linli("web"), settings, place.folder / "servers.log", "/healthz") as server:
        first, rest = orders[:calm], orders[calm:]
        as_fast_as_it_can(server.port, fees.notices(rest[:WARM_UP]), 20.0, EXPECTED)
        _look_through(place)
        steady = at_a_rate(server.port, fees.notices(_told_again(first)), RATE, 4 * seconds, EXPECTED)
        top = as_fast_as_it_can(server.port, fees.notices(rest[WARM_UP:]), 5.0, EXPECTED)
    posted = _posted(database, [number for number, _ in first])
    return [
        Goal(
            f"pay notices over three bills, {RATE} a second, 30 % told again: p99",
            steady.percentile(0.99) * 1000,
            "ms",
            500,
            100,
            "less",
        ),
        Goal("… not answered with success", steady.wrong + top.wrong, "", 0, 0, "less"),
        Goal("… posted − distinct", abs(posted - len(first)), "", 0, 0, "less"),
        Goal("… sentences of audit afterwards", len(in_order(database)), "", 0, 0, "less"),
        Goal("pay notices posted as fast as it can", top.rate, "a second", 200, 500),
    ]


def _look_through(place: Place) -> None:
    """What PostgreSQL does by itself every minute. Else it keeps the plans it made while nobody had paid yet, and reads all payments
    from end to end to see whether one is there (the foreign keys of what is written)."""
    with psycopg.connect(place.database("bills"), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _told_again(orders: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Every order once, and so many of them again that they are AGAIN of all: half at once, half some seconds later."""
    chance = random.Random(1)
    times = [(float(place), order) for place, order in enumerate(orders)]
    for place, order in chance.sample(list(enumerate(orders)), int(len(orders) * AGAIN / (1 - AGAIN))):
        times.append((place + chance.choice((0.1, 200.0)), order))
    return [order for _, order in sorted(times, key=lambda each: each[0])]


def _posted(database: Database, numbers: Sequence[str]) -> int:
    """Payments of these orders in the books, counted one by one."""
    with database.reading() as session:
        paid = sa.select(Payment.id).join(OnlineOrder, OnlineOrder.transaction_id == Payment.reference)
        return len(session.scalars(paid.where(OnlineOrder.number.in_(numbers))).all())
