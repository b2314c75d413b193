"""What becomes of orders when somebody's WeChat goes away."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.media.queue import forget_sender
from models.workorders.tables import OrderFollower, WorkOrder

IN_HAND = ("DISPATCHED", "TAKEN", "ON_SITE", "PAUSED")


def orders_in_hand(session: Session, staff_id: int) -> Sequence[int]:
    """The numbers of the orders a worker has not finished, the oldest first."""
    return session.scalars(
        sa.select(WorkOrder.id)
        .where(WorkOrder.staff_id == staff_id, WorkOrder.state.in_(IN_HAND))
        .order_by(WorkOrder.id)
    ).all()


def forget_reporter(session: Session, account: str, openid: str) -> None:
    """The orders and their pictures stay with the home; nothing in them leads to this WeChat any more, and it follows nobody's."""
    forget_sender(session, account, openid)
    session.execute(
        sa.delete(OrderFollower)
        .where(OrderFollower.account == account, OrderFollower.openid == openid)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.update(WorkOrder)
        .where(WorkOrder.account == account, WorkOrder.openid == openid)
        .values(account=None, openid=None)
        .execution_options(synchronize_session=False)
    )
