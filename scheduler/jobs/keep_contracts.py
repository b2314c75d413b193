"""委托代扣 contracts: whether somebody has agreed is asked of WeChat, because notices get lost; what is wanted ended is ended there;
and a contract of somebody who is not of the home any more is ended by itself."""

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from bot.services import Services
from bot.wechat.pay_terms import PayError
from models.papay import contracts
from models.papay.facts import read_contract
from models.payments.facts import NotReadable

if TYPE_CHECKING:
    from bot.wechat.pay_entrust import Entrust

log = logging.getLogger(__name__)

WHY = "用户取消自动扣款"


def run(services: Services, now: datetime) -> str:
    if not services.settings.pays_online:
        return "no WeChat Pay"
    gone = 0
    with services.database.reading() as session:
        leaving = contracts.no_longer_theirs(session)
    if leaving:  # most minutes nobody has to wait for anything to be written
        with services.database.transaction() as session:
            gone = contracts.end_what_is_no_longer_theirs(session, now=now)
    with services.database.reading() as session:
        due = contracts.due(session, now)
    entrust = services.papay if due else None
    if entrust is not None:
        for code, state in due:
            _ask(services, entrust, code, state, now)
    return f"{len(due)} asked about, {gone} no longer theirs"


def _ask(services: Services, entrust: "Entrust", code: str, state: str, now: datetime) -> None:
    """Nothing is locked while WeChat is asked; what it does not answer is asked again."""
    try:
        if state == "ending":
            entrust.end_contract(code, WHY)
            with services.database.transaction() as session:
                contract = contracts.find(session, code)
                if contract is not None:
                    contracts.ended(session, contract, contract.ended_why, by=contract.ended_by, now=now)
            return
        told = entrust.look_up_contract(code)
        news = read_contract(told) if told is not None else None
    except (PayError, NotReadable) as failed:
        log.warning("a contract could not be asked about", extra={"contract": code, "why": str(failed)})
        news = None
    with services.database.transaction() as session:
        contract = contracts.find(session, code)
        if news is not None:
            contracts.take_news(session, news, now=now)
        elif contract is not None:
            contracts.looked(session, contract, now=now)
