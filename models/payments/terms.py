"""What the service contract of a compound says of paying, read and changed; whoever changes it is written down."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.db import insert_or_ignore
from models.errors import Refusal
from models.estate.tables import Community
from models.money import shown
from models.payments.online_tables import PayTerms

MOST_MONTHS = 60
MOST_FREE = 10_000_000  # fen: what a cashier gives back alone is never a hundred thousand yuan


@dataclass(frozen=True)
class Terms:
    """`prepay_months`: 0 for any number. `refund_free`: fen a cashier gives back alone. `principal_first`: owed money before late fees."""

    prepay_months: int = 12
    refund_free: int = 0
    principal_first: bool = False


def terms_of(session: Session, community_id: int) -> Terms:
    row = session.get(PayTerms, community_id)
    return Terms(row.prepay_months, row.refund_free, row.principal_first) if row is not None else Terms()


def set_terms(session: Session, community: Community, terms: Terms, *, by: str, now: datetime) -> bool:
    """Raises Refusal for numbers that cannot be meant; False when nothing is different from before."""
    if not 0 <= terms.prepay_months <= MOST_MONTHS:
        raise Refusal(f"预存的月数请写 0 到 {MOST_MONTHS}，0 是不限。")
    if not 0 <= terms.refund_free <= MOST_FREE:
        raise Refusal(f"收费员自己能退的金额，请写 0 到 {shown(MOST_FREE)}。")
    before = terms_of(session, community.id)
    if terms == before:
        return False
    values = {
        "prepay_months": terms.prepay_months, "refund_free": terms.refund_free, "principal_first": terms.principal_first,
    }  # fmt: skip
    if not insert_or_ignore(session, PayTerms, {"community_id": community.id, **values}):
        session.execute(sa.update(PayTerms).where(PayTerms.community_id == community.id).values(**values))
    session.expire_all()
    record(
        session, at=now, actor=by, action="terms.set", subject=f"community:{community.id}", source="web",
        company_id=community.company_id,
        details={name: [getattr(before, name), value] for name, value in values.items() if getattr(before, name) != value},
    )  # fmt: skip
    return True
