"""Which periods of which timed task have been run: the row is the truth, the bell that rings is not."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.db import Base, insert_or_ignore


class JobRun(Base):
    """One run of one task for one period ("2026-11-23T18:30"). Whoever inserts the row runs it."""

    __tablename__ = "job_runs"

    task: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    period: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(sa.Text, default="")


def claim(session: Session, task: str, period: str, now: datetime) -> bool:
    """True for exactly one caller per (task, period), however many schedulers there are."""
    return insert_or_ignore(session, JobRun, {"task": task, "period": period, "started_at": now, "outcome": ""})


def finish(session: Session, task: str, period: str, now: datetime, outcome: str) -> None:
    session.execute(
        sa.update(JobRun)
        .where(JobRun.task == task, JobRun.period == period)
        .values(finished_at=now, outcome=outcome[:500])
    )


def skip(session: Session, task: str, period: str, now: datetime, why: str) -> bool:
    """Put down that a period will not be run any more; False if somebody has run it, or put that down, already."""
    values = {"task": task, "period": period, "started_at": now, "finished_at": now, "outcome": f"skipped: {why}"[:500]}
    return insert_or_ignore(session, JobRun, values)


def newest_period(session: Session, task: str, not_after: str) -> str | None:
    """The newest period of a task that somebody has claimed, up to `not_after`; None if it has never run.

    Keys of a task sort by time. What lies after `not_after` was run by a clock that is, or was, wrong: it says nothing
    about what is due, unless there is nothing else (then it is the clock that went back to before the beginning).
    """
    newest = sa.select(sa.func.max(JobRun.period)).where(JobRun.task == task)
    return session.scalar(newest.where(JobRun.period <= not_after)) or session.scalar(newest)


def forget_old(session: Session, now: datetime, keep: timedelta = timedelta(days=40)) -> int:
    """Rows older than `keep` go; returns how many. A period that long ago can no longer come due."""
    result = session.execute(sa.delete(JobRun).where(JobRun.started_at < now - keep))
    return int(result.rowcount)  # type: ignore[attr-defined]
