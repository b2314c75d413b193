"""Who sends which message: what is due, taken by one sender at a time, and what a dead sender left behind.

A message goes waiting → sending → sent, or back to waiting (tried again later), or it ends another way (marks.py). It is
`sending` before anything leaves the house, so a sender that died holds nothing for longer than its lease, and what must not
arrive twice never does.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models.messaging import api_books
from models.messaging.quiet import let_sleep
from models.messaging.tables import Outbox

# Longer than one message can take: a token and the rungs of the ladder, at most eight seconds each.
LEASE = timedelta(seconds=60)

UNKNOWN_OUTCOME = "unknown outcome"
UNFINISHED = ("waiting", "parked", "claimed", "sending")
_IN_FLIGHT = ("claimed", "sending")

Group = list[Outbox]
Choose = Callable[[list[Group]], list[Group]]


def first_of_each(groups: list[Group]) -> list[Group]:
    return [group[:1] for group in groups]


def claim(
    session: Session,
    worker: str,
    now: datetime,
    limit: int = 50,
    *,
    choose: Choose = first_of_each,
    kinds: Sequence[str] | None = None,
) -> list[Group]:
    """Take messages to at most `limit` people, who wait longest and what is urgent first.

    `choose` gets the messages that may go to each person, the most important first, and says which do: those are marked
    `sending` for `worker` and returned, a group a person. A message waits while an earlier one to the same person is on its way
    or to be tried again, so nobody reads 完工 before 接单; only an urgent one overtakes, and what sleeps until the morning is in
    nobody's way. `kinds`: no others. One claim at a time: senders wait for each other here, and nowhere else.
    """
    api_books.lock(session)
    let_sleep(session, now)
    persons = _people_to_serve(session, now, limit, kinds)
    groups = _groups(session, persons, now, kinds) if persons else []
    chosen = choose(groups) if groups else []
    return _take(session, chosen, worker, now)


def recover(session: Session, now: datetime) -> int:
    """What a sender that died left behind is free again, unless it must not be sent twice: that has failed."""
    left_behind = sa.and_(Outbox.state.in_(_IN_FLIGHT), Outbox.claimed_at < now - LEASE)
    session.execute(
        sa.update(Outbox)
        .where(left_behind, Outbox.state == "sending", ~Outbox.repeatable)
        .values(state="failed", outcome=UNKNOWN_OUTCOME)
        .execution_options(synchronize_session=False)
    )
    freed = session.execute(
        sa.update(Outbox)
        .where(left_behind)
        .values(state="waiting", claimed_by="", claimed_at=None, outcome=UNKNOWN_OUTCOME)
        .returning(Outbox.id)
        .execution_options(synchronize_session=False)
    )
    # Parked for the person's next message until it was worth nothing any more: the sender ends it as its kind says.
    session.execute(
        sa.update(Outbox)
        .where(Outbox.state == "parked", Outbox.due_at <= now)
        .values(state="waiting")
        .execution_options(synchronize_session=False)
    )
    return len(freed.all())


def cancel_waiting(session: Session, account: str, openid: str, why: str = "unfollowed") -> int:
    """Nothing more goes to this person; returns how many messages that were."""
    cancelled = session.execute(
        sa.update(Outbox)
        .where(
            Outbox.account == account,
            Outbox.openid == openid,
            Outbox.state.in_(("waiting", "parked", "claimed", "untold")),
        )
        .values(state="failed", outcome=why[:300])
        .returning(Outbox.id)
        .execution_options(synchronize_session=False)
    )
    return len(cancelled.all())


def count_unfinished(session: Session) -> dict[str, int]:
    """How many messages are in each state that somebody has still to do something about."""
    states = (*UNFINISHED, "untold")
    rows = session.execute(
        sa.select(Outbox.state, sa.func.count()).where(Outbox.state.in_(states)).group_by(Outbox.state)
    )
    return {state: 0 for state in states} | {state: count for state, count in rows}


def _people_to_serve(session: Session, now: datetime, limit: int, kinds: Sequence[str] | None) -> list[tuple[str, str]]:
    """(account, openid) of who is served next: those with something urgent, then by how long something has been due."""
    persons: dict[tuple[str, str], None] = {}
    for urgent in (True, False):
        if len(persons) < limit:
            heads = (
                sa.select(Outbox.account, Outbox.openid)
                .where(Outbox.state == "waiting", Outbox.urgent.is_(urgent), Outbox.due_at <= now)
                .where(~_held_back(now))
                .order_by(Outbox.due_at, Outbox.id)
                .limit(limit)
            )
            if kinds is not None:
                heads = heads.where(Outbox.kind.in_(kinds))
            persons.update(((account, openid), None) for account, openid in session.execute(heads))
    return list(persons)[:limit]


def _held_back(now: datetime) -> sa.ColumnElement[bool]:
    """There is an earlier one to this person that is due itself, on its way, or to be tried again."""
    earlier = aliased(Outbox)
    in_the_way = sa.or_(
        earlier.state.in_(_IN_FLIGHT),
        sa.and_(earlier.state == "waiting", sa.or_(earlier.due_at <= now, earlier.attempts > 0)),
    )
    return (
        sa.exists()
        .where(
            earlier.account == Outbox.account,
            earlier.openid == Outbox.openid,
            earlier.state.in_(UNFINISHED),
            in_the_way,
            sa.or_(earlier.urgent > Outbox.urgent, sa.and_(earlier.urgent == Outbox.urgent, earlier.id < Outbox.id)),
        )
        .correlate(Outbox)
    )


def _groups(
    session: Session, persons: list[tuple[str, str]], now: datetime, kinds: Sequence[str] | None
) -> list[Group]:
    """For each person, in the order given, the messages that may go now, the most important first."""
    rows = session.scalars(
        sa.select(Outbox)
        .where(
            sa.tuple_(Outbox.account, Outbox.openid).in_(persons),
            Outbox.state.in_(UNFINISHED),
            Outbox.state != "parked",
        )
        .order_by(Outbox.urgent.desc(), Outbox.id)
        .execution_options(populate_existing=True)
    )
    of: dict[tuple[str, str], Group] = {person: [] for person in persons}
    held: set[tuple[str, str]] = set()
    for row in rows:
        person = (row.account, row.openid)
        if person in held:
            continue
        if row.state in _IN_FLIGHT or (row.attempts > 0 and row.due_at > now):
            held.add(person)  # and with it everything after it in this order
        elif row.due_at <= now and (kinds is None or row.kind in kinds):
            of[person].append(row)
    return [group for group in of.values() if group]


def _take(session: Session, groups: list[Group], worker: str, now: datetime) -> list[Group]:
    """Mark them `sending`; what was cancelled meanwhile is left out."""
    wanted = [row.id for group in groups for row in group]
    if not wanted:
        return []
    session.flush()
    taken = set(
        session.scalars(
            sa.update(Outbox)
            .where(Outbox.id.in_(wanted), Outbox.state == "waiting")
            .values(state="sending", claimed_by=worker, claimed_at=now, attempts=Outbox.attempts + 1)
            .returning(Outbox.id)
            .execution_options(synchronize_session=False)
        )
    )
    left = [[row for row in group if row.id in taken] for group in groups]
    return [group for group in left if group]
