"""The desk's front page: what is open, what has been waiting, and the way to everything else."""

from dataclasses import replace

from flask import Flask, current_app, redirect, render_template
from werkzeug.wrappers import Response

from bot.services import Services
from handlers.staff_at_desk import FRONT, LOGIN, leave_desk, the_person
from models.workorders.actors import Actor
from models.workorders.desk import Asked as Orders
from models.workorders.desk import counts, how_many_late, page_of_orders
from models.workorders.states import OPEN, STATE_NAMES


def register(app: Flask) -> None:
    app.add_url_rule("/desk", view_func=desk_door, methods=["GET"])
    app.add_url_rule(FRONT, view_func=desk_front, methods=["GET"])
    app.add_url_rule("/desk/logout", view_func=desk_logout, methods=["POST"])


def desk_door() -> Response:
    return redirect(FRONT)


def desk_front() -> str:
    services: Services = current_app.extensions["services"]
    now = services.clock.now()
    actor: Actor = replace(the_person().actor(), source="web")
    with services.database.reading() as session:
        standing = counts(session, actor)
        return render_template(
            "desk/front.html",
            standing=[(state, name, standing[state]) for state, name in STATE_NAMES.items() if standing.get(state)],
            open=sum(count for state, count in standing.items() if state in OPEN),
            late=how_many_late(session, actor, now),
            latest=page_of_orders(session, actor, Orders(), now, limit=8),
            states=STATE_NAMES,
            now=now,
        )


def desk_logout() -> Response:
    leave_desk(current_app.extensions["services"])
    return redirect(LOGIN)
