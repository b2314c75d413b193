"""From a draft to what owners hear, and the sums the rates are made of."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import models.kinds  # noqa: F401 (declares every kind of message)
from models.billing.collection import current_rate
from models.billing.publish import approve, check, make_ready, publish
from models.billing.tables import BillingRun
from models.billing.tariffs import Agreement, agree, charge_all
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community
from models.messaging.tables import Outbox
from models.payments.actions import Money, take_in
from models.payments.invariants import violations
from models.payments.issuing import summary, tell_managers, tell_owners
from models.payments.queries import overdue, overdue_in_all, taken_on, takings_of
from models.people.tables import Binding, Person, Staff
from tests.support.fees import NOW, PAPER, bill_month, draft_month, four_homes, home_of, service_fee


@pytest.fixture
def garden(session: Session) -> Iterator[int]:
    community = four_homes(session)
    service_fee(session, community)
    yield community
    assert list(violations(session)) == []


def bind(session: Session, room: str, openid: str, relation: str) -> None:
    home = home_of(session, room)
    company = session.scalars(sa.text("SELECT company_id FROM communities")).one()
    person = Person(company_id=company, name=openid, created_at=NOW)
    session.add(person)
    session.flush()
    session.add(
        Binding(
            account="gh_test", openid=openid, home_id=home.id, person_id=person.id, relation=relation, proof="phone",
            bound_at=NOW,
        )
    )  # fmt: skip
    session.flush()


def test_a_draft_is_approved_by_a_person_before_it_is_published(session: Session, garden: int) -> None:
    run = draft_month(session, garden, "2026-03")
    with pytest.raises(Refusal, match="还在算"):
        approve(session, run, by="zhao", now=NOW)
    assert make_ready(session, run)
    assert not make_ready(session, run), "two schedulers: one of them says so to the managers"
    approve(session, run, by="zhao", now=NOW)
    publish(session, run, by="system", now=NOW)
    with pytest.raises(AlreadyDone):
        approve(session, run, by="zhao", now=NOW)


def test_the_manager_hears_once_what_a_draft_comes_to(session: Session, garden: int) -> None:
    """Two items: 165.33, 126.73 and 104.19 for the area, 8 yuan of each of the four homes."""
    community = session.get_one(Community, garden)
    session.add(
        Staff(
            company_id=community.company_id, name="赵经理", phone="13900000001", role="manager", account="gh_test",
            openid="zhao", joined_at=NOW,
        )
    )  # fmt: skip
    trash = Agreement("fixed", 80_000, PAPER, date(2024, 1, 1))
    charge_all(session, agree(session, garden, "TRASH", trash, by="test", now=NOW), date(2024, 1, 1))
    run = draft_month(session, garden, "2026-03")
    for _ in range(2):
        tell_managers(session, [run], now=NOW)
    (told,) = session.scalars(sa.select(Outbox)).all()
    assert (told.openid, told.kind) == ("zhao", "bills_ready")
    assert told.data == {"period": "2026-03", "lines": "· 锦绣花园 7笔 428.25元"}


def test_owners_and_family_hear_of_it_once_and_the_tenant_and_the_neighbour_do_not(
    session: Session, garden: int
) -> None:
    for room, openid, relation in (("501", "zhang", "owner"), ("501", "wife", "family"), ("501", "tenant", "tenant")):
        bind(session, room, openid, relation)
    run = bill_month(session, garden, "2026-03")
    for _ in range(2):  # a crash in between: all of it may be done again
        after: int | None = 0
        while after is not None:
            after = tell_owners(session, run, after=after, limit=1, now=NOW)
    told = session.scalars(sa.select(Outbox).order_by(Outbox.id)).all()
    assert [(message.openid, message.repeatable) for message in told] == [("zhang", False), ("wife", False)]
    assert told[0].data == {
        "period": "2026-03", "home": "锦绣花园3栋2单元501", "amount": "165.33元", "left": "165.33元", "due": "2026-03-31",
    }  # fmt: skip


def test_the_manager_is_shown_what_is_unusual(session: Session, garden: int) -> None:
    words = summary(check(session, draft_month(session, garden, "2026-03")))
    assert words == "· 物业费 3户 396.25元（上次没有）\n合计3笔，396.25元\n! 1户没有出账：没有登记面积"


def test_a_rate_counts_what_came_in_for_the_month_and_nothing_else(session: Session, garden: int) -> None:
    """Three months at 396.25; in March the home 501 pays everything and a lot ahead, 502 pays January."""
    for period in ("2026-01", "2026-02", "2026-03"):
        bill_month(session, garden, period)
    for room, fen in (("501", 3 * 16533 + 100_000), ("502", 12673)):
        take_in(session, home_of(session, room), Money(fen, "cash", room), by="test", now=NOW)
    takings = takings_of(session, [garden], "2026-03")
    assert (takings.due, takings.received) == (39625, 16533)
    assert (takings.arrears, takings.cleared) == (2 * 39625, 2 * 16533 + 12673)
    assert (takings.homes_billed, takings.homes_clear) == (3, 1)
    assert current_rate(takings) == Fraction(16533, 39625)
    assert current_rate(takings_of(session, [garden], "2026-04")) is None
    assert takings_of(session, [garden + 1], "2026-03").due == 0, "another compound is not counted"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_rate_does_not_read_what_all_compounds_were_ever_billed(session: Session, garden: int) -> None:
    """SQLite tells its plan."""
    asked: list[tuple[str, Any]] = []
    sa.event.listen(session.get_bind(), "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    takings_of(session, [garden], "2026-03")
    for statement, values in [one for one in asked if one[0].startswith("SELECT")]:
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        assert not any("SCAN bills" in step for *_, step in plan), statement


def test_what_is_cleared_later_does_not_change_the_rate_of_an_earlier_month(session: Session, garden: int) -> None:
    for period in ("2026-01", "2026-02"):
        bill_month(session, garden, period)
    in_april = NOW + timedelta(days=40)
    take_in(session, home_of(session, "501"), Money(16533, "cash", "1"), by="test", now=in_april)
    assert takings_of(session, [garden], "2026-02").cleared == 0
    assert takings_of(session, [garden], "2026-02").arrears == 39625


def test_who_is_late_most_comes_first_and_what_is_not_due_is_not_late(session: Session, garden: int) -> None:
    for period in ("2026-01", "2026-02", "2026-03"):
        bill_month(session, garden, period)
    take_in(session, home_of(session, "501"), Money(16533, "cash", "1"), by="test", now=NOW)
    today = NOW.date()
    assert overdue_in_all(session, [garden], today) == (3, 2 * 39625 - 16533)
    assert [(debtor.home.room, debtor.fen, debtor.months) for debtor in overdue(session, [garden], today)] == [
        ("502", 2 * 12673, 2),
        ("101", 2 * 10419, 2),
        ("501", 16533, 1),
    ]


def test_the_day_is_added_up_by_channel(session: Session, garden: int) -> None:
    bill_month(session, garden, "2026-03")
    late = datetime(2026, 3, 1, 23, 59, tzinfo=NOW.tzinfo)
    for number, (channel, fen, at) in enumerate(
        (("cash", 100, NOW), ("cash", 200, late), ("pos", 50, NOW), ("cash", 999, late + timedelta(minutes=2)))
    ):
        take_in(session, home_of(session, "501"), Money(fen, channel, str(number)), by="test", now=at)
    assert taken_on(session, [garden], NOW.date()) == [("cash", 2, 300), ("pos", 1, 50)]
    assert session.scalar(sa.select(sa.func.count()).select_from(BillingRun)) == 1
