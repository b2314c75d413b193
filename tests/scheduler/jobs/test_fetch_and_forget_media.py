from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.config import load_settings
from bot.services import Services
from models.db import Database
from models.media.tables import FORGOTTEN, KEPT, Medium
from models.workorders.tables import WorkOrder
from scheduler.jobs import fetch_media, forget_media
from tests.scheduler.test_media_fetcher import Dark, dark
from tests.support import files

__all__ = ["dark"]

DAY = timedelta(days=1)


@pytest.fixture
def services(dark: Dark, tmp_path: Path) -> Services:
    services = Services(
        load_settings({"DATA_DIR": str(tmp_path), "SIMULATOR": "1", "MEDIA_KEEP_DAYS": "365"}), dark.clock
    )
    services.__dict__.update(database=dark.database, wechat=dark.shelf, redis=None)
    return services


def kept(dark: Dark, services: Services, media_id: str = "m", *, attached: bool = True) -> int:
    medium_id = dark.sent(media_id, attached=attached)
    dark.shelf.answers = [files.picture()]
    assert fetch_media.run(services, dark.clock.now()) == "1 kept"
    return medium_id


def close(dark: Dark, closed_at: object) -> None:
    with dark.database.transaction() as session:
        session.get_one(WorkOrder, dark.order).closed_at = closed_at


def test_the_job_fetches_what_nobody_rang_for(dark: Dark, services: Services) -> None:
    medium_id = kept(dark, services)
    assert dark.medium(medium_id).state == KEPT
    assert fetch_media.run(services, dark.clock.now() + DAY) == "0 kept"


def test_photos_go_when_their_order_has_long_been_closed(dark: Dark, services: Services) -> None:
    medium_id, now = kept(dark, services), dark.clock.now()
    assert len(dark.on_disk()) == 2
    assert forget_media.run(services, now + 5000 * DAY).startswith("0 forgotten"), "an open order keeps its photos"
    close(dark, now + DAY)
    assert forget_media.run(services, now + 366 * DAY).startswith("0 forgotten")
    assert forget_media.run(services, now + 366 * DAY + timedelta(seconds=1)).startswith("1 forgotten")
    assert dark.on_disk() == []
    assert dark.medium(medium_id).state == FORGOTTEN
    assert forget_media.run(services, now + 400 * DAY).startswith("0 forgotten")


def test_what_no_order_came_of_goes_after_a_week(dark: Dark, services: Services) -> None:
    kept(dark, services, "loose", attached=False)
    used, now = kept(dark, services, "used"), dark.clock.now()
    assert forget_media.run(services, now + 7 * DAY).endswith(" 0 that belonged to nothing")
    assert forget_media.run(services, now + 7 * DAY + timedelta(seconds=1)).endswith(" 1 that belonged to nothing")
    assert len(dark.on_disk()) == 2
    with dark.database.reading() as session:
        assert session.scalars(sa.select(Medium.id)).all() == [used]


def test_whatever_is_interrupted_is_done_the_next_time(
    dark: Dark, services: Services, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    medium_id, now = kept(dark, services), dark.clock.now()
    close(dark, now)
    monkeypatch.setattr(forget_media.queue, "mark_forgotten", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        forget_media.run(services, now + 400 * DAY)
    assert (dark.on_disk(), dark.medium(medium_id).state) == ([], KEPT)
    monkeypatch.undo()
    assert forget_media.run(services, now + 400 * DAY).startswith("1 forgotten")
