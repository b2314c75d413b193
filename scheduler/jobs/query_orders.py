"""Callbacks get lost: every order that is not ended is looked up with WeChat soon and often, and ended when its time is over."""

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from bot.services import Services
from bot.wechat.pay_terms import PayError
from models.errors import Refusal
from models.payments import online, order_states
from models.payments.confirm import Merchant, still_unknown, take_news
from models.payments.facts import NotReadable

if TYPE_CHECKING:
    from bot.wechat.pay import Pay

log = logging.getLogger(__name__)


def run(services: Services, now: datetime) -> str:
    if not services.settings.pays_online:
        return "no WeChat Pay"
    with services.database.reading() as session:
        numbers = online.due(session, now)
    pay = services.pay if numbers else None
    if pay is None:
        return "0 looked up, 0 ended"
    ended = sum(_look(services, pay, number, now) for number in numbers)
    return f"{len(numbers)} looked up, {ended} ended"


def _look(services: Services, pay: "Pay", number: str, now: datetime) -> bool:
    """Nothing is locked while WeChat is asked. What it does not answer is asked again next time; nothing is guessed."""
    with services.database.transaction() as session:
        order = online.find(session, number)
        if order is None:
            return False
        over = order.state == "closing" or order_states.is_over(order.expires_at, now)
        if over:
            online.wants_end(session, number, by=order.by, now=now)
        online.looked(session, order, now=now)  # a WeChat that does not answer is not asked again at once
    try:
        told = pay.end(number) if over else pay.look_up(number)
        with services.database.transaction() as session:
            merchant = Merchant(pay.account.mchid, pay.account.appid)
            return take_news(session, number, told, merchant, now=now) not in order_states.OPEN
    except (PayError, NotReadable, Refusal) as failed:
        log.warning("an order could not be looked up", extra={"order": number, "why": str(failed)})
        with services.database.transaction() as session:
            still_unknown(session, number, now=now)
        return False
