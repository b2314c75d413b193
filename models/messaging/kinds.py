"""Every kind of message Linli sends by itself, and how it may be sent. Its words are templates/messages/<name>.txt."""

from dataclasses import dataclass
from datetime import timedelta

A_DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Kind:
    """`urgent` goes before everything else. `repeatable`: after a crash between sending and noting it, send it again
    (an order heard of twice does no harm); otherwise it is noted first and never sent twice (a demand must not nag).

    The rungs it may use when the person's message window is shut, "" for not this one: `template`, the WeChat template;
    `subscription`, the template a person allowed one message of; `sms`, the text-message template, which costs money;
    `by_hand`: when nothing gets through, staff are to tell the person themselves. `worthless_after`: older than this it
    would only confuse, and is not sent any more. `reserved`: it may use what is kept back of the day's quota, as the urgent may.

    In the quiet hours a message waits for the morning, unless `wakes` (or whoever promises it says so of this one). With
    `to_awake` it also goes to somebody who wrote within the last half hour: they are not asleep, and it is about what they do.
    """

    name: str
    urgent: bool = False
    repeatable: bool = True
    template: str = ""
    wakes: bool = False
    to_awake: bool = False
    subscription: str = ""
    sms: str = ""
    by_hand: bool = False
    worthless_after: timedelta = A_DAY
    reserved: bool = False

    @property
    def comes_first(self) -> bool:
        """May it use what is kept back for emergencies and receipts?"""
        return self.urgent or self.reserved


_KINDS: dict[str, Kind] = {}


def declare(*kinds: Kind) -> None:
    for kind in kinds:
        if kind.name in _KINDS:
            raise ValueError(f"kind {kind.name} is declared twice")
        _KINDS[kind.name] = kind


def kind_named(name: str) -> Kind:
    """Raises KeyError for a kind nobody declared."""
    return _KINDS[name]


def all_kinds() -> tuple[Kind, ...]:
    return tuple(_KINDS.values())
