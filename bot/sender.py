"""Takes promised messages out of the outbox and sends them, never inside a transaction.

Many are on their way at a time, and the books are kept for many at once: one transaction notes what became of those that came
back and takes as many others, each marked `sending` before it leaves. Whatever dies in between leaves rows that tell how far
they got (models/messaging/queue.py).
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.claims import Claims, Nobody, People
from bot.config_sending import Sending
from bot.delivery import Courier, Delivered, Ended, Fate, Later, Parcel, Report, WeChat
from bot.noting import note
from bot.rendering import Renderer, RenderingFailed
from bot.sms import Sms
from bot.wakeup import Wakeup
from models.db import Database
from models.messaging import queue

log = logging.getLogger(__name__)

BUGS_BORNE = (
    5  # times an unexpected exception is taken for a passing trouble; later messages to the person wait meanwhile
)
RECOVER_EVERY = timedelta(seconds=1)
GATHER_SECONDS = 0.01  # how long those that come back are waited for, to be noted together; others write meanwhile
NOTE_TRIES = 20  # over half a minute; what cannot be noted then is sent again or listed, as after a crash
BUSY_SECONDS = 0.05

Back = tuple[Parcel, Report | BaseException]


class Sender:
    """One sender; `worker` is its name on what it has taken, unique among all senders.

    `in_flight` people are written to at a time; nobody gets two messages at once, so no order is lost.
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
        sending: Sending | None = None,
        people: People | None = None,
        sms: Sms | None = None,
    ) -> None:
        self._database = database
        self._now = now
        self._worker = worker
        self._in_flight = in_flight
        self._sending = sending or Sending()
        self._people = people or Nobody()
        self._courier = Courier(wechat, renderer, sms)
        self._claims = Claims(renderer, self._sending, self._people)
        self._recovered: datetime | None = None

    def send_due(self, stopping: Callable[[], bool] = lambda: False) -> int:
        """Send everything that is due; returns how many messages were taken from us.

        `stopping` is asked before more is taken: what is on its way is finished, the rest stays where it is.
        """
        sent = 0
        flying: dict[int, Parcel] = {}
        back: SimpleQueue[Back] = SimpleQueue()
        arrived: list[tuple[Parcel, Report]] = []
        tries = 0
        with ThreadPoolExecutor(self._in_flight, "send") as threads:
            while True:
                try:
                    parcels, busy = self._turn_over(arrived, flying, stopping())
                except DBAPIError:
                    tries += 1
                    if not flying and (not arrived or tries >= NOTE_TRIES):
                        raise
                    # What has arrived must be noted, or it would be sent again: it is kept until the database takes it.
                    log.warning("the database could not take what the sender has to write yet", exc_info=True)
                    time.sleep(min(2 ** min(tries, 4) / 10, 2))
                    arrived += self._come_back(flying, back)
                    continue
                sent, tries = sent + sum(_taken(report) for _, report in arrived), 0
                for parcel in parcels:
                    flying[parcel.first.id] = parcel
                    threads.submit(self._carry, parcel, back)
                if not flying:
                    if not busy or stopping():
                        return sent
                    time.sleep(BUSY_SECONDS)
                arrived = self._come_back(flying, back)

    def _come_back(self, flying: dict[int, Parcel], back: "SimpleQueue[Back]") -> list[tuple[Parcel, Report]]:
        """Those that are back; waits for the first, and a moment for others."""
        arrived: list[tuple[Parcel, Report]] = []
        if not flying:
            return arrived
        found = [back.get()]
        if len(flying) > 1:
            time.sleep(GATHER_SECONDS)
        while True:
            try:
                found.append(back.get_nowait())
            except Empty:
                break
        for parcel, report in found:
            if not isinstance(report, Report):
                raise report
            del flying[parcel.first.id]
            arrived.append((parcel, report))
        return arrived

    def _turn_over(
        self, arrived: list[tuple[Parcel, Report]], flying: dict[int, Parcel], stopping: bool
    ) -> tuple[list[Parcel], bool]:
        """One transaction: note what became of those that are back, take others."""
        with self._database.transaction() as session:
            return self._in_transaction(session, arrived, flying, stopping)

    def _in_transaction(
        self, session: Session, arrived: list[tuple[Parcel, Report]], flying: dict[int, Parcel], stopping: bool
    ) -> tuple[list[Parcel], bool]:
        now = self._now()
        if arrived:
            note(session, arrived, worker=self._worker, rules=self._sending.breaker, people=self._people, now=now)
        free = self._in_flight - len(flying)
        if stopping or free <= 0:
            return [], False
        if self._recovered is None or now - self._recovered >= RECOVER_EVERY:
            self._recovered = now
            queue.recover(session, now)
        return self._claims.take(session, self._worker, now, free=free, flying=flying.values())

    def _carry(self, parcel: Parcel, back: "SimpleQueue[Back]") -> None:
        try:
            back.put((parcel, self._deliver(parcel)))
        except BaseException as ending:
            back.put((parcel, ending))

    def _deliver(self, parcel: Parcel) -> Report:
        try:
            return self._courier.deliver(parcel, self._now())
        except RenderingFailed as error:
            log.exception("message could not be put into words", extra=_which(parcel))
            return _all_alike(parcel, Ended(str(error)))
        except Exception as error:
            # A bug concerns this message only. Its text may hold what people said, so the row gets the name alone.
            log.exception("message could not be sent", extra=_which(parcel))
            name = type(error).__name__
            first = parcel.first
            worth_it = first.repeatable and first.attempts < BUGS_BORNE
            return _all_alike(parcel, Later(name) if worth_it else Ended(name))


def _taken(report: Report) -> int:
    return sum(isinstance(fate, Delivered) for fate in report.fates.values())


def _all_alike(parcel: Parcel, fate: Fate) -> Report:
    return Report(fates={message.id: fate for message in parcel.messages})


def _which(parcel: Parcel) -> dict[str, object]:
    return {"outbox_id": parcel.first.id, "kind": parcel.first.kind}


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
                # The database is away, most likely. Nothing is lost: what is taken comes back after its lease.
                log.exception("the sender stumbled and goes on")
            self._wakeup.wait(1.0)

    def stop(self, timeout: float = 30.0) -> None:
        """Finish what is on its way, then end. Waits at most `timeout` seconds."""
        self._stopping.set()
        self._wakeup.ring()
        self.join(timeout)
