"""What WeChat Pay tells us: verified on the bytes as they came, posted once, and answered with success only when a fresh look finds
the posting. Anything else is answered with a failure, so that WeChat tells us again, and a person hears of it."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, jsonify, request

from bot.services import Services
from bot.together import Together
from bot.wechat.pay_terms import NotFromWeChat

if TYPE_CHECKING:
    from bot.wechat.pay import Pay

from handlers.paying import NOTIFY, REFUND_NOTIFY, merchant_of
from models.errors import AlreadyDone, Refusal
from models.payments.confirm import confirm, confirm_together, is_posted, those_posted
from models.payments.facts import NotReadable, Transaction, read_refund, read_transaction
from models.payments.order_states import CAME
from models.payments.refunding import is_settled, take_refund_news

log = logging.getLogger(__name__)

LARGEST = 64 << 10  # bytes


TOGETHER = 8  # notices posted by one commit
PATIENCE = 1.0  # seconds a notice stands in line for it


def register(app: Flask) -> None:
    app.extensions["pay_notices"] = Together(_post_together, at_most=TOGETHER, patience=PATIENCE)
    app.add_url_rule(NOTIFY, view_func=pay_notified, methods=["POST"])
    app.add_url_rule(REFUND_NOTIFY, view_func=refund_notified, methods=["POST"])


def pay_notified() -> Response | tuple[Response, int]:
    services = _services()
    opened = _opened(services)
    if opened is None:
        return _refused()
    try:
        told = read_transaction(opened)
    except NotReadable as wrong:
        log.error("a payment notice cannot be read", extra={"why": str(wrong)})
        return _failed("无法识别")
    if told.state not in CAME:
        return _failed("不是付款成功的通知")
    together: Together[Transaction] = current_app.extensions["pay_notices"]
    if together(told):
        return _taken()
    outcome = _post(services, told)
    with services.database.glance() as session:
        posted = is_posted(session, told.number, told.transaction_id)
    if posted:
        return _taken()
    log.error("a payment is not in the books", extra={"order": told.number, "outcome": outcome})
    return _failed("还没有入账")


def _post_together(told: Sequence[Transaction]) -> list[bool]:
    """What can be posted without waiting for anybody; True for what a fresh look finds in the books."""
    services = _services()
    try:
        with services.database.transaction() as session:
            confirm_together(session, told, merchant_of(services), now=services.clock.now())
    except (AlreadyDone, Refusal):
        return [False] * len(told)
    with services.database.glance() as session:
        posted = those_posted(session, [each.number for each in told])
    return [(each.number, each.transaction_id) in posted for each in told]


def _post(services: Services, told: Transaction) -> str:
    try:
        with services.database.transaction() as session:
            return confirm(session, told, merchant_of(services), now=services.clock.now())
    except AlreadyDone:
        return "somebody was first"  # the fresh look says whether that was this very payment
    except Refusal as refusal:
        return refusal.message


def refund_notified() -> Response | tuple[Response, int]:
    services = _services()
    opened = _opened(services)
    if opened is None:
        return _refused()
    try:
        told = read_refund(opened)
    except NotReadable as wrong:
        log.error("a refund notice cannot be read", extra={"why": str(wrong)})
        return _failed("无法识别")
    with services.database.transaction() as session:
        take_refund_news(session, told, now=services.clock.now())
    with services.database.reading() as session:
        settled = is_settled(session, told.number)
    return _taken() if settled else _failed("没有这笔退款")


def _opened(services: Services) -> dict[str, Any] | None:
    """What is inside a genuine notice for this merchant, else None."""
    pay: Pay | None = services.pay
    if pay is None or (request.content_length or 0) > LARGEST:
        return None
    request.max_content_length = LARGEST
    try:
        notice = pay.open_notice(dict(request.headers), request.get_data(cache=False))
    except NotFromWeChat as refused:
        if not refused.probe:
            log.warning("a forged payment notice", extra={"why": str(refused)})
        return None
    inside: dict[str, Any] = notice["resource"]
    if inside.get("mchid") != pay.account.mchid:
        log.error("a payment notice for another merchant")
        return None
    return inside


def _taken() -> Response:
    return jsonify({"code": "SUCCESS", "message": "成功"})


def _refused() -> tuple[Response, int]:
    return jsonify({"code": "FAIL", "message": "失败"}), 401


def _failed(words: str) -> tuple[Response, int]:
    return jsonify({"code": "FAIL", "message": words}), 500


def _services() -> Services:
    services: Services = current_app.extensions["services"]
    return services
