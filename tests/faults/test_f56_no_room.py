"""F56: the disk is full, nothing may be written, no more files can be opened. WeChat is told so and delivers again: never a
200 for what is not kept, nothing half-written, and all is well without a restart once there is room."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from models.db import Database
from models.messaging.tables import Inbox
from models.workorders.tables import OrderEvent, WorkOrder
from tests.support.demo import MORNING
from tests.support.door import Door, open_door
from tests.support.lanes import settle_people
from tests.support.processes import Children
from tests.support.senders import settings_of
from tests.support.starved import WORDS, nowhere_to_log, short_of_files, short_of_room

ROOT = Path(__file__).resolve().parents[2]
SOMEBODY = "kill-0"


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def door(demo_database: Database, tmp_path: Path) -> Iterator[Door]:
    settle_people(demo_database, 1, MORNING)
    with open_door(tmp_path, url_of(demo_database)) as door:
        yield door


def kept(database: Database) -> tuple[int, int, list[str]]:
    """How many orders and messages there are of somebody, and what happened to the orders."""
    with database.reading() as session:
        orders = session.scalars(sa.select(WorkOrder.id).where(WorkOrder.openid == SOMEBODY)).all()
        messages = session.scalar(sa.select(sa.func.count()).where(Inbox.openid == SOMEBODY)) or 0
        events = session.scalars(sa.select(OrderEvent.event).where(OrderEvent.order_id.in_(orders)))
        return len(orders), messages, sorted(events)


def on_every_connection(door: Door, statement: str) -> None:
    """From now on, for SQLite: said to each connection when it is taken up."""

    def say(connection: object, *_: object) -> None:
        connection.execute(statement)  # type: ignore[attr-defined]

    event.listen(door.services.database.engine, "checkout", say)


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_f56_a_file_that_may_not_be_written_is_told_to_wechat(door: Door) -> None:
    push = door.message(SOMEBODY, WORDS)
    on_every_connection(door, "PRAGMA query_only=1")
    assert [door.deliver(push).status for _ in range(3)] == [503] * 3
    assert kept(door.services.database) == (0, 0, [])
    on_every_connection(door, "PRAGMA query_only=0")
    assert door.deliver(push).status == 200
    assert kept(door.services.database) == (1, 1, ["accept", "create", "dispatch"])


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_f56_a_database_that_may_not_grow_takes_what_has_room(door: Door) -> None:
    """Long messages until the last free page is used; the one that has no room any more is kept once there is room again."""
    on_every_connection(door, "PRAGMA max_page_count=1")
    taken, refused = 0, None
    while refused is None and taken < 100:
        push = door.message(SOMEBODY, f"谢谢{taken}" * 400)
        if door.deliver(push).status == 200:
            taken += 1
        else:
            refused = push
    assert refused is not None
    assert [door.deliver(refused).status for _ in range(2)] == [503] * 2
    assert kept(door.services.database) == (0, taken, [])
    on_every_connection(door, "PRAGMA max_page_count=1000000")
    assert door.deliver(refused).status == 200
    assert kept(door.services.database) == (0, taken + 1, [])


@pytest.mark.parametrize("demo_database", ["postgresql"], indirect=True)
def test_f56_a_server_that_takes_no_writes_is_told_to_wechat(door: Door) -> None:
    """As after a switch to a standby that is not promoted yet."""
    database, push = door.services.database, door.message(SOMEBODY, WORDS)
    name = database.engine.url.database
    _set(database, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    assert [door.deliver(push).status for _ in range(3)] == [503] * 3
    _set(database, f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    assert kept(database) == (0, 0, [])
    assert door.deliver(push).status == 200
    assert kept(database) == (1, 1, ["accept", "create", "dispatch"])


def _set(database: Database, statement: str) -> None:
    with database.engine.connect() as connection:
        connection.exec_driver_sql("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(statement)
        connection.exec_driver_sql("COMMIT")
    database.engine.dispose()


@pytest.mark.long
@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_f56_a_disk_without_room_loses_nothing(door: Door, demo_database: Database, tmp_path: Path) -> None:
    with Children() as children:
        said = children.begin(short_of_room, str(tmp_path), url_of(demo_database), SOMEBODY).wait(60)
    assert said == [200, [503, 503], 200]
    assert kept(demo_database) == (1, 2, ["accept", "create", "dispatch"])
    with demo_database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


@pytest.mark.long
def test_f56_no_more_open_files_loses_nothing(door: Door, demo_database: Database, tmp_path: Path) -> None:
    with Children() as children:
        said = children.begin(short_of_files, str(tmp_path), url_of(demo_database), SOMEBODY).wait(60)
    assert said == [200, [503, 503], 200]
    assert kept(demo_database) == (1, 2, ["accept", "create", "dispatch"])


@pytest.mark.long
def test_f56_a_log_that_cannot_be_written_stops_nobody(door: Door, demo_database: Database, tmp_path: Path) -> None:
    with Children() as children:
        said = children.begin(nowhere_to_log, str(tmp_path), url_of(demo_database), SOMEBODY).wait(60)
    assert said == [[200, 200]]


@pytest.mark.long
@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("target", ["/dev/full/backup", "too-large"], ids=["F56-no-folder", "F56-no-room"])
def test_f56_a_backup_without_room_says_so_and_leaves_nothing(
    demo_database: Database, tmp_path: Path, target: str
) -> None:
    file = Path(target) if target.startswith("/") else tmp_path / target

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64_000, 64_000))

    settings = settings_of(str(tmp_path), url_of(demo_database), "http://127.0.0.1:9")
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "backup", str(file)],
        cwd=ROOT,
        env={
            "DATA_DIR": str(settings.data_dir),
            "DATABASE_URL": settings.database_url,
            "SIMULATOR": "1",
            "PYTHONDONTWRITEBYTECODE": "1",  # it would write half of it, and trip over that ever after
        },
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=little_room,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Error: {file} cannot be written: ")
    assert ended.stderr.count("\n") == 1
    assert list(tmp_path.glob("too-large*")) == []
