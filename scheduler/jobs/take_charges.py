"""What was announced is taken on its day, under the contract, and asked about until it has ended. A number that WeChat never got is
asked for once more, the same one; a new one only some days after nothing came of it, and not before WeChat has said so again."""

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from bot.services import Services
from bot.wechat.pay_terms import Charge, PayError
from models.errors import Refusal
from models.papay import attempts
from models.papay.results import IS_OVER, failed, still_unknown, take_result
from models.papay.rules import may_charge, tries_of
from models.papay.tables import PapayAttempt
from models.payments import online, order_states
from models.payments.confirm import Merchant
from models.payments.facts import NotReadable

if TYPE_CHECKING:
    from bot.wechat.pay_entrust import Entrust

log = logging.getLogger(__name__)

NOTIFY = "/wxpay/papay-notify"


def run(services: Services, now: datetime) -> str:
    if not services.settings.pays_online:
        return "no WeChat Pay"
    begun = _begin(services, now) if services.settings.papay.on else 0
    with services.database.reading() as session:
        numbers = online.due(session, now, entrusted=True)
    entrust = services.papay if numbers else None
    if entrust is not None:
        for number in numbers:
            _see_to(services, entrust, number, now)
    return f"{begun} begun, {len(numbers)} asked about"


def _begin(services: Services, now: datetime) -> int:
    terms = services.settings.papay
    with services.database.reading() as session:
        due = attempts.to_charge(session, now)
    begun = 0
    for number in due if may_charge(now, now.date(), terms.from_hour, terms.to_hour) else ():
        if not _nothing_came_before(services, number, now):
            continue
        with services.database.transaction() as session:
            begun += attempts.begin(session, number, now=now) is not None
    return begun


def _nothing_came_before(services: Services, attempt: int, now: datetime) -> bool:
    """A further try waits until WeChat says that the one before is over; money that came late is kept, and nothing more is taken."""
    with services.database.reading() as session:
        before = attempts.number_before(session, session.get_one(PapayAttempt, attempt))
    if before is None:
        return True
    entrust = services.papay
    try:
        told = entrust.look_up(before) if entrust is not None else {}
        if told and told["trade_state"] in order_states.CAME:
            with services.database.transaction() as session:
                take_result(session, before, told, _merchant(services), now=now)
    except (PayError, NotReadable, Refusal) as problem:
        log.warning("the try before is not settled", extra={"order": before, "why": str(problem)})
        return False
    return told is None or told.get("trade_state") in IS_OVER


def _see_to(services: Services, entrust: "Entrust", number: str, now: datetime) -> None:
    with services.database.transaction() as session:
        if not attempts.claim(session, number, now=now):
            return
    try:
        told = entrust.look_up(number)
        if told is None:
            told = _ask(services, entrust, number, now)
        if told is not None:
            with services.database.transaction() as session:
                take_result(
                    session, number, told, _merchant(services), now=now, tries=tries_of(services.settings.papay)
                )
    except (PayError, NotReadable, Refusal) as problem:
        log.warning("a charge is not settled yet", extra={"order": number, "why": str(problem)})
        with services.database.transaction() as session:
            still_unknown(session, number, now=now)


def _ask(services: Services, entrust: "Entrust", number: str, now: datetime) -> dict[str, object] | None:
    """WeChat does not know the number: it is to take it, within the hours of its day; else nothing will come of it."""
    terms = services.settings.papay
    with services.database.transaction() as session:
        found = attempts.charge_of(session, number)
        if found is None or found[2].state != "new":
            return None
        attempt, contract, order = found
        in_time = terms.on and may_charge(now, attempt.charge_on, terms.from_hour, terms.to_hour)
        if not in_time or contract.state != "signed":
            if order_states.is_over(order.expires_at, now):
                failed(session, number, "", now=now, tries=tries_of(terms))
            return None
        url = f"{services.settings.public_url}{NOTIFY}"
        charge = Charge(number, contract.contract_id or "", order.fen, order.description, url)
    try:
        entrust.charge(charge)
    except PayError as refused:
        if refused.unknown:
            raise
        # What a "no" says of a number is only believed when WeChat does not know that number.
        told = entrust.look_up(number)
        if told is None:
            with services.database.transaction() as session:
                failed(session, number, refused.code, now=now, tries=tries_of(terms))
        return told
    return {"trade_state": "ACCEPT"}


def _merchant(services: Services) -> Merchant:
    return Merchant(services.settings.wxpay_mchid, services.settings.wechat_appid)
