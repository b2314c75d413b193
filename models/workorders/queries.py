"""Looking at orders. Whoever may not see one reads the same words as if it did not exist."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.estate.tables import Community, Home, home_label
from models.people.tables import Binding, Person, Staff, StaffTrade
from models.workorders.actors import Actor, Reporter
from models.workorders.move import not_found
from models.workorders.place import where_text
from models.workorders.states import ACCEPTED, OPEN, WAIT_CONFIRM
from models.workorders.tables import Attachment, OrderEvent, WorkOrder

RATING_HEARD_FOR = timedelta(hours=72)


@dataclass(frozen=True)
class Line:
    """An order in a list: with its place in words, and who has it ("" nobody)."""

    order: WorkOrder
    where: str
    worker: str
    worker_phone: str


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


def of_person(account: str | None, openid: str) -> sa.ColumnElement[bool]:
    """What somebody reported, and what concerns a home they speak for: what is open there, and what came since they do.

    What an earlier household reported and had mended is theirs and stays unseen.
    """
    bound = sa.select(Binding.id).where(
        Binding.account == account,
        Binding.openid == openid,
        Binding.home_id == WorkOrder.home_id,
        sa.or_(WorkOrder.state.in_(OPEN), Binding.bound_at <= WorkOrder.created_at),
    )
    return sa.or_(sa.and_(WorkOrder.account == account, WorkOrder.openid == openid), bound.exists())


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
    return lines(session, of_person(account, openid), *_in(states), newest=True, limit=limit, offset=offset)


def to_rate(session: Session, account: str, openid: str, now: datetime) -> list[Line]:
    """Finished orders of somebody that still wait for a rating, the latest first."""
    since = now - RATING_HEARD_FOR
    waiting = (WorkOrder.state == WAIT_CONFIRM, WorkOrder.done_at >= since)
    return lines(session, of_person(account, openid), *waiting, newest=True, limit=8)


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
    rows = session.execute(
        sa.select(
            WorkOrder,
            Community.name.label("community"),
            Home.building,
            Home.entrance,
            Home.room,
            Staff.name.label("worker"),
            Staff.phone.label("worker_phone"),
        )
        .join(Community, Community.id == WorkOrder.community_id)
        .outerjoin(Home, Home.id == WorkOrder.home_id)
        .outerjoin(Staff, Staff.id == WorkOrder.staff_id)
        .where(*conditions)
        .order_by(*order_by)
        .limit(limit)
        .offset(offset)
    ).all()
    found = []
    for row in rows:
        label = home_label(row.building, row.entrance, row.room) if row.room is not None else ""
        where = where_text(row.community, label, row.WorkOrder.place)
        found.append(Line(row.WorkOrder, where, row.worker or "", row.worker_phone or ""))
    return found


def _in(states: Collection[str] | None) -> list[sa.ColumnElement[bool]]:
    return [WorkOrder.state.in_(sorted(states))] if states is not None else []
