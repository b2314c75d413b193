"""One message, one transaction: seen before? who speaks? what happens? The reply is kept with the message."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.flow import Program, Turn
from bot.guard import APOLOGY, Spoiled
from bot.incoming import Incoming
from bot.router import Understand, answer
from bot.steps import NOTHING
from models.db import Database
from models.messaging import conversations, inbox, outbox, windows
from models.messaging.grants import PLATFORM, trigger_of
from models.messaging.tables import Conversation

log = logging.getLogger(__name__)

# WeChat hangs up after five seconds; a reply that comes later goes out as a message of its own.
TOO_LATE = 4.5
# How long a retry waits for the first delivery that is still being worked on in this process.
RETRY_WAIT = 0.8

BURST_SPAN = timedelta(seconds=10)
BURST_REPLIES = 15
BURST_WORDS = "消息收到了，都记下了。您发得有点快，我慢慢看，先不一条条回了。"


class StillWorking(Exception):
    """The first delivery of this message is being worked on; its reply will reach the person another way."""


class HasDatabase(Protocol):
    @property
    def database(self) -> Database: ...


@dataclass(frozen=True)
class Desk:
    """What a turn needs: built once, shared by all threads. The database is opened by the first turn, not before."""

    services: HasDatabase
    program: Program
    understand: Understand
    settings: Any = None  # for the steps of flows


def take_turn(desk: Desk, incoming: Incoming, now: datetime) -> str:
    """Handle one delivered message exactly once; returns the words of the reply ("" for none).

    A retry gets the stored reply and has no second effect. Raises StillWorking for a retry that overlaps with a slow first
    delivery, and DBAPIError when the database cannot take it now (the platform will then deliver it again).
    """
    begun = time.monotonic()
    with _only_one((incoming.account, incoming.openid, incoming.key)):
        try:
            # Spoiled at first, then overtaken by another delivery, then that one's answer is found: more can never be needed.
            for careful in (False, True):
                try:
                    return _take(desk, incoming, now, begun, careful=careful)
                except (Spoiled, _Overtaken):
                    continue
                except DBAPIError as failure:
                    if not failure.connection_invalidated:
                        raise
                    # The connection was cut while nobody used it, and nothing of this turn is true; or all of it is, and then
                    # it is answered from what it wrote down.
            return _take(desk, incoming, now, begun, careful=True)
        except _Answered as before:
            return before.reply


class _Answered(Exception):
    """This message was answered before; a retry has no effect, not even on the person's row."""

    def __init__(self, reply: str) -> None:
        super().__init__()
        self.reply = reply


class _Overtaken(Exception):
    """Another delivery of this message was first, but was not done when this one began: nothing of this turn may stay."""


def _take(desk: Desk, incoming: Incoming, now: datetime, begun: float, *, careful: bool) -> str:
    """The turn in its transaction. Raises _Answered, and Spoiled (if not `careful`) or _Overtaken when it has to be taken again."""
    with desk.services.database.transaction() as session:
        conversation, answered = conversations.open_turn(
            session, incoming.account, incoming.openid, key=incoming.key, now=now
        )
        if answered is not None:
            raise _Answered(answered)
        reply = _answer(desk, session, incoming, conversation, now, careful=careful)
        reply = _calm(conversation, reply, now)
        if reply and time.monotonic() - begun > TOO_LATE:
            _send_later(session, incoming, reply, now)
            reply = ""
        if not _keep(session, incoming, reply, now):
            raise _Overtaken
    return reply


def _answer(
    desk: Desk, session: Session, incoming: Incoming, conversation: Conversation, now: datetime, *, careful: bool
) -> str:
    if incoming.kind == "unfollow":
        session.expunge(conversation)  # the row is about to be deleted; only its lock is still wanted
    speaker = desk.program.identify(session, incoming, now)
    turn = Turn(session, now, incoming, speaker, meaning=NOTHING, settings=desk.settings, careful=careful)
    try:
        reply = answer(desk.program, desk.understand, turn, conversation)
    except (DBAPIError, Spoiled):
        raise
    except Exception:
        # Only reading steps run outside a savepoint, so what the flows wrote is whole or undone; just the talk is put down.
        log.exception("a turn failed", extra={"kind": incoming.kind})
        conversation.frames = []
        reply = APOLOGY
    _note_window(desk, session, incoming, conversation, now)
    conversation.turned_at = now
    return reply


def _note_window(desk: Desk, session: Session, incoming: Incoming, conversation: Conversation, now: datetime) -> None:
    """What the person did may open their message window; whatever they did, WeChat reaches them."""
    if incoming.kind in ("sent", "unfollow"):  # the platform's own words about them
        return
    event = str(incoming.raw.get("Event", ""))
    trigger = trigger_of(incoming.kind, scene=incoming.scene, menu_id=incoming.menu_id, event=event)
    rules = desk.settings.sending.grants if desk.settings is not None else PLATFORM
    windows.open_by(conversation, trigger, min(incoming.sent_at, now), rules)
    windows.heard_of(session, conversation, now)


def _keep(session: Session, incoming: Incoming, reply: str, now: datetime) -> bool:
    return inbox.keep(
        session,
        account=incoming.account,
        openid=incoming.openid,
        key=incoming.key,
        kind=incoming.kind,
        text=incoming.text,
        media_id=incoming.media_id,
        reply=reply,
        now=now,
    )


def _calm(conversation: Conversation, reply: str, now: datetime) -> str:
    """Everything is worked on, but somebody who sends very fast is told so once instead of being answered each time."""
    if conversation.burst_since is None or now - conversation.burst_since > BURST_SPAN:
        conversation.burst_since, conversation.burst_count = now, 0
    conversation.burst_count += 1
    if conversation.burst_count <= BURST_REPLIES:
        return reply
    return BURST_WORDS if conversation.burst_count == BURST_REPLIES + 1 else ""


def _send_later(session: Session, incoming: Incoming, reply: str, now: datetime) -> None:
    outbox.put(
        session,
        account=incoming.account,
        openid=incoming.openid,
        kind="late_reply",
        data={"text": reply},
        dedupe_key=incoming.key,
        now=now,
    )


# --- retries that overlap, within this process ------------------------------------------------------------------------

_at_work: dict[tuple[str, str, str], threading.Event] = {}
_at_work_lock = threading.Lock()


@contextmanager
def _only_one(this: tuple[str, str, str]) -> Iterator[None]:
    """Spare a retry the wait for a slow first delivery. Across processes the inbox row alone decides."""
    with _at_work_lock:
        first = _at_work.get(this)
        if first is None:
            mine = _at_work[this] = threading.Event()
    if first is not None:
        if not first.wait(RETRY_WAIT):
            raise StillWorking
        yield
        return
    try:
        yield
    finally:
        with _at_work_lock:
            del _at_work[this]
        mine.set()
