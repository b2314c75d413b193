"""Looking at orders. Whoever may not see one reads the same words as if it did not exist."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.estate.tables import Community, Home, home_label
from models.people.tables import Binding, Person, Staff, StaffTrade
from models.workorders.actors import Actor, Reporter
from models.workorders.move import not_found
from models.workorders.place import where_text
from models.workorders.states import ACCEPTED, OPEN, PAUSED, WAIT_CONFIRM
from models.workorders.tables import Attachment, OrderClock, OrderEvent, WorkOrder

RATING_HEARD_FOR = timedelta(hours=72)
RATING_EDITABLE = timedelta(hours=24)


@dataclass(frozen=True)
class Line:
    """An order in a list: with its place in words, and who has it ("" nobody)."""

    order: WorkOrder
    where: str
    worker: str
    worker_phone: str
    clock: OrderClock | None = None  # as the job that watches clocks noted it last


def find(session: Session, actor: Actor, order_id: int) -> WorkOrder:
    """The order, if this actor may see it: their own, their home's, their compounds' (staff). Raises NotFound. One statement."""
    order = session.scalars(sa.select(WorkOrder).where(WorkOrder.id == order_id, visible_to(actor))).first()
    if order is None:
        raise NotFound(not_found(order_id))
    return order


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """What an actor may see, as a condition. Every list and every search for a person goes through this."""
    if actor.role == "system":
        return sa.true()
    allowed: list[sa.ColumnElement[bool]] = []
    if actor.staff_id is not None:
        compounds = (
            sa.true() if actor.community_ids is None else WorkOrder.community_id.in_(sorted(actor.community_ids))
        )
        allowed.append(sa.and_(WorkOrder.company_id == actor.company_id, compounds))
        allowed.append(WorkOrder.staff_id == actor.staff_id)
    if actor.openid is not None:
        allowed.append(of_person(actor.account, actor.openid))
    return sa.or_(sa.false(), *allowed)


def of_person(account: Any, openid: Any) -> sa.ColumnElement[bool]:
    """What somebody reported, and what concerns a home they speak for: what is open there, and what came since they do.

    What an earlier household reported and had mended is theirs and stays unseen.
    """
    own = sa.select(WorkOrder.id).where(WorkOrder.account == account, WorkOrder.openid == openid)
    at_home = (
        sa.select(WorkOrder.id)
        .join(Binding, Binding.home_id == WorkOrder.home_id)
        .where(
            Binding.account == account,
            Binding.openid == openid,
            sa.or_(WorkOrder.state.in_(OPEN), Binding.bound_at <= WorkOrder.created_at),
        )
    )
    # Two searches put together, each by its own index; one condition with an "or" would have to look at every order.
    return WorkOrder.id.in_(sa.union_all(own, at_home))


def orders_of_person(
    session: Session,
    account: str,
    openid: str,
    *,
    states: Collection[str] | None = None,
    limit: int = 8,
    offset: int = 0,
) -> list[Line]:
    """我的报修: the newest first. One statement."""
    asked = {"account": account, "openid": openid, "limit": limit, "offset": offset}
    return _read(session.execute(_OF_PERSON if states is None else _OF_PERSON.where(*_in(states)), asked))


def to_rate(session: Session, account: str, openid: str, now: datetime) -> list[Line]:
    """Finished orders of somebody that still wait for a rating, the latest first."""
    since = now - RATING_HEARD_FOR
    waiting = (WorkOrder.state == WAIT_CONFIRM, WorkOrder.moved_at >= since)
    return lines(session, of_person(account, openid), *waiting, newest=True, limit=8)


def rated_lately(session: Session, account: str, openid: str, now: datetime) -> list[Line]:
    """Orders of somebody whose rating may still be changed, the latest first."""
    since = now - RATING_EDITABLE
    return lines(session, of_person(account, openid), WorkOrder.rated_at >= since, newest=True, limit=8)


def tasks_of(
    session: Session, staff_id: int, *, states: Collection[str] = OPEN, limit: int = 8, offset: int = 0
) -> list[Line]:
    """What a worker has to do, the most urgent and oldest first. One statement."""
    return lines(session, WorkOrder.staff_id == staff_id, *_in(states), limit=limit, offset=offset)


def may_grab(session: Session, actor: Actor, *, limit: int = 8) -> list[Line]:
    """Orders that wait for anybody and that this worker has the trade for. One statement."""
    trades = sa.select(StaffTrade.trade).where(StaffTrade.staff_id == actor.staff_id)
    return lines(session, visible_to(actor), WorkOrder.state == ACCEPTED, WorkOrder.trade.in_(trades), limit=limit)


def orders_seen_by(
    session: Session, actor: Actor, *, states: Collection[str] = OPEN, limit: int = 8, offset: int = 0
) -> list[Line]:
    """Orders an actor may see, the most urgent and oldest first. One statement."""
    return lines(session, visible_to(actor), *_in(states), limit=limit, offset=offset)


def past_due(now: datetime) -> sa.ColumnElement[bool]:
    """An open order with its clock (OrderClock joined) has not been taken, come to or finished by the time it should have been."""
    return sa.or_(
        sa.and_(WorkOrder.taken_at.is_(None), WorkOrder.arrived_at.is_(None), OrderClock.response_due < now),
        sa.and_(WorkOrder.arrived_at.is_(None), OrderClock.arrive_due < now),
        OrderClock.finish_due < now,
    )


def asked_about(session: Session, actor: Actor, now: datetime, *, limit: int = 8) -> list[Line]:
    """What somebody may mean by 「为什么超时」: of their own open orders those that are late, else all of them.

    A worker's own are those in hand; whoever works here but has none in hand means what they may see.
    """
    own = WorkOrder.staff_id == actor.staff_id if actor.role == "worker" else visible_to(actor)
    for whose in (own, visible_to(actor)):
        for conditions in ((past_due(now), WorkOrder.state != PAUSED), ()):
            if found := lines(session, whose, *conditions, *_in(OPEN), limit=limit):
                return found
    return []


def how_many(session: Session, actor: Actor, *, states: Collection[str] = OPEN) -> int:
    found = session.scalar(
        sa.select(sa.func.count()).select_from(WorkOrder).where(visible_to(actor), WorkOrder.state.in_(sorted(states)))
    )
    return found or 0


def line_of(session: Session, order: WorkOrder) -> Line:
    """One order as a line of a list."""
    return lines(session, WorkOrder.id == order.id, limit=1)[0]


def events_of(session: Session, order_id: int) -> Sequence[OrderEvent]:
    """The whole story of an order, from the beginning."""
    return session.scalars(sa.select(OrderEvent).where(OrderEvent.order_id == order_id).order_by(OrderEvent.id)).all()


def attachments_of(session: Session, order_id: int) -> Sequence[Attachment]:
    return session.scalars(sa.select(Attachment).where(Attachment.order_id == order_id).order_by(Attachment.id)).all()


def staff_called(session: Session, company_id: int, name: str) -> Sequence[Staff]:
    """Everybody at work in the company whom people call so: 陈师傅, 陈, 小陈, 老陈. An exact name is never ambiguous."""
    said = name.strip()
    core = said.removesuffix("师傅").removeprefix("小").removeprefix("老")
    if not core:
        return []
    rows = session.scalars(
        sa.select(Staff)
        .where(Staff.company_id == company_id, Staff.left_at.is_(None), Staff.name.contains(core, autoescape=True))
        .order_by(Staff.id)
    ).all()
    exact = [staff for staff in rows if staff.name in (said, core, f"{core}师傅")]
    return exact or [staff for staff in rows if staff.name.startswith(core)]


def staff_named_in(session: Session, company_id: int, text: str) -> Sequence[Staff]:
    """Everybody at work in the company whose whole name stands in a sentence: 给刘师傅."""
    return session.scalars(
        sa.select(Staff)
        .where(Staff.company_id == company_id, Staff.left_at.is_(None), sa.literal(text).contains(Staff.name))
        .order_by(Staff.id)
    ).all()


def alike_order(session: Session, order: WorkOrder, order_id: int) -> WorkOrder:
    """The other order of the same place that this one may be merged into. Raises NotFound for any other."""
    other = session.scalars(
        sa.select(WorkOrder).where(
            WorkOrder.id == order_id,
            WorkOrder.community_id == order.community_id,
            WorkOrder.place_id == order.place_id,
        )
    ).first()
    if other is None:
        raise NotFound(not_found(order_id))
    return other


def speaks_for(session: Session, home_id: int) -> Reporter:
    """Who is told about an order somebody else reported for a home: its owner's WeChat, else whoever is bound there."""
    rank = sa.case({"owner": 0, "family": 1}, value=Binding.relation, else_=2)
    row = session.execute(
        sa.select(Binding.account, Binding.openid, Person.id, Person.name, Person.phone)
        .join(Person, Person.id == Binding.person_id)
        .where(Binding.home_id == home_id)
        .order_by(rank, Binding.id)
        .limit(1)
    ).first()
    return Reporter(row.name, row.phone, row.id, row.account, row.openid) if row is not None else Reporter()


def lines(
    session: Session,
    *conditions: sa.ColumnElement[bool],
    limit: int,
    offset: int = 0,
    newest: bool = False,
) -> list[Line]:
    """Orders with their place and worker in one statement: the newest first, or the most urgent and oldest first."""
    order_by = [WorkOrder.id.desc()] if newest else [WorkOrder.priority, WorkOrder.created_at, WorkOrder.id]
    return _read(session.execute(_LINES.where(*conditions).order_by(*order_by).limit(limit).offset(offset)))


def _read(rows: Iterable[Any]) -> list[Line]:
    found = []
    for row in rows:
        at_home = row.room is not None and row.WorkOrder.place_id is None
        label = home_label(row.building, row.entrance, row.room) if at_home else ""
        where = where_text(row.community, label, row.WorkOrder.place)
        found.append(Line(row.WorkOrder, where, row.worker or "", row.worker_phone or "", row.OrderClock))
    return found


def _in(states: Collection[str] | None) -> list[sa.ColumnElement[bool]]:
    return [WorkOrder.state.in_(sorted(states))] if states is not None else []


# Built once: putting a statement together takes longer than running it.
_LINES = (
    sa.select(
        WorkOrder,
        Community.name.label("community"),
        Home.building,
        Home.entrance,
        Home.room,
        Staff.name.label("worker"),
        Staff.phone.label("worker_phone"),
        OrderClock,
    )
    .join(Community, Community.id == WorkOrder.community_id)
    .outerjoin(Home, Home.id == WorkOrder.home_id)
    .outerjoin(Staff, Staff.id == WorkOrder.staff_id)
    .outerjoin(OrderClock, OrderClock.order_id == WorkOrder.id)
)
_OF_PERSON = (
    _LINES.where(of_person(sa.bindparam("account"), sa.bindparam("openid")))
    .order_by(WorkOrder.id.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer))
    .offset(sa.bindparam("offset", type_=sa.Integer))
)
