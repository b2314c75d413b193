"""人工: a talk between somebody who needs a person and the member of staff who took it, word for word kept for a while.

waiting (nobody has taken it) → taken → closed. Either side closes it; time closes one in which nobody says anything more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.audit.log import record
from models.db import Base, Id
from models.errors import AlreadyDone, NotFound, Refusal
from models.messaging import outbox
from models.people.tables import Staff

WAITING, TAKEN, CLOSED = "waiting", "taken", "closed"
_OPEN = sa.text("state <> 'closed'")

QUIET_FOR = timedelta(hours=2)  # nobody said anything: a taken talk is over
UNTAKEN_FOR = timedelta(hours=48)
LONGEST = 500  # characters of one message that are passed on
SHOWN = 5  # of what was said before it was taken


class Talk(Base):
    """One talk. A person has at most one that is open, and so has a member of staff."""

    __tablename__ = "talks"
    __table_args__ = (
        sa.Index("uq_talks_person", "account", "openid", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("uq_talks_staff", "staff_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_talks_open", "company_id", "state", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int | None] = mapped_column(sa.ForeignKey("communities.id"))
    account: Mapped[str] = mapped_column(sa.String(64))
    openid: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(64))
    home: Mapped[str] = mapped_column(sa.String(64), default="")
    state: Mapped[str] = mapped_column(sa.String(8), default=WAITING)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(sa.String(8), default="")  # person, staff, time


class TalkLine(Base):
    """What one side said."""

    __tablename__ = "talk_lines"
    __table_args__ = (sa.Index("ix_talk_lines_talk", "talk_id", "id"), sa.Index("ix_talk_lines_at", "at"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    talk_id: Mapped[int] = mapped_column(sa.ForeignKey("talks.id"))
    side: Mapped[str] = mapped_column(sa.String(8))  # person, staff
    words: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime]


@dataclass(frozen=True)
class Wanting:
    """Who wants a person. `home` as staff read it, "" for somebody we do not know."""

    company_id: int
    community_id: int | None
    account: str
    openid: str
    name: str
    home: str


def open_talk(session: Session, who: Wanting, words: str, *, now: datetime) -> Talk:
    """The talk of this person: the one that is open, or a new one that begins with `words`."""
    talk = session.scalars(
        sa.select(Talk).where(Talk.account == who.account, Talk.openid == who.openid, Talk.state != CLOSED)
    ).first()
    if talk is None:
        talk = Talk(
            company_id=who.company_id, community_id=who.community_id, account=who.account, openid=who.openid,
            name=who.name, home=who.home, state=WAITING, opened_at=now, last_at=now,
        )  # fmt: skip
        session.add(talk)
        session.flush()
        _log(session, talk, "talk.open", "person", now)
    _write(session, talk, "person", words, now)
    return talk


def still_open(session: Session, talk_id: int) -> Talk | None:
    return session.scalars(
        sa.select(Talk)
        .where(Talk.id == talk_id, Talk.state != CLOSED)
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip


def waiting_for(
    session: Session, company_id: int, community_ids: Collection[int] | None, limit: int = 8
) -> Sequence[Talk]:
    """Talks nobody has taken, the oldest first; of the compounds somebody looks after (None: all), and of nobody's home."""
    query = sa.select(Talk).where(Talk.company_id == company_id, Talk.state == WAITING)
    if community_ids is not None:
        query = query.where(sa.or_(Talk.community_id.is_(None), Talk.community_id.in_(community_ids)))
    return session.scalars(query.order_by(Talk.id).limit(limit)).all()


def take(
    session: Session, talk_id: int, staff: Staff, community_ids: Collection[int] | None, *, now: datetime
) -> tuple[Talk, list[str]]:
    """A member of staff takes it; the person hears who it is. Returns the talk and what was said so far.

    Raises NotFound for one of another company or compound, AlreadyDone when a colleague was first or it is over, and Refusal
    while they are in another talk.
    """
    talk = session.get(Talk, talk_id)
    foreign = talk is None or talk.company_id != staff.company_id
    if talk is None or foreign or not _looks_after(community_ids, talk.community_id):
        raise NotFound("没有这个编号，可能已经结束了。回复「接待」看看谁在等。")
    other = session.scalars(sa.select(Talk).where(Talk.staff_id == staff.id, Talk.state == TAKEN)).first()
    if other is not None and other.id != talk.id:
        raise Refusal(f"您正在和{other.name}说话，先回复「结束」，再接下一位。")
    if other is None:
        _must_move(session, talk, Talk.state == WAITING, {"state": TAKEN, "staff_id": staff.id, "last_at": now})
        _log(session, talk, "talk.take", f"staff:{staff.id}", now)
        _tell_person(session, talk, "talk_taken", {"staff": staff.name}, "taken", now)
    said = session.scalars(
        sa.select(TalkLine.words).where(TalkLine.talk_id == talk.id).order_by(TalkLine.id.desc()).limit(SHOWN)
    ).all()
    return talk, list(reversed(said))


def person_says(session: Session, talk: Talk, words: str, *, now: datetime) -> bool:
    """Kept, and passed on to who took it. False while nobody has."""
    line = _write(session, talk, "person", words, now)
    if talk.staff_id is None:
        return False
    _tell_staff(session, talk, "talk_words", {"name": talk.name, "words": line.words}, f"line:{line.id}", now)
    return True


def staff_says(session: Session, talk: Talk, staff_name: str, words: str, *, now: datetime) -> None:
    line = _write(session, talk, "staff", words, now)
    _tell_person(session, talk, "talk_words", {"name": staff_name, "words": line.words}, f"line:{line.id}", now)


def close(session: Session, talk: Talk, by: str, *, now: datetime) -> None:
    """`by`: person, staff or time; the others hear of it. Raises AlreadyDone when it is over already."""
    taken = talk.staff_id is not None
    _must_move(session, talk, Talk.state != CLOSED, {"state": CLOSED, "closed_at": now, "closed_by": by})
    _log(session, talk, "talk.close", by, now)
    if by != "person":
        _tell_person(session, talk, "talk_closed", {"name": "", "taken": taken}, "closed", now)
    if by != "staff" and taken:
        _tell_staff(session, talk, "talk_closed", {"name": talk.name, "taken": True}, "closed for staff", now)


def gone_quiet(session: Session, now: datetime) -> Sequence[int]:
    """Talks that are over because nobody says anything, or nobody ever came."""
    return session.scalars(
        sa.select(Talk.id)
        .where(
            sa.or_(
                sa.and_(Talk.state == TAKEN, Talk.last_at < now - QUIET_FOR),
                sa.and_(Talk.state == WAITING, Talk.last_at < now - UNTAKEN_FOR),
            )
        )
        .order_by(Talk.id)
        .limit(500)
    ).all()


def forget_words(session: Session, before: datetime, limit: int = 1000) -> int:
    """Blank what was said in talks before that moment; who talked with whom and when stays. Returns how many lines, at most `limit`."""
    old = sa.select(TalkLine.id).where(TalkLine.at < before, TalkLine.words != "").limit(limit)
    blanked = session.execute(
        sa.update(TalkLine)
        .where(TalkLine.id.in_(old))
        .values(words="")
        .returning(TalkLine.id)
        .execution_options(synchronize_session=False)
    )
    return len(blanked.all())


def _looks_after(community_ids: Collection[int] | None, community_id: int | None) -> bool:
    return community_ids is None or community_id is None or community_id in community_ids


def _must_move(session: Session, talk: Talk, before: sa.ColumnElement[bool], values: dict[str, object]) -> None:
    moved = session.execute(
        sa.update(Talk)
        .where(Talk.id == talk.id, before)
        .values(**values)
        .returning(Talk.id)
        .execution_options(synchronize_session=False)
    ).first()
    if moved is None:
        raise AlreadyDone("这位已经有同事接待了，或者已经结束了。回复「接待」看看还有谁在等。")
    session.refresh(talk)


def _write(session: Session, talk: Talk, side: str, words: str, now: datetime) -> TalkLine:
    line = TalkLine(talk_id=talk.id, side=side, words=words[:LONGEST], at=now)
    talk.last_at = now
    session.add(line)
    session.flush()
    return line


def _tell_person(session: Session, talk: Talk, kind: str, data: dict[str, object], key: str, now: datetime) -> None:
    outbox.put(
        session, account=talk.account, openid=talk.openid, kind=kind, data=data, dedupe_key=f"talk:{talk.id}:{key}",
        now=now,
    )  # fmt: skip


def _tell_staff(session: Session, talk: Talk, kind: str, data: dict[str, object], key: str, now: datetime) -> None:
    staff = session.get(Staff, talk.staff_id)
    if staff is not None and staff.account is not None and staff.openid is not None:
        outbox.put(
            session, account=staff.account, openid=staff.openid, kind=kind, data=data,
            dedupe_key=f"talk:{talk.id}:{key}", now=now,
        )  # fmt: skip


def _log(session: Session, talk: Talk, action: str, actor: str, now: datetime) -> None:
    record(
        session, at=now, actor=actor, action=action, subject=f"talk:{talk.id}", source="chat",
        company_id=talk.company_id,
    )  # fmt: skip
