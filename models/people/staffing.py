"""Staff: invited with a code, joined by saying it, on and off duty."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.db import insert_or_ignore
from models.messaging import outbox
from models.people import guesses
from models.people.codes import VALID_FOR, digest, new_code
from models.people.names import wechat_name
from models.people.queries import managers_of
from models.people.tables import Invitation, Staff, StaffArea, StaffTrade
from models.people.trades import CERTIFIED

ROLES: dict[str, str] = {"worker": "维修员", "lead": "班长", "clerk": "客服", "cashier": "收费员", "manager": "经理"}


@dataclass(frozen=True)
class Joined:
    staff_id: int
    name: str
    role: str
    trades: tuple[str, ...]
    on_duty: bool


@dataclass(frozen=True)
class NotJoined:
    """`why`: unknown (not a code of this company), used (by somebody else), expired, member (is staff already), limit."""

    why: Literal["unknown", "used", "expired", "member", "limit"]


def invite(
    session: Session,
    *,
    company_id: int,
    name: str,
    role: str,
    trades: Sequence[str] = (),
    certified_until: date | None = None,
    areas: Sequence[tuple[int, str]] = (),
    phone: str = "",
    on_duty: bool = True,
    made_by: str,
    source: str = "chat",
    pepper: str,
    now: datetime,
) -> str:
    """A code that makes the WeChat which says it a member of staff. It is shown once: only its digest is kept.

    `areas`: (community id, building or "" for all of it); none at all means the whole company. Somebody of the same name on
    the books without a WeChat (they changed phones, or unfollowed) takes up their old place.
    """
    code = new_code("staff")
    returning = session.scalars(
        sa.select(Staff.id).where(
            Staff.company_id == company_id, Staff.name == name, Staff.openid.is_(None), Staff.left_at.is_(None)
        )
    ).all()
    invitation = Invitation(
        company_id=company_id,
        digest=digest(code, pepper),
        staff_id=returning[0] if len(returning) == 1 else None,
        name=name,
        phone=phone,
        role=role,
        trades=list(trades),
        certified_until=certified_until,
        areas=[list(area) for area in areas],
        on_duty=on_duty,
        expires_at=now + VALID_FOR,
    )
    session.add(invitation)
    session.flush()
    record(
        session,
        at=now,
        company_id=company_id,
        actor=made_by,
        action="staff.invite",
        subject=f"invitation:{invitation.id}",
        details={"role": role, "trades": list(trades), "areas": [list(area) for area in areas]},
        source=source,
    )
    return code


def join(
    session: Session, *, account: str, openid: str, company_id: int, code: str, pepper: str, now: datetime
) -> Joined | NotJoined:
    """Use an invitation. Of two people with the same code at the same moment, one joins."""
    who = guesses.guesser(account, openid)
    if guesses.begin(session, who, guesses.PER_PERSON, now) is None:
        return NotJoined("limit")
    invitation = session.scalar(
        sa.select(Invitation).where(Invitation.digest == digest(code, pepper), Invitation.company_id == company_id)
    )
    if invitation is None:
        return NotJoined("unknown")
    guesses.give_back(session, [who], now)
    if session.scalar(sa.select(Staff.id).where(Staff.account == account, Staff.openid == openid)) is not None:
        return NotJoined("member")
    if invitation.used_at is None and invitation.expires_at <= now:
        return NotJoined("expired")
    if not _claim(session, invitation.id, now):
        return NotJoined("used")
    staff = _take_place(session, invitation, account, openid, now)
    record(
        session,
        at=now,
        company_id=company_id,
        actor=f"staff:{staff.id}",
        action="staff.join",
        subject=f"staff:{staff.id}",
        details={"who": wechat_name(account, openid), "role": staff.role},
        source="chat",
    )
    _tell_managers(session, staff, "staff_joined", {"name": staff.name, "role": ROLES[staff.role]}, now)
    return Joined(staff.id, staff.name, staff.role, tuple(invitation.trades), staff.on_duty)


def _claim(session: Session, invitation_id: int, now: datetime) -> bool:
    claimed = session.execute(
        sa.update(Invitation)
        .where(Invitation.id == invitation_id, Invitation.used_at.is_(None))
        .values(used_at=now)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    ).first()
    return claimed is not None


def _take_place(session: Session, invitation: Invitation, account: str, openid: str, now: datetime) -> Staff:
    staff = session.get(Staff, invitation.staff_id) if invitation.staff_id is not None else None
    if staff is None:
        staff = Staff(company_id=invitation.company_id, joined_at=now)
        session.add(staff)
    staff.name, staff.role = invitation.name, invitation.role
    staff.phone = invitation.phone or staff.phone or ""
    staff.account, staff.openid = account, openid
    staff.on_duty, staff.duty_since = invitation.on_duty, now if invitation.on_duty else None
    session.flush()
    for trade in invitation.trades:
        until = invitation.certified_until if trade in CERTIFIED else None
        session.merge(StaffTrade(staff_id=staff.id, trade=trade, certified_until=until))
    for community_id, building in invitation.areas:
        area = {"staff_id": staff.id, "community_id": community_id, "building": building}
        insert_or_ignore(session, StaffArea, area)
    return staff


def set_duty(session: Session, *, staff_id: int, on_duty: bool, now: datetime) -> bool:
    """上班 or 下班; False if it was so already."""
    changed = session.execute(
        sa.update(Staff)
        .where(Staff.id == staff_id, Staff.on_duty.is_(not on_duty))
        .values(on_duty=on_duty, duty_since=now if on_duty else None)
        .returning(Staff.company_id)
    ).first()
    if changed is None:
        return False
    record(
        session,
        at=now,
        company_id=changed.company_id,
        actor=f"staff:{staff_id}",
        action="staff.on_duty" if on_duty else "staff.off_duty",
        subject=f"staff:{staff_id}",
        source="chat",
    )
    return True


def let_go_of_wechat(session: Session, staff: Staff, *, open_orders: int, now: datetime) -> None:
    """A member of staff unfollowed: their place stays, nobody is behind it any more, and the managers hear of it."""
    staff.account = staff.openid = None
    staff.on_duty, staff.duty_since = False, None
    session.flush()
    record(
        session,
        at=now,
        company_id=staff.company_id,
        actor=f"staff:{staff.id}",
        action="staff.unfollow",
        subject=f"staff:{staff.id}",
        details={"open_orders": open_orders},
        source="chat",
    )
    _tell_managers(session, staff, "staff_left", {"name": staff.name, "open_orders": open_orders}, now)


def _tell_managers(session: Session, staff: Staff, kind: str, data: dict[str, object], now: datetime) -> None:
    areas: Collection[int | None] = session.scalars(
        sa.select(StaffArea.community_id)
        .where(StaffArea.staff_id == staff.id)
        .distinct()
        .order_by(StaffArea.community_id)
    ).all() or [None]
    managers = {m.id: m for area in areas for m in managers_of(session, staff.company_id, area) if m.id != staff.id}
    for manager in managers.values():
        outbox.put(
            session,
            account=manager.account,
            openid=manager.openid,
            kind=kind,
            data=data,
            dedupe_key=f"{staff.id}:{now.isoformat()}",
            now=now,
        )
