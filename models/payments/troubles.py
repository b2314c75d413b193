"""What a person must look at about money from WeChat: kept once, whatever becomes of it, and told to who keeps the books."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.db import insert_or_ignore
from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.tables import Company, Home
from models.messaging import outbox
from models.money import shown
from models.payments.online_tables import OnlineOrder, OnlineRefund, PayTrouble
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
            data={"what": what, "number": number, "words": words, "amount": shown(fen) if fen else "", "home": where},
            dedupe_key=f"{what}:{number}:{transaction_id}", now=now,
        )  # fmt: skip
    return True


def open_troubles(
    session: Session, company_id: int, community_ids: Collection[int] | None, *, limit: int = 20
) -> Sequence[PayTrouble]:
    """What nobody has looked into yet, the oldest first; `community_ids` is None for whoever looks after all."""
    return session.scalars(
        sa.select(PayTrouble)
        .where(*_in_scope(company_id, community_ids), PayTrouble.settled_at.is_(None))
        .order_by(PayTrouble.id)
        .limit(limit)
    ).all()


def settle_trouble(
    session: Session,
    number: int,
    reason: str,
    *,
    company_id: int,
    community_ids: Collection[int] | None,
    by: str,
    now: datetime,
) -> None:
    """Somebody has looked into it. Raises NotFound for what this person may not see, Refusal without a reason, AlreadyDone."""
    row = session.scalars(
        sa.select(PayTrouble).where(PayTrouble.id == number, *_in_scope(company_id, community_ids))
    ).one_or_none()
    if row is None:
        raise NotFound("没有找到这件事。")
    if len(reason.strip()) < 2:
        raise Refusal("请写上怎么处理的，比如「已退款给业主」。")
    settled = session.execute(
        sa.update(PayTrouble)
        .where(PayTrouble.id == number, PayTrouble.settled_at.is_(None))
        .values(settled_at=now)
        .returning(PayTrouble.id)
        .execution_options(synchronize_session=False)
    ).first()
    if settled is None:
        raise AlreadyDone("这件事刚刚已经处理过了。")
    record(
        session, at=now, actor=by, action="trouble.settle", subject=f"trouble:{number}", source="web",
        company_id=company_id, details={"what": row.what, "number": row.number, "reason": reason.strip()[:100]},
    )  # fmt: skip


def _in_scope(company_id: int, community_ids: Collection[int] | None) -> tuple[sa.ColumnElement[bool], ...]:
    """Of an order or refund of these compounds; what belongs to no order is for whoever looks after all."""
    ours = PayTrouble.company_id == company_id
    if community_ids is None:
        return (ours,)
    of_order = sa.exists().where(OnlineOrder.number == PayTrouble.number, OnlineOrder.community_id.in_(community_ids))
    of_refund = sa.exists().where(
        OnlineRefund.number == PayTrouble.number, OnlineRefund.community_id.in_(community_ids)
    )
    return (ours, sa.or_(of_order, of_refund))


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
