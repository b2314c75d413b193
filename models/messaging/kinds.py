"""Every kind of message Linli sends by itself, and how it may be sent. Its words are templates/messages/<name>.txt."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`urgent` goes before everything else. `repeatable`: after a crash between sending and noting it, send it again
    (an order heard of twice does no harm); otherwise it is noted first and never sent twice (a demand must not nag).
    `template` names the WeChat template used outside a person's message window, "" if it may only go inside it.

    In the quiet hours a message waits for the morning, unless `wakes` (or whoever promises it says so of this one). With
    `to_awake` it also goes to somebody who wrote within the last half hour: they are not asleep, and it is about what they do."""

    name: str
    urgent: bool = False
    repeatable: bool = True
    template: str = ""
    wakes: bool = False
    to_awake: bool = False


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
