"""Which way a message goes next: customer message, template message, subscription message, text message, by hand.

The cheapest open rung is taken. A rung that is shut for a while is waited for, unless the message is urgent, the rung will not
be open in time, or waiting is pointless (the function was taken away): then the next one is tried.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from models.messaging.kinds import Kind

CUSTOMER, TEMPLATE, SUBSCRIPTION, SMS = RUNGS = ("customer", "template", "subscription", "sms")


@dataclass(frozen=True)
class Shut:
    """A rung is closed until a moment. `skip`: waiting for it is pointless."""

    until: datetime
    skip: bool = False
    why: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known of one person and one kind of message.

    `window`: a free message may be spent. `ledger`: we have kept books about this person's window, so that "no" means no.
    `reachable`: WeChat has not said that this person cannot be reached. `granted`: the rungs the company has set up for this
    kind. `consent`: the person allowed a subscription message. `phone`: a number is known.
    """

    window: bool = False
    ledger: bool = False
    reachable: bool = True
    granted: frozenset[str] = frozenset()
    consent: bool = False
    phone: bool = False
    shut: Mapping[str, Shut] = field(default_factory=dict)


@dataclass(frozen=True)
class Go:
    """Send it by this rung."""

    rung: str


@dataclass(frozen=True)
class Wait:
    """Look again at this time."""

    until: datetime
    why: str = ""


@dataclass(frozen=True)
class Park:
    """Nothing but the person's own next message opens a way."""


@dataclass(frozen=True)
class ByHand:
    """Staff must tell the person."""

    why: str


@dataclass(frozen=True)
class Drop:
    """It is not sent, and nobody needs to be told."""

    why: str


Step = Go | Wait | Park | ByHand | Drop


def next_step(kind: Kind, facts: Facts, *, now: datetime, expires_at: datetime, passed: Collection[str] = ()) -> Step:
    """`passed`: the rungs that have said a final no to this very message."""
    if now >= expires_at:
        return _over(kind, "expired")
    shut: list[Shut] = []
    for rung in RUNGS:
        if rung in passed or not _may_use(rung, facts):
            continue
        closed = facts.shut.get(rung)
        if closed is None:
            return Go(rung)
        shut.append(closed)
        if not (kind.urgent or closed.skip or closed.until >= expires_at):
            break
    if opening := min((closed for closed in shut if closed.until < expires_at), key=_until, default=None):
        return Wait(opening.until, opening.why)
    may_still_write = facts.reachable and CUSTOMER not in passed
    if may_still_write and not (kind.urgent and kind.by_hand):
        return Park()
    return _over(kind, "no way left")


def _may_use(rung: str, facts: Facts) -> bool:
    if rung == CUSTOMER:
        # Without any books of ours and without a template there is nothing to lose: WeChat is asked.
        return facts.reachable and (facts.window or not (facts.ledger or TEMPLATE in facts.granted))
    if rung not in facts.granted:
        return False
    if rung == SMS:
        return facts.phone
    return facts.reachable and (rung != SUBSCRIPTION or facts.consent)


def _over(kind: Kind, why: str) -> ByHand | Drop:
    return ByHand(why) if kind.by_hand else Drop(why)


def _until(closed: Shut) -> datetime:
    return closed.until
