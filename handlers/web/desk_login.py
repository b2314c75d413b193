"""Signing in at a computer: the page shows a number, the person says it in WeChat, the page goes on by itself."""

from flask import Flask, Response, current_app, jsonify, redirect, render_template
from werkzeug.wrappers import Response as BaseResponse

from bot.services import Services
from handlers.staff_at_desk import FRONT, LOGIN, number_to_show, number_was_said, person_at_desk, sign_in_if_said


def register(app: Flask) -> None:
    app.add_url_rule(LOGIN, view_func=desk_login, methods=["GET"])
    app.add_url_rule(f"{LOGIN}/said", view_func=desk_login_said, methods=["GET"])


def desk_login() -> BaseResponse | str | tuple[str, int]:
    services: Services = current_app.extensions["services"]
    if sign_in_if_said(services):
        return redirect(FRONT)
    with services.database.reading() as session:
        if person_at_desk(session, services.clock.now()) is not None:
            return redirect(FRONT)
    shown = number_to_show(services)
    if shown is None:
        return render_template("desk/busy.html"), 503
    return render_template("desk/login.html", code=shown.code, training=services.settings.simulator)


def desk_login_said() -> Response:
    """For the page's own script: whether it should look again. Says nothing about who."""
    return jsonify(said=number_was_said(current_app.extensions["services"]))
