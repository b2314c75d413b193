"""The sender's safety net: what nobody rang for, or what a sender that died left behind, goes out now."""

import time
from datetime import datetime, timedelta
from uuid import uuid4

from bot.sender import Sender
from bot.services import Services

# The sender's own thread works through a long row; this job must not hold up the other jobs meanwhile.
AT_MOST_SECONDS = 10.0


def run(services: Services, now: datetime) -> str:
    begun = time.monotonic()

    def since() -> float:
        return time.monotonic() - begun

    sender = Sender(
        services.database,
        services.wechat,
        services.renderer,
        # As if it were `now`, and going on from there: leases need a time that passes.
        lambda: now + timedelta(seconds=since()),
        worker=f"job-{uuid4().hex[:12]}",
        in_flight=services.settings.send_in_flight,
    )
    return f"{sender.send_due(lambda: since() > AT_MOST_SECONDS)} sent"
