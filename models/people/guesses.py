"""How often somebody may guess wrong in a day: per asking WeChat and per place asked for.

A place is counted as it is said (community, building, room), whether such a home exists or not, and without its entrance,
because people leave that out: so neither the count nor its end tells anything about the books.
"""

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import SHANGHAI, insert_or_ignore
from models.people.names import wechat_name
from models.people.tables import Guess

PER_PERSON = 5
PER_PLACE = 10


def guesser(account: str, openid: str) -> str:
    """Counted under a digest, because the count outlives the WeChat link (or following anew would reset it)."""
    return wechat_name(account, openid)


def place(community_id: int, kind: str, building: str, room: str) -> str:
    return f"place:{community_id}:{kind}:{building}-{room}"[:160]


def begin(session: Session, subject: str, limit: int, now: datetime) -> int | None:
    """Count a try before it is known to be wrong; returns which of today it is, or None when there are none left.

    Counting first and giving back afterwards is what keeps two tries at the same moment from both being the last one.
    """
    day = _day(now)
    insert_or_ignore(session, Guess, {"subject": subject, "day": day, "wrong": 0})
    return session.execute(
        sa.update(Guess)
        .where(Guess.subject == subject, Guess.day == day, Guess.wrong < limit)
        .values(wrong=Guess.wrong + 1)
        .returning(Guess.wrong)
        .execution_options(synchronize_session=False)
    ).scalar()


def give_back(session: Session, subjects: Iterable[str], now: datetime) -> None:
    """The try was right, or was not made after all."""
    session.execute(
        sa.update(Guess)
        .where(Guess.subject.in_(list(subjects)), Guess.day == _day(now), Guess.wrong > 0)
        .values(wrong=Guess.wrong - 1)
        .execution_options(synchronize_session=False)
    )


def forget_old(session: Session, now: datetime) -> int:
    """Counts of past days go; returns how many."""
    result = session.execute(sa.delete(Guess).where(Guess.day < _day(now)))
    return int(result.rowcount)  # type: ignore[attr-defined]


def _day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()
