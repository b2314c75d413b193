"""What the service contract of a compound says of money, where it differs from the product's defaults."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.audit.log import record
from models.estate.tables import Community
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


def change_terms(session: Session, community: Community, *, by: str, now: datetime, **values: Any) -> PayTerms:
    """From now on; what was decided before stays."""
    terms = session.get(PayTerms, community.id)
    if terms is None:
        terms = PayTerms(community_id=community.id, **DEFAULTS)
        session.add(terms)
    for name, value in values.items():
        setattr(terms, name, value)
    session.flush()
    record(
        session, at=now, actor=by, action="terms.change", subject=f"community:{community.id}", source="chat",
        company_id=community.company_id, details=values,
    )  # fmt: skip
    return terms
