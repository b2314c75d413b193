"""Who hears of a step. Everything here only promises messages; they become true with the step or not at all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.tables import Home, home_label
from models.messaging import outbox
from models.people.tables import Staff, StaffArea
from models.workorders import kinds
from models.workorders.actors import Actor
from models.workorders.categories import OTHER
from models.workorders.dispatch_score import WAKING
from models.workorders.move import Mark
from models.workorders.place import Contact, page_of, where_text
from models.workorders.tables import OrderFollower, WorkOrder

__all__ = [
    "Ladder",
    "kinds",
    "ladder_of",
    "office_of",
    "tell_each",
    "tell_office",
    "tell_owner",
    "tell_staff",
    "workers_to_wake",
]


@dataclass(frozen=True)
class Ladder:
    """Who hears next when something takes too long. `managers` are the compound's own; `above` those of the whole company,
    unless the compound has no other."""

    leads: tuple[Contact, ...]
    managers: tuple[Contact, ...]
    above: tuple[Contact, ...]


def tell_owner(
    session: Session, order: WorkOrder, mark: Mark, kind: str, data: dict[str, Any], *, actor: Actor
) -> None:
    """Tell the reporter, those whose own orders were merged into this one, and who follows it; whoever acts just got an answer.

    Whose order was merged hears the news under their own number and in their own words, who follows it where it is and what
    kind of trouble it is: nothing of the other household.
    """
    told = {(actor.account, actor.openid)}
    if (order.account, order.openid) not in told:
        _put(session, order.account, order.openid, kind, data, mark)
        told.add((order.account, order.openid))
    for own in _followers(session, order.id):
        if (own.account, own.openid) not in told:
            theirs = _as_theirs(own, kind) if own.id is not None else _for_a_follower(order, data, kind)
            _put(session, own.account, own.openid, "order_followed", {**data, **theirs}, mark)
            told.add((own.account, own.openid))


def tell_staff(session: Session, contact: Contact | None, mark: Mark, kind: str, data: dict[str, Any]) -> None:
    if contact is not None:
        _put(session, contact.account, contact.openid, kind, data, mark)


def tell_each(session: Session, contacts: Iterable[Contact], mark: Mark, kind: str, data: dict[str, Any]) -> None:
    for contact in contacts:
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


def ladder_of(session: Session, company_id: int, community_id: int) -> Ladder:
    """Leads, managers and who stands above them for a compound. One statement."""
    own_areas = sa.select(StaffArea.staff_id).where(StaffArea.staff_id == Staff.id)
    here = own_areas.where(StaffArea.community_id == community_id).exists()
    rows = session.execute(
        sa.select(Staff.id, Staff.name, Staff.phone, Staff.account, Staff.openid, Staff.role, here.label("here"))
        .where(
            Staff.company_id == company_id,
            Staff.role.in_(("lead", "manager")),
            Staff.left_at.is_(None),
            sa.or_(~own_areas.exists(), here),
        )
        .order_by(Staff.id)
    ).all()
    leads = tuple(Contact(*row[:5]) for row in rows if row.role == "lead")
    own = tuple(Contact(*row[:5]) for row in rows if row.role == "manager" and row.here)
    all_over = tuple(Contact(*row[:5]) for row in rows if row.role == "manager" and not row.here)
    return Ladder(leads, own or all_over, all_over if own else ())


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
    """The orders that were merged into this one, with where they were reported from, then who follows it. One statement."""
    merged: sa.Select[*tuple[Any, ...]] = (
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
    )
    nothing = (sa.null(),) * 5
    joined = sa.select(WorkOrder.id).where(WorkOrder.merged_into == order_id)
    following: sa.Select[*tuple[Any, ...]] = sa.select(
        sa.null(), OrderFollower.account, OrderFollower.openid, *nothing
    ).where(sa.or_(OrderFollower.order_id == order_id, OrderFollower.order_id.in_(joined)))
    found: Sequence[Any] = session.execute(sa.union_all(merged, following)).all()
    return sorted(found, key=lambda own: (own.id is None, own.id or 0, own.openid))


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
        "own": True,
    }


def _for_a_follower(order: WorkOrder, data: dict[str, Any], kind: str) -> dict[str, Any]:
    what = "" if order.category == OTHER else order.category
    # The order's page is its household's: who follows is not sent to a door that stays shut.
    return {"page": "", "where": data["where"], "problem": what, "name": "", "phone": "", "news": kind, "own": False}


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
        wakes=data["priority"] in WAKING,
        now=mark.at,
    )
