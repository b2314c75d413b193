"""May this be done to an order at all? Asked before anything else is asked about it; the deed itself asks again."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.workorders.actions_worker import steps_to_the_end
from models.workorders.actors import Actor
from models.workorders.move import Step, path_of
from models.workorders.states import ACCEPTED, NEW
from models.workorders.tables import WorkOrder


def must_be_allowed(session: Session, order: WorkOrder, event: str, *, actor: Actor, now: datetime) -> None:
    """Raises what the deed would raise: Refusal when the table forbids it, AlreadyDone when it was done, NotFound for an outsider.

    `event` is the table's word; for done, the steps nobody typed (接单, 到场) count as taken, and sending somebody else is a
    transfer.
    """
    steps = [Step(event)]
    if event == "done":
        steps = [*steps_to_the_end(order, now)[0], *steps]
    if event == "dispatch" and order.state not in (NEW, ACCEPTED):
        steps = [Step("transfer")]
    if event == "dispatch" and order.state == NEW:
        steps = [Step("accept"), *steps]
    path_of(session, order, steps, actor)
