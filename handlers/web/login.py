"""Where WeChat sends a browser back to, with a code that says whose it is."""

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

from bot.services import Services
from handlers.page_login import CALLBACK, complete


def register(app: Flask) -> None:
    app.add_url_rule(CALLBACK, view_func=login, methods=["GET"])


def login() -> Response | tuple[str, int]:
    services: Services = current_app.extensions["services"]
    return complete(services, request.args.get("code", ""), request.args.get("state", ""))
