"""An order as messages tell it: plain values, read once, the same on every screen."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.tables import Community, Company, Home, home_label
from models.people.tables import Staff
from models.workorders.states import PRIORITY_NAMES, STATE_NAMES
from models.workorders.tables import WorkOrder


@dataclass(frozen=True)
class Contact:
    """Somebody of ours a message can go to."""

    staff_id: int
    name: str
    phone: str
    account: str | None
    openid: str | None


@dataclass(frozen=True)
class View:
    """An order and what belongs to it: where it is, and who has it (None: nobody)."""

    where: str
    hotline: str
    worker: Contact | None


def where_text(community: str, label: str, place: str) -> str:
    """锦绣花园 3栋2单元501 厨房; what is not known is left out, and so is the home of who reports a public place."""
    return " ".join(part for part in (community, label, place) if part)


def view_of(session: Session, order: WorkOrder) -> View:
    """One statement."""
    row = session.execute(
        sa.select(
            Community.name.label("community"),
            Company.hotline,
            Home.building,
            Home.entrance,
            Home.room,
            Staff.id.label("staff_id"),
            Staff.name,
            Staff.phone,
            Staff.account,
            Staff.openid,
        )
        .select_from(Community)
        .join(Company, Company.id == Community.company_id)
        .outerjoin(Home, Home.id == order.home_id)
        .outerjoin(Staff, Staff.id == order.staff_id)
        .where(Community.id == order.community_id)
    ).one()
    label = home_label(row.building, row.entrance, row.room) if row.room is not None and order.place_id is None else ""
    worker = Contact(row.staff_id, row.name, row.phone, row.account, row.openid) if row.staff_id is not None else None
    return View(where=where_text(row.community, label, order.place), hotline=row.hotline, worker=worker)


def page_of(order_id: int) -> str:
    """The address of an order's page, below our own name."""
    return f"/m/order/{order_id}"


def snapshot(order: WorkOrder, view: View, **more: Any) -> dict[str, Any]:
    """What every message about an order carries; `more` is what this kind says besides. Plain JSON values only."""
    return {
        "order": order.id,
        "page": page_of(order.id),
        "priority": order.priority,
        "urgency": PRIORITY_NAMES[order.priority],
        "state": STATE_NAMES[order.state],
        "category": order.category,
        "where": view.where,
        "problem": order.problem,
        "name": order.reporter_name,
        "phone": order.reporter_phone,
        "appointment": order.appointment,
        "worker": view.worker.name if view.worker else "",
        "worker_phone": view.worker.phone if view.worker else "",
        "hotline": view.hotline,
        **more,
    }
