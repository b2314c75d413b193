"""Who is sent, who is woken, and what a manager is warned of."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.people.tables import Staff, StaffArea, StaffTrade
from models.workorders.actions import dispatch_to
from tests.support.repairs import Cast, told


def test_in_an_emergency_with_nobody_on_duty_every_worker_of_the_compound_is_woken(
    session: Session, cast: Cast, now: datetime
) -> None:
    session.execute(sa.update(Staff).where(Staff.role == "worker").values(on_duty=False))
    order = cast.report(session, now, problem="插座冒火花了").order
    assert (order.priority, order.staff_id) == ("P0", None)
    for name in ("chen", "liu", "qiang", "manager"):
        assert told(session, name) == ["order_urgent"], name
    assert told(session, "zhou") == [], "he looks after another compound"


def test_a_worker_without_any_area_looks_after_the_whole_company(session: Session, cast: Cast, now: datetime) -> None:
    session.execute(sa.update(Staff).where(Staff.role == "worker").values(on_duty=False))
    everywhere = Staff(company_id=cast.company_id, name="李四", role="worker", on_duty=True, joined_at=now)
    session.add(everywhere)
    session.flush()
    session.add(StaffTrade(staff_id=everywhere.id, trade="水工"))
    session.flush()
    assert session.scalars(sa.select(StaffArea).where(StaffArea.staff_id == everywhere.id)).all() == []
    assert cast.report(session, now).order.staff_id == everywhere.id


def test_a_manager_is_warned_of_somebody_who_does_not_mend_things_or_cannot_be_reached(
    session: Session, cast: Cast, now: datetime
) -> None:
    order = cast.report(session, now).order
    cashier = Staff(company_id=cast.company_id, name="孙会计", role="cashier", on_duty=True, joined_at=now)
    session.add(cashier)
    session.flush()
    against = dispatch_to(session, order, cashier, now=now, actor=cast.worker("manager"))
    assert against == ("不是维修师傅", "收不到微信，请打电话告诉他")
