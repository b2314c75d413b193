"""What is true in the books: taken before and after, it shows whether anything was done."""

import sqlalchemy as sa

from models.people.tables import BindCode, Binding, BindRequest, Staff
from models.workorders.tables import WorkOrder
from tests.support.world import World

_STATE = (WorkOrder.id, WorkOrder.state, WorkOrder.priority, WorkOrder.staff_id, WorkOrder.rating, WorkOrder.nudges)


def facts(world: World) -> list[object]:
    """The newest orders with how they stand, who is on duty, and how many bindings, requests and codes there are."""
    with world.services.database.reading() as session:
        orders = session.execute(sa.select(*_STATE).order_by(WorkOrder.id.desc()).limit(10)).all()
        duty = session.execute(sa.select(Staff.id, Staff.on_duty).order_by(Staff.id)).all()
        rows = [session.scalar(sa.select(sa.func.count(table.id))) for table in (Binding, BindRequest, BindCode)]
        return [*map(tuple, orders), *map(tuple, duty), *rows]


def newest_order(world: World) -> tuple[int, str]:
    """(number, problem) of the last order that was made."""
    with world.services.database.reading() as session:
        row = session.execute(sa.select(WorkOrder.id, WorkOrder.problem).order_by(WorkOrder.id.desc()).limit(1)).one()
        return row.id, row.problem
