"""The demo's meters and common costs: a year of water readings in 锦绣花园, and what its lifts cost, shared out and billed of late."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, time
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from handlers.commands.cast import JINXIU, ZHANG_HOME
from handlers.commands.demo_estate import Address, Household, insert_all
from handlers.commands.demo_stickers import sticker_of_meter
from models.billing.cycles import months_later
from models.billing.figures import PARTS
from models.billing.meter_tables import Meter, Reading
from models.billing.share_actions import Wanted, keep_pool, plan_pool
from models.billing.tariffs import Agreement, agree, charge_all
from models.db import SHANGHAI
from models.estate.tables import Community

# The water has been billed by the company for so many months; before that everybody paid at the waterworks.
BILLED_MONTHS = 3
WATER = {"span": "year", "tiers": [["180", "500"], ["260", "700"], [None, "900"]]}
WATERWORKS = "市发改委居民用水阶梯水价（{year}年）"
LIFT_BILL = "供电局{month}电费单（{building}栋电梯）"
ZHANG_USES = (11, 13, 12)  # m³ a month, over and over
LOST = 104  # per cent of what the homes used goes through a building's master meter


def agree_on_water(session: Session, community_id: int, begun: date, this_month: date, now: datetime) -> None:
    """By meter and tiers, from the month on in which the company took it over."""
    start = max(begun, months_later(this_month, -BILLED_MONTHS))
    document = WATERWORKS.format(year=start.year - 1)
    water = Agreement("meter", 50_000, document, start, in_advance=False, anchor=start, tiers=WATER)
    charge_all(session, agree(session, community_id, "WATER", water, by="demo", now=now), start)


def add_meters(
    session: Session, households: Mapping[Address, Household], begun: date, this_month: date, now: datetime
) -> None:
    """A water meter for every home of the compound and a master meter for every building, read on the last day of each month."""
    rng = Random(JINXIU)
    homes = [household for household in households.values() if household.address[0] == JINXIU]
    start_on = date.fromordinal(begun.toordinal() - 1)
    rows = [_meter(household, rng.randrange(150, 900), start_on, now) for household in homes]
    buildings = sorted({household.address[1] for household in homes})
    rows += [_master(homes[0].community_id, building, start_on, now) for building in buildings]
    ids = insert_all(session, Meter, rows)
    shown = {number: int(row["start"]) for number, row in zip(ids, rows, strict=True)}
    months = (this_month.year - begun.year) * 12 + this_month.month - begun.month
    readings: list[dict[str, Any]] = []
    for passed in range(months):
        month = months_later(begun, passed)
        used = dict.fromkeys(buildings, 0)
        for number, household in zip(ids, homes, strict=False):
            use = (
                ZHANG_USES[passed % 3]
                if household.address == ZHANG_HOME
                else rng.choice((0, 5, 7, 8, 9, 11, 12, 14, 18))
            )
            shown[number] += use * PARTS
            used[household.address[1]] += use
        for number, building in zip(ids[len(homes) :], buildings, strict=True):
            shown[number] += used[building] * PARTS * LOST // 100
        readings += [_reading(number, month, value, now) for number, value in shown.items()]
    if readings:
        session.execute(sa.insert(Reading.__table__), readings)  # type: ignore[arg-type]


def share_lifts(session: Session, community_id: int, month: date, at: datetime) -> None:
    """What the lifts of each building used in a month: entered when the bill came, shared by area."""
    community = session.get_one(Community, community_id)
    rng = Random(f"{month:%Y-%m}")
    for building in ("1", "2", "3"):
        bill = LIFT_BILL.format(month=f"{month:%Y年%m月}", building=building)
        wanted = Wanted("电梯电费", 55_000 + rng.randrange(12_000), f"{month:%Y-%m}", bill, building=building)
        plan = plan_pool(session, community_id, wanted)
        pool = keep_pool(session, community, plan, by="demo", now=at)
        pool.code = sticker_of_meter("lift", f"{month:%Y-%m}", building)[0]


def _meter(household: Household, start: int, start_on: date, now: datetime) -> dict[str, Any]:
    _, building, entrance, room = household.address
    code, tag = sticker_of_meter(*household.address)
    return {
        "community_id": household.community_id, "home_id": household.home_id, "kind": "water", "building": building,
        "entrance": entrance, "room": room, "name": "", "number": "", "ratio": "1", "digits": 5, "start": start * PARTS,
        "start_on": start_on, "created_at": now, "code": code, "tag": tag,
    }  # fmt: skip


def _master(community_id: int, building: str, start_on: date, now: datetime) -> dict[str, Any]:
    code, tag = sticker_of_meter(JINXIU, building)
    return {
        "community_id": community_id, "home_id": None, "kind": "water", "building": building, "entrance": "", "room": "",
        "name": "", "number": "", "ratio": "1", "digits": 6, "start": 0, "start_on": start_on, "created_at": now,
        "code": code, "tag": tag,
    }  # fmt: skip


def _reading(meter: int, month: date, value: int, now: datetime) -> dict[str, Any]:
    day = date(month.year, month.month, monthrange(month.year, month.month)[1])
    at = min(datetime.combine(day, time(15), SHANGHAI), now)
    return {
        "meter_id": meter, "on": day, "seq": 0, "value": value, "rolled": False, "old_end": None, "new_start": None,
        "estimated": False, "void": False, "photo": "", "note": "", "source": "demo", "by": "demo", "at": at,
    }  # fmt: skip
