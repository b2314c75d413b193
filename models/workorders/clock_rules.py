"""What a company has decided that clocks depend on: its calendars, its limits, its storms. Read once, used for all its orders."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.db import insert_or_ignore
from models.estate.tables import CompanySetting
from models.estate.working_days import Calendars, calendars_of
from models.workorders.sla import DEFAULTS, PAUSE_DAYS, STORM_PERCENT, Limit, Rules, Storm
from models.workorders.states import OPEN
from models.workorders.tables import OrderClock, StormMode, WorkOrder

LIMITS = "sla_limits"
_NUMBERS = {"storm_percent": STORM_PERCENT, "pause_days": PAUSE_DAYS}

_LOOKED_BACK = timedelta(days=400)


@dataclass
class CompanyRules:
    """The rules of one company; those of a compound are put together once."""

    calendars: Calendars
    limits: Mapping[str, Limit]
    storms: Sequence[StormMode]
    numbers: Mapping[str, int]
    _of: dict[int, Rules] = field(default_factory=dict)

    def of(self, community_id: int) -> Rules:
        if community_id not in self._of:
            storms = [storm for storm in self.storms if storm.community_id in (None, community_id)]
            self._of[community_id] = Rules(
                calendar=self.calendars.of(community_id),
                limits=self.limits,
                storms=tuple(Storm(storm.id, storm.begins_at, storm.ends_at) for storm in storms),
                storm_percent=self.numbers["storm_percent"],
                pause_days=self.numbers["pause_days"],
            )
        return self._of[community_id]


def rules_of(session: Session, company_id: int, now: datetime) -> CompanyRules:
    """Three statements."""
    own = session.execute(
        sa.select(CompanySetting.name, CompanySetting.value).where(
            CompanySetting.company_id == company_id, CompanySetting.name.in_([LIMITS, *_NUMBERS])
        )
    )
    settings = {name: value for name, value in own}
    storms = session.scalars(
        sa.select(StormMode)
        .where(StormMode.company_id == company_id, StormMode.ends_at > now - _LOOKED_BACK)
        .order_by(StormMode.begins_at, StormMode.id)
    ).all()
    return CompanyRules(
        calendars=calendars_of(session, company_id, now),
        limits=_limits_from(settings.get(LIMITS)),
        storms=storms,
        numbers={name: int(settings.get(name, default)) for name, default in _NUMBERS.items()},
    )


def limits_of(session: Session, company_id: int) -> Mapping[str, Limit]:
    """The company's own limits over the product's. One statement."""
    value = session.scalar(
        sa.select(CompanySetting.value).where(CompanySetting.company_id == company_id, CompanySetting.name == LIMITS)
    )
    return _limits_from(value)


def set_limits(session: Session, company_id: int, limits: Mapping[str, Limit], *, now: datetime, by: str) -> None:
    """Make these hold at once, for open orders too; priorities that are not named stay as they are."""
    value = {priority: asdict(limit) for priority, limit in {**limits_of(session, company_id), **limits}.items()}
    if not insert_or_ignore(session, CompanySetting, {"company_id": company_id, "name": LIMITS, "value": value}):
        session.execute(
            sa.update(CompanySetting)
            .where(CompanySetting.company_id == company_id, CompanySetting.name == LIMITS)
            .values(value=value)
            .execution_options(synchronize_session=False)
        )
    look_again(session, company_id, now)
    record(
        session,
        at=now,
        actor=by,
        action="sla.set",
        subject=f"company:{company_id}",
        source="command",
        company_id=company_id,
        details={"priorities": sorted(limits)},
    )


def look_again(session: Session, company_id: int, now: datetime) -> None:
    """The rules have changed: the clocks of everything open are read anew by the next look."""
    open_ones = sa.select(WorkOrder.id).where(WorkOrder.company_id == company_id, WorkOrder.state.in_(OPEN))
    session.execute(
        sa.update(OrderClock)
        .where(OrderClock.order_id.in_(open_ones))
        .values(next_look_at=now)
        .execution_options(synchronize_session=False)
    )


def _limits_from(value: object) -> Mapping[str, Limit]:
    own = {priority: Limit(**limit) for priority, limit in value.items()} if isinstance(value, dict) else {}
    return {**DEFAULTS, **own}
