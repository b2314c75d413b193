"""What was uploaded is read, waits for a yes, is written or taken back: once, however many importers there are."""

import threading
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from models.billing.meter_tables import Reading
from models.db import Database
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, Home
from models.imports import actions
from models.imports.actions import HELD_FOR, agree, claim, want_undone
from models.imports.queries import something_waits
from models.imports.tables import ImportChange
from models.people.tables import Person, Resident
from scheduler.jobs import forget_uploads
from tests.support.imports import importer, mend, open_company, the_import, upload
from tests.support.ledgers import CLEAN, COMMON, SAMPLES


@pytest.fixture
def books(database: Database, now: datetime) -> Database:
    open_company(database, now)
    return database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "imports"


def homes(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Home)) or 0


def say_yes(database: Database, number: int) -> None:
    with database.transaction() as session:
        agree(session, number, by="staff:1", by_name="赵经理")


def test_from_upload_to_undo(books: Database, folder: Path, tmp_path: Path, now: datetime) -> None:
    number = upload(books, folder, mend(tmp_path), now)
    worker = importer(books, folder, now)
    assert worker.run_due() == 1
    found = the_import(books, number)
    assert (found.state, found.share, homes(books)) == ("ready", 100, 0)
    assert "新增 72 户" in found.found["changes"][0]
    say_yes(books, number)
    assert worker.run_due() == 1
    assert (the_import(books, number).state, homes(books)) == ("done", 72)
    assert list(folder.iterdir()) == []
    with books.transaction() as session:
        want_undone(session, session.get_one(actions.Import, number), by="staff:1", now=now)
    assert worker.run_due() == 1
    assert (the_import(books, number).state, homes(books)) == ("undone", 0)


def test_a_ledger_with_bad_cells_names_each_and_writes_nothing(books: Database, folder: Path, now: datetime) -> None:
    number = upload(books, folder, COMMON, now)
    importer(books, folder, now).run_due()
    refused = the_import(books, number)
    assert (refused.state, refused.found["refused"]) == ("refused", 5)
    assert [cell["where"] for cell in refused.found["cells"]] == ["1栋!E7", "1栋!F9", "1栋!C11", "1栋!E13", "1栋!D15"]
    with pytest.raises(AlreadyDone):
        say_yes(books, number)
    assert list(folder.iterdir()) == []


def test_what_cannot_be_read_says_why(books: Database, folder: Path, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "图片.xlsx"
    path.write_bytes(b"\x89PNG not a table")
    number = upload_anything(books, folder, path, now)
    importer(books, folder, now).run_due()
    assert "打不开" in the_import(books, number).trouble


def upload_anything(books: Database, folder: Path, path: Path, now: datetime) -> int:
    number = upload(books, folder, CLEAN, now)
    (folder / CLEAN.name).write_bytes(path.read_bytes())
    return number


def test_a_file_that_is_gone_says_so(books: Database, folder: Path, now: datetime) -> None:
    number = upload(books, folder, CLEAN, now)
    (folder / CLEAN.name).unlink()
    importer(books, folder, now).run_due()
    assert "请重新上传" in the_import(books, number).trouble


def test_the_same_bytes_a_second_time_say_so(books: Database, folder: Path, now: datetime) -> None:
    for _ in range(2):
        number = upload(books, folder, CLEAN, now)
        importer(books, folder, now).run_due()
        if the_import(books, number).state == "ready":
            say_yes(books, number)
            importer(books, folder, now).run_due()
    assert "已经导入过" in the_import(books, number).trouble
    assert homes(books) == 72


def test_a_dead_importer_is_waited_for_and_then_replaced(books: Database, folder: Path, now: datetime) -> None:
    number = upload(books, folder, CLEAN, now)
    with books.transaction() as session:
        assert claim(session, "dead", now) is not None
    with books.reading() as session:
        assert not something_waits(session, now)
    assert importer(books, folder, now).run_due() == 0
    assert importer(books, folder, now + HELD_FOR + timedelta(seconds=1)).run_due() == 1
    assert the_import(books, number).state == "ready"


def test_an_importer_that_is_asked_to_end_leaves_the_work_to_the_next(
    books: Database, folder: Path, now: datetime
) -> None:
    number = upload(books, folder, CLEAN, now)
    asked = iter([False])
    assert importer(books, folder, now, ending=lambda: next(asked, True)).run_due() == 0
    assert (the_import(books, number).state, the_import(books, number).held_until) == ("waiting", None)
    assert importer(books, folder, now).run_due() == 1


def test_two_importers_write_an_import_once(books: Database, folder: Path, now: datetime) -> None:
    number = upload(books, folder, CLEAN, now)
    importer(books, folder, now).run_due()
    say_yes(books, number)
    workers = [importer(books, folder, now) for _ in range(3)]
    threads = [threading.Thread(target=worker.run_due) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with books.reading() as session:
        counts = [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Home, Person, Resident)]
    assert counts == [72, 72, 72]
    assert the_import(books, number).state == "done"


def test_whoever_lost_the_import_cannot_write_it(books: Database, folder: Path, now: datetime) -> None:
    """The guard behind the claim: a worker that slept too long finds that it is somebody else's by now."""
    number = upload(books, folder, CLEAN, now)
    importer(books, folder, now).run_due()
    say_yes(books, number)
    with books.transaction() as session:
        sleeper = claim(session, "sleeper", now)
    with books.transaction() as session:
        assert claim(session, "other", now + HELD_FOR + timedelta(seconds=1)) is not None
    assert sleeper is not None
    with pytest.raises(AlreadyDone), books.transaction() as session:
        actions.write(session, sleeper, actions.Ledger(), worker="sleeper", now=now)
    assert homes(books) == 0


def test_books_that_changed_meanwhile_refuse_the_whole_import(books: Database, folder: Path, now: datetime) -> None:
    number = upload(books, folder, CLEAN, now)
    importer(books, folder, now).run_due()
    say_yes(books, number)
    with books.transaction() as session:
        session.execute(sa.update(actions.Import).values(kind="residents"))
    importer(books, folder, now).run_due()
    refused = the_import(books, number)
    assert (refused.state, homes(books)) == ("refused", 0)
    assert "对不上" in refused.trouble


def test_an_undo_that_cannot_be_done_leaves_it_written_and_says_why(
    books: Database, folder: Path, now: datetime
) -> None:
    number = upload(books, folder, CLEAN, now)
    worker = importer(books, folder, now)
    worker.run_due()
    say_yes(books, number)
    worker.run_due()
    with books.transaction() as session:
        want_undone(session, session.get_one(actions.Import, number), by="staff:1", now=now)
        session.add(Resident(home_id=1, person_id=2, relation="tenant", created_at=now))
    worker.run_due()
    kept = the_import(books, number)
    assert (kept.state, homes(books)) == ("done", 72)
    assert "不能撤销" in kept.trouble
    with pytest.raises(Refusal), books.transaction() as session:
        want_undone(session, session.get_one(actions.Import, number), by="staff:1", now=now + timedelta(days=2))


def test_what_nobody_works_with_is_forgotten(books: Database, folder: Path, tmp_path: Path, now: datetime) -> None:
    """The night after: an upload nobody agreed to and its file. Two days after: what the books held before."""
    left = upload(books, folder, CLEAN, now)
    written = upload(books, folder, mend(tmp_path), now)
    importer(books, folder, now).run_due()
    say_yes(books, written)
    importer(books, folder, now).run_due()
    with books.transaction() as session:
        session.add(
            ImportChange(import_id=written, table_name="homes", row_id=1, before={"area": 1}, after={"area": 2})
        )
    services = SimpleNamespace(database=books, settings=SimpleNamespace(data_dir=tmp_path))
    assert (folder / CLEAN.name).exists()
    forget_uploads.run(services, now + timedelta(hours=23))  # type: ignore[arg-type]
    assert (folder / CLEAN.name).exists()
    assert forget_uploads.run(services, now + timedelta(hours=25)).startswith("1 files, 0 old values")  # type: ignore[arg-type]
    assert not (folder / CLEAN.name).exists()
    assert the_import(books, left).state == "dropped"
    assert "1 old values" in forget_uploads.run(services, now + timedelta(days=3))  # type: ignore[arg-type]
    assert "2 findings blanked" in forget_uploads.run(services, now + timedelta(days=91))  # type: ignore[arg-type]
    assert "0 findings blanked" in forget_uploads.run(services, now + timedelta(days=92))  # type: ignore[arg-type]
    assert (the_import(books, written).state, the_import(books, written).found) == ("done", {})


def test_readings_are_looked_at_and_written_like_any_ledger_and_never_taken_back(
    books: Database, folder: Path, tmp_path: Path, now: datetime
) -> None:
    with books.transaction() as session:
        community = session.scalars(sa.select(Community.id)).one()
        session.add_all(
            Home(community_id=community, building="1", entrance="1", room=room, created_at=now)
            for room in ("101", "102")
        )
    worker = importer(books, folder, now)
    bad = upload(books, folder, SAMPLES / "抄表-gbk.csv", now, kind="readings")
    assert worker.run_due() == 1
    refused = the_import(books, bad)
    assert (refused.state, refused.found["cells"][0]["where"]) == ("refused", "抄表-gbk!B6")
    assert {"where": "抄表-gbk!D3", "column": "本期读数", "value": "12"}.items() <= refused.found["cells"][1].items()
    good = tmp_path / "水表.csv"
    good.write_text("房号,抄表日期,上期读数,本期读数\n1-1-101,2026-03-01,1286,1301\n1-1-102,2026-03-01,5,9\n", "gbk")
    number = upload(books, folder, good, now, kind="readings")
    assert worker.run_due() == 1
    found = the_import(books, number)
    assert (found.state, found.found["changes"][0]) == ("ready", "新登记 2 块表，记 2 个读数，不变 0 个。")
    say_yes(books, number)
    assert worker.run_due() == 1
    with books.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Reading)) == 2
    assert (the_import(books, number).state, list(folder.iterdir())) == ("done", [])
    with books.transaction() as session:
        want_undone(session, session.get_one(actions.Import, number), by="staff:1", now=now)
    assert worker.run_due() == 1
    assert "只增不改" in the_import(books, number).trouble
