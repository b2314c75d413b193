"""When an API may be called: quotas of the minute and the day with a reserve, stops WeChat told us of, and a circuit breaker.

Each API of an account has a book (a row all senders share). It is shut until a moment; after an outage or a stop it then lets
one message through, and only when that one got an answer everything follows.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from models.messaging.ladder import Shut

MIDNIGHT_AGAIN = timedelta(days=1)


@dataclass(frozen=True)
class Quota:
    """Calls allowed; 0: as many as one likes. `reserve` of the day are kept for what comes first."""

    per_minute: int = 0
    per_day: int = 0
    reserve: int = 0


@dataclass(frozen=True)
class BreakerRules:
    """`failures` in a row without an answer open the breaker; then one call per `probe_every` asks whether it is over."""

    failures: int = 5
    probe_every: timedelta = timedelta(seconds=10)
    stopped_probe_every: timedelta = timedelta(minutes=5)
    taken_away_probe_every: timedelta = timedelta(hours=1)
    rate_wait: timedelta = timedelta(seconds=60)
    alarm_every: timedelta = timedelta(hours=1)
    quotas: dict[str, Quota] = field(default_factory=dict)


class Book(Protocol):
    """The row of one API of one account."""

    api: str
    failures: int
    shut_until: datetime | None
    probing: bool
    probed_at: datetime | None
    skip: bool
    why: str
    alarmed_at: datetime | None
    day: str
    day_used: int
    minute: str
    minute_used: int


def shut_now(book: Book, now: datetime) -> Shut | None:
    """Is it shut, whatever is to be sent? A book whose time has come and that wants a probe is still shut: see `may_probe`."""
    if book.shut_until is None or (not book.probing and book.shut_until <= now):
        return None
    return Shut(max(book.shut_until, now), book.skip, book.why)


def may_probe(book: Book, now: datetime) -> bool:
    return book.probing and book.shut_until is not None and book.shut_until <= now


def probe(book: Book, now: datetime, rules: BreakerRules) -> None:
    """One message goes out to ask; the next one may ask a while later."""
    book.probed_at = now
    book.shut_until = now + _pause(book, rules)


def used_up(book: Book, now: datetime, quota: Quota, *, first: bool) -> Shut | None:
    """Is the minute's or the day's quota spent? `first`: may use the reserve."""
    if quota.per_minute and book.minute == _minute(now) and book.minute_used >= quota.per_minute:
        return Shut(now.replace(second=0, microsecond=0) + timedelta(minutes=1), why="the minute's quota")
    allowed = quota.per_day if first else max(quota.per_day - quota.reserve, 0)
    if quota.per_day and book.day == _day(now) and book.day_used >= allowed:
        return Shut(next_midnight(now), why="the day's quota")
    return None


def count(book: Book, now: datetime, calls: int = 1) -> None:
    """Calls that are being made now."""
    if book.day != _day(now):
        book.day, book.day_used = _day(now), 0
    if book.minute != _minute(now):
        book.minute, book.minute_used = _minute(now), 0
    book.day_used += calls
    book.minute_used += calls


def answered(book: Book) -> None:
    """The API gave an answer that is about the message and not about us: the outage or the stop is over."""
    book.failures = 0
    if book.probing:
        book.shut_until, book.probing, book.skip, book.why = None, False, False, ""


def not_answered(book: Book, now: datetime, rules: BreakerRules, why: str) -> None:
    """No connection, no answer in time, or an answer that was none."""
    book.failures += 1
    if book.failures >= rules.failures:
        _shut(book, now + rules.probe_every, probing=True, why=why)
        book.skip = False


def stopped(book: Book, now: datetime, rules: BreakerRules, *, skip: bool, why: str) -> None:
    """The platform refuses until somebody mends something: ask again now and then. `skip`: messages need not wait for that."""
    book.failures, book.skip = 0, skip
    _shut(book, now + _pause(book, rules), probing=True, why=why)


def paused(book: Book, until: datetime, why: str) -> None:
    """The platform says when to go on: nothing to ask before that, everything at once after it."""
    if book.shut_until is None or book.shut_until < until:
        _shut(book, until, probing=False, why=why)
        book.skip = False


def alarm_is_due(book: Book, now: datetime, rules: BreakerRules) -> bool:
    """Tell staff at most once an hour; notes that they are told now."""
    if book.alarmed_at is not None and now - book.alarmed_at < rules.alarm_every:
        return False
    book.alarmed_at = now
    return True


def next_midnight(now: datetime) -> datetime:
    """When the day's quotas start again: 00:00 in Beijing (the documentation does not say; reference 3.8)."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + MIDNIGHT_AGAIN


def _shut(book: Book, until: datetime, *, probing: bool, why: str) -> None:
    book.shut_until, book.probing, book.why = until, probing, why[:200]


def _pause(book: Book, rules: BreakerRules) -> timedelta:
    if book.skip:
        return rules.taken_away_probe_every
    return rules.probe_every if book.failures else rules.stopped_probe_every


def _day(now: datetime) -> str:
    return now.strftime("%Y-%m-%d")


def _minute(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M")
