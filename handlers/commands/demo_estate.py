"""The demo's compounds, homes, residents and staff: 6, 1,200, about 1,380 and 14."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from handlers.commands.cast import COMPANY, DWELLERS, GUEST, HOTLINE, JINXIU, STAFF, WANGJIANG, Dweller, Worker
from handlers.commands.demo_words import GIVEN, SURNAMES
from models.audit.log import record
from models.db import Base
from models.estate.tables import Community, Company, CompanySetting, Home, OfficialAccount, WorkingDay
from models.messaging.quiet import set_quiet_hours
from models.people.tables import Binding, Follower, Person, Resident, Staff, StaffArea, StaffTrade

# Compound: (buildings, entrances a building). Every entrance has six floors of two homes; together 1,200.
COMPOUNDS = {
    JINXIU: (6, 4),
    WANGJIANG: (5, 4),
    "东风新村": (4, 4),
    "春晓里": (4, 4),
    "柳荫小区": (4, 3),
    "和平家园": (3, 4),
}
FLOORS, ON_A_FLOOR = 6, 2
LET_PERCENT = 15  # homes that are let
AREAS = (4850, 5230, 5896, 6412, 6875, 7240, 7856, 8633, 8932, 9675)  # 0.01 m²

Address = tuple[str, str, str, str]

# The home whose bill the handbook works out: 89.37 m² at 1.85 yuan is 165.33 yuan a month.
CAST_AREAS: dict[Address, int] = {(JINXIU, "3", "2", "501"): 8937}


@dataclass(frozen=True)
class Household:
    """A home as the history needs it: who lives there and reports."""

    home_id: int
    community_id: int
    address: Address
    person_id: int
    name: str
    phone: str
    account: str | None = None
    openid: str | None = None


def insert_all(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert many rows at once; returns their ids in the same order."""
    rows_of = table.__table__  # the plain table: one statement for many rows, whatever in them is empty
    statement = sa.insert(rows_of).returning(rows_of.c.id, sort_by_parameter_order=True)  # type: ignore[arg-type]
    return list(session.scalars(statement, rows))


def add_company(session: Session, account: str, now: datetime) -> int:
    company = Company(name=COMPANY, hotline=HOTLINE, created_at=now - timedelta(days=366))
    session.add(company)
    session.flush()
    session.add(OfficialAccount(account=account, company_id=company.id))
    session.add(CompanySetting(company_id=company.id, name="demo", value=True))
    return company.id


def never_close(session: Session, company_id: int, account: str) -> None:
    """The demo's people are awake all night, so that somebody comes at whatever hour the demo is tried."""
    all_day = [[0, 24 * 60]]
    session.add_all(WorkingDay(company_id=company_id, weekday=weekday, hours=all_day) for weekday in range(7))
    set_quiet_hours(session, account, 24 * 60, 0)


def add_households(
    session: Session, rng: Random, *, company_id: int, account: str, now: datetime
) -> dict[Address, Household]:
    """Compounds, homes, who is on the books of each, and the cast's WeChats."""
    begun = now - timedelta(days=365)
    names = list(COMPOUNDS)
    ids = insert_all(
        session, Community, [{"company_id": company_id, "name": name, "created_at": begun} for name in names]
    )
    communities = dict(zip(names, ids, strict=True))
    addresses = list(_addresses())
    homes = insert_all(session, Home, [_home(rng, communities[address[0]], address, begun) for address in addresses])
    cast = {(dweller.home, dweller.relation): dweller for dweller in DWELLERS}
    owners = [_person(cast.get((address, "owner")), rng, number) for number, address in enumerate(addresses)]
    owner_ids = _settle(session, company_id, homes, owners, "owner", begun)
    households = {
        address: Household(home, communities[address[0]], address, person, owner["name"], owner["phone"])
        for address, home, person, owner in zip(addresses, homes, owner_ids, owners, strict=True)
    }
    let = [address for address in addresses if _is_let(rng, address, cast)]
    tenants = [_person(cast.get((address, "tenant")), rng, 2000 + number) for number, address in enumerate(let)]
    tenant_ids = _settle(
        session, company_id, [households[address].home_id for address in let], tenants, "tenant", begun
    )
    tenant_of = dict(zip(let, tenant_ids, strict=True))
    for dweller in DWELLERS:
        home = households[dweller.home]
        person_id = home.person_id if dweller.relation == "owner" else tenant_of[dweller.home]
        _bind(session, company_id, account, dweller, home.home_id, person_id, now)
    session.add(Follower(account=account, openid=GUEST, followed_at=now))
    return households


def add_staff(
    session: Session, *, company_id: int, account: str, communities: dict[str, int], now: datetime
) -> dict[str, int]:
    """The fourteen, with trades, areas and duty; returns their ids by name."""
    joined = now - timedelta(days=365)
    ids = insert_all(session, Staff, [_staff(worker, company_id, account, joined) for worker in STAFF])
    for worker, staff_id in zip(STAFF, ids, strict=True):
        certificate = {"电工": (now + timedelta(days=700)).date()}
        session.add_all(
            StaffTrade(staff_id=staff_id, trade=trade, certified_until=certificate.get(trade))
            for trade in worker.trades
        )
        session.add_all(
            StaffArea(staff_id=staff_id, community_id=communities[area], building="") for area in worker.areas
        )
        if worker.openid:
            session.add(Follower(account=account, openid=worker.openid, followed_at=joined))
    return {worker.name: staff_id for worker, staff_id in zip(STAFF, ids, strict=True)}


def _addresses() -> list[Address]:
    return [
        (compound, str(building), str(entrance), f"{floor}0{door}")
        for compound, (buildings, entrances) in COMPOUNDS.items()
        for building in range(1, buildings + 1)
        for entrance in range(1, entrances + 1)
        for floor in range(1, FLOORS + 1)
        for door in range(1, ON_A_FLOOR + 1)
    ]


def _home(rng: Random, community_id: int, address: Address, created_at: datetime) -> dict[str, Any]:
    _, building, entrance, room = address
    drawn = rng.choice(AREAS)
    return {
        "community_id": community_id,
        "building": building,
        "entrance": entrance,
        "room": room,
        "kind": "home",
        "floor": int(room[:-2]),
        "area": CAST_AREAS.get(address, drawn),
        "created_at": created_at,
    }


def _is_let(rng: Random, address: Address, cast: dict[tuple[Address, str], Dweller]) -> bool:
    drawn = rng.randrange(100) < LET_PERCENT
    return (address, "tenant") in cast or (drawn and (address, "owner") not in cast)


def _person(known: Dweller | None, rng: Random, number: int) -> dict[str, Any]:
    """Somebody of the cast, or an invented person with an invented number."""
    name = known.name if known else rng.choice(SURNAMES) + rng.choice(GIVEN)
    phone = known.phone if known else f"1420000{number:04}"
    return {"name": name, "phone": phone, "phone2": ""}


def _settle(
    session: Session, company_id: int, homes: list[int], people: list[dict[str, Any]], relation: str, at: datetime
) -> list[int]:
    """Put people on the books of homes, one each; returns their ids."""
    ids = insert_all(session, Person, [{**person, "company_id": company_id, "created_at": at} for person in people])
    ties = [
        {"home_id": home, "person_id": person, "relation": relation, "created_at": at, "ended_at": None}
        for home, person in zip(homes, ids, strict=True)
    ]
    insert_all(session, Resident, ties)
    return ids


def _bind(
    session: Session, company_id: int, account: str, person: Dweller, home_id: int, person_id: int, now: datetime
) -> None:
    session.add(Follower(account=account, openid=person.openid, followed_at=now))
    session.add(
        Binding(
            account=account,
            openid=person.openid,
            home_id=home_id,
            person_id=person_id,
            relation=person.relation,
            proof="demo",
            bound_at=now,
        )
    )
    record(
        session,
        at=now,
        actor="command",
        action="home.bind",
        subject=f"home:{home_id}",
        source="command",
        company_id=company_id,
        details={"person": person_id, "relation": person.relation, "proof": "demo"},
    )


def _staff(worker: Worker, company_id: int, account: str, joined: datetime) -> dict[str, Any]:
    return {
        "company_id": company_id,
        "name": worker.name,
        "phone": worker.phone,
        "role": worker.role,
        "account": account if worker.openid else None,
        "openid": worker.openid or None,
        "on_duty": bool(worker.openid) or worker.role == "clerk",
        "duty_since": None,
        "assigned_at": None,
        "joined_at": joined,
        "left_at": None,
    }
