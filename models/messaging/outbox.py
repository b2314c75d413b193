"""Writing down what somebody must hear, in the transaction that made it true."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.db import insert_each_or_ignore, insert_or_ignore, signal
from models.messaging.kinds import kind_named
from models.messaging.tables import Outbox


@dataclass(frozen=True)
class Promise:
    """A message somebody must get. `data` is a snapshot in plain values: the words are made from it when it is sent. `wakes`: this
    one is worth waking somebody, although its kind is not always."""

    account: str
    openid: str
    kind: str
    data: dict[str, Any]
    dedupe_key: str
    wakes: bool = False


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

    Raises KeyError for an unknown kind.
    """
    kind_named(kind)
    if not account or not openid:
        return False
    fresh = insert_or_ignore(session, Outbox, _row(Promise(account, openid, kind, data, dedupe_key, wakes), now=now))
    if fresh:
        signal(session, "outbox")
    return fresh


def put_each(session: Session, promises: Sequence[Promise], now: datetime) -> None:
    """Promise several messages at once; what was promised before is not promised again."""
    if promises:
        insert_each_or_ignore(session, Outbox, [_row(promise, now=now) for promise in promises])
        signal(session, "outbox")


def _row(promise: Promise, *, now: datetime) -> dict[str, Any]:
    how = kind_named(promise.kind)
    return {
        "account": promise.account,
        "openid": promise.openid,
        "kind": promise.kind,
        "data": promise.data,
        "dedupe_key": f"{promise.kind}:{promise.dedupe_key}:{promise.openid}",
        "urgent": how.urgent,
        "repeatable": how.repeatable,
        "wakes": how.wakes or promise.wakes,
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
