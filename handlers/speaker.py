"""Who is speaking? Everything a flow may know about the person, found in one statement, in two for staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.incoming import Incoming
from models.db import plain
from models.estate.tables import OfficialAccount
from models.people.names import wechat_name
from models.people.queries import MANAGERS, TIE, Tie, tie_of, with_ties
from models.people.rights import Right, may
from models.people.tables import Binding, Staff, StaffArea
from models.workorders.actors import Actor
from models.workorders.service_tables import Quote
from models.workorders.states import IN_HAND
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
    `awaiting`: awaiting_rating, quote_offered, order_pushed, order_in_progress or "", with the order meant in `awaiting_order`.
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
    """Who this follower is. Somebody unknown is a visitor; of an account that is nobody's, too."""
    rows = session.execute(_WHO, {"account": account, "openid": openid, "rated_since": now - RATING_OPEN_FOR}).all()
    first = rows[0] if rows else None
    homes = tuple(tie_of(row) for row in rows if row.binding_id is not None)
    staff, awaiting, order = None, "", None
    if first is not None and first.to_rate is not None:
        awaiting, order = "awaiting_rating", first.to_rate
    elif first is not None and first.to_agree is not None:
        # A bare 1 is one star while a rating is waited for, and never money.
        awaiting, order = "quote_offered", first.to_agree
    if first is not None and first.staff_id is not None:
        at_work = session.execute(_AT_WORK_ON, {"staff_id": first.staff_id}).all()
        staff = _member(first, at_work)
        if at_work[0].order_id is not None:
            awaiting, order = _AT_WORK[at_work[0].state], at_work[0].order_id
    role = _role(staff, homes)
    return Person(
        account=account,
        openid=openid,
        company_id=first.company_id if first is not None else None,
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


def _member(row: Any, at_work: Sequence[Any]) -> StaffMember:
    communities = frozenset(area.community_id for area in at_work if area.community_id is not None)
    return StaffMember(row.staff_id, row.staff_name, row.role, row.staff_phone, communities or None, row.on_duty)


_accounts, _staff, _areas = plain(OfficialAccount), plain(Staff), plain(StaffArea)
_bindings, _orders = plain(Binding), plain(WorkOrder)

_to_rate = (
    sa.select(_orders.c.id)
    .where(
        _orders.c.account == sa.bindparam("account"),
        _orders.c.openid == sa.bindparam("openid"),
        _orders.c.state == "WAIT_CONFIRM",
        _orders.c.moved_at >= sa.bindparam("rated_since"),
    )
    .order_by(_orders.c.moved_at.desc())
    .limit(1)
    .scalar_subquery()
)
_quotes = plain(Quote)
_to_agree = (
    sa.select(_quotes.c.order_id)
    .join(_orders, _orders.c.id == _quotes.c.order_id)
    .where(
        _orders.c.account == sa.bindparam("account"),
        _orders.c.openid == sa.bindparam("openid"),
        _quotes.c.state == "offered",
        _orders.c.state.in_(sorted(IN_HAND)),
    )
    .order_by(_quotes.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_theirs = sa.and_(
    _staff.c.account == _accounts.c.account, _staff.c.openid == sa.bindparam("openid"), _staff.c.left_at.is_(None)
)
_bound = sa.and_(_bindings.c.account == _accounts.c.account, _bindings.c.openid == sa.bindparam("openid"))
# A row for each home; one row all the same for whoever has none.
_WHO = (
    sa.select(
        _accounts.c.company_id,
        _staff.c.id.label("staff_id"),
        _staff.c.name.label("staff_name"),
        _staff.c.role,
        _staff.c.phone.label("staff_phone"),
        _staff.c.on_duty,
        _to_rate.label("to_rate"),
        _to_agree.label("to_agree"),
        *TIE,
    )
    .select_from(with_ties(_accounts.outerjoin(_staff, _theirs), _bound))
    .where(_accounts.c.account == sa.bindparam("account"))
    .order_by(_bindings.c.id)
)

# What a worker is most likely to speak of: the order that something happened to last.
_moved_last = (
    sa.select(_orders.c.id)
    .where(_orders.c.staff_id == sa.bindparam("staff_id"), _orders.c.state.in_(tuple(_AT_WORK)))
    .order_by(_orders.c.moved_at.desc(), _orders.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
# A row for each compound they look after, or one for all of the company's.
_AT_WORK_ON = (
    sa.select(_areas.c.community_id, _orders.c.id.label("order_id"), _orders.c.state)
    .select_from(
        _staff.outerjoin(_areas, _areas.c.staff_id == _staff.c.id).outerjoin(_orders, _orders.c.id == _moved_last)
    )
    .where(_staff.c.id == sa.bindparam("staff_id"))
)
