"""Meters and their readings: putting them on the books, writing down what they show, and how far this month's round is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.figures import parts_of
from models.billing.meter_tables import Meter, Reading
from models.billing.metered import KIND_NAMES, Shown
from models.billing.metered_run import readings_of, start_of, valid_readings
from models.billing.meters import Replacement, ratio_in, use_between
from models.db import savepoint
from models.errors import AlreadyDone, Refusal
from models.estate.place_codes import new_code, new_tag
from models.estate.tables import Community, Home, OfficialAccount, home_label

ALREADY = "这块表这一天已经抄过，读数一样，不用再报了。"
LARGEST = 10**8  # no household meter shows as much


@dataclass(frozen=True)
class Seen:
    """A reading as somebody takes it, with what they said about it."""

    on: date
    value: Fraction
    rolled: bool = False
    replaced: Replacement | None = None
    estimated: bool = False
    note: str = ""
    photo: str = ""


@dataclass(frozen=True)
class Round:
    """How far the month's round of one building is; `building` is "" for master meters of the whole compound."""

    building: str
    read: int
    of: int

    @property
    def left(self) -> int:
        return self.of - self.read


def label_of(meter: Meter) -> str:
    """3栋2单元501水表, 3栋总水表."""
    where = home_label(meter.building, meter.entrance, meter.room)
    name = f"（{meter.name}）" if meter.name else ""
    return f"{where}{'' if meter.home_id is not None else '总'}{KIND_NAMES[meter.kind]}{name}"


def new_meter(home: Home | None, community_id: int, kind: str, *, now: datetime, **more: Any) -> Meter:
    """A meter with a sticker of its own, not on the books yet. Without a home it is a master meter."""
    where = (
        {"building": home.building, "entrance": home.entrance, "room": home.room, "home_id": home.id} if home else {}
    )
    usual: dict[str, Any] = {
        "building": "",
        "entrance": "",
        "room": "",
        "code": new_code(),
        "tag": new_tag(),
        "ratio": "1",
        "name": "",
        "number": "",
        "start": None,
        "start_on": None,
    }
    return Meter(community_id=community_id, kind=kind, created_at=now, **{**usual, **where, **more})


def record_reading(
    session: Session, meter: Meter, seen: Seen, *, by: str, source: str, now: datetime
) -> Reading | None:
    """Write down what a meter shows; None when it is the first one, from which counting begins.

    A second one of the same day corrects the first. Raises AlreadyDone when this very reading is there, and Refusal for a day to
    come, one before a later reading, an impossible number, or a smaller one without a word of why.
    """
    if not 0 <= seen.value < LARGEST or (seen.value * 10_000).denominator != 1:
        raise Refusal("读数不对，请只报表上的数字，最多四位小数。")
    if seen.on > now.date():
        raise Refusal("抄表日期还没有到，请核对。")
    session.execute(sa.select(Meter.id).where(Meter.id == meter.id).with_for_update())
    history = readings_of(session, [meter.id]).get(meter.id, [])
    first = start_of(meter)
    if first is not None and not history and first.on == seen.on and first.value == seen.value:
        raise AlreadyDone(ALREADY)
    if not history and (first is None or first.on == seen.on):
        _begin(session, meter, seen, by=by, now=now)
        return None
    earlier = [one for one in ([first] if first else []) + history if one.on < seen.on]
    if (history and history[-1].on > seen.on) or not earlier:
        raise Refusal("这块表在那天以后已经抄过了，不能补抄更早的。")
    same = next((one for one in history if one.on == seen.on), None)
    if same is not None and same.value == seen.value and same.replaced == seen.replaced:
        raise AlreadyDone(ALREADY)
    use_between(
        earlier[-1].value, seen.value, ratio=ratio_in(meter.ratio), replaced=seen.replaced,
        digits=meter.digits, rolled_over=seen.rolled,
    )  # fmt: skip
    return _add(session, meter, seen, by=by, source=source, now=now)


def _begin(session: Session, meter: Meter, seen: Seen, *, by: str, now: datetime) -> None:
    meter.start, meter.start_on = parts_of(seen.value), seen.on
    _note(session, meter, "meter.begin", {"value": str(seen.value)}, by=by, now=now)


def _add(session: Session, meter: Meter, seen: Seen, *, by: str, source: str, now: datetime) -> Reading:
    last = session.scalar(
        sa.select(sa.func.max(Reading.seq)).where(Reading.meter_id == meter.id, Reading.on == seen.on)
    )
    replaced = seen.replaced
    reading = Reading(
        meter_id=meter.id, on=seen.on, seq=0 if last is None else last + 1, value=parts_of(seen.value), rolled=seen.rolled,
        old_end=parts_of(replaced.old_end) if replaced else None,
        new_start=parts_of(replaced.new_start) if replaced else None,
        estimated=seen.estimated, note=seen.note[:64], photo=seen.photo, source=source, by=by, at=now, void=False,
    )  # fmt: skip
    try:
        with savepoint(session):
            session.add(reading)
            session.flush()
    except sa.exc.IntegrityError as twice:
        raise AlreadyDone("刚刚有人报过这块表，请再看一眼。") from twice
    if reading.seq:
        _note(session, meter, "reading.correct", {"on": seen.on.isoformat(), "value": str(seen.value)}, by=by, now=now)
    return reading


def history_of(session: Session, meter: Meter) -> list[Shown]:
    """Where counting began and every reading since, the oldest first."""
    first = start_of(meter)
    return ([first] if first else []) + readings_of(session, [meter.id]).get(meter.id, [])


def meters_of_homes(session: Session, home_ids: Collection[int], kind: str = "") -> Sequence[Meter]:
    query = sa.select(Meter).where(Meter.home_id.in_(home_ids)).order_by(Meter.id)
    return session.scalars(query.where(Meter.kind == kind) if kind else query).all()


def meters_in(session: Session, community_id: int) -> Sequence[Meter]:
    """All meters of a compound, building by building, door by door."""
    return session.scalars(
        sa.select(Meter)
        .where(Meter.community_id == community_id)
        .order_by(
            sa.func.length(Meter.building), Meter.building, sa.func.length(Meter.entrance), Meter.entrance,
            sa.func.length(Meter.room), Meter.room, Meter.id,
        )
    ).all()  # fmt: skip


def master_meters(session: Session, community_ids: Collection[int]) -> Sequence[Meter]:
    return session.scalars(
        sa.select(Meter).where(Meter.community_id.in_(community_ids), Meter.home_id.is_(None)).order_by(Meter.id)
    ).all()


def meter_with_code(session: Session, company_id: int | None, *, code: str = "", tag: str = "") -> Meter | None:
    """The meter whose sticker says so; None for no sticker of this company."""
    which = Meter.code == code if code else Meter.tag == tag
    return session.scalar(
        sa.select(Meter)
        .join(Community, Community.id == Meter.community_id)
        .where(which, Community.company_id == company_id)
    )


def meter_with_code_of_account(session: Session, account: str, code: str) -> Meter | None:
    owner = sa.select(OfficialAccount.company_id).where(OfficialAccount.account == account).scalar_subquery()
    return session.scalar(
        sa.select(Meter)
        .join(Community, Community.id == Meter.community_id)
        .where(Meter.code == code, Community.company_id == owner)
    )


def rounds_of(session: Session, community_ids: Collection[int], month: date) -> dict[int, list[Round]]:
    """Compound → this month's round, building by building. One statement."""
    read = valid_readings().where(Reading.on >= month).with_only_columns(Reading.meter_id).distinct().subquery()
    begun = sa.and_(Meter.start_on.is_not(None), Meter.start_on >= month)
    rows = session.execute(
        sa.select(
            Meter.community_id,
            Meter.building,
            sa.func.count(),
            sa.func.sum(sa.case((sa.or_(read.c.meter_id.is_not(None), begun), 1), else_=0)),
        )
        .outerjoin(read, read.c.meter_id == Meter.id)
        .where(Meter.community_id.in_(community_ids))
        .group_by(Meter.community_id, Meter.building)
        .order_by(Meter.community_id, sa.func.length(Meter.building), Meter.building)
    )
    found: dict[int, list[Round]] = {}
    for community, building, of, done in rows:
        found.setdefault(community, []).append(Round(building, int(done), of))
    return found


def unread_in(session: Session, community_id: int, building: str, month: date, *, limit: int = 6) -> Sequence[Meter]:
    """The next meters of a building that nobody has read this month."""
    read = valid_readings().where(Reading.on >= month, Reading.meter_id == Meter.id).exists()
    return session.scalars(
        sa.select(Meter)
        .where(
            Meter.community_id == community_id,
            Meter.building == building,
            ~read,
            sa.or_(Meter.start_on.is_(None), Meter.start_on < month),
        )
        .order_by(sa.func.length(Meter.entrance), Meter.entrance, sa.func.length(Meter.room), Meter.room, Meter.id)
        .limit(limit)
    ).all()


def _note(session: Session, meter: Meter, action: str, details: dict[str, Any], *, by: str, now: datetime) -> None:
    company_id = session.scalar(sa.select(Community.company_id).where(Community.id == meter.community_id))
    record(
        session, at=now, actor=by, action=action, subject=f"meter:{meter.id}", source="system",
        company_id=company_id, details=details,
    )  # fmt: skip
