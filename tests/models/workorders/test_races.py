"""Two people at the same moment. Each race is run twice: with the guard, and without it, where it must go wrong."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Database
from models.errors import AlreadyDone, Refusal
from models.workorders import actions, ground, move, report
from models.workorders.actors import Actor
from models.workorders.tables import OrderEvent, WorkOrder
from tests.support.repairs import Cast, settle

Act = Callable[[Session, WorkOrder], None]


def together(*acts: Callable[[], None]) -> list[str]:
    """Run all at once; returns how each ended: "done" or the name of what was raised."""
    start, ends = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place: int, act: Callable[[], None]) -> None:
        start.wait(timeout=10)
        try:
            act()
            ends[place] = "done"
        except Refusal as refusal:
            ends[place] = type(refusal).__name__

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    return sorted(ends)


def race(database: Database, order_id: int, *acts: Act) -> list[str]:
    """Everybody reads the order as it stands, and only then does anybody act: the worst that can happen."""

    def read() -> WorkOrder:
        with database.reading() as session:
            return session.scalars(sa.select(WorkOrder).where(WorkOrder.id == order_id)).one()

    def actor(act: Act, order: WorkOrder) -> Callable[[], None]:
        def run() -> None:
            with database.transaction() as session:
                session.add(order)
                act(session, order)

        return run

    return together(*[actor(act, read()) for act in acts])


def events(database: Database, order_id: int) -> list[str]:
    with database.reading() as session:
        found = sa.select(OrderEvent.event).where(OrderEvent.order_id == order_id).order_by(OrderEvent.id)
        return list(session.scalars(found))


@pytest.fixture
def company(database: Database, now: datetime) -> Cast:
    with database.transaction() as session:
        return settle(session, now)


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The update without its condition: whoever comes last wins."""

    def change_anyway(session: Session, order: WorkOrder, values: dict[str, Any], event: str, actor: Actor) -> None:
        session.execute(
            sa.update(WorkOrder)
            .where(WorkOrder.id == order.id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )

    monkeypatch.setattr(move, "change_if_unmoved", change_anyway)


def _grabbers(cast: Cast, now: datetime) -> list[Act]:
    return [
        lambda session, order: actions.take(session, order, now=now, actor=cast.worker("chen")),
        lambda session, order: actions.take(session, order, now=now, actor=cast.worker("qiang")),
    ]


def _waiting(database: Database, cast: Cast, now: datetime) -> int:
    """Reported at night: nobody has it yet."""
    with database.transaction() as session:
        return cast.report(session, now.replace(hour=23)).order.id


def test_two_workers_grab_and_one_gets_it(database: Database, company: Cast, now: datetime) -> None:
    order_id = _waiting(database, company, now)
    assert race(database, order_id, *_grabbers(company, now)) == ["AlreadyDone", "done"]
    assert events(database, order_id).count("grab") == 1


@pytest.mark.usefixtures("unguarded")
def test_without_the_guard_both_workers_would_go(database: Database, company: Cast, now: datetime) -> None:
    order_id = _waiting(database, company, now)
    assert race(database, order_id, *_grabbers(company, now)) == ["done", "done"]
    assert events(database, order_id).count("grab") == 2


def _take_and_cancel(cast: Cast, now: datetime) -> list[Act]:
    return [
        lambda session, order: actions.take(session, order, now=now, actor=cast.worker("chen")),
        lambda session, order: actions.cancel(session, order, now=now, actor=cast.resident("zhang")),
    ]


def test_taking_and_calling_off_at_once_ends_one_way(database: Database, company: Cast, now: datetime) -> None:
    with database.transaction() as session:
        order_id = company.report(session, now).order.id
    assert race(database, order_id, *_take_and_cancel(company, now)) == ["AlreadyDone", "done"]
    happened = events(database, order_id)[3:]
    with database.reading() as session:
        state = session.scalar(sa.select(WorkOrder.state).where(WorkOrder.id == order_id))
    assert (happened, state) in [(["take"], "TAKEN"), (["cancel"], "CANCELLED")]


@pytest.mark.usefixtures("unguarded")
def test_without_the_guard_a_worker_would_go_to_what_was_called_off(
    database: Database, company: Cast, now: datetime
) -> None:
    with database.transaction() as session:
        order_id = company.report(session, now).order.id
    assert race(database, order_id, *_take_and_cancel(company, now)) == ["done", "done"]


def test_an_order_that_moved_on_cannot_be_taken_with_old_eyes(database: Database, company: Cast, now: datetime) -> None:
    """Dispatched to Chen, then to Qiang: the state reads the same, the hands do not."""
    with database.transaction() as session:
        order_id = company.report(session, now).order.id
    with database.reading() as session:
        stale = session.scalars(sa.select(WorkOrder).where(WorkOrder.id == order_id)).one()
    with database.transaction() as session:
        order = session.scalars(sa.select(WorkOrder).where(WorkOrder.id == order_id)).one()
        actions.transfer(session, order, company.staff["qiang"], now=now, actor=company.worker("manager"))
    with database.transaction() as session:
        session.add(stale)
        with pytest.raises(AlreadyDone, match="已经由强师傅接手"):
            actions.take(session, stale, now=now, actor=company.worker("chen"))


def _two_reports(database: Database, cast: Cast, now: datetime) -> list[str]:
    def say(who: str) -> Callable[[], None]:
        def run() -> None:
            with database.transaction() as session:
                cast.report(session, now, actor=cast.resident(who), reporter=cast.reporter(who))

        return run

    return together(say("zhang"), say("tenant"))


def _orders(database: Database) -> int | None:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(WorkOrder))


def test_two_of_one_home_report_at_once_and_it_is_one_order(database: Database, company: Cast, now: datetime) -> None:
    assert _two_reports(database, company, now) == ["done", "done"]
    assert _orders(database) == 1


def test_without_the_lock_they_would_be_two_on_postgresql(
    database: Database, company: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite nobody else can write while a transaction lasts: there its beginning is the lock, and one order is right."""
    if not database.is_sqlite:
        both_looked = threading.Barrier(2)
        look = report._open_already

        def look_together(*args: Any) -> WorkOrder | None:
            found = look(*args)
            both_looked.wait(timeout=10)
            return found

        monkeypatch.setattr(report, "_open_already", look_together)
    monkeypatch.setattr(sa.Select, "with_for_update", lambda query, **options: query)
    monkeypatch.setattr(
        ground, "_question", ground._question.__wrapped__
    )  # not the statement that was built with its lock
    assert _two_reports(database, company, now) == ["done", "done"]
    assert _orders(database) == (1 if database.is_sqlite else 2)
