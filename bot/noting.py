"""Writes down what became of parcels and what was found out on the way, in one transaction for many."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.api_state import ApiState
from bot.claims import People
from bot.consequences import Person
from bot.delivery import Again, Delivered, Ended, Fate, Later, Parcel, Report
from models.messaging import api_books, consents, contacts, marks
from models.messaging.breaker import BreakerRules
from models.messaging.kinds import kind_named
from models.messaging.ladder import SUBSCRIPTION
from models.messaging.marks import Mark
from models.messaging.tables import Outbox

log = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(minutes=10)
TRAIL_KEPT = 8


def note(
    session: Session,
    arrived: Sequence[tuple[Parcel, Report]],
    *,
    worker: str,
    rules: BreakerRules,
    people: People,
    now: datetime,
) -> None:
    """People first, then messages: a turn locks in the same order, so neither waits for the other in a circle."""
    _note_people(session, arrived, now)
    _note_apis(session, arrived, rules, people, now)
    found = [_mark(parcel, message, report, now) for parcel, report in arrived for message in parcel.messages]
    marks.note(session, found, worker, now)
    for parcel, report in arrived:
        for message in parcel.messages:
            _tell_log(message, report.fates[message.id])


def _note_people(session: Session, arrived: Sequence[tuple[Parcel, Report]], now: datetime) -> None:
    shut, unreachable = set(), {}
    for parcel, report in arrived:
        who = (parcel.first.account, parcel.first.openid)
        if Person.WINDOW_SHUT in report.person:
            shut.add(who)
        if why := report.person.get(Person.UNREACHABLE):
            unreachable[who] = why
    contacts.found_out(session, shut=shut, unreachable=unreachable)
    for parcel, report in arrived:
        _note_consent(session, parcel, report, now)


def _note_consent(session: Session, parcel: Parcel, report: Report, now: datetime) -> None:
    first = parcel.first
    template_id = parcel.subscription_id
    if Person.NO_CONSENT in report.person:
        consents.none_left(session, first.account, first.openid, template_id, "refused", now)
    fate = report.fates[first.id]
    if isinstance(fate, Delivered) and fate.rung == SUBSCRIPTION:
        consents.spent(session, first.account, first.openid, template_id, now)


def _note_apis(
    session: Session,
    arrived: Sequence[tuple[Parcel, Report]],
    rules: BreakerRules,
    people: People,
    now: datetime,
) -> None:
    state = ApiState(session, api_books.lock(session), rules, now)
    for parcel, report in arrived:
        account = parcel.first.account
        for position, finding in enumerate(report.findings):
            book = state.learn(account, finding)
            if position:
                state.count_again(account, finding.rung)
            if book is not None:
                log.error("sending stands still: %s", finding.why, extra={"api": book.api})
                people.alarm(session, account, book.api, finding.why, now)
    session.flush()


def _mark(parcel: Parcel, message: Outbox, report: Report, now: datetime) -> Mark:
    is_first = message.id == parcel.first.id
    moment = now.isoformat(timespec="seconds")
    steps = [[moment, rung, why] for rung, why in report.trail] if is_first else []
    trail = [*(message.trail or []), *steps][-TRAIL_KEPT:]
    passed = " ".join(dict.fromkeys(report.passed)) if is_first else message.passed
    mark = Mark(message.id, message.account, "waiting", now, passed=passed or "", trail=trail)
    match report.fates[message.id]:
        case Delivered(rung, platform_id):
            joined = None if is_first else parcel.first.id
            mark = replace(mark, state="sent", due_at=message.due_at, channel=rung, platform_id=platform_id[:32])
            return replace(mark, sent_with=joined)
        case Later(why, until):
            return replace(mark, due_at=until or now + _patience(message.attempts), outcome=why)
        case Again():
            return replace(mark, outcome=message.outcome)
        case Ended(why, by_hand):
            return replace(mark, state="untold" if by_hand else "failed", outcome=why)


def _tell_log(message: Outbox, fate: Fate) -> None:
    level = logging.DEBUG if isinstance(fate, Delivered) else logging.WARNING
    which = {"outbox_id": message.id, "kind": message.kind, "urgent": kind_named(message.kind).urgent}
    log.log(level, "message %s", type(fate).__name__.lower(), extra=which)


def _patience(earlier_attempts: int) -> timedelta:
    """Five seconds, twenty, eighty … never more than ten minutes."""
    return min(timedelta(seconds=5 * 4 ** min(earlier_attempts, 10)), LONGEST_WAIT)
