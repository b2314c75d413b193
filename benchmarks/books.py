"""A company to measure on: compounds of 1,000 homes with seven of the staff each, a bound owner and a past order in every home.

Everything is made inside the database by numbers, so that a million homes take seconds and the same size gives the same rows.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

import models.tables
from models.db import Base, Database
from models.estate.tables import Community, Company, Home, OfficialAccount, WorkingDay
from models.messaging.tables import Conversation
from models.people.tables import Binding, Person, Staff, StaffArea, StaffTrade
from models.workorders.tables import OrderEvent, WorkOrder

HOMES_IN_A_COMPOUND = 1_000
HOMES_IN_A_COMPANY = 20_000
HOMES_IN_AN_ENTRANCE = 50
ENTRANCES_IN_A_BUILDING = 4

# Who works in each compound: (role, trade).
TEAM = (
    ("manager", ""),
    ("worker", "水工"),
    ("worker", "水工"),
    ("worker", "电工"),
    ("worker", "电工"),
    ("worker", "综合"),
    ("worker", "弱电"),
)


def openid(home: int) -> str:
    """The WeChat of the owner of home number `home` (from 0)."""
    return f"oBench{home:022d}"


def fill(database: Database, homes: int, account: str, now: datetime) -> None:
    """An empty database with every table gets `homes` homes, in companies of at most 20,000; the first has the account."""
    models.tables.metadata.create_all(database.engine)
    with database.transaction() as session:
        _companies(session, homes, account, now)
        _homes(session, homes, account, now)
        _past_orders(session, homes, account, now)
        _count_on(session)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")


def close_all_orders(database: Database, now: datetime) -> None:
    """Between two measurements: nobody has anything to do, so that each begins alike."""
    with database.transaction() as session:
        session.execute(
            sa.update(WorkOrder)
            .where(WorkOrder.state.not_in(("CLOSED", "CANCELLED")))
            .values(state="CLOSED", closed_at=now)
            .execution_options(synchronize_session=False)
        )


def _companies(session: Session, homes: int, account: str, now: datetime) -> None:
    compounds = -(-homes // HOMES_IN_A_COMPOUND)
    company_of = [number * HOMES_IN_A_COMPOUND // HOMES_IN_A_COMPANY + 1 for number in range(compounds)]
    companies = sorted(set(company_of))
    session.execute(sa.insert(Company), [{"id": n, "name": f"物业{n}", "created_at": now} for n in companies])
    accounts = [{"account": account if n == 1 else f"gh_other_{n}", "company_id": n} for n in companies]
    session.execute(sa.insert(OfficialAccount), accounts)
    # Work is given out at any hour, so that it does not matter when one measures.
    days = [{"company_id": n, "weekday": day, "hours": [[0, 24 * 60]]} for n in companies for day in range(7)]
    session.execute(sa.insert(WorkingDay), days)
    session.execute(
        sa.insert(Community),
        [{"id": n + 1, "company_id": c, "name": f"小区{n + 1}", "created_at": now} for n, c in enumerate(company_of)],
    )
    for number, company in enumerate(company_of):
        _team(session, number, company, account if company == 1 else f"gh_other_{company}", now)


def _team(session: Session, compound: int, company: int, account: str, now: datetime) -> None:
    numbered = list(enumerate(TEAM, start=compound * len(TEAM) + 1))
    staff = [
        {
            "id": number,
            "company_id": company,
            "name": f"师傅{number}",
            "phone": f"139{number:08d}",
            "role": role,
            "account": account,
            "openid": f"oStaff{number:022d}",
            "on_duty": True,
            "joined_at": now - timedelta(days=365),
        }
        for number, (role, _) in numbered
    ]
    session.execute(sa.insert(Staff), staff)
    areas = [{"staff_id": number, "community_id": compound + 1, "building": ""} for number, _ in numbered]
    session.execute(sa.insert(StaffArea), areas)
    until = (now + timedelta(days=365)).date()
    trades = [
        {"staff_id": number, "trade": trade, "certified_until": until} for number, (_, trade) in numbered if trade
    ]
    session.execute(sa.insert(StaffTrade), trades)


def _homes(session: Session, homes: int, account: str, now: datetime) -> None:
    number = _numbers(homes)
    n = number.c.n
    entrance = n % HOMES_IN_A_COMPOUND // HOMES_IN_AN_ENTRANCE
    room = 101 + n % HOMES_IN_AN_ENTRANCE // 2 * 100 + n % 2
    _insert(
        session,
        Home,
        number,
        id=n + 1,
        community_id=n // HOMES_IN_A_COMPOUND + 1,
        building=_text(entrance // ENTRANCES_IN_A_BUILDING + 1),
        entrance=_text(entrance % ENTRANCES_IN_A_BUILDING + 1),
        room=_text(room),
        kind=sa.literal("home"),
        created_at=_moment(now),
    )
    _insert(
        session,
        Person,
        number,
        id=n + 1,
        company_id=n // HOMES_IN_A_COMPANY + 1,
        name=sa.literal("业主") + _text(n),
        phone=_text(sa.literal(13_000_000_000, sa.BigInteger) + n),
        phone2=sa.literal(""),
        created_at=_moment(now),
    )
    who = {"account": _account(n, account), "openid": _openid(n)}
    _insert(
        session,
        Binding,
        number,
        **who,
        id=n + 1,
        home_id=n + 1,
        person_id=n + 1,
        relation=sa.literal("owner"),
        proof=sa.literal("demo"),
        bound_at=_moment(now - timedelta(days=300)),
    )
    talked = {**who, "turned_at": _moment(now - timedelta(days=1))}
    _insert(session, Conversation, number, **_with_defaults(Conversation, talked))


def _past_orders(session: Session, homes: int, account: str, now: datetime) -> None:
    """One finished order for each home, with the usual five steps."""
    number = _numbers(homes)
    n = number.c.n
    long_ago = now - timedelta(days=60)
    team = n // HOMES_IN_A_COMPOUND * len(TEAM) + 2 + n % 2
    values = {
        "id": n + 1,
        "company_id": n // HOMES_IN_A_COMPANY + 1,
        "community_id": n // HOMES_IN_A_COMPOUND + 1,
        "home_id": n + 1,
        "category": sa.literal("水"),
        "trade": sa.literal("水工"),
        "public": sa.false(),
        "priority": sa.literal("P2"),
        "danger": sa.false(),
        "problem": sa.literal("厨房水龙头一直滴水，关不紧"),
        "state": sa.literal("CLOSED"),
        "source": sa.literal("chat"),
        "account": _account(n, account),
        "openid": _openid(n),
        "reporter_id": n + 1,
        "staff_id": team,
        "excluded": sa.literal([], sa.JSON),
        **{name: _moment(long_ago) for name in ("created_at", "moved_at", "accepted_at", "done_at", "closed_at")},
    }
    _insert(session, WorkOrder, number, **_with_defaults(WorkOrder, values))
    for event, before, after in (
        ("create", "", "NEW"),
        ("dispatch", "ACCEPTED", "DISPATCHED"),
        ("take", "DISPATCHED", "TAKEN"),
        ("done", "TAKEN", "WAIT_CONFIRM"),
        ("rate_good", "WAIT_CONFIRM", "CLOSED"),
    ):
        values = {
            "order_id": n + 1,
            "at": _moment(long_ago),
            "event": sa.literal(event),
            "from_state": sa.literal(before),
            "to_state": sa.literal(after),
            "actor_role": sa.literal("system"),
            "actor": sa.literal("系统"),
            "source": sa.literal("demo"),
            "details": sa.literal({}, sa.JSON),
        }
        _insert(session, OrderEvent, number, **_with_defaults(OrderEvent, values))


def _with_defaults(table: type[Base], values: Mapping[str, object]) -> dict[str, object]:
    """The defaults of the table for what was not given: rows made in the database get them no other way."""
    given = dict(values)
    for column in table.__table__.columns:
        default = getattr(column.default, "arg", None)
        if column.name not in given and default is not None:
            given[column.name] = sa.literal(default(None) if callable(default) else default, column.type)
    return given


def _numbers(count: int) -> sa.CTE:
    """0 … count-1."""
    numbers = sa.select(sa.literal(0).label("n")).cte("numbers", recursive=True)
    return numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < count - 1))


def _insert(session: Session, table: type[Base], number: sa.CTE, **values: object) -> None:
    columns = [sa.type_coerce(value, table.__table__.c[name].type).label(name) for name, value in values.items()]
    session.execute(sa.insert(table).from_select(list(values), sa.select(*columns).select_from(number)))


def _text(value: sa.ColumnElement[int]) -> sa.ColumnElement[str]:
    return sa.cast(value, sa.Text)


def _moment(at: datetime) -> sa.ColumnElement[datetime]:
    return sa.literal(at, Home.__table__.c.created_at.type)


def _openid(n: sa.ColumnElement[int]) -> sa.ColumnElement[str]:
    return sa.literal("oBench") + sa.func.substr(sa.literal("0" * 22) + _text(n), sa.func.length(_text(n)) + 1, 22)


def _account(n: sa.ColumnElement[int], account: str) -> sa.ColumnElement[str]:
    return sa.case(
        (n < HOMES_IN_A_COMPANY, account), else_=sa.literal("gh_other_") + _text(n // HOMES_IN_A_COMPANY + 1)
    )


def _count_on(session: Session) -> None:
    """The rows brought their own numbers; the next ones go on from there."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in (WorkOrder, Home, Person, Binding, Staff, Community, Company):
        name = table.__tablename__
        highest = sa.select(sa.func.max(table.__table__.c.id)).scalar_subquery()
        session.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(name, "id"), highest)))
