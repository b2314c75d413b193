"""Takes promised messages out of the outbox and sends them, never inside a transaction.

For each message: a short transaction notes that it is about to leave, then WeChat is called, then a second one notes what
became of it. Whatever dies in between leaves a row that tells how far it got (models/messaging/queue.py).
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.delivery import Delivered, Later, Never, Result, WeChat, deliver
from bot.rendering import Renderer, RenderingFailed
from bot.wakeup import Wakeup
from models.db import Database
from models.messaging import queue, windows
from models.messaging.tables import Outbox

log = logging.getLogger(__name__)

CLAIMED_AHEAD = 2  # few, so that something urgent is never behind a long row of others
LONGEST_WAIT = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(hours=24)  # news older than a day would only confuse
BUGS_BORNE = (
    5  # times an unexpected exception is taken for a passing trouble; later messages to the person wait meanwhile
)


class Sender:
    """One sender; `worker` is its name on what it has claimed, unique among all senders.

    `in_flight` messages are on their way at a time. They are to different people, so no order is lost.
    """

    def __init__(
        self,
        database: Database,
        wechat: WeChat,
        renderer: Renderer,
        now: Callable[[], datetime],
        *,
        worker: str,
        in_flight: int = 1,
    ) -> None:
        self._database = database
        self._wechat = wechat
        self._renderer = renderer
        self._now = now
        self._worker = worker
        self._in_flight = in_flight

    def send_due(self, stopping: Callable[[], bool] = lambda: False) -> int:
        """Send everything that is due; returns how many messages WeChat took.

        `stopping` is asked before each message: those on their way are finished, the others are given back.
        """
        sent = 0
        while not stopping() and (messages := self._claim()):
            with ThreadPoolExecutor(self._in_flight, "send") as threads:
                sent += sum(threads.map(lambda message: not stopping() and self._send(message), messages))
        if stopping():
            self._release()
        return sent

    def _claim(self) -> list[Outbox]:
        with self._database.transaction() as session:
            return queue.claim(session, self._worker, self._now(), limit=CLAIMED_AHEAD * self._in_flight)

    def _release(self) -> None:
        with self._database.transaction() as session:
            queue.release(session, self._worker)

    def _send(self, message: Outbox) -> bool:
        with self._database.transaction() as session:
            now = self._now()
            # The conversation before the outbox, as in a turn: two who lock in the same order never wait for each other.
            free = windows.spend(session, message.account, message.openid, now)
            if not queue.begin(session, message.id, self._worker, now):
                return False
        result = self._deliver(message, free)
        with self._database.transaction() as session:
            if result.window_closed:
                windows.close(session, message.account, message.openid)
            return self._note(session, message, result)

    def _deliver(self, message: Outbox, free: bool) -> Result:
        if self._now() - message.created_at > GIVE_UP_AFTER:
            return Never(f"given up after a day: {message.outcome}")
        try:
            return deliver(self._wechat, self._renderer, message, free=free)
        except RenderingFailed as error:
            log.exception("message could not be put into words", extra=_which(message))
            return Never(str(error))
        except Exception as error:
            # A bug concerns this message only. Its text may hold what people said, so the row gets the name alone.
            log.exception("message could not be sent", extra=_which(message))
            worth_it = message.repeatable and message.attempts < BUGS_BORNE
            return Later(type(error).__name__) if worth_it else Never(type(error).__name__)

    def _note(self, session: Session, message: Outbox, result: Result) -> bool:
        now = self._now()
        match result:
            case Delivered(channel, platform_id):
                queue.mark_sent(
                    session, message.id, account=message.account, channel=channel, platform_id=platform_id, now=now
                )
            case Later(why, wait):
                due_at = now + (wait or _patience(message.attempts))
                queue.mark_retry(session, message.id, self._worker, due_at=due_at, why=why)
            case Never(why):
                queue.mark_failed(session, message.id, self._worker, why=why)
        level = logging.INFO if isinstance(result, Delivered) else logging.WARNING
        log.log(level, "message %s", type(result).__name__.lower(), extra=_which(message))
        return isinstance(result, Delivered)


def _which(message: Outbox) -> dict[str, object]:
    return {"outbox_id": message.id, "kind": message.kind}


def _patience(earlier_attempts: int) -> timedelta:
    """Five seconds, twenty, eighty … never more than ten minutes."""
    return min(timedelta(seconds=5 * 4 ** min(earlier_attempts, 10)), LONGEST_WAIT)


class SenderLoop(threading.Thread):
    """Sends at once when somebody rings, and looks by itself every second in case a ring was lost."""

    def __init__(self, sender: Sender, wakeup: Wakeup) -> None:
        super().__init__(name="sender", daemon=True)
        self._sender = sender
        self._wakeup = wakeup
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._sender.send_due(self._stopping.is_set)
            except Exception:
                # The database is away, most likely. Nothing is lost: what is claimed comes back after its lease.
                log.exception("the sender stumbled and goes on")
            self._wakeup.wait(1.0)

    def stop(self, timeout: float = 30.0) -> None:
        """Finish the message in hand, then end. Waits at most `timeout` seconds."""
        self._stopping.set()
        self._wakeup.ring()
        self.join(timeout)
