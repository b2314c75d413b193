"""One step of an order, and what is left of it when something goes wrong afterwards."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from models.db import savepoint
from models.errors import Refusal
from models.workorders import actions
from models.workorders.actors import system_actor
from models.workorders.move import hats
from models.workorders.queries import events_of
from models.workorders.tables import WorkOrder
from tests.support.repairs import Cast, told


def test_a_refusal_undoes_what_the_step_began(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    def take_and_think_better_of_it() -> None:
        with savepoint(session):
            actions.take(session, order, now=now, actor=cast.worker("chen"))
            raise Refusal("算了。")

    with pytest.raises(Refusal):
        take_and_think_better_of_it()
    assert (order.state, order.taken_at) == ("DISPATCHED", None)
    assert [event.event for event in events_of(session, order.id)] == ["create", "accept", "dispatch"]
    assert told(session, "zhang") == []


def test_everybody_wears_the_hats_they_have_towards_this_order(cast: Cast, order: WorkOrder) -> None:
    assert hats(order, cast.worker("chen")) == ("worker", "other_worker")
    assert hats(order, cast.worker("qiang")) == ("other_worker",)
    assert hats(order, cast.worker("clerk")) == ("clerk",)
    assert hats(order, cast.worker("manager")) == ("manager",)
    assert hats(order, cast.worker("zhou")) == ()
    assert hats(order, cast.resident("zhang")) == ("reporter",)
    assert hats(order, cast.resident("li")) == ()
    assert hats(order, system_actor(cast.company_id)) == ("system",)


def test_a_worker_who_reported_it_themselves_wears_both(cast: Cast, order: WorkOrder) -> None:
    both = replace(cast.worker("chen"), openid="zhang")
    assert hats(order, both) == ("worker", "other_worker", "reporter")


def test_a_cashier_has_no_say_in_repairs(cast: Cast, order: WorkOrder) -> None:
    assert hats(order, replace(cast.worker("clerk"), role="cashier")) == ()
