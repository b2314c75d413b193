"""What people were sent and what became of it, and what staff must still tell them by hand; always within a person's scope."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.errors import NotFound
from models.estate.tables import Community, Home, OfficialAccount
from models.messaging.tables import Outbox
from models.people.tables import Binding, Person, Staff, StaffArea

Who = tuple[str, str]  # (account, openid)


@dataclass(frozen=True)
class Addressee:
    """Whom a message is for. `where`: the compound and the home, or "员工"."""

    name: str
    where: str
    phone: str
    community: str = ""


@dataclass(frozen=True)
class Scope:
    """Whose messages somebody of the office may see. `community_ids`: the compounds they look after, None for all."""

    company_id: int
    community_ids: Collection[int] | None


@dataclass(frozen=True)
class Told:
    """One message and its story, for staff."""

    id: int
    to: Addressee
    kind: str
    data: dict[str, Any]
    state: str
    channel: str
    outcome: str
    created_at: datetime
    sent_at: datetime | None
    trail: list[Any]
    together: bool  # it went out in one text with others


NOBODY = Addressee("没有登记的微信", "", "")
NOT_THERE = "没有这一条，可能已经有人通知过了。回复「待通知」看还有哪些。"


def untold(session: Session, scope: Scope, limit: int = 10) -> list[Told]:
    """What nothing could carry, the oldest first. Three statements."""
    rows = session.scalars(
        sa.select(Outbox).where(Outbox.state == "untold", _in_scope(scope)).order_by(Outbox.id).limit(limit)
    ).all()
    return with_names(session, rows)


def how_many_untold(session: Session, scope: Scope) -> int:
    return session.scalar(
        sa.select(sa.func.count())
        .select_from(Outbox)
        .where(Outbox.state == "untold", _in_scope(scope))
    ) or 0  # fmt: skip


def open_untold(
    session: Session,
    number: int,
    scope: Scope,
    *,
    by: str,
    now: datetime,
) -> Told:
    """One of them with its phone in full; who looked at it is written down. Raises NotFound."""
    row = _find(session, number, scope)
    record(
        session,
        at=now,
        actor=by,
        action="phone.seen",
        subject=f"message:{row.id}",
        source="chat",
        company_id=scope.company_id,
    )
    return with_names(session, [row])[0]


def told_by_hand(
    session: Session,
    number: int,
    scope: Scope,
    *,
    by: str,
    now: datetime,
) -> Told:
    """Somebody told the person. Raises NotFound, also when a colleague was first."""
    row = _find(session, number, scope)
    done = session.execute(
        sa.update(Outbox)
        .where(Outbox.id == row.id, Outbox.state == "untold")
        .values(state="told", channel="hand", sent_at=now, told_by=by)
        .returning(Outbox.id)
        .execution_options(synchronize_session=False)
    ).first()
    if done is None:
        raise NotFound(NOT_THERE)
    record(
        session,
        at=now,
        actor=by,
        action="message.told",
        subject=f"message:{row.id}",
        source="chat",
        company_id=scope.company_id,
    )
    return with_names(session, [row])[0]


def history(session: Session, people: Collection[Who], limit: int = 10) -> list[Told]:
    """What these WeChats were sent, the newest first. The caller has seen to it that they are in the speaker's scope."""
    if not people:
        return []
    rows = session.scalars(
        sa.select(Outbox)
        .where(sa.tuple_(Outbox.account, Outbox.openid).in_(list(people)))
        .order_by(Outbox.id.desc())
        .limit(limit)
    ).all()
    return with_names(session, rows)


def wechats_at(session: Session, home_ids: Collection[int]) -> list[Who]:
    """Everybody bound to these homes."""
    rows = session.execute(
        sa.select(Binding.account, Binding.openid).where(Binding.home_id.in_(home_ids)).order_by(Binding.id)
    )
    return [(account, openid) for account, openid in rows]


def wechats_named(session: Session, name: str, scope: Scope) -> list[Who]:
    """Residents and staff of this name, within the scope. Two statements."""
    residents = (
        sa.select(Binding.account, Binding.openid)
        .join(Person, Person.id == Binding.person_id)
        .join(Home, Home.id == Binding.home_id)
        .where(Person.company_id == scope.company_id, Person.name == name)
        .order_by(Binding.id)
        .limit(20)
    )
    if scope.community_ids is not None:
        residents = residents.where(Home.community_id.in_(scope.community_ids))
    staff = sa.select(Staff.account, Staff.openid).where(
        Staff.company_id == scope.company_id,
        Staff.name == name,
        Staff.left_at.is_(None),
        Staff.openid.is_not(None),
        _works_in(scope.community_ids),
    )
    found = [*session.execute(residents), *session.execute(staff)]
    return list(dict.fromkeys((account or "", openid or "") for account, openid in found))


def addressees(session: Session, people: Collection[Who]) -> dict[Who, Addressee]:
    """Names, homes and phones of these WeChats. Two statements."""
    wanted = list(dict.fromkeys(people))
    if not wanted:
        return {}
    residents = session.execute(
        sa.select(Binding.account, Binding.openid, Person.name, Person.phone, Community.name.label("community"), Home)
        .join(Person, Person.id == Binding.person_id)
        .join(Home, Home.id == Binding.home_id)
        .join(Community, Community.id == Home.community_id)
        .where(sa.tuple_(Binding.account, Binding.openid).in_(wanted))
        .order_by(Binding.id.desc())
    )
    found = {
        (row.account, row.openid): Addressee(row.name, f"{row.community}{row.Home.label}", row.phone, row.community)
        for row in residents
    }
    staff = session.execute(
        sa.select(Staff.account, Staff.openid, Staff.name, Staff.phone).where(
            sa.tuple_(Staff.account, Staff.openid).in_(wanted), Staff.left_at.is_(None)
        )
    )
    return found | {(row.account or "", row.openid or ""): Addressee(row.name, "员工", row.phone) for row in staff}


def _find(session: Session, number: int, scope: Scope) -> Outbox:
    row = session.scalar(sa.select(Outbox).where(Outbox.id == number, Outbox.state == "untold", _in_scope(scope)))
    if row is None:
        raise NotFound(NOT_THERE)
    return row


def _in_scope(scope: Scope) -> sa.ColumnElement[bool]:
    """Messages of the company's own account; for somebody in charge of some compounds, to the people of these."""
    accounts = sa.select(OfficialAccount.account).where(OfficialAccount.company_id == scope.company_id)
    of_company = Outbox.account.in_(accounts)
    if scope.community_ids is None:
        return of_company
    resident = (
        sa.select(Binding.id)
        .join(Home, Home.id == Binding.home_id)
        .where(
            Binding.account == Outbox.account,
            Binding.openid == Outbox.openid,
            Home.community_id.in_(scope.community_ids),
        )
    )
    staff = sa.select(Staff.id).where(
        Staff.account == Outbox.account, Staff.openid == Outbox.openid, _works_in(scope.community_ids)
    )
    return sa.and_(of_company, sa.or_(resident.exists(), staff.exists()))


def _works_in(community_ids: Collection[int] | None) -> sa.ColumnElement[bool]:
    if community_ids is None:
        return sa.true()
    return (
        sa.select(StaffArea.staff_id)
        .where(StaffArea.staff_id == Staff.id, StaffArea.community_id.in_(community_ids))
        .exists()
    )


def with_names(session: Session, rows: Sequence[Outbox]) -> list[Told]:
    """These messages with whom they are for. Two statements."""
    known = addressees(session, [(row.account, row.openid) for row in rows])
    return [
        Told(
            row.id, known.get((row.account, row.openid), NOBODY), row.kind, row.data, row.state, row.channel, row.outcome,
            row.created_at, row.sent_at, list(row.trail or []), row.sent_with is not None,
        )
        for row in rows
    ]  # fmt: skip
