"""Hearing how somebody else's report goes on: only at a public place, and nothing of who reported it or in what words."""

from collections.abc import Sequence
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


def open_at(session: Session, company_id: int, place_id: int) -> Sequence[WorkOrder]:
    """What is being mended at a place, the oldest first. One statement."""
    return session.scalars(
        sa.select(WorkOrder)
        .where(WorkOrder.place_id == place_id, WorkOrder.company_id == company_id, WorkOrder.state.in_(sorted(OPEN)))
        .order_by(WorkOrder.id)
        .limit(SHOWN)
    ).all()


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
