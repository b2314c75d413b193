"""What WeChat says of a charge: money that came is posted as every payment is; of what did not, the home hears why and what is next."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.papay.attempts import charge_of
from models.papay.retrying import came, plan_again
from models.papay.rules import ONE_TRY, Tries, reason_of
from models.papay.tables import PapayAttempt
from models.papay.telling import tell_failed
from models.payments import online, order_states
from models.payments.confirm import Merchant, confirm
from models.payments.facts import read_transaction
from models.payments.troubles import keep_trouble

IS_OVER = order_states.GONE | {"PAY_FAIL"}


def take_result(
    session: Session,
    number: str,
    told: Mapping[str, Any],
    merchant: Merchant,
    *,
    now: datetime,
    tries: Tries = ONE_TRY,
) -> str:
    """Returns how the order stands then, as `confirm` does; "unknown" for one that is not ours. Raises NotReadable."""
    found = charge_of(session, number)
    if found is None and told.get("trade_state") not in order_states.CAME:
        return "unknown"
    if told.get("trade_state") in order_states.CAME:
        whose = (found[0].id, found[0].home_id) if found is not None else None
        outcome = confirm(session, read_transaction(told), merchant, now=now)
        if whose is not None and outcome == "paid":
            came(session, *whose, now=now)
        return outcome
    if told.get("trade_state") in IS_OVER:
        failed(session, number, str(told.get("why", "")), now=now, tries=tries)
    else:
        order = online.find(session, number)
        if order is not None and order.state in order_states.OPEN:
            online.opened(session, number, "", now=now)
            online.looked(session, order, now=now)
            still_unknown(session, number, now=now)
    session.expire_all()
    order = online.find(session, number)
    return order.state if order is not None else "unknown"


def still_unknown(session: Session, number: str, *, now: datetime) -> None:
    """Whether it came is not known yet; after two days a person must look at it, and hears of it once."""
    order = online.find(session, number)
    if order is not None and order.state in order_states.OPEN and order_states.is_over(order.expires_at, now):
        keep_trouble(
            session, "unresolved", number, "两天了还不知道微信扣没扣成，请到商户平台核对。", order=order, now=now
        )


def failed(session: Session, number: str, code: str, *, now: datetime, tries: Tries = ONE_TRY) -> bool:
    """Nothing came and nothing will: said once, with the day of the next try if there is one. False when the order has ended already."""
    found = charge_of(session, number)
    if found is None or not online.closed(session, number, now=now):
        return False
    reason = reason_of(code)
    told = session.execute(
        sa.update(PapayAttempt)
        .where(PapayAttempt.id == found[0].id, PapayAttempt.failed_at.is_(None))
        .values(failed_at=now, reason=reason)
        .returning(PapayAttempt.id)
        .execution_options(synchronize_session=False)
    ).first()
    session.expire_all()
    if told is not None:
        attempt = session.get_one(PapayAttempt, told[0])
        again = plan_again(session, attempt, reason, tries, now=now)
        tell_failed(session, attempt, reason, again=again.charge_on if again is not None else None, now=now)
    return True


def is_ended(session: Session, number: str) -> bool:
    """Is it in the books that this charge has ended? To be asked in a transaction of its own."""
    order = online.find(session, number)
    return order is not None and order.state in ("paid", "closed")
