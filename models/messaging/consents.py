"""The ledger of who allows how many subscription messages (reference 3.5): each yes is good for one message, for ever."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_or_ignore
from models.messaging.tables import Consent

ACCEPT, REJECT = "accept", "reject"


def answered(session: Session, account: str, openid: str, template_id: str, answer: str, now: datetime) -> None:
    """The person answered the pop-up: a yes adds one message, a no adds none."""
    _change(session, account, openid, template_id, by=int(answer == ACCEPT), answer=answer, now=now)


def changed(session: Session, account: str, openid: str, template_id: str, answer: str, now: datetime) -> None:
    """The person changed it in the account's settings: a no takes back everything; a yes there gives no message."""
    if answer == REJECT:
        none_left(session, account, openid, template_id, answer, now)
    else:
        _change(session, account, openid, template_id, by=0, answer=answer, now=now)


def spent(session: Session, account: str, openid: str, template_id: str, now: datetime) -> None:
    """One message left."""
    _change(session, account, openid, template_id, by=-1, answer="spent", now=now)


def none_left(session: Session, account: str, openid: str, template_id: str, answer: str, now: datetime) -> None:
    """WeChat or the person says that there is nothing left, whatever we counted."""
    _change(session, account, openid, template_id, by=None, answer=answer, now=now)


def _change(
    session: Session, account: str, openid: str, template_id: str, *, by: int | None, answer: str, now: datetime
) -> None:
    if not template_id:
        return
    key = {"account": account, "openid": openid, "template_id": template_id}
    insert_or_ignore(session, Consent, {**key, "left": 0, "answer": "", "changed_at": now})
    at_least_none = sa.case((Consent.left + (by or 0) < 0, 0), else_=Consent.left + (by or 0))
    session.execute(
        sa.update(Consent)
        .where(Consent.account == account, Consent.openid == openid, Consent.template_id == template_id)
        .values(left=0 if by is None else at_least_none, answer=answer[:16], changed_at=now)
        .execution_options(synchronize_session=False)
    )
