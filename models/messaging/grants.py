"""How many free messages a person may still be sent, and until when: WeChat's customer-message rule as a book of grants.

What a person does (writes, taps, scans, follows, pays) grants a number of messages for a while. Grants of different triggers
stand beside each other; the same trigger again renews its own. The one that ends first is spent first, because it would be
lost first. Source of the numbers: api_sendcustommessage, the table "quota per trigger".

The book is kept on the person's conversation as {"message": [left, until], …, "spent": [moments]}: whole seconds since 1970,
`left` is -1 for any number. It is our own copy of what WeChat counts, so every doubt is decided against us.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UNLIMITED = -1
_SPENT = "spent"
_REMEMBERED = 60  # seconds a message that left is remembered, to be taken off a renewal that arrives late


@dataclass(frozen=True)
class Grant:
    """What one trigger gives: `messages` (-1: any number) for `seconds`."""

    messages: int
    seconds: int


def platform_grants(
    *, message: Grant = Grant(5, 48 * 3600), touch: Grant = Grant(3, 60), payment: Grant = Grant(UNLIMITED, 48 * 3600)
) -> dict[str, Grant]:
    return {"message": message, "menu": touch, "scan": touch, "follow": touch, "payment": payment}


@dataclass(frozen=True)
class GrantRules:
    """The platform's numbers, which it has changed before (20 messages until 2021), and two of our own.

    `margin`: seconds a grant is taken to end early, and a message to be on its way. `reserve`: messages of a long grant that
    are kept for what is urgent.
    """

    grants: Mapping[str, Grant] = field(default_factory=platform_grants)
    margin: int = 3
    reserve: int = 1


PLATFORM = GrantRules()
# A grant shorter than this is gone before anything urgent could need it: nothing of it is kept back.
_LONG = 3600

_MESSAGES = frozenset({"text", "image", "voice", "video", "location", "link"})
_MENU_EVENTS = frozenset({"click", "scancode_push", "scancode_waitmsg"})


def trigger_of(kind: str, *, scene: str = "", menu_id: str = "", event: str = "") -> str:
    """Which trigger an incoming message or event is, "" for none.

    A tap on a choice in a message counts as a menu click although it arrives as text; whoever follows by a code scanned one;
    of the menu's buttons only those for clicking and scanning count.
    """
    if kind in _MESSAGES:
        return "menu" if menu_id else "message"
    if kind in ("menu", "scanned"):
        return "menu" if not event or event.lower() in _MENU_EVENTS else ""
    if kind == "follow":
        return "scan" if scene else "follow"
    return kind if kind in ("scan", "payment") else ""


def opened(book: Mapping[str, Any], trigger: str, at: int, rules: GrantRules = PLATFORM) -> dict[str, Any]:
    """The book after a trigger. `at` is WeChat's own time of it.

    A trigger older than the one that is noted changes nothing: it came late, and its messages may be spent. What we sent
    since `at` was taken from the renewed grant, so it is taken off here, too.
    """
    grant = rules.grants.get(trigger)
    if grant is None:
        return dict(book)
    until = at + grant.seconds - rules.margin
    noted = book.get(trigger)
    if noted is not None and noted[1] >= until:
        return dict(book)
    sent_since = sum(1 for moment in book.get(_SPENT, ()) if moment >= at - rules.margin)
    left = UNLIMITED if grant.messages == UNLIMITED else max(grant.messages - sent_since, 0)
    return {**book, trigger: [left, until]}


def left(book: Mapping[str, Any], now: int, *, urgent: bool, rules: GrantRules = PLATFORM) -> int:
    """How many messages may be sent now, -1 for any number. What is not urgent leaves the reserve untouched."""
    open_ = _open(book, now)
    if any(count == UNLIMITED for _, count, _ in open_):
        return UNLIMITED
    short = sum(count for _, count, until in open_ if not _is_long(book, rules, _))
    long = sum(count for name, count, _ in open_ if _is_long(book, rules, name))
    return short + (long if urgent else max(long - rules.reserve, 0))


def spent(book: Mapping[str, Any], now: int) -> dict[str, Any]:
    """The book after one message left. Call only when `left` says there is one."""
    open_ = _open(book, now)
    unlimited = any(count == UNLIMITED for _, count, _ in open_)
    recent = [moment for moment in book.get(_SPENT, ()) if moment > now - _REMEMBERED]
    after = {**book, _SPENT: [*recent, now]}
    if open_ and not unlimited:
        name, count, until = min(open_, key=lambda grant: grant[2])
        after[name] = [count - 1, until]
    return after


def closed(book: Mapping[str, Any]) -> dict[str, Any]:
    """WeChat says that there is nothing left, whatever we counted. Whoever had no grants has one now, and it is used up."""
    shut = {name: value if name == _SPENT else [0, value[1]] for name, value in book.items()}
    return shut if has_grants(shut) else {**shut, "message": [0, 0]}


def has_grants(book: Mapping[str, Any]) -> bool:
    """Did the person ever do anything that grants messages? If not, what is noted of sending says nothing about a window."""
    return any(name != _SPENT for name in book)


def ends_at(book: Mapping[str, Any], now: int) -> int | None:
    """When the last open grant ends; None if there is none."""
    return max((until for _, _, until in _open(book, now)), default=None)


def _open(book: Mapping[str, Any], now: int) -> list[tuple[str, int, int]]:
    """(trigger, left, until) of every grant that has not ended and has something left."""
    return [
        (name, value[0], value[1])
        for name, value in book.items()
        if name != _SPENT and value[0] != 0 and value[1] > now
    ]


def _is_long(book: Mapping[str, Any], rules: GrantRules, name: str) -> bool:
    grant = rules.grants.get(name)
    return grant is not None and grant.seconds >= _LONG
