"""`audit` finds what should not be, names it, and is quiet otherwise."""

from datetime import datetime

import pytest
import sqlalchemy as sa

from models.audit.log import record
from models.audit.tables import AuditEntry
from models.db import Database
from models.estate.tables import Community, Company, Home
from models.people.tables import Binding, Person
from models.workorders.path import flaws
from models.workorders.tables import OrderEvent, WorkOrder
from tests.handlers.commands.conftest import Run

# from, event, to, who: a repair from the first word to the rating
WHOLE = (
    ("-", "create", "NEW", "reporter"),
    ("NEW", "accept", "ACCEPTED", "system"),
    ("ACCEPTED", "dispatch", "DISPATCHED", "system"),
    ("DISPATCHED", "take", "TAKEN", "worker"),
    ("TAKEN", "nudge", "TAKEN", "reporter"),
    ("TAKEN", "pause", "PAUSED", "worker"),
    ("PAUSED", "resume", "TAKEN", "system"),
    ("TAKEN", "arrive", "ON_SITE", "worker"),
    ("ON_SITE", "done", "WAIT_CONFIRM", "worker"),
    ("WAIT_CONFIRM", "rate_good", "CLOSED", "reporter"),
)


def story(*steps: tuple[str, str, str, str]) -> list[OrderEvent]:
    return [OrderEvent(from_state=a, event=event, to_state=b, actor_role=who) for a, event, b, who in steps]


def test_a_whole_repair_has_no_flaw() -> None:
    assert list(flaws("CLOSED", story(*WHOLE))) == []


@pytest.mark.parametrize(
    ("state", "steps", "said"),
    [
        ("NEW", (), "its last event ended in -"),
        ("LOST", WHOLE, "'LOST', which is no state"),
        ("TAKEN", WHOLE, "last event ended in CLOSED"),
        ("TAKEN", WHOLE[:2] + WHOLE[3:4], "take begins in DISPATCHED, but the order stood in ACCEPTED"),
        ("CLOSED", (*WHOLE[:9], ("WAIT_CONFIRM", "rate_good", "CLOSED", "worker")), "rate_good by worker may not"),
        ("PAUSED", (*WHOLE[:5], ("TAKEN", "pause", "ON_SITE", "worker")), "may not lead from TAKEN to ON_SITE"),
        ("ON_SITE", (*WHOLE[:6], ("PAUSED", "resume", "ON_SITE", "worker")), "may not lead from PAUSED to ON_SITE"),
        ("CLOSED", (*WHOLE[:4], ("TAKEN", "vanish", "CLOSED", "system")), "vanish by system may not"),
    ],
)
def test_every_kind_of_broken_story_is_told(
    state: str, steps: tuple[tuple[str, str, str, str], ...], said: str
) -> None:
    assert any(said in flaw for flaw in flaws(state, story(*steps)))


@pytest.fixture
def order(database: Database, now: datetime) -> int:
    """A company with one home and one repair in it, in good order."""
    with database.transaction() as session:
        company = Company(name="安居物业", hotline="", created_at=now)
        session.add(company)
        session.flush()
        community = Community(company_id=company.id, name="锦绣花园", created_at=now)
        person = Person(company_id=company.id, name="张伟", created_at=now)
        session.add_all([community, person])
        session.flush()
        home = Home(community_id=community.id, building="3", entrance="2", room="501", created_at=now)
        session.add(home)
        session.flush()
        session.add(
            Binding(
                account="gh",
                openid="o1",
                home_id=home.id,
                person_id=person.id,
                relation="owner",
                proof="x",
                bound_at=now,
            )
        )
        order = WorkOrder(
            company_id=company.id,
            community_id=community.id,
            home_id=home.id,
            category="水",
            trade="水工",
            priority="P2",
            problem="漏水",
            state="CLOSED",
            source="chat",
            created_at=now,
            moved_at=now,
        )
        session.add(order)
        session.flush()
        for event in story(*WHOLE):
            event.order_id, event.at, event.actor, event.source = order.id, now, "谁", "chat"
            session.add(event)
            session.flush()
        record(session, at=now, actor="command", action="test", subject=f"order:{order.id}", source="command")
        return order.id


def test_what_is_in_order_is_called_clean(order: int, run: Run) -> None:
    result = run("audit")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("clean")


def break_it(database: Database, statement: sa.Executable) -> None:
    with database.engine.begin() as connection:
        connection.execute(statement)


def test_a_state_changed_by_hand_is_found(order: int, run: Run, database: Database) -> None:
    break_it(database, sa.update(WorkOrder).values(state="TAKEN"))
    result = run("audit")
    assert result.exit_code == 1
    assert result.stdout == f"order #{order}: stands in TAKEN, but its last event ended in CLOSED\n"
    assert result.stderr == "Error: 1 violations\n"


def test_an_order_without_any_event_is_found(order: int, run: Run, database: Database) -> None:
    break_it(database, sa.delete(OrderEvent))
    assert f"order #{order}: stands in CLOSED, but its last event ended in -" in run("audit").stdout


def test_a_log_rewritten_after_it_was_sealed_is_found(order: int, run: Run, database: Database) -> None:
    assert run("audit").exit_code == 0
    break_it(database, sa.update(AuditEntry).values(actor="somebody else"))
    result = run("audit")
    assert result.exit_code == 1
    assert result.stdout == "audit: entry 1 was changed after it was sealed\n"


def test_a_binding_across_companies_is_found(order: int, run: Run, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        other = Company(name="别的物业", hotline="", created_at=now)
        session.add(other)
        session.flush()
        session.execute(sa.update(Person).values(company_id=other.id))
    assert "a home of another company" in run("audit").stdout


def test_an_order_about_a_home_elsewhere_is_found(order: int, run: Run, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        elsewhere = Community(company_id=session.scalar(sa.select(Company.id)), name="望江苑", created_at=now)
        session.add(elsewhere)
        session.flush()
        session.execute(sa.update(WorkOrder).values(community_id=elsewhere.id))
    assert f"order #{order}: its home lies in another compound" in run("audit").stdout
