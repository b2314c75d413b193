"""From WeChat's file to ours, whatever happens on the way."""

import errno
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.clock import FixedClock
from bot.config import load_settings
from bot.media_store import FolderStore
from bot.services import Services
from bot.wakeup import Wakeup
from bot.wechat.errors import Consequence, WeChatError
from models.db import Database
from models.media import queue
from models.media.tables import GONE, KEPT, REFUSED, WAITING, Medium
from models.messaging.tables import Outbox
from models.workorders.actions import add_attachment, cancel
from models.workorders.attachments import Sent
from models.workorders.photos import files_of, sent_again, wanted_from
from models.workorders.tables import WorkOrder
from scheduler.media_fetcher import FetcherLoop, MediaFetcher
from tests.support import files
from tests.support.repairs import ACCOUNT, Cast, settle

LIMITS = {"image": 300_000, "voice": 1000, "video": 1000}
NOT_REACHED = WeChatError(0, "ConnectTimeout", Consequence.NOT_REACHED)


@dataclass
class Shelf:
    """WeChat's shelf of files; `answers` are given one after the other, an exception is raised."""

    answers: list[bytes | Exception] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    during: Callable[[], None] = lambda: None

    def download_media(self, media_id: str, max_bytes: int) -> tuple[bytes, str]:
        self.asked.append(media_id)
        self.during()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if len(answer) > max_bytes:
            raise WeChatError(0, "too many bytes", Consequence.TOO_LONG)
        return answer, "text/html"  # what WeChat says it is, is not believed


class Dark:
    """A company, an order of Zhang's, a dark room to develop pictures in, and a clock."""

    def __init__(self, database: Database, folder: Path, now: datetime) -> None:
        self.database, self.folder, self.clock = database, folder, FixedClock(now)
        self.shelf, self.store = Shelf(), FolderStore(folder)
        with database.transaction() as session:
            self.cast: Cast = settle(session, now)
            self.order = self.cast.report(session, now).order.id

    @property
    def fetcher(self) -> MediaFetcher:
        return MediaFetcher(
            self.database, self.shelf, self.store, self.clock.now, max_bytes=LIMITS, max_pixels=1_000_000
        )

    def sent(self, media_id: str = "m", kind: str = "image", openid: str = "zhang", *, attached: bool = True) -> int:
        with self.database.transaction() as session:
            medium_id = queue.note_received(
                session,
                company_id=self.cast.company_id,
                account=ACCOUNT,
                openid=openid,
                media_id=media_id,
                kind=kind,
                now=self.clock.now(),
            )
            if attached:
                order = session.get_one(WorkOrder, self.order)
                actor = self.cast.resident(openid) if openid in self.cast.people else self.cast.worker(openid)
                add_attachment(session, order, [Sent(kind, medium_id=medium_id)], now=self.clock.now(), actor=actor)
        return medium_id

    def medium(self, medium_id: int) -> Medium:
        with self.database.reading() as session:
            return session.get_one(Medium, medium_id)

    def asked(self) -> list[tuple[str, str]]:
        with self.database.reading() as session:
            rows = session.scalars(sa.select(Outbox).where(Outbox.kind == "photo_wanted").order_by(Outbox.id))
            return [(row.openid, row.data["why"]) for row in rows]

    def on_disk(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def dark(database: Database, tmp_path: Path, now: datetime) -> Dark:
    return Dark(database, tmp_path / "media", now)


def test_a_photo_is_kept_without_the_place_it_was_taken_at(dark: Dark) -> None:
    medium_id = dark.sent()
    dark.shelf.answers = [files.gps_photo((640, 480))]
    assert dark.fetcher.fetch_due() == 1
    medium = dark.medium(medium_id)
    assert (medium.state, medium.content_type, medium.width, medium.height) == (KEPT, "image/jpeg", 640, 480)
    assert dark.on_disk() == sorted(files_of(medium))
    whole = dark.store.path(files_of(medium)[0])
    assert whole is not None
    assert b"Exif" not in whole.read_bytes()
    assert medium.size == sum(path.stat().st_size for path in dark.folder.rglob("*.jpg"))
    assert dark.fetcher.fetch_due() == 0
    assert dark.shelf.asked == ["m"]


def test_a_recording_and_a_video_are_kept_as_they_are(dark: Dark) -> None:
    voice, video = dark.sent("v", "voice"), dark.sent("f", "video")
    dark.shelf.answers = [files.AMR, files.MP4]
    assert dark.fetcher.fetch_due() == 2
    assert dark.on_disk() == sorted(files_of(dark.medium(voice)) + files_of(dark.medium(video)))
    assert (dark.medium(voice).content_type, dark.medium(video).content_type) == ("audio/amr", "video/mp4")


def test_while_wechat_is_away_the_waits_grow_and_then_it_comes(dark: Dark) -> None:
    medium_id = dark.sent()
    dark.shelf.answers = [NOT_REACHED] * 4 + [files.picture()]
    for wait in (5, 20, 80, 320):
        assert dark.fetcher.fetch_due() == 0
        assert dark.medium(medium_id).due_at == dark.clock.now() + timedelta(seconds=wait)
        dark.clock.move(timedelta(seconds=wait - 1))
        assert dark.fetcher.fetch_due() == 0
        dark.clock.move(timedelta(seconds=1))
    assert dark.fetcher.fetch_due() == 1
    assert len(dark.shelf.asked) == 5
    assert dark.asked() == []


@pytest.mark.parametrize("errcode", [-1, 40001, 45009, 48001, 40164, 50002, 12345])
def test_whatever_wechat_complains_of_the_file_is_not_given_up_early(dark: Dark, errcode: int) -> None:
    medium_id = dark.sent()
    dark.shelf.answers = [WeChatError(errcode, "complaint"), files.picture()]
    assert dark.fetcher.fetch_due() == 0
    assert dark.medium(medium_id).state == WAITING
    dark.clock.move(timedelta(seconds=5))
    assert dark.fetcher.fetch_due() == 1


def test_what_wechat_forgot_is_asked_for_again_once_an_order(dark: Dark) -> None:
    ids = [dark.sent("m1"), dark.sent("m2")]
    dark.shelf.answers = [WeChatError(40007, "invalid media_id")] * 2
    assert dark.fetcher.fetch_due() == 0
    assert [dark.medium(each).state for each in ids] == [GONE, GONE]
    assert [openid for openid, _ in dark.asked()] == ["zhang"]
    dark.clock.move(timedelta(days=1))
    assert dark.fetcher.fetch_due() == 0
    assert len(dark.shelf.asked) == 2


def test_after_three_days_of_trying_it_is_asked_for_again(dark: Dark) -> None:
    medium_id = dark.sent()
    tries = 0
    while dark.medium(medium_id).state == WAITING:
        dark.shelf.answers = [NOT_REACHED]
        dark.fetcher.fetch_due()
        dark.clock.move(timedelta(hours=10))
        tries += 1
    assert tries == 9  # at 0, 10, … 70 hours another try is worth it; after 80 none is
    assert len(dark.asked()) == 1


def test_a_worker_is_asked_for_the_workers_photo(dark: Dark) -> None:
    dark.sent("w", openid="chen")
    dark.shelf.answers = [WeChatError(40007, "invalid media_id")]
    dark.fetcher.fetch_due()
    assert [openid for openid, _ in dark.asked()] == ["chen"]


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        ("image", files.HTML, "不认识的文件"),
        ("image", b"", "空文件"),
        ("image", files.picture("JPEG", (400, 400))[:700], "照片已损坏"),
        ("image", files.jpeg_announcing(2000, 2000), "照片尺寸太大"),
        ("image", b"\xff" * 300_001, "超过0MB"),
        ("voice", files.picture(), "不是录音"),
        ("video", files.HEIC, "不认识的文件"),
    ],
)
def test_what_is_refused_has_its_reason_and_is_asked_for_again(dark: Dark, kind: str, data: bytes, why: str) -> None:
    medium_id = dark.sent(kind=kind)
    dark.shelf.answers = [data]
    assert dark.fetcher.fetch_due() == 0
    assert (dark.medium(medium_id).state, dark.medium(medium_id).reason) == (REFUSED, why)
    assert dark.asked() == [("zhang", why)]
    assert dark.on_disk() == []


def test_nobody_is_asked_about_an_order_that_is_over_or_a_file_of_none(dark: Dark) -> None:
    dark.sent("m1")
    dark.sent("m2", attached=False)
    with dark.database.transaction() as session:
        order = session.get_one(WorkOrder, dark.order)
        cancel(session, order, now=dark.clock.now(), actor=dark.cast.resident("zhang"))
    dark.shelf.answers = [WeChatError(40007, "invalid media_id")] * 2
    dark.fetcher.fetch_due()
    assert dark.asked() == []


def test_a_full_disk_is_tried_again_and_nothing_is_lost(dark: Dark, monkeypatch: pytest.MonkeyPatch) -> None:
    medium_id = dark.sent()
    real = FolderStore.put

    def full_after_one(store: FolderStore, name: str, data: bytes) -> None:
        if "small" in name:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(store, name, data)

    monkeypatch.setattr(FolderStore, "put", full_after_one)
    dark.shelf.answers = [files.picture(), files.picture()]
    assert dark.fetcher.fetch_due() == 0
    assert (dark.medium(medium_id).state, dark.medium(medium_id).reason) == (WAITING, "No space left on device")
    monkeypatch.undo()
    dark.clock.move(timedelta(seconds=5))
    assert dark.fetcher.fetch_due() == 1
    assert dark.on_disk() == sorted(files_of(dark.medium(medium_id)))


def test_a_bug_concerns_one_file_and_is_tried_again(dark: Dark) -> None:
    first, second = dark.sent("m1"), dark.sent("m2")
    dark.shelf.answers = [KeyError("a bug"), files.picture()]
    assert dark.fetcher.fetch_due() == 1
    assert (dark.medium(first).state, dark.medium(second).state) == (WAITING, KEPT)


def test_two_who_fetched_the_same_file_leave_one(dark: Dark) -> None:
    """The first one's lease ran out while it was fetching; the second is done before it."""
    medium_id = dark.sent()
    slow, quick = dark.fetcher, dark.fetcher

    def meanwhile() -> None:
        dark.shelf.during = lambda: None
        dark.clock.move(queue.LEASE)
        assert quick.fetch_due() == 1

    dark.shelf.during = meanwhile
    dark.shelf.answers = [files.picture(), files.picture()]
    slow.fetch_due()
    assert dark.on_disk() == sorted(files_of(dark.medium(medium_id)))
    assert dark.medium(medium_id).state == KEPT


def test_whoever_is_told_to_stop_leaves_the_rest(dark: Dark) -> None:
    for number in range(4):
        dark.sent(f"m{number}")
    dark.shelf.answers = [files.picture()] * 4
    assert dark.fetcher.fetch_due(lambda: len(dark.shelf.asked) >= 1) == 1
    dark.clock.move(queue.LEASE)
    assert dark.fetcher.fetch_due() == 3


def test_what_is_sent_again_belongs_to_the_order_it_was_asked_for(dark: Dark) -> None:
    dark.sent()
    dark.shelf.answers = [WeChatError(40007, "invalid media_id")]
    dark.fetcher.fetch_due()
    with dark.database.transaction() as session:
        found = wanted_from(session, ACCOUNT, "zhang", "image")
        assert found is not None
        assert found.id == dark.order
        assert wanted_from(session, ACCOUNT, "zhang", "voice") is None
        assert wanted_from(session, ACCOUNT, "li", "image") is None
        sent_again(session, dark.order, ACCOUNT, "zhang", "image")
        assert wanted_from(session, ACCOUNT, "zhang", "image") is None


def test_a_commit_wakes_the_fetcher(dark: Dark, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the ring it would look again only after a minute here."""
    fetched, wait = threading.Event(), Wakeup.wait
    monkeypatch.setattr(Wakeup, "wait", lambda wakeup, _: wait(wakeup, 60))
    wakeup = Wakeup(work="media")
    dark.database.after_commit = lambda signals: wakeup.ring() if "media" in signals else None
    loop = FetcherLoop(dark.fetcher, wakeup)
    loop.start()
    dark.shelf.answers, dark.shelf.during = [files.picture()], fetched.set
    medium_id = dark.sent()
    assert fetched.wait(20)
    loop.stop()
    assert dark.medium(medium_id).state == KEPT


def test_a_loop_goes_on_after_the_database_was_away(dark: Dark) -> None:
    fetched, stumbled = threading.Event(), threading.Event()

    class Away:
        def fetch_due(self, stopping: Callable[[], bool]) -> int:
            if not stumbled.is_set():
                stumbled.set()
                raise OSError("away")
            fetched.set()
            return 0

    wakeup = Wakeup(work="media")
    loop = FetcherLoop(Away(), wakeup)  # type: ignore[arg-type]
    loop.start()
    assert stumbled.wait(20)
    wakeup.ring()
    assert fetched.wait(20)
    loop.stop()


def test_what_is_noted_rings_the_fetchers_bell_and_no_other(dark: Dark, tmp_path: Path) -> None:
    services = Services(load_settings({"DATA_DIR": str(tmp_path), "SIMULATOR": "1"}), dark.clock)
    services._after_commit(frozenset({"media"}))
    assert services.media_wakeup.wait(0)
    assert not services.wakeup.wait(0)
