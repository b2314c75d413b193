"""Bills of homes with a 委托代扣 contract come near their due day: what will be taken is announced to WeChat, then to whoever signed."""

import logging
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from bot.services import Services
from bot.wechat.pay_terms import PayError
from models.db import SHANGHAI
from models.papay import attempts
from models.papay.attempts import Coming
from models.papay.contracts import take_news
from models.papay.facts import read_contract
from models.papay.rules import reason_of
from models.payments.facts import NotReadable

if TYPE_CHECKING:
    from bot.wechat.pay_entrust import Entrust

log = logging.getLogger(__name__)


def run(services: Services, now: datetime) -> str:
    terms = services.settings.papay
    hour = now.astimezone(SHANGHAI).hour
    if not terms.on or services.papay is None or not terms.from_hour <= hour < terms.to_hour:
        return "nothing is announced now"
    with services.database.transaction() as session:
        planned = attempts.plan(session, notice_days=terms.notice_days, now=now)
        coming = attempts.to_announce(session, now, notice_days=terms.notice_days)
    told = sum(_announce(services, one, now) for one in coming)
    return f"{planned} planned, {told} announced"


def _ask_about_contract(services: Services, code: str, now: datetime) -> None:
    """WeChat will not have it: perhaps the contract has ended and the notice of that was lost."""
    entrust: Entrust | None = services.papay
    with suppress(PayError, NotReadable):
        told = entrust.look_up_contract(code) if entrust is not None else None
        if told is not None:
            with services.database.transaction() as session:
                take_news(session, read_contract(told), now=now)


def _announce(services: Services, coming: Coming, now: datetime) -> bool:
    days, pay = services.settings.papay.notice_days, services.pay
    try:
        if days and pay is not None:
            pay.announce(coming.contract_id, coming.fen, days)
    except PayError as failed:
        log.warning("a charge could not be announced", extra={"attempt": coming.attempt, "why": str(failed)})
        if not failed.unknown:
            _ask_about_contract(services, coming.code, now)
            with services.database.transaction() as session:
                attempts.refused(session, coming.attempt, reason_of(failed.code), now=now)
        return False
    with services.database.transaction() as session:
        return attempts.announced(session, coming, notice_days=days, now=now)
