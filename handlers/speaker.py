"""Who is speaking? Everything a flow may know about the person, found in at most three statements."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.incoming import Incoming
from models.estate.tables import OfficialAccount
from models.people.names import wechat_name
from models.people.queries import MANAGERS, Tie, ties_of
from models.people.rights import Right, may
from models.people.tables import Staff, StaffArea
from models.workorders.actors import Actor
from models.workorders.tables import WorkOrder

# How long after the work a number from 1 to 5 is still heard as a rating (domain.md 2.3, T20).
RATING_OPEN_FOR = timedelta(hours=72)

HomeTie = Tie

_UNDERSTOOD_AS = {"owner": "owner", "family": "owner", "tenant": "tenant"}
_STRONGEST_FIRST = ("owner", "family", "tenant")
_AT_WORK = {"DISPATCHED": "order_pushed", "TAKEN": "order_in_progress", "ON_SITE": "order_in_progress"}


@dataclass(frozen=True)
class StaffMember:
    """Somebody who works here. `community_ids` is None for the whole company."""

    id: int
    name: str
    role: str
    phone: str
    community_ids: frozenset[int] | None
    on_duty: bool


@dataclass(frozen=True)
class Person:
    """The speaker of one turn.

    `role` is for the understanding: manager, staff, owner (family too), tenant or visitor. `roles` is everything the person is,
    for asking who may use a flow: "staff" (managers too), "manager" (clerks too), the role at work (worker, lead, clerk, cashier,
    manager), "resident", the relations (owner, family, tenant), and `role` itself. What a family member or tenant may do at home
    is decided by `may` and not by `roles`.
    `awaiting`: awaiting_rating, order_pushed, order_in_progress or "", with the order meant in `awaiting_order`.
    """

    account: str
    openid: str
    company_id: int | None
    role: str
    roles: frozenset[str]
    awaiting: str = ""
    awaiting_order: int | None = None
    staff: StaffMember | None = None
    homes: tuple[HomeTie, ...] = ()

    @property
    def name(self) -> str:
        """张伟, or "" for somebody we do not know."""
        if self.staff is not None:
            return self.staff.name
        return self.homes[0].name if self.homes else ""

    @property
    def phone(self) -> str:
        if self.staff is not None:
            return self.staff.phone
        return next((home.phone for home in self.homes if home.phone), "")

    @property
    def is_manager(self) -> bool:
        return self.staff is not None and self.staff.role in MANAGERS

    @property
    def is_staff(self) -> bool:
        return self.staff is not None

    @property
    def community_ids(self) -> frozenset[int] | None:
        """Whose compounds this person has to do with; None for all of the company's."""
        if self.staff is not None:
            return self.staff.community_ids
        return frozenset(home.community_id for home in self.homes)

    @property
    def log_name(self) -> str:
        """How the audit log calls this person: never by openid or phone."""
        if self.staff is not None:
            return f"staff:{self.staff.id}"
        if self.homes:
            return f"resident:{self.homes[0].person_id}"
        return wechat_name(self.account, self.openid)

    def actor(self) -> Actor:
        """The speaker as somebody who does something to an order."""
        return Actor(
            role=self.staff.role if self.staff is not None else "reporter",
            name=self.name,
            log_name=self.log_name,
            staff_id=self.staff.id if self.staff is not None else None,
            account=self.account,
            openid=self.openid,
            company_id=self.company_id or 0,
            community_ids=self.community_ids,
            source="chat",
        )

    def homes_where(self, right: Right) -> tuple[HomeTie, ...]:
        """The homes where this person has a right."""
        return tuple(home for home in self.homes if may(home.relation, right))


def identify(session: Session, incoming: Incoming, now: datetime) -> Person:
    """Who sent this."""
    return person_of(session, incoming.account, incoming.openid, now)


def person_of(session: Session, account: str, openid: str, now: datetime) -> Person:
    """Who this follower is: two statements, three for staff. Somebody unknown is a visitor."""
    company_id, staff, to_rate = _company_staff_and_rating(session, account, openid, now)
    homes = tuple(ties_of(session, account, openid))
    awaiting, order = _order_of(session, staff.id) if staff is not None else ("", None)
    if not awaiting and to_rate is not None:
        awaiting, order = "awaiting_rating", to_rate
    role = _role(staff, homes)
    return Person(
        account=account,
        openid=openid,
        company_id=company_id,
        role=role,
        roles=_roles(role, staff, homes),
        awaiting=awaiting,
        awaiting_order=order,
        staff=staff,
        homes=homes,
    )


def _role(staff: StaffMember | None, homes: tuple[HomeTie, ...]) -> str:
    if staff is not None:
        return "manager" if staff.role in MANAGERS else "staff"
    relations = {home.relation for home in homes}
    return next((_UNDERSTOOD_AS[relation] for relation in _STRONGEST_FIRST if relation in relations), "visitor")


def _roles(role: str, staff: StaffMember | None, homes: tuple[HomeTie, ...]) -> frozenset[str]:
    at_work = {"staff", staff.role} if staff is not None else set()
    at_home = {"resident", *(home.relation for home in homes)} if homes else set()
    return frozenset({role} | at_work | at_home)


def _company_staff_and_rating(
    session: Session, account: str, openid: str, now: datetime
) -> tuple[int | None, StaffMember | None, int | None]:
    to_rate = (
        sa.select(WorkOrder.id)
        .where(
            WorkOrder.account == account,
            WorkOrder.openid == openid,
            WorkOrder.state == "WAIT_CONFIRM",
            WorkOrder.done_at >= now - RATING_OPEN_FOR,
        )
        .order_by(WorkOrder.done_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    theirs = sa.and_(Staff.account == OfficialAccount.account, Staff.openid == openid, Staff.left_at.is_(None))
    rows = session.execute(
        sa.select(OfficialAccount.company_id, Staff, StaffArea.community_id, to_rate)
        .outerjoin(Staff, theirs)
        .outerjoin(StaffArea, StaffArea.staff_id == Staff.id)
        .where(OfficialAccount.account == account)
    ).all()
    if not rows:
        return None, None, None
    company_id, staff, _, order = rows[0]
    return company_id, _member(staff, [row[2] for row in rows]), order


def _member(staff: Any, areas: list[int | None]) -> StaffMember | None:
    if staff is None:
        return None
    communities = frozenset(area for area in areas if area is not None)
    return StaffMember(staff.id, staff.name, staff.role, staff.phone, communities or None, staff.on_duty)


def _order_of(session: Session, staff_id: int) -> tuple[str, int | None]:
    """What a worker is most likely to speak of: the order that something happened to last."""
    row = session.execute(
        sa.select(WorkOrder.id, WorkOrder.state)
        .where(WorkOrder.staff_id == staff_id, WorkOrder.state.in_(_AT_WORK))
        .order_by(WorkOrder.moved_at.desc(), WorkOrder.id.desc())
        .limit(1)
    ).first()
    return (_AT_WORK[row.state], row.id) if row is not None else ("", None)
