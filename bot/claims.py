"""What goes out next, by which rung: facts about people and APIs are put together, and parcels are made of what may go.

Everything happens in the sender's transaction, with the books of the APIs locked: whoever claims decides for all senders.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from bot.api_state import ApiState
from bot.config_sending import Sending
from bot.delivery import Parcel, has_client_id
from bot.rendering import BETWEEN, Renderer, RenderingFailed
from bot.wechat.replies import TEXT_LIMIT
from models.messaging import api_books, contacts, grants, marks, queue
from models.messaging.contacts import Contact, Who
from models.messaging.kinds import Kind, all_kinds, kind_named
from models.messaging.ladder import CUSTOMER, SUBSCRIPTION, TEMPLATE, ByHand, Facts, Go, Park, Step, Wait, next_step
from models.messaging.marks import Mark
from models.messaging.tables import Outbox

# Of what is urgent so many more may be on their way that WeChat would not recognise if they came twice: they must not wait.
UNNAMED_URGENT = 8
LONG_ROW = 16  # people waiting at once: then news takes the rung that carries an id, instead of standing in line
PROBED_AT_ONCE = 8  # people looked at for the one message that asks whether an outage is over


class People(Protocol):
    """What the machine must be told about people: it knows no business."""

    def phones(self, session: Session, people: Collection[Who]) -> Mapping[Who, str]:
        """The numbers on the books, digits only; who has none is left out."""
        ...

    def alarm(self, session: Session, account: str, api: str, why: str, now: datetime) -> None:
        """Sending stands still and somebody must look: promise a message to whoever is in charge."""
        ...


class Nobody:
    """No phones, nobody to alarm."""

    def phones(self, session: Session, people: Collection[Who]) -> Mapping[Who, str]:
        return {}

    def alarm(self, session: Session, account: str, api: str, why: str, now: datetime) -> None:
        return None


@dataclass
class _Round:
    """One claim: what was found and decided so far."""

    now: datetime
    state: ApiState
    unnamed: dict[bool, int]  # urgent?: how many more may leave that WeChat would not recognise
    long_row: bool = False
    contacts: Mapping[Who, Contact] = field(default_factory=dict)
    consents: set[tuple[str, str, str]] = field(default_factory=set)
    phones: Mapping[Who, str] = field(default_factory=dict)
    parcels: dict[int, Parcel] = field(default_factory=dict)
    postponed: list[Mark] = field(default_factory=list)
    busy: bool = False


class Claims:
    def __init__(self, renderer: Renderer, sending: Sending, people: People) -> None:
        self._renderer = renderer
        self._sending = sending
        self._people = people
        self._granted: dict[str, frozenset[str]] = {}

    def take(
        self, session: Session, worker: str, now: datetime, *, free: int, flying: Iterable[Parcel] = ()
    ) -> tuple[list[Parcel], bool]:
        """Parcels for at most `free` people; `flying` are on their way already. True as well when somebody had to be left out
        only because they are speaking right now."""
        state = ApiState(session, api_books.lock(session), self._sending.breaker, now)
        kinds, limit = self._worth_looking_at(state, free)
        if kinds is not None and not kinds:
            return [], False
        this = _Round(now, state, self._room(flying))

        def choose(groups: list[queue.Group]) -> list[queue.Group]:
            this.long_row = len(groups) >= LONG_ROW
            self._look_up(session, this, groups)
            return [list(parcel.messages) for group in groups if (parcel := self._parcel(this, group))]

        taken = queue.claim(session, worker, now, limit, choose=choose, kinds=kinds)
        marks.postpone(session, this.postponed, now)
        contacts.save(session, this.contacts)
        session.flush()
        going = {group[0].id: {row.id for row in group} for group in taken}
        return [_only(parcel, going[first]) for first, parcel in this.parcels.items() if first in going], this.busy

    def _worth_looking_at(self, state: ApiState, free: int) -> tuple[list[str] | None, int]:
        """While the way to WeChat is shut, only what could take another way, or one message to ask, is worth looking at."""
        if not state.wechat_is_shut():
            return None, free
        if state.may_ask_wechat():
            return None, min(free, PROBED_AT_ONCE)
        urgent_by_sms = [kind.name for kind in all_kinds() if "sms" in self._ways(kind) and kind.urgent]
        if state.waits_long():
            urgent_by_sms = [kind.name for kind in all_kinds() if "sms" in self._ways(kind)]
        return urgent_by_sms, free

    def _look_up(self, session: Session, this: _Round, groups: list[queue.Group]) -> None:
        people = [(group[0].account, group[0].openid) for group in groups]
        for account in dict.fromkeys(account for account, _ in people):
            this.state.open_books(account)
        this.contacts = contacts.locked(session, people)
        kinds = {row.kind: kind_named(row.kind) for group in groups for row in group}
        subscriptions = [
            self._renderer.subscription_id(kind) for kind in kinds.values() if SUBSCRIPTION in self._ways(kind)
        ]
        this.consents = contacts.consents_of(session, people, subscriptions)
        if any("sms" in self._ways(kind) for kind in kinds.values()):
            this.phones = self._people.phones(session, people)

    def _parcel(self, this: _Round, group: queue.Group) -> Parcel | None:
        """The first message that has a way, with those that fit into the same text; the others' new states are noted."""
        contact = this.contacts.get((group[0].account, group[0].openid))
        if contact is None:
            this.busy = True
            return None
        for position, row in enumerate(group):
            kind = kind_named(row.kind)
            expires_at = row.created_at + kind.worthless_after
            facts = self._facts(this, row, kind, contact)
            step = _step(this, row, facts, expires_at)
            if step is None:
                return None
            if isinstance(step, Go):
                phone = this.phones.get((row.account, row.openid), "")
                subscription = self._renderer.subscription_id(kind)
                parcel = Parcel((row,), step.rung, facts, expires_at, phone, subscription)
                return self._on_its_way(this, parcel, contact, group[position + 1 :])
            this.postponed.append(_postponed(row, step, expires_at, contact, this.now))
        return None

    def _room(self, flying: Iterable[Parcel]) -> dict[bool, int]:
        room = {True: UNNAMED_URGENT, False: self._sending.unnamed_in_flight}
        for parcel in flying:
            if _is_unnamed(parcel.rung, parcel.first):
                room[parcel.first.urgent] -= 1
        return room

    def _on_its_way(self, this: _Round, parcel: Parcel, contact: Contact, others: queue.Group) -> Parcel:
        _use_room(this, parcel.rung, parcel.first)
        this.state.call(parcel.first.account, parcel.rung, kind_named(parcel.first.kind))
        if parcel.rung == CUSTOMER:
            # Without a window, too: the person's first event may be on its way, and what leaves now is counted to it.
            contact.windows = grants.spent(contact.windows, int(this.now.timestamp()))
            contact.changed = True
            parcel = replace(parcel, messages=(parcel.first, *self._fitting(parcel.first, others, this.now)))
        this.parcels[parcel.first.id] = parcel
        return parcel

    def _fitting(self, first: Outbox, others: queue.Group, now: datetime) -> list[Outbox]:
        """Which of the others go into the same text. In their order: nobody reads 完工 before 接单."""
        joined: list[Outbox] = []
        messages = [(first.kind, first.data)]
        for row in others:
            if now >= row.created_at + kind_named(row.kind).worthless_after or CUSTOMER in row.passed.split():
                continue
            more = [*messages, (row.kind, row.data)]
            try:
                if len(BETWEEN.join(self._renderer.text(*each) for each in more).encode()) > TEXT_LIMIT:
                    break
            except RenderingFailed:
                break
            messages, joined = more, [*joined, row]
        return joined

    def _facts(self, this: _Round, row: Outbox, kind: Kind, contact: Contact) -> Facts:
        who = (row.account, row.openid)
        moment = int(this.now.timestamp())
        window = grants.left(contact.windows, moment, urgent=kind.urgent, rules=self._sending.grants) != 0
        ways = self._ways(kind)
        consent = SUBSCRIPTION in ways and (*who, self._renderer.subscription_id(kind)) in this.consents
        return Facts(
            window=window,
            ledger=contact.known,
            reachable=not contact.unreachable,
            granted=ways,
            consent=consent,
            phone=who in this.phones,
            shut=this.state.shut(row.account, kind),
        )

    def _ways(self, kind: Kind) -> frozenset[str]:
        if kind.name not in self._granted:
            self._granted[kind.name] = self._renderer.granted(kind)
        return self._granted[kind.name]


def _step(this: _Round, row: Outbox, facts: Facts, expires_at: datetime) -> Step | None:
    """The next step of a message; None when there is no room for it just now."""
    kind, passed = kind_named(row.kind), row.passed.split()
    step = next_step(kind, facts, now=this.now, expires_at=expires_at, passed=passed)
    if not isinstance(step, Go) or _has_room(this, step.rung, row):
        return step
    if this.long_row and TEMPLATE in facts.granted:
        named = next_step(kind, replace(facts, window=False), now=this.now, expires_at=expires_at, passed=passed)
        return named if named == Go(TEMPLATE) else None
    return None


def _is_unnamed(rung: str, row: Outbox) -> bool:
    """Would it arrive twice if the machine died just after sending it?"""
    return row.repeatable and not has_client_id(rung)


def _has_room(this: _Round, rung: str, row: Outbox) -> bool:
    return not _is_unnamed(rung, row) or this.unnamed[row.urgent] > 0


def _use_room(this: _Round, rung: str, row: Outbox) -> None:
    if _is_unnamed(rung, row):
        this.unnamed[row.urgent] -= 1


def _postponed(row: Outbox, step: Step, expires_at: datetime, contact: Contact, now: datetime) -> Mark:
    kept = Mark(
        row.id, row.account, "waiting", now, outcome=row.outcome, passed=row.passed or "", trail=list(row.trail or [])
    )
    match step:
        case Wait(until, why):
            return replace(kept, due_at=max(until, now + timedelta(seconds=1)), outcome=why)
        case Park():
            contact.parked = contact.changed = True
            return replace(kept, state="parked", due_at=expires_at, outcome="waits for the person to write")
        case ByHand(why):
            return replace(kept, state="untold", outcome=row.outcome or why)
        case _:
            return replace(kept, state="failed", outcome=_why_dropped(row, step))


def _why_dropped(row: Outbox, step: Step) -> str:
    why = getattr(step, "why", "")
    return f"{why}: {row.outcome}" if row.outcome else why


def _only(parcel: Parcel, ids: set[int]) -> Parcel:
    """Without what was cancelled while it was being taken."""
    return replace(parcel, messages=tuple(message for message in parcel.messages if message.id in ids))
