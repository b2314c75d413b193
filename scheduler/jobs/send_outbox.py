"""The sender's safety net: what nobody rang for, or what a sender that died left behind, goes out now."""

import time
from datetime import datetime, timedelta
from uuid import uuid4

from bot.services import Services
from scheduler.senders import build_sender

# The sender's own thread works through a long row; this job must not hold up the other jobs meanwhile.
AT_MOST_SECONDS = 10.0


def run(services: Services, now: datetime) -> str:
    begun = time.monotonic()

    def since() -> float:
        return time.monotonic() - begun

    # As if it were `now`, and going on from there: leases need a time that passes.
    sender = build_sender(services, lambda: now + timedelta(seconds=since()), f"job-{uuid4().hex[:12]}")
    return f"{sender.send_due(lambda: since() > AT_MOST_SECONDS)} sent"
