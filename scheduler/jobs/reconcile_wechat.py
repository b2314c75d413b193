"""对账: yesterday's statement of WeChat Pay, from ten in the morning on, until it is there and compared; what was paid without
our knowing is asked for and posted by the same way as any other payment."""

import logging
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.services import Services
from bot.wechat.pay_terms import PayError
from models.errors import Refusal
from models.payments import reconciling
from models.payments.confirm import Merchant, take_news
from models.payments.facts import NotReadable
from models.payments.reconcile_tables import StatementDay
from models.payments.reconciling_news import tell_day
from models.payments.trade_bill import BillUnreadable, Statement, read_trade_bill

if TYPE_CHECKING:
    from bot.wechat.pay import Pay

log = logging.getLogger(__name__)


def run(services: Services, now: datetime) -> str:
    if not services.settings.pays_online:
        return "no WeChat Pay"
    with services.database.transaction() as session:
        due = [(day.id, day.day) for day in reconciling.due_days(session, services.settings.wxpay_mchid, now)]
        unposted = bool(reconciling.unposted(session))
    pay = services.pay if due or unposted else None
    return "0 of 0 days compared, 0 payments found" if pay is None else _catch_up(services, pay, due, now)


def _catch_up(services: Services, pay: "Pay", due: list[tuple[int, date]], now: datetime) -> str:
    compared = sum(_compare(services, pay, number, day, now) for number, day in due)
    with services.database.reading() as session:
        unposted = reconciling.unposted(session)
    posted = sum(_post(services, pay, difference, order, now) for difference, order in unposted)
    for number, _ in due:
        with services.database.transaction() as session:
            tell_day(session, session.get_one(StatementDay, number), now=now)
    return f"{compared} of {len(due)} days compared, {posted} payments found"


def _compare(services: Services, pay: "Pay", number: int, day: date, now: datetime) -> bool:
    """Nothing is locked while WeChat is asked. Whatever goes wrong, the day stays open: only WeChat's own word makes it empty."""
    statement: Statement | None = None
    try:
        content = pay.trade_bill(day)
        statement = None if content is None else read_trade_bill(content)
    except (PayError, BillUnreadable) as trouble:
        log.warning("a statement could not be had", extra={"day": day.isoformat(), "why": str(trouble)})
        with services.database.transaction() as session:
            reconciling.failed(session, session.get_one(StatementDay, number), str(trouble), now=now)
        return False
    with services.database.transaction() as session:
        reconciling.compare_day(session, session.get_one(StatementDay, number), statement, now=now)
    return True


def _post(services: Services, pay: "Pay", difference: int, order: str, now: datetime) -> bool:
    """The statement only says that there is something; what is posted is what WeChat answers about the order."""
    try:
        told = pay.look_up(order)
        with services.database.transaction() as session:
            if take_news(session, order, told, Merchant(pay.account.mchid, pay.account.appid), now=now) != "paid":
                return False
            reconciling.posted_after_all(session, difference, now=now)
        return True
    except (PayError, NotReadable, Refusal) as trouble:
        log.warning("an order could not be posted", extra={"order": order, "why": str(trouble)})
        return False
