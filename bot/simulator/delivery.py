"""Carrying pushes to the account's server: five seconds, three attempts, one after the other for each person.

Source: D/service/en/guide/product/message/Passive_user_reply_message.html.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import requests

from bot.clock import Clock
from bot.simulator.pushes import Push, envelope
from bot.simulator.replies import BadReply, Reply, read_reply
from bot.simulator.settings import SimulatorSettings

Deliver = Callable[[str, dict[str, str], bytes], tuple[int, bytes]]

PATIENCE = 5.0  # seconds
ATTEMPTS = 3


def post(url: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """One attempt over HTTP. Raises requests' exceptions, which are OSErrors."""
    headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0", "Accept": "*/*"}
    answer = requests.post(url, params=query, data=body, headers=headers, timeout=PATIENCE, allow_redirects=False)
    return answer.status_code, answer.content


class NoAnswer(Exception):
    """An attempt failed in a way that a further attempt may mend."""


class Courier:
    """Takes pushes in order. `answered` and `failed` are told how each ended.

    With `background` every person has a thread of their own, so that one slow answer holds up nobody else and each
    person's pushes keep their order. Without it everything happens in the caller's thread.
    """

    def __init__(
        self,
        settings: SimulatorSettings,
        clock: Clock,
        *,
        deliver: Deliver,
        answered: Callable[[Push, Reply | None], None],
        failed: Callable[[Push, str], None],
        stopwatch: Callable[[], float] = time.monotonic,
        background: bool = False,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._deliver = deliver
        self._answered = answered
        self._failed = failed
        self._stopwatch = stopwatch
        self._background = background
        self._threads: dict[str, ThreadPoolExecutor] = {}
        self._waiting: deque[Push] = deque()
        self._lock = threading.Lock()
        self._under_way: list[str] = []

    def send(self, push: Push) -> None:
        """Carry what waits and then this push, in the caller's thread; or leave it to the background."""
        if self._background:
            self.send_later(push)
            return
        self.deliver_pending()
        with self._lock:
            self._under_way.append(push.openid)
        self._carry(push)

    def send_later(self, push: Push) -> None:
        with self._lock:
            self._under_way.append(push.openid)
            if self._background:
                self._thread_of(push.openid).submit(self._carry, push)
            else:
                self._waiting.append(push)

    def deliver_pending(self) -> None:
        """Carry what waits, in the caller's thread. Nothing to do when there are background threads."""
        while True:
            with self._lock:
                if not self._waiting:
                    return
                push = self._waiting.popleft()
            self._carry(push)

    def busy(self) -> list[str]:
        """Whose pushes are under way: these people see 对方正在输入."""
        with self._lock:
            return sorted(set(self._under_way))

    def close(self) -> None:
        for thread in self._threads.values():
            thread.shutdown(wait=True)

    def _thread_of(self, openid: str) -> ThreadPoolExecutor:
        if openid not in self._threads:
            self._threads[openid] = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"pushes-{openid}")
        return self._threads[openid]

    def _carry(self, push: Push) -> None:
        try:
            self._answered(push, read_reply(self._ask(push), push.openid, self._settings))
        except (NoAnswer, BadReply) as problem:
            self._failed(push, str(problem))
        finally:
            with self._lock:
                self._under_way.remove(push.openid)

    def _ask(self, push: Push) -> bytes:
        reason = ""
        for _attempt in range(ATTEMPTS):
            try:
                return self._attempt(push)
            except NoAnswer as problem:
                reason = str(problem)
        raise NoAnswer(f"{reason} ({ATTEMPTS} attempts)")

    def _attempt(self, push: Push) -> bytes:
        query, body = envelope(push, self._settings, self._clock.now())
        started = self._stopwatch()
        try:
            status, answer = self._deliver(self._settings.webhook_url, query, body)
        except OSError as error:
            raise NoAnswer(f"no answer: {type(error).__name__}") from error
        if self._stopwatch() - started > PATIENCE:
            raise NoAnswer("the answer came after more than 5 seconds")
        if status != 200:
            raise NoAnswer(f"the answer had status {status}")
        return answer
