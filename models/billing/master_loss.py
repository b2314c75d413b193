"""What homes used in a month, and whether the master meter bears it out (domain rules 1.6): a loss below 0 or above 15 % stops."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.allocation import CannotAllocate, loss_of
from models.billing.cycles import months_later
from models.billing.due import first_of
from models.billing.figures import counted
from models.billing.meter_tables import Meter
from models.billing.metered import UNITS, Shown, Use, use_of
from models.billing.metered_run import AROUND, readings_of, start_of
from models.billing.meters import Doubtful, ratio_in
from models.errors import Refusal
from models.estate.tables import Home

APART = timedelta(days=3)  # master and other meters read further apart than this are no fair comparison


class Scope(Protocol):
    """What is asked about a cost."""

    @property
    def name(self) -> str: ...
    @property
    def period(self) -> str: ...
    @property
    def building(self) -> str: ...
    @property
    def entrance(self) -> str: ...


@dataclass(frozen=True)
class Losses:
    """`uses`: home → units of the month. `meters`: what the proof sheet shows of the master meter."""

    uses: dict[int, Fraction] = field(default_factory=dict)
    unit: str = ""
    meters: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def losses_of(session: Session, community_id: int, homes: Sequence[Home], scope: Scope) -> Losses:
    """Raises Refusal when the master meter and the others contradict each other."""
    kind = "electric" if "电" in scope.name else "water"
    all_meters = session.scalars(sa.select(Meter).where(Meter.community_id == community_id, Meter.kind == kind)).all()
    here = {home.id for home in homes}
    inner = [meter for meter in all_meters if meter.home_id in here]
    masters = [
        meter
        for meter in all_meters
        if meter.home_id is None and (meter.building, meter.entrance) == (scope.building, scope.entrance)
    ]
    uses = _month_uses(session, [*inner, *masters], scope.period)
    by_home: dict[int, Fraction] = {}
    for meter in inner:
        if meter.id in uses and meter.home_id is not None:
            by_home[meter.home_id] = by_home.get(meter.home_id, Fraction(0)) + uses[meter.id].used
    unit = UNITS[kind]
    warnings = []
    unread = len(inner) - sum(meter.id in uses for meter in inner)
    if unread:
        warnings.append(f"有{unread}块分表没有这个月的读数")
    read = [uses[meter.id] for meter in masters if meter.id in uses]
    if not read:
        return Losses(by_home, unit, [], [*warnings, "没有总表读数，没有核对损耗"])
    inner_uses = [uses[meter.id] for meter in inner if meter.id in uses]
    return Losses(by_home, unit, _checked(read, inner_uses, unit), [*warnings, *_apart(read, inner_uses)])


def _checked(masters: Sequence[Use], inner: Sequence[Use], unit: str) -> list[str]:
    whole, parts = sum((use.used for use in masters), Fraction(0)), [use.used for use in inner]
    try:
        loss = loss_of(whole, parts)
    except CannotAllocate as cannot:
        raise Refusal(
            f"总表{counted(whole)}{unit}，分表合计{counted(sum(parts, Fraction(0)))}{unit}：{cannot}"
        ) from cannot
    lines = [
        f"总表 {use.since.on} {counted(use.since.value)} → {use.upto.on} {counted(use.upto.value)}，用了{counted(use.used)}{unit}"
        for use in masters
    ]
    return [*lines, f"分表合计{counted(sum(parts, Fraction(0)))}{unit}，损耗{counted(loss)}{unit}"]


def _apart(masters: Sequence[Use], inner: Sequence[Use]) -> list[str]:
    days = [use.upto.on for use in masters]
    far = sum(1 for use in inner if any(abs(use.upto.on - day) > APART for day in days))
    return [f"有{far}块分表和总表的抄表日期差了3天以上，损耗只能作参考"] if far else []


def _month_uses(session: Session, meters: Sequence[Meter], period: str) -> dict[int, Use]:
    """Meter → its use of the month, from the reading around its first day to the one around its end."""
    begin = first_of(period)
    end = months_later(begin, 1) + AROUND
    readings = readings_of(session, [meter.id for meter in meters], until=end) if meters else {}
    found = {}
    for meter in meters:
        first = start_of(meter)
        shown = [*([first] if first else []), *readings.get(meter.id, [])]
        later = [one for one in shown if one.on > begin + AROUND]
        earlier = [one for one in shown if one.on <= begin + AROUND]
        since: Shown | None = earlier[-1] if earlier else None
        if since is None or not later:
            continue
        try:
            found[meter.id] = use_of("", since, later, ratio=ratio_in(meter.ratio), digits=meter.digits)
        except Doubtful:
            continue
    return found
