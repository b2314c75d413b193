"""Is it alive, is it ready, how is it doing?"""

import logging

import sqlalchemy as sa
from flask import Flask, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.metrics import outbox_messages, sending_stopped
from bot.services import Services
from models.messaging import breaker
from models.messaging.api_books import shut_books
from models.messaging.queue import count_unfinished

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
    """200 when the database and Redis answer, 503 and which one does not otherwise. Which way of sending is stopped is told,
    and is no reason to take the process out of service."""
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
    stopped = "".join(f"sending is stopped: {api}\n" for api in _sending(services)[1])
    return Response(f"ready\n{stopped}", mimetype="text/plain")


def metrics() -> Response:
    services: Services = current_app.extensions["services"]
    try:
        unfinished, stopped = _sending(services)
    except sa.exc.SQLAlchemyError:
        log.warning("the database does not answer", exc_info=True)
    else:
        outbox_messages.clear()
        for state, count in unfinished.items():
            outbox_messages.labels(state).set(count)
        sending_stopped.clear()
        for api in stopped:
            sending_stopped.labels(api).set(1)
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _sending(services: Services) -> tuple[dict[str, int], list[str]]:
    """How many messages are in each unfinished state, and which APIs are not called just now."""
    now = services.clock.now()
    with services.database.reading() as session:
        stopped = [book.api for book in shut_books(session) if breaker.shut_now(book, now) is not None]
        return count_unfinished(session), stopped


def front() -> Response:
    """Somebody typed the bare address: one line, nothing else to see."""
    return Response("邻里管家 · 请在微信公众号里使用\n", mimetype="text/plain; charset=utf-8")
