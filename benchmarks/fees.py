"""Bills for many homes, and the notices of WeChat Pay that pay them: what `benchmarks/books.py` is for work orders.

Each compound agrees on ten items; no two homes next to each other have the same area, so that nothing is worked out once for all.
"""

import itertools
import secrets
from collections.abc import Iterator, Sequence
from datetime import date, datetime

import sqlalchemy as sa

from benchmarks import books
from benchmarks.frames import ACCOUNT
from bot.clock import SystemClock
from bot.config import PRETEND
from bot.simulator.faults import Faults
from bot.simulator.pay_notices import Notice, Notices
from bot.simulator.settings import Merchant
from models.billing.tables import Bill
from models.billing.tariffs import Agreement, agree, charge_all
from models.db import Database
from models.estate.tables import Community, Home
from models.payments import online
from models.payments.online import Wanted

SINCE = date(2024, 1, 1)
PAPER = "2024年业主大会决议"
FLOORS = {str(floor): part for floor, part in enumerate(("0", "0.5", "1", "1.2", "1.4", "1.6"), start=1)}
# Item → (formula, price in 1/100 fen, what else was agreed).
TEN_ITEMS: dict[str, tuple[str, int, dict[str, object]]] = {
    "PROP": ("area", 18_500, {"late_rate": 500}),
    "LIFT": ("floor", 150_000, {"floors": FLOORS}),
    "TRASH": ("fixed", 80_000, {}),
    "PARK_MGMT": ("fixed", 500_000, {}),
    "PARK_RENT": ("fixed", 1_500_000, {}),
    "HEAT": ("area", 20_000, {}),
    "SHARE_W": ("area", 700, {}),
    "SHARE_E": ("area", 1_100, {}),
    "SHARE_O": ("fixed", 33_300, {}),
    "RENO_TRASH": ("fixed", 100_000, {}),
}


def fill(database: Database, homes: int, items: int, now: datetime) -> None:
    """An empty database gets the homes of `books.fill`, each with an area and a floor, and charges of the first `items`."""
    books.fill(database, homes, ACCOUNT, now)
    with database.transaction() as session:
        session.execute(
            sa.update(Home)
            .values(area=4_000 + Home.id * 37 % 10_007, floor=1 + Home.id % len(FLOORS))
            .execution_options(synchronize_session=False)
        )
        for community in session.scalars(sa.select(Community.id)).all():
            for code, (formula, price, more) in itertools.islice(TEN_ITEMS.items(), items):
                agreement = Agreement(formula, price, PAPER, SINCE, **more)  # type: ignore[arg-type]
                charge_all(session, agree(session, community, code, agreement, by="bench", now=now), SINCE)


def order_all(database: Database, homes: Sequence[int], now: datetime) -> list[tuple[str, int]]:
    """Every one of these homes has asked to pay three of its bills, as a month usually has: (number, fen) of their orders."""
    found = []
    for some in _batches(homes, 200):
        with database.transaction() as session:
            for home in session.scalars(sa.select(Home).where(Home.id.in_(some))).all():
                open_bills = sa.select(Bill.id, Bill.amount - Bill.paid).where(Bill.home_id == home.id)
                rows = session.execute(open_bills.order_by(Bill.id).limit(3)).all()
                chosen, fen = tuple(bill for bill, _ in rows), sum(left for _, left in rows)
                wanted = Wanted(fen, chosen, account=ACCOUNT, openid=books.openid(home.id - 1))
                order = online.begin(session, home, wanted, now=now)
                online.opened(session, order.number, f"wx{order.number}", now=now)
                found.append((order.number, fen))
    return found


def _batches(rows: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (rows[at : at + size] for at in range(0, len(rows), size))


def notices(orders: Sequence[tuple[str, int]]) -> list[bytes]:
    """A whole HTTP request for each of these orders: that it was paid, signed and sealed as WeChat does."""
    clock = SystemClock()
    merchant = Merchant(
        PRETEND["WXPAY_MCHID"],
        PRETEND["WECHAT_APPID"],
        PRETEND["WXPAY_APIV3_KEY"],
        PRETEND["WXPAY_CERT_SERIAL"],
        PRETEND["WXPAY_PUBLIC_KEY_ID"],
    )
    sender = Notices(merchant, clock, Faults())
    return [_request(*sender.envelope(_notice(number, fen, clock.now(), merchant))) for number, fen in orders]


def _notice(number: str, fen: int, now: datetime, merchant: Merchant) -> Notice:
    content = {
        "mchid": merchant.mchid,
        "appid": merchant.appid,
        "out_trade_no": number,
        "transaction_id": f"42{number[1:]}",
        "trade_type": "JSAPI",
        "trade_state": "SUCCESS",
        "success_time": now.isoformat(timespec="seconds"),
        "payer": {"openid": f"oPayer{secrets.token_hex(8)}"},
        "amount": {"total": fen, "payer_total": fen, "currency": "CNY", "payer_currency": "CNY"},
    }
    return Notice("", "TRANSACTION.SUCCESS", "transaction", content, now)


def _request(headers: dict[str, str], body: bytes) -> bytes:
    lines = [
        "POST /wxpay/notify HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
