"""The fetcher's safety net: what nobody rang for, or what a fetcher that died left behind, is fetched now."""

import time
from datetime import datetime, timedelta

from bot.services import Services
from scheduler.media_fetcher import fetcher_of

# The fetcher's own thread works through a long row; this job must not hold up the other jobs meanwhile.
AT_MOST_SECONDS = 10.0


def run(services: Services, now: datetime) -> str:
    begun = time.monotonic()

    def since() -> float:
        return time.monotonic() - begun

    # As if it were `now`, and going on from there: leases need a time that passes.
    fetcher = fetcher_of(services, lambda: now + timedelta(seconds=since()))
    return f"{fetcher.fetch_due(lambda: since() > AT_MOST_SECONDS)} kept"
