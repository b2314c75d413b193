"""The rates taken apart add up to the whole, on both databases (domain rules 1.13, 5.4)."""

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from models.billing.collection import Takings, age_of, arrears_rate, current_rate, homes_rate, overall_rate
from models.billing.tables import Bill
from models.money import percent
from models.payments.actions import Money, take_in
from models.payments.breakdown import ageing, by_building, by_channel, by_item, close_day
from models.payments.giving_back import refund
from models.payments.queries import takings_of
from models.payments.receipts import void
from models.payments.tables import Receipt
from tests.support.fees import bill_month, four_homes, home_of, service_fee

MARCH = datetime(2026, 3, 10, 9, 0, tzinfo=SHANGHAI)


def test_e15_the_four_rates() -> None:
    takings = Takings(10_000_000, 8_250_000, 4_000_000, 900_000, 520, 412)
    rates = (current_rate(takings), arrears_rate(takings), overall_rate(takings), homes_rate(takings))
    assert [percent(rate) for rate in rates] == ["82.50%", "22.50%", "65.36%", "79.23%"]
    assert rates[2] == Fraction(9_150_000, 14_000_000)
    assert percent(current_rate(Takings(0, 0, 0, 0))) == "—"


@pytest.mark.parametrize(
    ("due", "age"),
    [
        (date(2026, 3, 31), "没到期"), (date(2026, 3, 9), "0-3月"), (date(2025, 12, 10), "3-6月"), (date(2025, 9, 10), "6-12月"),
        (date(2025, 3, 10), "12-24月"), (date(2024, 3, 10), "24月以上"),
    ],
)  # fmt: skip
def test_a_debt_has_one_age(due: date, age: str) -> None:
    assert age_of(due, MARCH.date()) == age


def test_every_part_adds_up_to_the_whole(session: Session) -> None:
    community = four_homes(session)
    service_fee(session, community)
    for period in ("2026-02", "2026-03"):
        bill_month(session, community, period)
    session.execute(sa.update(Bill).where(Bill.period == "2026-02").values(due_on=date(2026, 2, 28)))
    first = take_in(session, home_of(session, "501"), Money(20_000, "cash", "1"), by="test", now=MARCH)
    take_in(session, home_of(session, "502"), Money(40_000, "pos", "2"), by="test", now=MARCH + timedelta(hours=1))
    ours, whole = [community], takings_of(session, [community], "2026-03")
    for parts in (by_item(session, ours, "2026-03"), by_building(session, ours, "2026-03")):
        assert sum(part.due for part in parts) == whole.due
        assert sum(part.received for part in parts) == whole.received
    # What is held does not count; what settled the month and the arrears is what the channels brought.
    assert by_channel(session, ours, "2026-03") == {"cash": 20_000, "pos": 2 * 12673}
    assert sum(by_channel(session, ours, "2026-03").values()) == whole.received + whole.cleared
    closing = (whole.due - whole.received) + (whole.arrears - whole.cleared)
    assert sum(ageing(session, ours, MARCH.date()).values()) == closing
    day = close_day(session, ours, MARCH.date())
    assert (day.channels, day.fen, day.numbers, day.ties) == (
        (("cash", 1, 20_000), ("pos", 1, 40_000)), 60_000, (1, 2), True,
    )  # fmt: skip
    refund(session, first.payment, 500, number="r1", reason="多交", by="test", now=MARCH)
    assert close_day(session, ours, MARCH.date()).refunded == 500
    void(session, session.scalars(sa.select(Receipt.id).where(Receipt.number == 1)).one(), reason="写错", now=MARCH)
    assert not close_day(session, ours, MARCH.date()).ties, "a payment without a receipt is seen"
    assert close_day(session, ours, MARCH.date() - timedelta(days=1)).channels == ()
    assert by_item(session, [community + 1], "2026-03") == []
