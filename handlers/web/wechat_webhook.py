"""The official account's server address: opens the frame, has the turn taken, answers in WeChat's terms."""

import logging
import secrets
import time
from datetime import datetime, timedelta

from flask import Flask, Response, current_app, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import RequestEntityTooLarge

from bot import metrics
from bot.dispatch import Desk, StillWorking, take_turn
from bot.incoming import Incoming
from bot.logs import new_request_id, who
from bot.second_opinion import SecondOpinion
from bot.services import Services
from bot.wechat.errors import ForeignFrame, FrameError
from bot.wechat.parser import read_message
from bot.wechat.replies import text_reply
from bot.wechat.signature import MAX_FRAME_BYTES
from handlers.links import only_our_links

log = logging.getLogger(__name__)

ALARM_EVERY = timedelta(hours=1)

# What tells WeChat "received, nothing to say". Anything that is not 200 makes it deliver the message again.
NOTHING_TO_SAY = "success"


def register(app: Flask) -> None:
    app.add_url_rule("/wechat", view_func=check, methods=["GET"])
    app.add_url_rule("/wechat", view_func=receive, methods=["POST"])
    app.add_url_rule("/wechat/<appid>", view_func=check, methods=["GET"], endpoint="check_account")
    app.add_url_rule("/wechat/<appid>", view_func=receive, methods=["POST"], endpoint="receive_account")


def check(appid: str = "") -> Response:
    """WeChat asks whether this address is ours."""
    services = _services()
    if appid not in ("", services.settings.wechat_appid):
        return _plain("", 404)
    try:
        return _plain(services.gate.check_url(request.args.to_dict(flat=False)))
    except FrameError as broken:
        return _refused(broken)


def receive(appid: str = "") -> Response:
    """One message or event. Whatever is signed by WeChat is answered 200, unless it should be delivered again."""
    new_request_id()
    services = _services()
    if appid not in ("", services.settings.wechat_appid):
        return _plain("", 404)
    begun = time.monotonic()
    params = request.args.to_dict(flat=False)
    now = services.clock.now()
    try:
        incoming = read_message(services.gate.open(params, _body(), now))
    except ForeignFrame as foreign:
        _alarm(now)
        return _refused(foreign)
    except FrameError as broken:
        return _refused(broken)
    response = _taken(services, incoming, sealed=services.gate.is_sealed(params))
    metrics.turn_seconds.observe(time.monotonic() - begun)
    return response


def _taken(services: Services, incoming: Incoming, *, sealed: bool) -> Response:
    desk: Desk = current_app.extensions["desk"]
    metrics.turns.labels(incoming.kind).inc()
    if incoming.kind == "unknown":
        metrics.unknown_messages.inc()
        return _plain(NOTHING_TO_SAY)
    now = services.clock.now()
    ear = services.ear if incoming.kind == "voice" else None
    try:
        # One or the other: both together might take longer than WeChat waits.
        incoming = ear.hear(incoming) if ear is not None else _hinted(incoming)
        words = take_turn(desk, incoming, now)
    except StillWorking:
        return _plain(NOTHING_TO_SAY)
    except DBAPIError:
        log.exception("the database could not take a message", extra={"who": who(incoming.account, incoming.openid)})
        return _plain("busy", 503)
    if not words:
        return _plain(NOTHING_TO_SAY)
    reply = text_reply(incoming, only_our_links(words, services.settings.public_url), now)
    if sealed:
        reply = services.gate.seal(reply, now, secrets.token_hex(8))
    return Response(reply, content_type="text/xml; charset=utf-8")


def _hinted(incoming: Incoming) -> Incoming:
    opinion: SecondOpinion | None = current_app.extensions.get("second_opinion")
    return incoming if opinion is None else opinion.hint(incoming)


def _body() -> bytes:
    """The frame, read no further than a frame may be long. Raises FrameError 413."""
    request.max_content_length = MAX_FRAME_BYTES
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise FrameError(413, "larger than any frame") from None


def _alarm(now: datetime) -> None:
    """Another account's frames at our address: the operator reads of it once an hour, the counter counts them all."""
    metrics.foreign_frames.inc()
    told: dict[str, datetime] = current_app.extensions.setdefault("foreign_frames", {})
    if "at" not in told or now - told["at"] >= ALARM_EVERY:
        told["at"] = now
        log.error("WeChat delivers frames of another account here: look at the account's server address and appid")


def _refused(broken: FrameError) -> Response:
    metrics.frames_refused.labels(str(broken.status)).inc()
    log.info("a frame was refused", extra={"status": broken.status, "why": str(broken)})
    return _plain(NOTHING_TO_SAY if broken.status == 200 else "", broken.status)


def _plain(words: str, status: int = 200) -> Response:
    return Response(words, status, content_type="text/plain; charset=utf-8")


def _services() -> Services:
    services: Services = current_app.extensions["services"]
    return services
