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


def newest_period(session: Session, task: str) -> str | None:
    """The newest period of a task that somebody has claimed; None if it has never run. Keys of a task sort by time."""
    return session.scalar(sa.select(sa.func.max(JobRun.period)).where(JobRun.task == task))


def forget_old(session: Session, now: datetime, keep: timedelta = timedelta(days=40)) -> int:
    """Rows older than `keep` go; returns how many. A period that long ago can no longer come due."""
    result = session.execute(sa.delete(JobRun).where(JobRun.started_at < now - keep))
    return int(result.rowcount)  # type: ignore[attr-defined]
