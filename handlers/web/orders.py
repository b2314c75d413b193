"""Pages of orders inside WeChat: one's own list, and one order's whole story. For residents, and for whoever works on it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, abort, current_app, render_template
from sqlalchemy.orm import Session

from bot.services import Services
from handlers.links import opens_for
from handlers.order_story import STEPS, comes_next, stands, step_words
from handlers.signed_in import visitor
from handlers.speaker import Person
from models.errors import NotFound
from models.media.tables import WAITING
from models.people.names import masked_phone
from models.workorders.photos import Shown, shown_of
from models.workorders.queries import events_of, find, line_of, orders_of_person, tasks_of
from models.workorders.states import OPEN, STATE_NAMES
from models.workorders.tables import WorkOrder

LARGEST_ID = 2**63 - 1  # a number no database column holds is the number of nothing
SHOWN = 20
WORTH_WAITING = timedelta(minutes=1)

STAGES = (("report", "报修时发来的"), ("work", "师傅发来的"), ("done", "修好后的"))


def register(app: Flask) -> None:
    app.add_url_rule("/m/", view_func=my_orders)
    app.add_url_rule(f"/m/order/<int(max={LARGEST_ID}):order_id>", view_func=order_page)


@dataclass(frozen=True)
class Looking:
    """Somebody looking at a page, in one reading transaction."""

    session: Session
    person: Person


@contextmanager
def looking() -> Iterator[Looking]:
    services = _services()
    with services.database.reading() as session:
        person = visitor(session, services.clock.now())
        if person is None:
            abort(404)
        yield Looking(session, person)


def my_orders() -> str:
    """What one reported, and for workers what they have in hand."""
    with looking() as by:
        person = by.person
        own = orders_of_person(by.session, person.account, person.openid, limit=SHOWN)
        own = [line for line in own if opens_for(person, line.order)]
        tasks = tasks_of(by.session, person.staff.id, limit=SHOWN) if person.staff is not None else []
        return render_template("my_orders.html", own=own, tasks=tasks, states=STATE_NAMES, at_work=person.is_staff)


def order_page(order_id: int) -> str:
    with looking() as by:
        try:
            order = find(by.session, by.person.actor(), order_id)
        except NotFound:
            abort(404)
        if not opens_for(by.person, order):
            abort(404)
        own = not by.person.is_staff or order.openid == by.person.openid
        line = line_of(by.session, order)
        sent = shown_of(by.session, order.id)
        return render_template(
            "order.html",
            order=order,
            line=line,
            own=own,
            stands=stands(order) if own else STATE_NAMES[order.state],
            next=comes_next(order) if own else "",
            waiting=order.state in OPEN,
            phone=_phone_of_reporter(order, by.person),
            steps=[
                (step.at, step_words(step, own=own)) for step in events_of(by.session, order.id) if step.event in STEPS
            ],
            stages=_by_stage(sent),
            being_saved=_is_being_saved(sent, _services().clock.now()),
        )


def _is_being_saved(sent: Sequence[Shown], now: datetime) -> bool:
    """What was sent a moment ago is fetched within seconds, so the page looks again by itself. Later than that nobody waits for it."""
    return any(
        one.medium is not None and one.medium.state == WAITING and one.medium.received_at > now - WORTH_WAITING
        for one in sent
    )


def _by_stage(sent: Sequence[Shown]) -> list[tuple[str, list[Shown]]]:
    """What was sent along, in the order of the work; nothing for a stage nobody sent anything in."""
    found = [(title, [one for one in sent if one.stage == stage]) for stage, title in STAGES]
    return [(title, those) for title, those in found if those]


def _phone_of_reporter(order: WorkOrder, person: Person) -> str:
    """The whole number for whoever has to call it: the order's worker and the office; masked for other staff."""
    if person.staff is None:
        return ""
    calls = order.staff_id == person.staff.id or person.staff.role in ("lead", "manager", "clerk")
    return order.reporter_phone if calls else masked_phone(order.reporter_phone)


def _services() -> Services:
    services: Services = current_app.extensions["services"]
    return services
