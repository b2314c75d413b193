"""Paying by WeChat, as pages and notices do it: nobody is called while anything is locked, and what WeChat says is taken in by
models/payments/confirm.py, whoever asked."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.services import Services
from bot.wechat.pay_terms import PayError, Wish

if TYPE_CHECKING:
    from bot.wechat.pay import Pay

from models.errors import Refusal
from models.estate.tables import Home
from models.papay.results import take_result
from models.papay.rules import tries_of
from models.payments import online, order_states
from models.payments.confirm import Merchant, take_news
from models.payments.facts import NotReadable
from models.payments.online import OtherOrder, Wanted
from models.payments.online_tables import OnlineOrder

log = logging.getLogger(__name__)

NOTIFY, REFUND_NOTIFY = "/wxpay/notify", "/wxpay/refund-notify"
NOT_SET_UP = "网上缴费还没有开通，请到物业收费处交，现金、刷卡、转账都可以。"
SILENT = "微信支付现在没有答复，钱没有扣。请过一会儿再点一次。"
JUST_PAID = "刚才那笔已经付好了，请回到聊天里看收据。"
BY_ITSELF = "微信正在自动扣这户的账单，扣好会在聊天里告诉您，请先不要另外付。"
NOT_ENDED = "上一笔付款还没关好，请过几秒再点一次。"
_TRIES = 3


@dataclass(frozen=True)
class Placed:
    """An order that WeChat takes money for. `token`: the prepay_id, or what the QR code says."""

    number: str
    token: str


def pay_of(services: Services) -> "Pay":
    """Raises Refusal, in kind words, when the company has no WeChat Pay."""
    pay: Pay | None = services.pay
    if pay is None:
        raise Refusal(NOT_SET_UP)
    return pay


def merchant_of(services: Services) -> Merchant:
    account = pay_of(services).account
    return Merchant(account.mchid, account.appid)


def place(services: Services, home_id: int, wanted: Wanted) -> Placed:
    """The order for this, with WeChat's token; another one of the home is ended first. Raises Refusal."""
    pay_of(services)
    return place_known(services, _begin(services, home_id, wanted))


def place_known(services: Services, number: str) -> Placed:
    """Get WeChat's token for an order that is written down. The same number may be asked for again and again."""
    pay, now = pay_of(services), services.clock.now()
    with services.database.reading() as session:
        order = online.find(session, number)
    if order is None or order.state not in ("new", "open"):
        raise Refusal(JUST_PAID if order is not None and order.state == "paid" else NOT_ENDED)
    if order.state == "open" and order_states.still_good(order.token_at, order.expires_at, now):
        return Placed(number, order.token)
    try:
        ask = pay.order_in_wechat if order.way == "jsapi" else pay.order_by_code
        token = ask(_wish(services, order))
    except PayError as failed:
        log.warning("WeChat took no order", extra={"order": number, "why": str(failed)})
        # Refused for good, or its fate unknown: the next tap ends it and makes another, or asks for the same again.
        if not failed.unknown:
            end(services, number)
        raise Refusal(SILENT) from None
    with services.database.transaction() as session:
        good = online.opened(session, number, token, now=now)
    if not good:
        raise Refusal(NOT_ENDED)
    return Placed(number, token)


def look_up(services: Services, number: str) -> str:
    """Ask WeChat how an order stands; returns how it stands with us. Raises PayError."""
    if _is_entrusted(services, number):
        return _look_up_charge(services, number)
    return _taken(services, number, pay_of(services).look_up(number))


def end(services: Services, number: str) -> str:
    """See to it that an order is paid for good or never: "paid", "closed", or "closing" when WeChat does not answer.

    What is taken by a contract cannot be ended, only waited for: Refusal while WeChat is at it.
    """
    if _is_entrusted(services, number):
        with suppress(PayError, NotReadable):
            if (state := _look_up_charge(services, number)) in ("paid", "closed"):
                return state
        raise Refusal(BY_ITSELF)
    with services.database.transaction() as session:
        online.wants_end(session, number, by="", now=services.clock.now())
    try:
        return _taken(services, number, pay_of(services).end(number))
    except (PayError, NotReadable) as failed:
        log.warning("an order could not be ended yet", extra={"order": number, "why": str(failed)})
        return "closing"


def _is_entrusted(services: Services, number: str) -> bool:
    with services.database.reading() as session:
        order = online.find(session, number)
        return order is not None and order.way == online.ENTRUSTED


def _look_up_charge(services: Services, number: str) -> str:
    """Raises PayError, NotReadable."""
    told = services.papay.look_up(number) if services.papay is not None else None
    with services.database.transaction() as session:
        if told is not None:
            tries = tries_of(services.settings.papay)
            return take_result(session, number, told, merchant_of(services), now=services.clock.now(), tries=tries)
        order = online.find(session, number)  # what WeChat never got is the job's to ask for again, or to give up
        return order.state if order is not None else "unknown"


def _begin(services: Services, home_id: int, wanted: Wanted) -> str:
    for _ in range(_TRIES):
        try:
            with services.database.transaction() as session:
                return online.begin(session, session.get_one(Home, home_id), wanted, now=services.clock.now()).number
        except OtherOrder as other:
            state = end(services, other.number)
            if state != "closed":
                raise Refusal(JUST_PAID if state == "paid" else NOT_ENDED) from None
    raise Refusal(NOT_ENDED)


def _taken(services: Services, number: str, told: dict[str, object] | None) -> str:
    with services.database.transaction() as session:
        return take_news(session, number, told, merchant_of(services), now=services.clock.now())


def _wish(services: Services, order: OnlineOrder) -> Wish:
    return Wish(
        number=order.number,
        fen=order.fen,
        description=order.description,
        notify_url=f"{services.settings.public_url}{NOTIFY}",
        expires_at=order.expires_at,
        openid=order.openid,
    )
