"""A whole month of one compound: meters are read, bills go out, four channels bring money, every day is held against WeChat's
statement with ten differences put in, the month is closed, and every total ties."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from handlers.commands.export_month import MONTH_CLOSE
from models.billing.closed_months import ClosedMonth, bounds
from models.billing.ledger import LedgerEntry, Side, post
from models.billing.meter_actions import Seen, new_meter, record_reading
from models.billing.publish import publish
from models.billing.share_actions import Wanted as Cost
from models.billing.share_actions import keep_pool, plan_pool, write_shares
from models.billing.tariffs import Agreement, agree, charge_all
from models.db import Database
from models.dunning.coming import coming, remind_of
from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.tables import Community
from models.payments import cash_counts, month_close, online, reconciling
from models.payments.actions import Money, take_in
from models.payments.confirm import Merchant, confirm
from models.payments.facts import Transaction
from models.payments.giving_back import refund
from models.payments.invariants import violations
from models.payments.month_figures import figures_of
from models.payments.month_ties import broken
from models.payments.online import Wanted, begin
from models.payments.online_tables import OnlineOrder
from models.payments.receipts import CHANNELS
from models.payments.reconcile_tables import Difference
from models.payments.tables import Payment
from models.payments.trade_bill import Statement, Trade, sums_of
from tests.support.fees import NOW, PAPER, draft_month, four_homes, home_of, service_fee

SHOP = Merchant("1900000001", "wx1")
APRIL = datetime(2026, 4, 1, 10, 30, tzinfo=SHANGHAI)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=SHANGHAI)


def read_and_bill(session: Session, garden: int) -> None:
    service_fee(session, garden)
    water = Agreement("meter", 50_000, PAPER, date(2026, 1, 1), in_advance=False)
    charge_all(session, agree(session, garden, "WATER", water, by="test", now=NOW), date(2026, 1, 1))
    for room, shows in (("501", 12), ("502", 7), ("101", 20)):
        meter = new_meter(home_of(session, room), garden, "water", now=NOW, start=0, start_on=date(2026, 1, 31))
        session.add(meter)
        session.flush()
        seen = Seen(date(2026, 2, 28), Fraction(shows))
        record_reading(session, meter, seen, by="test", source="chat", now=NOW)
    plan = plan_pool(session, garden, Cost("电梯电费", 10_001, "2026-02", "供电局2月电费单"))
    keep_pool(session, session.get_one(Community, garden), plan, by="test", now=NOW)
    for period in ("2026-02", "2026-03"):
        run = draft_month(session, garden, period)
        shares = write_shares(session, run)
        assert shares == (3 if period == "2026-03" else 0), "three homes have an area"
        publish(session, run, by="test", now=NOW)


def reminded(session: Session, garden: int) -> int:
    """A week before the bills fall due: how many homes hear of them, and how many the second time."""
    company = session.get_one(Community, garden).company_id
    due = coming(session, company, at(24, 10), after=0, limit=100)
    told = [remind_of(session, one, at(24, 10)) for one in due]
    assert not any(remind_of(session, one, at(24, 11)) for one in due)
    return sum(told)


def ordered(session: Session, room: str, fen: int, now: datetime) -> OnlineOrder:
    return begin(session, home_of(session, room), Wanted(fen), now=now)


def paid(session: Session, order: OnlineOrder, now: datetime) -> Trade:
    """WeChat has the money and says so."""
    told = Transaction(order.number, "SUCCESS", f"42{order.id:08}", order.fen, "CNY", SHOP.mchid, SHOP.appid, "o1")
    assert confirm(session, told, SHOP, now=now) == "paid"
    return in_statement(order, now)


def in_statement(order: OnlineOrder, now: datetime) -> Trade:
    fee = (order.fen * 6 + 500) // 1000
    return Trade(
        f"{now:%Y-%m-%d %H:%M:%S}", SHOP.mchid, f"42{order.id:08}", order.number, "SUCCESS", order.fen, "", 0, "", fee
    )


def money_comes(session: Session) -> dict[int, list[Trade]]:
    """Four channels over the month; returns WeChat's trades by day."""
    for day, room, fen, channel in (
        (2, "501", 16_533, "cash"),
        (3, "502", 30_000, "pos"),
        (9, "101", 5_000, "transfer"),
    ):
        take_in(session, home_of(session, room), Money(fen, channel, f"{channel}{day}"), by="test", now=at(day))
    cash = session.scalars(sa.select(Payment).where(Payment.channel == "cash")).one()
    refund(session, cash, 533, number="r-cash", reason="多收", by="test", now=at(4))
    trades: dict[int, list[Trade]] = {}
    for day, room, fen in ((5, "501", 2_000), (5, "502", 2_100), (5, "101", 2_200), (5, "102", 2_300), (5, "501", 2_400),
                           (8, "502", 2_500), (12, "101", 60_000), (31, "501", 9_000)):  # fmt: skip
        trades.setdefault(day, []).append(paid(session, ordered(session, room, fen, at(day)), at(day)))
    return trades


def spoil(session: Session, trades: dict[int, list[Trade]]) -> dict[int, Statement]:
    """Nine differences on one day, and an empty day that was none; the tenth is a download that failed."""
    never_told = ordered(session, "502", 3_300, at(5, 13))
    online.opened(session, never_told.number, "token", now=at(5, 13))
    missing, amount, status, twice, plain = trades[5]
    stranger = replace(plain, number="L-unknown", transaction_id="4300000001")
    strange_refund = replace(
        plain,
        number="L-unknown-2",
        state="REFUND",
        fen=0,
        refund_number="R-unknown",
        refund=100,
        refund_state="SUCCESS",
    )
    day = [
        replace(amount, fen=amount.fen - 1), replace(status, state="PAYERROR"), twice,
        replace(twice, transaction_id="4300000002"), plain, stranger, strange_refund,
        replace(plain, merchant="1900000002", number="L-other"), in_statement(never_told, at(5, 13)),
    ]  # fmt: skip
    assert missing not in day
    statements = {
        place: Statement(tuple(those), sums_of(those)) for place, those in trades.items() if place not in (5, 8)
    }
    sums = sums_of(day)
    return {**statements, 5: Statement(tuple(day), replace(sums, count=sums.count + 1))}


def mornings(session: Session, statements: dict[int, Statement]) -> Iterator[int]:
    """The mornings on which there is something to see; yields the days that could not be compared at first."""
    for day in (6, 9, 13, 14, 32):
        now = at(1, 10) + timedelta(days=day - 1, minutes=30)
        for due in reconciling.due_days(session, SHOP.mchid, now):
            if due.day.day == 12 and not due.tries:
                reconciling.failed(session, due, "502 BILL_BROKEN", now=now)
                yield due.day.day
                continue
            reconciling.compare_day(session, due, statements.get(due.day.day), now=now)


def test_a_month_from_the_readings_to_the_books_closed(database: Database) -> None:
    with database.transaction() as session:
        garden = four_homes(session)
        read_and_bill(session, garden)
        assert reminded(session, garden) == 3
        statements = spoil(session, money_comes(session))
        assert list(mornings(session, statements)) == [12]
        found = session.scalars(sa.select(Difference).order_by(Difference.id)).all()
        assert sorted((row.day.day, row.what) for row in found) == sorted([
            *((5, what) for what in ("summary", "missing", "amount", "status", "duplicate", "unknown", "refund", "merchant",
                                     "not_posted")),
            (8, "empty"),
        ])  # fmt: skip
        community = session.get_one(Community, garden)
        with pytest.raises(Refusal, match="还没有过完"):
            month_close.preview(session, community, "2026-03", now=at(31))
        with pytest.raises(Refusal, match="10条对账差异"):
            month_close.preview(session, community, "2026-03", now=APRIL)

        # The payment nobody told us of is posted by the usual way, the rest is closed by people.
        for number, order in reconciling.unposted(session):
            row = online.find(session, order)
            assert row is not None
            paid(session, row, APRIL)
            reconciling.posted_after_all(session, number, now=APRIL)
        for row in found:
            session.refresh(row)
            if row.closed_at is None:
                reconciling.close_difference(
                    session, row.id, "查清了", company_id=community.company_id, communities=None, by="test", now=APRIL
                )
        counted = cash_counts.count(session, community, "cash", 16_533, day=date(2026, 3, 2), by="test", now=APRIL)
        assert (counted.booked, counted.over) == (16_533, 0)
        month = month_close.preview(session, community, "2026-03", now=APRIL)
        expected = {"pos": 30_000, "wechat": 82_500, "cash": 16_000, "transfer": 5_000}
        assert dict(month.channels) == {CHANNELS[channel]: fen for channel, fen in expected.items()}
        assert month.came == month.current + month.arrears + month.late_fees + month.prepaid
        assert month.prepaid > 0
        assert month.arrears > 0
        assert month.closing == sum(month.ages.values()) > 0
        closes_and_stays_closed(session, community)


def closes_and_stays_closed(session: Session, community: Community) -> None:
    closed = month_close.close(session, community, "2026-03", by="test", now=APRIL)
    with pytest.raises(AlreadyDone):
        month_close.close(session, community, "2026-03", by="test", now=APRIL)
    assert MONTH_CLOSE.expand is not None
    row = session.execute(MONTH_CLOSE.select).one()
    told = {(line[4], line[5]): line[6] for line in MONTH_CLOSE.expand(session, row)}
    assert int(told["合计", "期末欠费"] * 100) == closed.totals["closing"]

    # What comes for a closed month is dated in the next one.
    late = take_in(session, home_of(session, "102"), Money(700, "cash", "late"), by="test", now=at(31, 23)).payment
    assert late.at == bounds("2026-03")[1]
    assert dict(figures_of(session, community.id, "2026-03").channels) == closed.totals["channels"]
    session.flush()
    assert list(violations(session)) == []

    # So is whatever else is written into the ledger, by whoever forgot to ask.
    sides = [Side("cash", 1), Side("income", -1)]
    with session.begin_nested() as nested:
        entry = post(session, community_id=community.id, what="late", document="x:2", sides=sides, by="x", now=at(30))
        assert session.get_one(LedgerEntry, entry).at == bounds("2026-03")[1]
        nested.rollback()

    # Somebody who goes round all that is found out.
    with session.begin_nested() as nested:
        session.execute(sa.update(ClosedMonth).values(reopened_at=APRIL))
        post(session, community_id=community.id, what="cheat", document="x:1", sides=sides, by="x", now=at(30))
        session.execute(sa.update(ClosedMonth).values(reopened_at=None))
        assert [words for words in violations(session) if "closed" in words]
        assert any("总账的现金" in words for words in broken(figures_of(session, community.id, "2026-03")))
        nested.rollback()
    session.expire_all()
    assert list(violations(session)) == []

    with pytest.raises(Refusal, match="为什么"):
        month_close.reopen(session, community, "2026-03", "", by="test", now=APRIL)
    month_close.reopen(session, community, "2026-03", "漏记一笔", by="test", now=APRIL)
    with pytest.raises(NotFound):
        month_close.reopen(session, community, "2026-03", "再来", by="test", now=APRIL)
    assert take_in(session, home_of(session, "102"), Money(1, "cash", "x"), by="t", now=at(31)).payment.at == at(31)
