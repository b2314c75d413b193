"""Refunds that are in the books are asked of WeChat, always by the same number, and looked up until they are settled."""

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from bot.services import Services
from bot.wechat.pay_terms import PayError, RefundWish
from models.payments.facts import NotReadable, read_refund
from models.payments.refunding import asked, due_refunds, take_refund_news

if TYPE_CHECKING:
    from bot.wechat.pay import Pay

log = logging.getLogger(__name__)

NOTIFY = "/wxpay/refund-notify"


def run(services: Services, now: datetime) -> str:
    if not services.settings.pays_online:
        return "no WeChat Pay"
    with services.database.reading() as session:
        wishes = [
            RefundWish(
                wanted.number, payment.reference, wanted.fen, payment.fen, wanted.reason or "退款",
                f"{services.settings.public_url}{NOTIFY}",
            )
            for wanted, payment in due_refunds(session, now)
        ]  # fmt: skip
    pay = services.pay if wishes else None
    if pay is None:
        return "0 refunds asked for"
    for wish in wishes:
        _send(services, pay, wish, now)
    return f"{len(wishes)} refunds asked for"


def _send(services: Services, pay: "Pay", wish: RefundWish, now: datetime) -> None:
    with services.database.transaction() as session:
        asked(session, wish.number, now=now)
    try:
        told = pay.look_up_refund(wish.number) or pay.refund(wish)
        with services.database.transaction() as session:
            take_refund_news(session, read_refund(told), now=now)
    except (PayError, NotReadable) as failed:
        log.warning("a refund is not settled yet", extra={"refund": wish.number, "why": str(failed)})
