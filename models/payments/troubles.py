"""What a person must look at about money from WeChat: kept once, whatever becomes of it, and told to who keeps the books."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_or_ignore
from models.estate.tables import Company, Home
from models.messaging import outbox
from models.money import shown
from models.payments.online_tables import OnlineOrder, PayTrouble
from models.people.tables import Staff

_WHO = ("cashier", "manager", "clerk")


def keep_trouble(
    session: Session,
    what: str,
    number: str,
    words: str,
    *,
    order: OnlineOrder | None = None,
    company_id: int | None = None,
    transaction_id: str = "",
    fen: int | None = None,
    now: datetime,
) -> bool:
    """Write it down and tell staff; False when the same was kept before."""
    company = order.company_id if order is not None else company_id
    values = {
        "company_id": company, "what": what, "number": number[:64], "transaction_id": transaction_id[:32], "fen": fen,
        "words": words[:200], "at": now, "settled_at": None,
    }  # fmt: skip
    if not insert_or_ignore(session, PayTrouble, values):
        return False
    where = session.get_one(Home, order.home_id).label if order is not None else ""
    for staff in keepers_of(session, company):
        outbox.put(
            session, account=staff.account, openid=staff.openid, kind="pay_trouble",
            data={"number": number, "words": words, "amount": shown(fen) if fen else "", "home": where},
            dedupe_key=f"{what}:{number}:{transaction_id}", now=now,
        )  # fmt: skip
    return True


def keepers_of(session: Session, company_id: int | None) -> list[Staff]:
    """The cashiers of the company, else its managers. Of an order nobody knows only the one company there is may hear."""
    if company_id is None:
        companies = session.scalars(sa.select(Company.id).limit(2)).all()
        if len(companies) != 1:
            return []
        company_id = companies[0]
    rows = session.scalars(
        sa.select(Staff)
        .where(
            Staff.company_id == company_id,
            Staff.role.in_(_WHO),
            Staff.openid.is_not(None),
            Staff.left_at.is_(None),
        )
        .order_by(Staff.id)
    ).all()
    return [staff for staff in rows if staff.role == "cashier"] or list(rows)
