"""What WeChat Pay tells of 委托代扣, in its older form: signed XML. As with every notice, success is only answered when a fresh look
finds what it says in the books."""

import logging

from flask import Flask, Response, current_app, request

from bot.services import Services
from bot.wechat.pay_terms import NotFromWeChat
from handlers.papay import CHARGE_NOTIFY, CONTRACT_NOTIFY
from handlers.paying import merchant_of
from models.errors import AlreadyDone, Refusal
from models.papay.contracts import find, take_news
from models.papay.facts import read_contract
from models.papay.results import is_ended, take_result
from models.papay.rules import tries_of
from models.payments.confirm import is_posted
from models.payments.facts import NotReadable
from models.payments.order_states import CAME

log = logging.getLogger(__name__)

LARGEST = 64 << 10  # bytes
_STANDS = {"signed": ("signed", "ending", "ended"), "ended": ("ended",)}


def register(app: Flask) -> None:
    app.add_url_rule(CONTRACT_NOTIFY, view_func=contract_notified, methods=["POST"])
    app.add_url_rule(CHARGE_NOTIFY, view_func=charge_notified, methods=["POST"])


def contract_notified() -> Response:
    """Somebody has agreed, or wants no more."""
    services = _services()
    try:
        entrust = services.papay
        if entrust is None:
            return _answer(401, "失败")
        news = read_contract(entrust.open_notice(_body()))
    except NotFromWeChat as refused:
        log.warning("a forged notice of a contract", extra={"why": str(refused)})
        return _answer(401, "失败")
    except NotReadable as wrong:
        log.error("a notice of a contract cannot be read", extra={"why": str(wrong)})
        return _answer(500, "无法识别")
    with services.database.transaction() as session:
        outcome = take_news(session, news, now=services.clock.now())
    with services.database.reading() as session:
        contract = find(session, news.code)
        if outcome not in ("unknown", "mismatch") and contract is not None and contract.state in _STANDS[news.state]:
            return _answer(200, "OK")
    log.error("a notice of a contract was not taken", extra={"contract": news.code, "outcome": outcome})
    return _answer(500, "没有记下")


def charge_notified() -> Response:
    """Money came, or none did."""
    services = _services()
    try:
        entrust = services.papay
        if entrust is None:
            return _answer(401, "失败")
        told = entrust.open_charge_notice(_body())
    except NotFromWeChat as refused:
        log.warning("a forged notice of a charge", extra={"why": str(refused)})
        return _answer(401, "失败")
    number = str(told["out_trade_no"])
    try:
        with services.database.transaction() as session:
            tries = tries_of(services.settings.papay)
            outcome = take_result(session, number, told, merchant_of(services), now=services.clock.now(), tries=tries)
    except AlreadyDone:
        outcome = "somebody was first"  # the fresh look says whether that was this very payment
    except (Refusal, NotReadable) as problem:
        outcome = str(problem)
    with services.database.reading() as session:
        came = told["trade_state"] in CAME
        if is_posted(session, number, str(told["transaction_id"])) if came else is_ended(session, number):
            return _answer(200, "OK")
    log.error("a charge is not in the books", extra={"order": number, "outcome": outcome})
    return _answer(500, "还没有入账")


def _body() -> bytes:
    """Exactly as it came. Raises NotFromWeChat for what is larger than any notice."""
    if (request.content_length or 0) > LARGEST:
        raise NotFromWeChat("larger than any notice")
    request.max_content_length = LARGEST
    return request.get_data(cache=False)


def _answer(status: int, words: str) -> Response:
    code = "SUCCESS" if status == 200 else "FAIL"
    xml = f"<xml><return_code>{code}</return_code><return_msg>{words}</return_msg></xml>"
    return Response(xml, status, content_type="text/xml; charset=utf-8")


def _services() -> Services:
    services: Services = current_app.extensions["services"]
    return services
