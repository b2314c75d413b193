"""A company's own categories: what it changed, and what holds in the end."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.workorders.categories import DEFAULTS, CategoryRule
from models.workorders.category_sheet import CategoryRow
from models.workorders.tables import Category


def rules_of(session: Session, company_id: int) -> list[CategoryRule]:
    """Every category as it holds for this company, in the product's order. One statement."""
    own = {
        row.code: CategoryRule(row.code, row.trade, row.scope, row.priority, row.answer)
        for row in session.scalars(sa.select(Category).where(Category.company_id == company_id, Category.active))
    }
    return [own.get(code, rule) for code, rule in DEFAULTS.items()]


def changed_by(session: Session, company_id: int, rows: Iterable[CategoryRow]) -> list[CategoryRow]:
    """The rows that say something else than what holds now."""
    now = {rule.code: rule for rule in rules_of(session, company_id)}
    return [row for row in rows if now[row.rule.code] != (row.rule if row.active else DEFAULTS[row.rule.code])]


def set_categories(session: Session, company_id: int, rows: Sequence[CategoryRow], *, now: datetime, by: str) -> None:
    """Make these rows hold for new reports; a row that is switched off goes back to the product's own."""
    codes = [row.rule.code for row in rows]
    session.execute(sa.delete(Category).where(Category.company_id == company_id, Category.code.in_(codes)))
    session.add_all(
        Category(
            company_id=company_id,
            code=row.rule.code,
            trade=row.rule.trade,
            scope=row.rule.scope,
            priority=row.rule.priority,
            answer=row.rule.answer,
            active=True,
        )
        for row in rows
        if row.active
    )
    record(
        session,
        at=now,
        actor=by,
        action="categories.set",
        subject=f"company:{company_id}",
        source="command",
        company_id=company_id,
        details={"categories": codes},
    )
