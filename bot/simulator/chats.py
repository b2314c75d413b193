"""What the phones show, in one numbered line of events for all of them."""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.simulator.store import Shelf, Store

KEPT = 300  # messages a person; older ones scroll away for good


@dataclass(frozen=True)
class Message:
    """`direction` is seen from the account: "in" what the person said, "out" what they got, "system" a grey line."""

    seq: int
    openid: str
    direction: str
    kind: str
    text: str
    at: datetime
    more: dict[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        return {
            **self.more,
            "seq": self.seq,
            "openid": self.openid,
            "direction": self.direction,
            "kind": self.kind,
            "text": self.text,
            "at": self.at.isoformat(),
        }


class Chats:
    def __init__(self, store: Store) -> None:
        self._lock = threading.Lock()
        self._messages: Shelf[Message] = Shelf(store, "messages", Message)
        self._last = max((message.seq for message in self._messages.all()), default=0)

    @property
    def last(self) -> int:
        return self._last

    def add(self, openid: str, direction: str, kind: str, text: str, at: datetime, **more: Any) -> Message:
        with self._lock:
            self._last += 1
            message = Message(self._last, openid, direction, kind, text, at, more)
            self._messages.put(str(message.seq), message)
            mine = [each for each in self._messages.all() if each.openid == openid]
            for old in mine[:-KEPT]:
                self._messages.drop(str(old.seq))
            return message

    def of(self, openid: str) -> list[dict[str, Any]]:
        with self._lock:
            return [message.shown() for message in self._messages.all() if message.openid == openid]

    def since(self, seq: int) -> list[dict[str, Any]]:
        with self._lock:
            return [message.shown() for message in self._messages.all() if message.seq > seq]
