"""The fetcher's safety net: what nobody rang for, or what a fetcher that died left behind, is fetched now."""

import time
from datetime import datetime

from bot.services import Services
from scheduler.media_fetcher import fetcher_of

# The fetcher's own thread works through a long row; this job must not hold up the other jobs meanwhile.
AT_MOST_SECONDS = 10.0


def run(services: Services, now: datetime) -> str:
    ends = time.monotonic() + AT_MOST_SECONDS
    return f"{fetcher_of(services, lambda: now).fetch_due(lambda: time.monotonic() > ends)} kept"
