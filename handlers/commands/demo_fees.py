"""The demo's year of fees: what each compound has agreed on, twelve months of bills, and who has paid them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from handlers.commands.cast import JINXIU, WANGJIANG
from handlers.commands.demo_estate import Address, Household, insert_all
from handlers.commands.demo_meters import BILLED_MONTHS, add_meters, agree_on_water, share_lifts
from models.billing.cycles import months_later
from models.billing.due import due_tariffs
from models.billing.ledger import LedgerEntry, LedgerLine
from models.billing.publish import publish
from models.billing.run import begin_run, write_slice
from models.billing.share_actions import write_shares
from models.billing.tables import Bill, FeeItem
from models.billing.tariffs import Agreement, agree, charge_all
from models.db import SHANGHAI, Base
from models.estate.tables import Home
from models.money import in_capitals, shown
from models.payments.actions import Money, take_in
from models.payments.receipts import CHANNELS
from models.payments.tables import Payment, Receipt, ReceiptBook, Settlement

MONTHS = 12
# 物业费 every month, in 1/100 fen a m², and 垃圾清运费 a home, asked for by the quarter: six old compounds, so not much.
SERVICE = {JINXIU: 18500, WANGJIANG: 12000, "东风新村": 8500, "春晓里": 9000, "柳荫小区": 7500, "和平家园": 11000}
REFUSE = 80000
AGREEMENT = "{compound}业主大会{year}年决议（物业服务合同第12条）"
TARIFF_OF_THE_CITY = "市发改委生活垃圾处理费标准（{year}年）"

LATE_PERCENT, OLD_DEBT_PERCENT = 12, 4  # homes that owe the last months, homes that have not paid for half a year
PAID_BY = ("wechat", "wechat", "wechat", "cash", "transfer", "pos")
ZHANG, LI = (JINXIU, "3", "2", "501"), (JINXIU, "3", "2", "502")
ZHANG_OWES_MONTHS_AGO = (0, 4)
LI_HOLDS = 50_000  # fen


@dataclass(frozen=True)
class Owed:
    """A posted bill as the payments need it."""

    id: int
    item_id: int
    item: str
    period: str
    start: date
    end: date
    fen: int


def add_fees(
    session: Session,
    rng: Random,
    *,
    company_id: int,
    households: Mapping[Address, Household],
    now: datetime,
    months: int = MONTHS,
) -> int:
    """Everything about money for so many months, this one included; returns how many bills."""
    this_month = now.astimezone(SHANGHAI).date().replace(day=1)
    begun = months_later(this_month, 1 - months)
    communities = {household.address[0]: household.community_id for household in households.values()}
    add_meters(session, households, begun, this_month, now)
    for compound, community_id in communities.items():
        _agree(session, compound, community_id, begun, now)
        if compound == JINXIU:
            agree_on_water(session, community_id, begun, this_month, now)
        for number in range(months):
            month = months_later(begun, number)
            if compound == JINXIU and number > 0 and number >= months - BILLED_MONTHS:
                share_lifts(session, community_id, months_later(month, -1), min(_morning_of(month), now))
            _bill(session, community_id, month, now)
    bills = _bills(session, list(communities.values()))
    paid: list[tuple[Household, list[Owed], datetime, str]] = []
    for household in households.values():
        paid += _payments(rng, household, bills[household.home_id], this_month, now)
    _write_payments(session, company_id, paid)
    _prepay(session, households[LI], now)
    return sum(len(each) for each in bills.values())


def _agree(session: Session, compound: str, community_id: int, begun: date, now: datetime) -> None:
    year = begun.year - 1
    service = Agreement("area", SERVICE[compound], AGREEMENT.format(compound=compound, year=year), begun, anchor=begun)
    refuse = Agreement("fixed", REFUSE, TARIFF_OF_THE_CITY.format(year=year), begun, 3, anchor=begun)
    for code, agreement in (("PROP", service), ("TRASH", refuse)):
        charge_all(session, agree(session, community_id, code, agreement, by="demo", now=now), begun)


def _bill(session: Session, community_id: int, month: date, now: datetime) -> None:
    at = min(_morning_of(month), now)
    run = begin_run(session, community_id, f"{month:%Y-%m}", by="demo", now=at)
    for due in due_tariffs(session, community_id, run.period):
        write_slice(session, run, due, limit=10_000)
    write_shares(session, run)
    publish(session, run, by="demo", now=at).told_at = at  # long ago; nobody hears of it now


def _morning_of(month: date) -> datetime:
    return datetime.combine(month, time(9), SHANGHAI)


def _bills(session: Session, communities: Iterable[int]) -> dict[int, list[Owed]]:
    """Home → its bills, the oldest first."""
    found: dict[int, list[Owed]] = {}
    rows = session.execute(
        sa.select(Bill.home_id, Bill.id, Bill.item_id, FeeItem.name, Bill.period, Bill.start, Bill.end, Bill.amount)
        .join(FeeItem, FeeItem.id == Bill.item_id)
        .where(Bill.community_id.in_(communities))
        .order_by(Bill.home_id, Bill.period, Bill.item_id)
    )
    for row in rows:
        owed = Owed(row.id, row.item_id, row.name, row.period, row.start, row.end, row.amount)
        found.setdefault(row.home_id, []).append(owed)
    return found


def _payments(
    rng: Random, household: Household, bills: Sequence[Owed], this_month: date, now: datetime
) -> list[tuple[Household, list[Owed], datetime, str]]:
    """What a home paid: a quarter at a time, most of them all of it."""
    unpaid = _unpaid(rng, household.address, this_month)
    quarters: dict[int, list[Owed]] = {}
    begun = bills[0].start
    for bill in bills:
        if bill.period not in unpaid:
            months = (bill.start.year - begun.year) * 12 + bill.start.month - begun.month
            quarters.setdefault(months // 3, []).append(bill)
    return [
        (household, settled, _when(rng, settled[-1].period, now), rng.choice(PAID_BY)) for settled in quarters.values()
    ]


def _unpaid(rng: Random, address: Address, this_month: date) -> set[str]:
    drawn = rng.randrange(100)
    months_ago: Iterable[int] = ()
    if address == ZHANG:
        months_ago = ZHANG_OWES_MONTHS_AGO
    elif address != LI and drawn < OLD_DEBT_PERCENT:
        months_ago = range(rng.randint(5, 8))
    elif address != LI and drawn < OLD_DEBT_PERCENT + LATE_PERCENT:
        months_ago = range(rng.randint(1, 3))
    return {f"{months_later(this_month, -ago):%Y-%m}" for ago in months_ago}


def _when(rng: Random, period: str, now: datetime) -> datetime:
    """Some hour of a day in the last month that was paid, in the past."""
    first = datetime.fromisoformat(f"{period}-01T00:00:00").replace(tzinfo=SHANGHAI)
    at = first + timedelta(days=rng.randrange(27), hours=rng.randint(9, 17), minutes=rng.randrange(60))
    return at if at < now else first + (now - first) * rng.random()


def _write_payments(
    session: Session, company_id: int, paid: Sequence[tuple[Household, list[Owed], datetime, str]]
) -> None:
    """In the order of time, so that receipts are numbered as they were given out."""
    paid = sorted(paid, key=lambda each: each[2])
    rows = [_payment(company_id, number, *each) for number, each in enumerate(paid, 1)]
    ids = insert_all(session, Payment, rows)
    bills = [(payment, bill, at) for payment, (_, settled, at, _) in zip(ids, paid, strict=True) for bill in settled]
    _insert(
        session,
        Settlement,
        [{"bill_id": bill.id, "payment_id": payment, "fen": bill.fen, "at": at} for payment, bill, at in bills],
    )
    session.execute(
        sa.update(Bill)
        .where(Bill.id.in_(sa.select(Settlement.bill_id)))
        .values(paid=Bill.amount)
        .execution_options(synchronize_session=False)
    )
    _insert(
        session,
        Receipt,
        [
            _receipt(company_id, number, payment, *each)
            for number, (payment, each) in enumerate(zip(ids, paid, strict=True), 1)
        ],
    )
    session.add(ReceiptBook(company_id=company_id, kind="payment", next_number=len(paid) + 1))
    _post(session, ids, paid)


def _payment(
    company_id: int, number: int, household: Household, settled: Sequence[Owed], at: datetime, channel: str
) -> dict[str, Any]:
    return {
        "company_id": company_id, "community_id": household.community_id, "home_id": household.home_id,
        "channel": channel, "reference": f"demo-{number:05}", "fen": sum(bill.fen for bill in settled), "refunded": 0,
        "payer": household.name, "by": "demo", "at": at,
    }  # fmt: skip


def _receipt(
    company_id: int,
    number: int,
    payment: int,
    household: Household,
    settled: Sequence[Owed],
    at: datetime,
    channel: str,
) -> dict[str, Any]:
    fen = sum(bill.fen for bill in settled)
    compound, building, entrance, room = household.address
    content = {
        "home": f"{compound}{building}栋{entrance}单元{room}",
        "payer": household.name,
        "channel": CHANNELS[channel],
        "positions": [[f"{bill.item} {bill.start}至{bill.end}", bill.fen] for bill in settled],
        "fen": fen,
        "shown": shown(fen),
        "capitals": in_capitals(fen),
    }
    return {
        "company_id": company_id, "kind": "payment", "number": number, "payment_id": payment, "content": content,
        "at": at, "void_reason": "", "reprints": 0,
    }  # fmt: skip


def _post(
    session: Session, payments: Sequence[int], paid: Sequence[tuple[Household, list[Owed], datetime, str]]
) -> None:
    entries = insert_all(
        session,
        LedgerEntry,
        [
            {
                "community_id": household.community_id, "at": at, "what": "payment", "document": f"payment:{payment}",
                "by": "demo",
            }
            for payment, (household, _, at, _) in zip(payments, paid, strict=True)
        ],
    )  # fmt: skip
    lines = []
    for entry, (_, settled, _, channel) in zip(entries, paid, strict=True):
        sides: list[tuple[str, int | None, int]] = [(channel, None, sum(bill.fen for bill in settled))]
        sides += [("receivable", bill.item_id, -bill.fen) for bill in settled]
        lines += [
            {"entry_id": entry, "place": place, "account": account, "item_id": item, "fen": fen}
            for place, (account, item, fen) in enumerate(sides)
        ]
    _insert(session, LedgerLine, lines)


def _insert(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Many rows whose numbers nobody asks for."""
    session.execute(sa.insert(table.__table__), rows)  # type: ignore[arg-type]


def _prepay(session: Session, household: Household, now: datetime) -> None:
    """李娜 has paid ahead, by the very way a cashier takes money in."""
    home = session.get_one(Home, household.home_id)
    money = Money(LI_HOLDS, "wechat", "demo-prepaid", household.name)
    take_in(session, home, money, by="demo", now=now)
