"""What a company may decide for itself about repairs, and what holds until it does."""

from datetime import time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.tables import CompanySetting

# Of a hundred finished orders with a satisfied owner, how many are called about (domain rules 2.7: 20–30).
VISIT_SAMPLE_PERCENT = ("visit_sample_percent", 25)

# Minutes until an order nobody answered goes to the next worker (domain rule T7): ordinary, and for P0.
TAKE_WITHIN_MINUTES = ("take_within_minutes", 10)
TAKE_WITHIN_MINUTES_P0 = ("take_within_minutes_p0", 3)

# The hours in which ordinary work is given out (domain rules 2.2). A company with people awake all night says 0 and 24.
WORK_FROM_HOUR = ("work_from_hour", 8)
WORK_UNTIL_HOUR = ("work_until_hour", 18)


def working_hours(session: Session, company_id: int) -> tuple[time, time]:
    """From and until, local time; (00:00, 23:59:59) for round the clock. One statement."""
    defaults = dict((WORK_FROM_HOUR, WORK_UNTIL_HOUR))
    own = session.execute(
        sa.select(CompanySetting.name, CompanySetting.value).where(
            CompanySetting.company_id == company_id, CompanySetting.name.in_(sorted(defaults))
        )
    )
    hours = {**defaults, **{name: int(value) for name, value in own}}
    until = hours["work_until_hour"]
    return time(hours["work_from_hour"]), time(until) if until < 24 else time.max


def number(session: Session, company_id: int, setting: tuple[str, int]) -> int:
    """The company's own value of one of the settings above, or its default."""
    name, default = setting
    value = session.scalar(
        sa.select(CompanySetting.value).where(CompanySetting.company_id == company_id, CompanySetting.name == name)
    )
    return int(value) if value is not None else default
