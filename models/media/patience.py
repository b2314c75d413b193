"""How long we try to fetch a file, and how long we keep it. WeChat keeps it for three days (wechat.md 3.10)."""

from datetime import datetime, timedelta

WECHAT_KEEPS_FOR = timedelta(days=3)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
LOOSE_FOR = timedelta(days=7)  # what no order refers to by then was never part of one


def next_try(received_at: datetime, attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` that failed: 5 s, 20 s, 80 s … an hour; None when WeChat has forgotten it by then."""
    due = now + min(FIRST_WAIT * 4 ** min(max(attempts - 1, 0), 8), LONGEST_WAIT)
    return due if due < received_at + WECHAT_KEEPS_FOR else None
