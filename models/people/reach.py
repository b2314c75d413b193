"""How people are reached when WeChat is not enough: their phones, and who must look when sending stands still."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.tables import OfficialAccount
from models.messaging import outbox
from models.people.queries import managers_of
from models.people.tables import Binding, Person, Staff

Who = tuple[str, str]  # (account, openid)


def phones_of(session: Session, people: Collection[Who]) -> dict[Who, str]:
    """The mobile numbers on the books of these WeChats: of staff their own, of residents the bound person's. Two statements."""
    wanted = list(people)
    residents = session.execute(
        sa.select(Binding.account, Binding.openid, Person.phone)
        .join(Person, Person.id == Binding.person_id)
        .where(sa.tuple_(Binding.account, Binding.openid).in_(wanted))
        .order_by(Binding.id.desc())
    )
    staff = session.execute(
        sa.select(Staff.account, Staff.openid, Staff.phone).where(
            sa.tuple_(Staff.account, Staff.openid).in_(wanted), Staff.left_at.is_(None)
        )
    )
    rows = [*residents, *staff]
    return {(account or "", openid or ""): phone for account, openid, phone in rows if is_mobile(phone)}


def is_mobile(phone: str) -> bool:
    """A mainland mobile number: landlines get no text messages."""
    return len(phone) == 11 and phone.isascii() and phone.isdigit() and phone.startswith("1")


def alarm_managers(session: Session, account: str, what: str, why: str, now: datetime) -> int:
    """Promise everybody who is in charge the news that sending stands still; returns how many. Once an hour each."""
    company_id = session.scalar(sa.select(OfficialAccount.company_id).where(OfficialAccount.account == account))
    if company_id is None:
        return 0
    return sum(
        outbox.put(
            session,
            account=staff.account,
            openid=staff.openid,
            kind="sending_stopped",
            data={"what": what, "why": why, "where": "", "problem": ""},
            dedupe_key=f"{what}:{now:%Y-%m-%dT%H}",
            now=now,
        )
        for staff in managers_of(session, company_id)
    )
