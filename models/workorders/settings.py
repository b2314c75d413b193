"""What a company may decide for itself about repairs, and what holds until it does."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.tables import CompanySetting

# Of a hundred finished orders with a satisfied owner, how many are called about (domain rules 2.7: 20–30).
VISIT_SAMPLE_PERCENT = ("visit_sample_percent", 25)

# Minutes until an order nobody answered goes to the next worker (domain rule T7): ordinary, and for P0.
TAKE_WITHIN_MINUTES = ("take_within_minutes", 10)
TAKE_WITHIN_MINUTES_P0 = ("take_within_minutes_p0", 3)


def number(session: Session, company_id: int, setting: tuple[str, int]) -> int:
    """The company's own value of one of the settings above, or its default."""
    name, default = setting
    value = session.scalar(
        sa.select(CompanySetting.value).where(CompanySetting.company_id == company_id, CompanySetting.name == name)
    )
    return int(value) if value is not None else default
