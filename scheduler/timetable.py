"""Everything time does, in order of how soon somebody would miss it. Times are Asia/Shanghai."""

from datetime import time, timedelta

from scheduler.jobs import (
    close_unrated,
    dispatch_waiting,
    draft_bills,
    end_pauses,
    fetch_media,
    forget_media,
    forget_old,
    offer_to_next_worker,
    publish_bills,
    seal_audit,
    send_outbox,
)
from scheduler.periods import Task

TIMETABLE = (
    Task("offer_to_next_worker", offer_to_next_worker.run, every=timedelta(seconds=30)),
    Task("dispatch_waiting", dispatch_waiting.run, every=timedelta(minutes=1)),
    Task("end_pauses", end_pauses.run, every=timedelta(minutes=1)),
    Task("seal_audit", seal_audit.run, every=timedelta(minutes=1)),
    Task("close_unrated", close_unrated.run, every=timedelta(minutes=10)),
    Task("send_outbox", send_outbox.run, every=timedelta(minutes=1)),
    Task("fetch_media", fetch_media.run, every=timedelta(minutes=1)),
    Task("publish_bills", publish_bills.run, every=timedelta(minutes=1)),
    Task("draft_bills", draft_bills.run, at=time(1, 10), catch_up=3),
    Task("forget_old", forget_old.run, at=time(3, 30)),
    Task("forget_media", forget_media.run, at=time(3, 40)),
)


def task_named(name: str) -> Task:
    """Raises KeyError."""
    return {task.name: task for task in TIMETABLE}[name]
