"""Fetches what people sent before WeChat forgets it, and keeps of it only what is what it says it is.

For each file: a short transaction takes it, then WeChat is called and the file is looked at, made anew and written to the
store, then a second transaction notes what became of it. Whatever dies in between is taken up again after its lease, and
writes the same file under the same name.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.media_store import MediaStore
from bot.pictures import NoPicture, made_anew
from bot.services import Services
from bot.wakeup import Wakeup
from bot.wechat.errors import Consequence, WeChatError
from models.db import Database
from models.media import queue
from models.media.patience import next_try
from models.media.signs import ENDINGS, JPEG, WEBP, Unfit, content_type_of, webp_size
from models.media.tables import Medium
from models.workorders.photos import ask_again

log = logging.getLogger(__name__)

LONGEST_SIDE = 2048  # pixels: a meter's digits and a crack in a pipe can be read, and it loads on a slow line
AT_ONCE = 2  # claimed together; decoding a big picture takes memory

FORGOTTEN_BY_WECHAT = "微信只保留三天，已经取不到了"


class WeChat(Protocol):
    """What is needed of bot/wechat/client.py. Raises WeChatError."""

    def download_media(self, media_id: str, max_bytes: int) -> tuple[bytes, str]: ...


@dataclass(frozen=True)
class Kept:
    """What is written to the store, and what is noted about it."""

    files: Mapping[str, bytes]
    content_type: str
    width: int = 0
    height: int = 0

    @property
    def size(self) -> int:
        return sum(map(len, self.files.values()))


def kept_of(name: str, kind: str, data: bytes, max_pixels: int) -> Kept:
    """What of a file is kept: pictures made anew with a preview, recordings and videos as they are. Raises Unfit, NoPicture."""
    content_type = content_type_of(data, kind)
    if kind != "image":
        return Kept({f"{name}.{ENDINGS[content_type]}": data}, content_type)
    if content_type == WEBP:
        width, height = webp_size(data)
        if width * height > max_pixels:
            raise NoPicture("照片尺寸太大")
    picture = made_anew(data, max_pixels=max_pixels, longest_side=LONGEST_SIDE)
    files = {f"{name}.jpg": picture.data, f"{name}.small.jpg": picture.small}
    return Kept(files, JPEG, picture.width, picture.height)


class MediaFetcher:
    """Any number may run; they share the work through the database."""

    def __init__(
        self,
        database: Database,
        wechat: WeChat,
        store: MediaStore,
        now: Callable[[], datetime],
        *,
        max_bytes: Mapping[str, int],
        max_pixels: int,
    ) -> None:
        self._database = database
        self._wechat = wechat
        self._store = store
        self._now = now
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels

    def fetch_due(self, stopping: Callable[[], bool] = lambda: False) -> int:
        """Fetch everything that is due; returns how many files are ours now. `stopping` is asked before each file."""
        kept = 0
        while not stopping() and (media := self._claim()):
            kept += sum(not stopping() and self._fetch(medium) for medium in media)
        return kept

    def _claim(self) -> list[Medium]:
        with self._database.reading() as session:
            if not queue.any_due(session, self._now()):
                return []
        with self._database.transaction() as session:
            return queue.claim(session, self._now(), AT_ONCE)

    def _fetch(self, medium: Medium) -> bool:
        try:
            data, _ = self._wechat.download_media(medium.media_id, self._max_bytes[medium.kind])
            kept = kept_of(medium.name, medium.kind, data, self._max_pixels)
            for name, content in kept.files.items():
                self._store.put(name, content)
        except (Unfit, NoPicture) as unfit:
            return self._give_up(medium, queue.mark_refused, str(unfit))
        except WeChatError as failed:
            return self._not_fetched(medium, failed)
        except OSError as full:
            return self._later(medium, full.strerror or type(full).__name__)
        except Exception as bug:
            log.exception("a file could not be dealt with", extra=_which(medium))
            return self._later(medium, type(bug).__name__)
        with self._database.transaction() as session:
            queue.mark_kept(
                session,
                medium.id,
                content_type=kept.content_type,
                size=kept.size,
                width=kept.width,
                height=kept.height,
                now=self._now(),
            )
        log.info("file kept", extra={**_which(medium), "size": kept.size})
        return True

    def _not_fetched(self, medium: Medium, failed: WeChatError) -> bool:
        if failed.consequence is Consequence.MEDIA_GONE:
            return self._give_up(medium, queue.mark_gone, FORGOTTEN_BY_WECHAT)
        if failed.consequence is Consequence.TOO_LONG:
            most = self._max_bytes[medium.kind] // 2**20
            return self._give_up(medium, queue.mark_refused, f"超过{most}MB")
        return self._later(medium, str(failed))

    def _later(self, medium: Medium, why: str) -> bool:
        now = self._now()
        due_at = next_try(medium.received_at, medium.attempts, now)
        if due_at is None:
            return self._give_up(medium, queue.mark_gone, FORGOTTEN_BY_WECHAT)
        log.warning("file not fetched yet", extra={**_which(medium), "why": why})
        with self._database.transaction() as session:
            queue.try_later(session, medium.id, medium.attempts, due_at=due_at, reason=why)
        return False

    def _give_up(self, medium: Medium, mark: Callable[..., bool], why: str) -> bool:
        log.warning("file given up", extra={**_which(medium), "why": why})
        with self._database.transaction() as session:
            if mark(session, medium.id, why):
                ask_again(session, medium.id, why, now=self._now())
        return False


def _which(medium: Medium) -> dict[str, object]:
    return {"medium_id": medium.id, "kind": medium.kind, "attempt": medium.attempts}


def fetcher_of(services: Services, now: Callable[[], datetime]) -> MediaFetcher:
    return MediaFetcher(
        services.database,
        services.wechat,
        services.media_store,
        now,
        max_bytes=services.settings.media_max_bytes,
        max_pixels=services.settings.media_max_pixels,
    )


class FetcherLoop(threading.Thread):
    """Fetches at once when somebody rings, and looks by itself every second in case a ring was lost."""

    def __init__(self, fetcher: MediaFetcher, wakeup: Wakeup) -> None:
        super().__init__(name="fetch-media", daemon=True)
        self._fetcher = fetcher
        self._wakeup = wakeup
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._fetcher.fetch_due(self._stopping.is_set)
            except Exception:
                # The database is away, most likely. Nothing is lost: what is claimed comes back after its lease.
                log.exception("the fetcher stumbled and goes on")
            self._wakeup.wait(1.0)

    def stop(self, timeout: float = 30.0) -> None:
        """Finish the file in hand, then end. Waits at most `timeout` seconds."""
        self._stopping.set()
        self._wakeup.ring()
        self.join(timeout)
