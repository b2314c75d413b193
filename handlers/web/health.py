"""Is it alive, is it ready, how is it doing?"""

import logging

import sqlalchemy as sa
from flask import Flask, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.services import Services

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/readyz", view_func=readyz)
    app.add_url_rule("/metrics", view_func=metrics)
    app.add_url_rule("/", view_func=front)


def healthz() -> str:
    """200 when the process can serve."""
    return "ok\n"


def readyz() -> Response:
    """200 when the database and Redis answer, 503 and which one does not otherwise."""
    from redis.exceptions import RedisError  # noqa: PLC0415 (a command that serves nobody does not wait for it)

    services: Services = current_app.extensions["services"]
    silent = []
    try:
        with services.database.reading() as session:
            session.execute(sa.select(1))
    except sa.exc.SQLAlchemyError:
        log.warning("the database does not answer", exc_info=True)
        silent.append("database")
    try:
        if services.redis is None:
            silent.append("redis")
        else:
            services.redis.ping()
    except RedisError:
        silent.append("redis")
    if silent:
        return Response(f"no answer from: {', '.join(silent)}\n", 503, mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")


def metrics() -> Response:
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def front() -> Response:
    """Somebody typed the bare address: one line, nothing else to see."""
    return Response("邻里管家 · 请在微信公众号里使用\n", mimetype="text/plain; charset=utf-8")
