"""What the service contract of a compound says of money, where it differs from the product's defaults."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.audit.log import record
from models.errors import Refusal
from models.estate.tables import Community
from models.money import shown
from models.payments.online_tables import PayTerms


def terms_of(session: Session, community_id: int) -> PayTerms:
    """The compound's own terms, or the defaults. Only to be read: `change_terms` writes."""
    found = session.get(PayTerms, community_id)
    return found if found is not None else PayTerms(community_id=community_id, **DEFAULTS)


DEFAULTS: dict[str, Any] = {
    column.name: column.default.arg
    for column in PayTerms.__table__.columns
    if column.default is not None  # all but the key
}


MOST_MONTHS = 60
MOST_FREE = 1_000_000  # fen: what one person may decide on alone is never ten thousand yuan


def refuse_nonsense(values: Mapping[str, Any]) -> None:
    """Raises Refusal for numbers that no contract can mean."""
    if not 0 <= values.get("prepay_months", 0) <= MOST_MONTHS:
        raise Refusal(f"预存的月数请写0到{MOST_MONTHS}，0是不限。")
    for name, words in (("refund_free", "退款"), ("waive_free", "减免")):
        if not 0 <= values.get(name, 0) <= MOST_FREE:
            raise Refusal(f"一个人能定的{words}，请写0到{shown(MOST_FREE)}。")


def change_terms(
    session: Session, community: Community, *, by: str, source: str = "chat", now: datetime, **values: Any
) -> PayTerms:
    """From now on; what was decided before stays. Raises Refusal."""
    refuse_nonsense(values)
    terms = session.get(PayTerms, community.id)
    if terms is None:
        terms = PayTerms(community_id=community.id, **DEFAULTS)
        session.add(terms)
    for name, value in values.items():
        setattr(terms, name, value)
    session.flush()
    record(
        session, at=now, actor=by, action="terms.change", subject=f"community:{community.id}", source=source,
        company_id=community.company_id, details=values,
    )  # fmt: skip
    return terms
