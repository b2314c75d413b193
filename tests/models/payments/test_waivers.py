"""Something is taken off what a home owes, on both databases; the books are added up anew after every test."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from models.billing.explain import equation
from models.billing.ledger import balance
from models.billing.publish import reverse
from models.billing.queries import bills_of, open_bills_of
from models.billing.tables import Bill
from models.billing.waiver_tables import Waiver
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community
from models.money import Rounding
from models.payments import waivers
from models.payments.actions import Money, take_in
from models.payments.invariants import violations
from models.payments.month_close import close
from models.payments.month_figures import figures_of
from models.payments.month_ties import broken
from models.payments.queries import takings_of
from models.payments.terms import change_terms
from models.payments.waivers import Wish
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee


@pytest.fixture
def garden(session: Session) -> Iterator[int]:
    """March is billed: 165.33 for 3-2-501."""
    community = four_homes(session)
    service_fee(session, community, late_rate=500)
    bill_month(session, community, "2026-03")
    yield community
    assert list(violations(session)) == []
    assert list(broken(figures_of(session, community, "2026-03"))) == []


def waive(session: Session, fen: int, *, by: str = "staff:1", now: datetime = NOW, item: str = "") -> Waiver:
    return waivers.ask(session, home_of(session, "501"), Wish(fen, "late_repair", "修了两周", item), by=by, now=now)


def owed(session: Session) -> int:
    return sum(line.open for line in open_bills_of(session, [home_of(session, "501").id]))


def test_less_is_owed_and_due_and_nothing_looks_paid(session: Session, garden: int) -> None:
    due = takings_of(session, [garden], "2026-03").due
    waive(session, 6_000)
    assert owed(session) == 10_533
    takings = takings_of(session, [garden], "2026-03")
    assert (takings.due, takings.received) == (due - 6_000, 0), "the rate goes by what is net due, and nothing came in"
    bill, line = bills_of(session, [home_of(session, "501").id], "2026-03")
    assert (bill.bill.amount, bill.paid, bill.open) == (16_533, 0, 10_533), "the bill itself stays what it was"
    assert (line.item, line.bill.amount, line.open) == ("物业费减免", -6_000, 0)
    assert equation(line.bill.basis, line.bill.amount, Rounding.FEN_HALF_UP) == [
        "维修延误补偿：修了两周",
        "减去60.00元",
    ]
    assert balance(session, garden, "income") == -(due - 6_000)


def test_what_is_left_is_paid_and_then_it_is_clear(session: Session, garden: int) -> None:
    waive(session, 6_000)
    home = home_of(session, "501")
    taken = take_in(session, home, Money(10_533, "cash", "1"), by="test", now=NOW)
    assert (owed(session), taken.prepaid) == (0, 0)
    assert takings_of(session, [garden], "2026-03").homes_clear == 1
    with pytest.raises(Refusal, match="没有欠的"):
        waive(session, 1)


def test_no_more_than_is_owed_and_only_of_the_companys_own_money(session: Session, garden: int) -> None:
    with pytest.raises(Refusal, match=r"只欠165\.33元"):
        waive(session, 16_534)
    with pytest.raises(Refusal, match="电梯费没有欠的"):
        waive(session, 100, item="电梯费")
    assert session.scalar(sa.select(sa.func.count()).select_from(Waiver)) == 0


def test_above_the_limit_somebody_else_must_agree(session: Session, garden: int) -> None:
    change_terms(session, session.get_one(Community, garden), by="test", now=NOW, waive_free=10_000)
    waive(session, 9_000)
    large = waive(session, 2_000)
    assert (large.state, owed(session)) == ("wanted", 7_533), "a second small one of the same month is a large one"
    with pytest.raises(Refusal, match="您自己提的"):
        waivers.agree(session, large, by="staff:1", now=NOW)
    waivers.agree(session, large, by="staff:2", now=NOW)
    assert owed(session) == 5_533
    with pytest.raises(AlreadyDone):
        waivers.agree(session, large, by="staff:2", now=NOW)
    assert waive(session, 2_000, now=NOW + timedelta(days=31)).state == "done"


def test_a_large_one_falls_through_when_less_is_owed_meanwhile(session: Session, garden: int) -> None:
    change_terms(session, session.get_one(Community, garden), by="test", now=NOW, waive_free=0)
    large, other = waive(session, 16_000), waive(session, 100)
    take_in(session, home_of(session, "501"), Money(16_500, "cash", "1"), by="test", now=NOW)
    with pytest.raises(Refusal, match=r"只欠0\.33元"):
        waivers.agree(session, large, by="staff:2", now=NOW)
    waivers.refuse(session, other, by="staff:2", now=NOW)
    assert owed(session) == 33


def test_a_late_fee_that_was_waived_does_not_run_up_again(session: Session, garden: int) -> None:
    later = datetime(2026, 4, 30, 10, 0, tzinfo=SHANGHAI)  # 30 days after the 31st of March: 248 fen
    waive(session, 248, now=later, item="违约金")
    assert owed(session) == 16_533
    taken = take_in(session, home_of(session, "501"), Money(16_533, "cash", "1"), by="test", now=later)
    assert [position.words for position in taken.positions] == ["物业费 2026-03-01至2026-03-31"]
    assert owed(session) == 0


def test_a_month_that_is_closed_stays_as_it_was(session: Session, garden: int) -> None:
    april = datetime(2026, 4, 2, 10, 0, tzinfo=SHANGHAI)
    before = figures_of(session, garden, "2026-03")
    close(session, session.get_one(Community, garden), "2026-03", by="test", now=april)
    waive(session, 6_000, now=april)
    assert figures_of(session, garden, "2026-03") == before
    assert list(broken(figures_of(session, garden, "2026-04"))) == []


def test_a_bill_is_taken_back_only_after_what_was_waived_of_it(session: Session, garden: int) -> None:
    waive(session, 6_000)
    bill = bills_of(session, [home_of(session, "501").id], "2026-03")[0].bill
    with pytest.raises(Refusal):
        reverse(session, bill, reason="面积错了", by="test", now=NOW)
    assert waivers.take_back(session, bill, by="test", now=NOW) == 6_000
    assert owed(session) == 16_533
    reverse(session, bill, reason="面积错了", by="test", now=NOW)
    assert owed(session) == 0
    assert session.scalar(sa.select(sa.func.sum(Bill.amount)).where(Bill.home_id == bill.home_id)) == 0
