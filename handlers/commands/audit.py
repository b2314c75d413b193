"""`audit`: everything that must be true, recomputed from the raw rows."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from bot.services import Services
from models.audit.log import broken_links, seal
from models.debit import invariants as debit
from models.estate.tables import Community, Home
from models.papay import invariants as papay
from models.payments import invariants as money
from models.people.tables import Binding, Person, Staff
from models.workorders.path import Step, flaws
from models.workorders.tables import OrderEvent, WorkOrder


@click.command("audit")
@with_appcontext
def audit() -> None:
    """Recompute every invariant from the rows; one line for each violation on stdout, exit code 1 if there is any."""
    services: Services = current_app.extensions["services"]
    with services.database.transaction() as session:
        seal(session)
    found = 0
    with services.database.reading() as session:
        for violation in violations(session):
            found += 1
            click.echo(violation)
    if found:
        raise click.ClickException(f"{found} violations")
    click.echo("clean: every order, every binding, all money and the whole log are as the rules allow")


def violations(session: Session) -> Iterator[str]:
    yield from _orders(session)
    yield from _scopes(session)
    yield from _bindings(session)
    yield from money.violations(session)
    yield from debit.flaws(session)
    yield from papay.flaws(session)
    yield from broken_links(session)


def _orders(session: Session) -> Iterator[str]:
    """Every order stands where its events, each of them legal, have brought it."""
    rows = session.execute(
        sa.select(
            WorkOrder.id,
            WorkOrder.state,
            OrderEvent.event,
            OrderEvent.from_state,
            OrderEvent.to_state,
            OrderEvent.actor_role,
        )
        .outerjoin(OrderEvent, OrderEvent.order_id == WorkOrder.id)
        .order_by(WorkOrder.id, OrderEvent.id)
        .execution_options(yield_per=2000)
    )
    for (order, state), steps in groupby(rows, key=itemgetter(0, 1)):
        path = tuple(Step(*step[2:]) for step in steps if step[2] is not None)
        for flaw in _flaws(state, path):
            yield f"order #{order}: {flaw}"


@lru_cache(maxsize=4096)
def _flaws(state: str, path: tuple[Step, ...]) -> tuple[str, ...]:
    """Most orders have gone the same few ways."""
    return tuple(flaws(state, path))


def _scopes(session: Session) -> Iterator[str]:
    """An order, its home, its compound and its worker belong together."""
    rows = session.execute(
        sa.select(WorkOrder.id, WorkOrder.company_id, WorkOrder.community_id)
        .add_columns(
            Community.company_id.label("owner"), Home.community_id.label("home_in"), Staff.company_id.label("employer")
        )
        .join(Community, Community.id == WorkOrder.community_id)
        .outerjoin(Home, Home.id == WorkOrder.home_id)
        .outerjoin(Staff, Staff.id == WorkOrder.staff_id)
        .where(
            sa.or_(
                Community.company_id != WorkOrder.company_id,
                Home.community_id != WorkOrder.community_id,
                Staff.company_id != WorkOrder.company_id,
            )
        )
        .order_by(WorkOrder.id)
    )
    for row in rows:
        if row.owner != row.company_id:
            yield f"order #{row.id}: its compound belongs to another company"
        if row.home_in not in (None, row.community_id):
            yield f"order #{row.id}: its home lies in another compound"
        if row.employer not in (None, row.company_id):
            yield f"order #{row.id}: its worker is employed by another company"


def _bindings(session: Session) -> Iterator[str]:
    """A WeChat speaks for a home that exists, as a person of the company whose home it is."""
    rows = session.execute(
        sa.select(Binding.id, Home.id.label("home"), Person.company_id, Community.company_id.label("owner"))
        .outerjoin(Home, Home.id == Binding.home_id)
        .outerjoin(Community, Community.id == Home.community_id)
        .outerjoin(Person, Person.id == Binding.person_id)
        .where(sa.or_(Home.id.is_(None), Person.id.is_(None), Person.company_id.is_distinct_from(Community.company_id)))
        .order_by(Binding.id)
    )
    for row in rows:
        what = "a home that does not exist" if row.home is None else "a home of another company, or for nobody"
        yield f"binding {row.id}: speaks for {what}"
