"""A small company for tests of repairs: Zhang owns a home, Zhao rents it, Li lives next door, Wang lives in another compound and
must never see anything of theirs; Chen and Liu repair, Zhou repairs elsewhere, Zhao manages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Database
from models.estate.tables import Community, Company, Home
from models.messaging.tables import Outbox
from models.people.tables import Binding, Person, Staff, StaffArea, StaffTrade
from models.workorders import actions
from models.workorders.actors import Actor, Reporter
from models.workorders.report import Reported
from models.workorders.tables import OrderEvent, WorkOrder

ACCOUNT = "gh_test"


@dataclass(frozen=True)
class Cast:
    """Everybody by name; homes and compounds by what they are called."""

    company_id: int
    garden: int  # 锦绣花园
    river: int  # 望江苑
    home: int  # 3-2-501, Zhang's
    next_door: int  # 3-2-502, Li's
    far_home: int  # 望江苑 1-1-101, Wang's
    staff: dict[str, Staff]
    people: dict[str, Person]

    def worker(self, name: str) -> Actor:
        staff = self.staff[name]
        areas = {"chen": self.garden, "liu": self.garden, "qiang": self.garden, "zhou": self.river}
        communities = frozenset({areas[name]}) if name in areas else None
        return Actor(
            role=staff.role,
            name=staff.name,
            log_name=f"staff:{staff.id}",
            staff_id=staff.id,
            account=staff.account,
            openid=staff.openid,
            company_id=self.company_id,
            community_ids=communities,
            source="chat",
        )

    def resident(self, name: str) -> Actor:
        person = self.people[name]
        return Actor(
            role="reporter",
            name=person.name,
            log_name=f"resident:{person.id}",
            staff_id=None,
            account=ACCOUNT,
            openid=name,
            company_id=self.company_id,
            community_ids=None,
            source="chat",
        )

    def reporter(self, name: str) -> Reporter:
        person = self.people[name]
        return Reporter(person.name, person.phone, person.id, ACCOUNT, name)

    def report(self, session: Session, now: datetime, problem: str = "厨房水管漏水了", **changed: Any) -> Reported:
        """Zhang says what is broken at home, unless `changed` says otherwise."""
        said: dict[str, Any] = {
            "actor": self.resident("zhang"),
            "reporter": self.reporter("zhang"),
            "company_id": self.company_id,
            "community_id": self.garden,
            "home_id": self.home,
            "place": "",
        }
        return actions.report(session, now=now, problem=problem, **{**said, **changed})


def settle(session: Session, now: datetime) -> Cast:
    """Write the company down. Nobody has any order yet."""
    company = Company(name="安居物业", hotline="028-8888", created_at=now)
    session.add(company)
    session.flush()
    garden, river = (Community(company_id=company.id, name=name, created_at=now) for name in ("锦绣花园", "望江苑"))
    session.add_all([garden, river])
    session.flush()
    homes = [
        Home(community_id=garden.id, building="3", entrance="2", room="501", created_at=now),
        Home(community_id=garden.id, building="3", entrance="2", room="502", created_at=now),
        Home(community_id=river.id, building="1", entrance="1", room="101", created_at=now),
    ]
    names = {"zhang": "张伟", "tenant": "赵敏", "li": "李娜", "wang": "王强"}
    people = {
        who: Person(company_id=company.id, name=name, phone=f"1390000000{number}", created_at=now)
        for number, (who, name) in enumerate(names.items())
    }
    session.add_all([*homes, *people.values()])
    session.flush()
    lives = (("zhang", 0, "owner"), ("tenant", 0, "tenant"), ("li", 1, "owner"), ("wang", 2, "owner"))
    session.add_all(
        Binding(
            account=ACCOUNT,
            openid=who,
            home_id=homes[home].id,
            person_id=people[who].id,
            relation=relation,
            proof="demo",
            bound_at=now,
        )
        for who, home, relation in lives
    )
    staff = _staff(session, company.id, garden.id, river.id, now)
    return Cast(company.id, garden.id, river.id, homes[0].id, homes[1].id, homes[2].id, staff, people)


def _staff(session: Session, company_id: int, garden: int, river: int, now: datetime) -> dict[str, Staff]:
    who = {  # name, role, compound, trades
        "chen": ("陈师傅", "worker", garden, ("水工", "综合")),
        "liu": ("刘师傅", "worker", garden, ("电工",)),
        "qiang": ("强师傅", "worker", garden, ("水工",)),
        "zhou": ("周师傅", "worker", river, ("水工",)),
        "clerk": ("吴前台", "clerk", None, ()),
        "manager": ("赵经理", "manager", None, ()),
        "qian": ("钱主任", "manager", river, ()),
    }
    staff = {
        key: Staff(
            company_id=company_id,
            name=name,
            phone=f"13800000{number:03}",
            role=role,
            account=ACCOUNT,
            openid=key,
            on_duty=key != "qiang",
            joined_at=now,
        )
        for number, (key, (name, role, _, _)) in enumerate(who.items())
    }
    session.add_all(staff.values())
    session.flush()
    for key, (_, _, compound, trades) in who.items():
        if compound is not None:
            session.add(StaffArea(staff_id=staff[key].id, community_id=compound, building=""))
        for trade in trades:
            until = date(2027, 12, 31) if trade == "电工" else None
            session.add(StaffTrade(staff_id=staff[key].id, trade=trade, certified_until=until))
    session.flush()
    return staff


def told(session: Session, who: str) -> list[str]:
    """The kinds of message promised to somebody, in order."""
    return list(session.scalars(sa.select(Outbox.kind).where(Outbox.openid == who).order_by(Outbox.id)))


def last_told(session: Session, who: str) -> dict[str, Any]:
    found = session.scalars(sa.select(Outbox).where(Outbox.openid == who).order_by(Outbox.id.desc()).limit(1)).one()
    return found.data


def story(session: Session, order: WorkOrder) -> list[str]:
    """What happened to an order, as "event:state"."""
    events = session.scalars(sa.select(OrderEvent).where(OrderEvent.order_id == order.id).order_by(OrderEvent.id))
    return [f"{event.event}:{event.to_state}" for event in events]


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Every statement sent to the database meanwhile."""
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)
