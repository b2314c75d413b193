"""Who hears of a step. Everything here only promises messages; they become true with the step or not at all."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.tables import Home, home_label
from models.messaging import outbox
from models.people.tables import Staff, StaffArea
from models.workorders import kinds
from models.workorders.actors import Actor
from models.workorders.move import Mark
from models.workorders.place import Contact, page_of, where_text
from models.workorders.tables import WorkOrder

__all__ = ["kinds", "office_of", "tell_office", "tell_owner", "tell_staff", "workers_to_wake"]


def tell_owner(
    session: Session, order: WorkOrder, mark: Mark, kind: str, data: dict[str, Any], *, actor: Actor
) -> None:
    """Tell the reporter, and those whose own orders were merged into this one; whoever acts just got an answer.

    Who follows hears the news under their own number and in their own words: nothing of the other household.
    """
    told = {(actor.account, actor.openid)}
    if (order.account, order.openid) not in told:
        _put(session, order.account, order.openid, kind, data, mark)
        told.add((order.account, order.openid))
    for own in _followers(session, order.id):
        if (own.account, own.openid) not in told:
            _put(session, own.account, own.openid, "order_followed", {**data, **_as_theirs(own, kind)}, mark)
            told.add((own.account, own.openid))


def tell_staff(session: Session, contact: Contact | None, mark: Mark, kind: str, data: dict[str, Any]) -> None:
    if contact is not None:
        _put(session, contact.account, contact.openid, kind, data, mark)


def tell_office(
    session: Session, order: WorkOrder, mark: Mark, kind: str, data: dict[str, Any], *, actor: Actor
) -> None:
    """Tell the leads and managers of the compound, except the one who acts."""
    for contact in office_of(session, order.company_id, order.community_id):
        if contact.staff_id != actor.staff_id:
            _put(session, contact.account, contact.openid, kind, data, mark)


def office_of(session: Session, company_id: int, community_id: int) -> list[Contact]:
    """Leads and managers who look after this compound. One statement."""
    return _staff(session, company_id, community_id, Staff.role.in_(("lead", "manager")))


def workers_to_wake(session: Session, company_id: int, community_id: int) -> list[Contact]:
    """Every worker on duty in this compound, whatever their trade; with nobody on duty, every worker there is."""
    on_duty = _staff(session, company_id, community_id, Staff.role == "worker", Staff.on_duty.is_(True))
    return on_duty or _staff(session, company_id, community_id, Staff.role == "worker")


def _staff(session: Session, company_id: int, community_id: int, *conditions: sa.ColumnElement[bool]) -> list[Contact]:
    # Staff without any area look after the whole company.
    areas = sa.select(StaffArea.staff_id).where(StaffArea.staff_id == Staff.id)
    rows = session.execute(
        sa.select(Staff.id, Staff.name, Staff.phone, Staff.account, Staff.openid)
        .where(
            Staff.company_id == company_id,
            Staff.left_at.is_(None),
            *conditions,
            sa.or_(~areas.exists(), areas.where(StaffArea.community_id == community_id).exists()),
        )
        .order_by(Staff.id)
    ).all()
    return [Contact(*row) for row in rows]


def _followers(session: Session, order_id: int) -> Sequence[Any]:
    """The orders that were merged into this one, with where they were reported from. One statement."""
    return session.execute(
        sa.select(
            WorkOrder.id,
            WorkOrder.account,
            WorkOrder.openid,
            WorkOrder.problem,
            WorkOrder.place,
            Home.building,
            Home.entrance,
            Home.room,
        )
        .outerjoin(Home, Home.id == WorkOrder.home_id)
        .where(WorkOrder.merged_into == order_id, WorkOrder.openid.is_not(None))
        .order_by(WorkOrder.id)
    ).all()


def _as_theirs(own: Any, kind: str) -> dict[str, Any]:
    label = home_label(own.building, own.entrance, own.room) if own.room is not None else ""
    where = where_text("", label, own.place)
    return {
        "order": own.id,
        "page": page_of(own.id),
        "where": where,
        "problem": own.problem,
        "name": "",
        "phone": "",
        "news": kind,
    }


def _put(
    session: Session, account: str | None, openid: str | None, kind: str, data: dict[str, Any], mark: Mark
) -> None:
    outbox.put(
        session,
        account=account,
        openid=openid,
        kind=kind,
        data=data,
        dedupe_key=f"{mark.order_id}:{mark.number}",
        now=mark.at,
    )
