"""Writing down what somebody must hear, in the transaction that made it true."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.db import insert_or_ignore, signal
from models.messaging.kinds import kind_named
from models.messaging.tables import Outbox


def put(
    session: Session,
    *,
    account: str | None,
    openid: str | None,
    kind: str,
    data: dict[str, Any],
    dedupe_key: str,
    now: datetime,
    wakes: bool = False,
) -> bool:
    """Promise a message; False if the same `dedupe_key` was promised before, or if the person has no WeChat with us.

    `wakes`: this one is worth waking somebody, although its kind is not always.

    `data` is a snapshot in plain values: the words are made from it when it is sent. Raises KeyError for an unknown kind.
    """
    how = kind_named(kind)
    if not account or not openid:
        return False
    values = {
        "account": account,
        "openid": openid,
        "kind": kind,
        "data": data,
        "dedupe_key": f"{kind}:{dedupe_key}:{openid}",
        "urgent": how.urgent,
        "repeatable": how.repeatable,
        "wakes": how.wakes or wakes,
        "state": "waiting",
        "due_at": now,
        "created_at": now,
        "claimed_by": "",
        "attempts": 0,
        "channel": "",
        "platform_id": "",
        "outcome": "",
        "passed": "",
        "trail": [],
        "told_by": "",
    }
    fresh = insert_or_ignore(session, Outbox, values)
    if fresh:
        signal(session, "outbox")
    return fresh
