"""Hearing how somebody else's report goes on: only at a public place, and nothing of who reported it or in what words."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_or_ignore
from models.errors import AlreadyDone, NotFound, Refusal
from models.workorders.actors import Actor
from models.workorders.move import is_own, not_found
from models.workorders.states import OPEN
from models.workorders.tables import OrderFollower, WorkOrder

SHOWN = 3


@dataclass(frozen=True)
class AtPlace:
    """An open order at a place: is it the looker's own, do they follow it?"""

    order: WorkOrder
    is_own: bool
    is_followed: bool

    @property
    def is_theirs(self) -> bool:
        return self.is_own or self.is_followed


def open_at(session: Session, actor: Actor, place_id: int) -> list[AtPlace]:
    """What is being mended at a place of the actor's company, the newest few, the oldest of them first. One statement."""
    follows = (
        sa.select(OrderFollower.order_id)
        .where(
            OrderFollower.order_id == WorkOrder.id,
            OrderFollower.account == actor.account,
            OrderFollower.openid == actor.openid,
        )
        .exists()
    )
    rows = session.execute(
        sa.select(WorkOrder, follows)
        .where(
            WorkOrder.place_id == place_id,
            WorkOrder.company_id == actor.company_id,
            WorkOrder.state.in_(sorted(OPEN)),
        )
        .order_by(WorkOrder.id.desc())
        .limit(SHOWN)
    ).all()
    return [AtPlace(order, is_own(order, actor), bool(followed)) for order, followed in reversed(rows)]


def follow_order(session: Session, order_id: int, *, now: datetime, actor: Actor) -> WorkOrder:
    """From now on the actor hears how the order goes on and when it is done.

    Raises NotFound for an order that is at no public place of this company, AlreadyDone for one's own or a second time,
    Refusal when it is over.
    """
    order = session.scalars(
        sa.select(WorkOrder).where(
            WorkOrder.id == order_id, WorkOrder.company_id == actor.company_id, WorkOrder.place_id.is_not(None)
        )
    ).first()
    if order is None or not actor.account or not actor.openid:
        raise NotFound(not_found(order_id))
    if is_own(order, actor):
        raise AlreadyDone(f"#{order.id} 就是您报的，有进展本来就会告诉您。")
    if order.state not in OPEN:
        raise Refusal(f"#{order.id} 刚刚已经办完了。要是还没好，直接说一句哪里坏了就行。")
    values = {"order_id": order.id, "account": actor.account, "openid": actor.openid, "since": now}
    if not insert_or_ignore(session, OrderFollower, values):
        raise AlreadyDone(f"您已经在跟进 #{order.id} 了，有进展会告诉您。")
    return order


def followed_by(session: Session, account: str, openid: str, order_id: int) -> WorkOrder | None:
    """The order if this WeChat follows it."""
    return session.scalars(
        sa.select(WorkOrder)
        .join(OrderFollower, OrderFollower.order_id == WorkOrder.id)
        .where(WorkOrder.id == order_id, OrderFollower.account == account, OrderFollower.openid == openid)
    ).first()
