"""An import can be taken back for a day: exactly, or not at all with the reason."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from handlers.commands.undo_import import run_undo
from models.audit.tables import AuditEntry
from models.db import Base, Database
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, Home
from models.people.tables import BindCode, Binding, BindRequest, Person, Resident
from models.workorders.tables import WorkOrder
from tests.support.imports import DAY, ledger_file, mend, open_company, take_in, the_import

HEADER = ["房号", "面积", "业主姓名", "联系电话"]
BOOKS = (Community, Home, Person, Resident)


@pytest.fixture
def books(database: Database, now: datetime) -> Database:
    open_company(database, now, "望春苑", "锦绣花园")
    return database


def snapshot(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the books, to be compared."""
    with database.reading() as session:
        return {
            table.__tablename__: [tuple(row) for row in session.execute(sa.select(table.__table__).order_by("id"))]
            for table in BOOKS
        }


def test_what_was_added_is_gone_and_nothing_else(books: Database, tmp_path: Path, now: datetime) -> None:
    take_in(books, ledger_file(tmp_path, HEADER, ["101", 80, "张三", "13912345678"]), now, name="锦绣花园")
    before = snapshot(books)
    number = take_in(books, mend(tmp_path), now)
    assert len(snapshot(books)["homes"]) == 73
    run_undo(books, number, now + timedelta(hours=23))
    assert snapshot(books) == before


def test_what_was_changed_is_as_before(books: Database, tmp_path: Path, now: datetime) -> None:
    rows = [["101", 80, "张三", "13912345678"], ["102", None, "李四", None]]
    take_in(books, ledger_file(tmp_path, HEADER, *rows), now)
    before = snapshot(books)
    newer = [["101", 80.5, "张三", "13912345679"], ["102", 91, "李四", "13900012345"], ["103", 70, "王五", None]]
    number = take_in(books, ledger_file(tmp_path, HEADER, *newer, name="新.xlsx"), now)
    after = snapshot(books)
    assert after["homes"] != before["homes"]
    assert after["people"] != before["people"]
    run_undo(books, number, now)
    assert snapshot(books) == before


def test_a_changed_part_is_as_before(books: Database, tmp_path: Path, now: datetime) -> None:
    take_in(books, ledger_file(tmp_path, HEADER, ["101", 80, "张三", None]), now)
    before = snapshot(books)
    path = ledger_file(tmp_path, ["房号", "姓名", "与业主关系"], ["101", "张三", "租户"], name="住户.xlsx")
    number = take_in(books, path, now, kind="residents")
    assert snapshot(books) != before
    run_undo(books, number, now)
    assert snapshot(books) == before


def test_the_same_file_may_be_taken_in_again_afterwards(books: Database, tmp_path: Path, now: datetime) -> None:
    path = mend(tmp_path)
    number = take_in(books, path, now)
    whole = len(snapshot(books)["residents"])
    run_undo(books, number, now)
    again = take_in(books, path, now)
    assert again != number
    assert len(snapshot(books)["residents"]) == whole


def test_it_is_written_in_the_log(books: Database, tmp_path: Path, now: datetime) -> None:
    run_undo(books, take_in(books, mend(tmp_path), now), now)
    with books.reading() as session:
        assert "import.undo" in session.scalars(sa.select(AuditEntry.action)).all()


def test_twice_says_so(books: Database, tmp_path: Path, now: datetime) -> None:
    number = take_in(books, mend(tmp_path), now)
    run_undo(books, number, now)
    with pytest.raises(AlreadyDone, match="已经撤销过"):
        run_undo(books, number, now)


@pytest.mark.parametrize(("after", "possible"), [(DAY, True), (DAY + timedelta(seconds=1), False)])
def test_after_a_day_it_is_too_late(
    books: Database, tmp_path: Path, now: datetime, after: timedelta, possible: bool
) -> None:
    number = take_in(books, ledger_file(tmp_path, HEADER, ["101", 80, "张三", None]), now)
    if possible:
        run_undo(books, number, now + after)
        assert snapshot(books)["homes"] == []
    else:
        with pytest.raises(Refusal, match="24 小时"):
            run_undo(books, number, now + after)
        assert len(snapshot(books)["homes"]) == 1


def test_an_import_nobody_knows_is_refused(books: Database, now: datetime) -> None:
    with pytest.raises(Refusal, match="没有这次导入"):
        run_undo(books, 4711, now)


# ------------------------------------------------------------------------------------------------- what was built on it


def _order(home: Home, person: Person, now: datetime) -> Base:
    community = {"company_id": person.company_id, "community_id": home.community_id, "home_id": home.id}
    what = {
        "category": "水",
        "trade": "水工",
        "priority": "P2",
        "problem": "漏水",
        "state": "ACCEPTED",
        "source": "chat",
    }
    return WorkOrder(**community, **what, created_at=now, moved_at=now)


def _order_of_a_person(home: Home, person: Person, now: datetime) -> Base:
    order = _order(home, person, now)
    assert isinstance(order, WorkOrder)
    order.home_id, order.reporter_id = None, person.id
    return order


def _binding(home: Home, person: Person, now: datetime) -> Base:
    return Binding(
        account="gh", openid="o1", home_id=home.id, person_id=person.id, relation="owner", proof="phone", bound_at=now
    )


def _code(home: Home, person: Person, now: datetime) -> Base:
    return BindCode(digest="x", home_id=home.id, relation="owner", expires_at=now)


def _request(home: Home, person: Person, now: datetime) -> Base:
    return BindRequest(
        company_id=person.company_id, account="gh", openid="o1", community_id=home.community_id, building="1",
        entrance="", room="101", kind="home", home_id=home.id, name="张三", relation="owner", asked_at=now,
    )  # fmt: skip


def _tie(home: Home, person: Person, now: datetime) -> Base:
    return Resident(home_id=home.id, person_id=1, relation="tenant", created_at=now)


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (_order, "1栋101 已经报过修"),
        (_order_of_a_person, "张三 已经报过修"),
        (_binding, "1栋101 已经有人绑定了微信"),
        (_code, "1栋101 已经发过绑定码"),
        (_request, "1栋101 有人申请过绑定"),
        (_tie, "1栋101 后来登记了别的住户"),
    ],
)
def test_what_somebody_has_used_since_stays_and_is_named(
    books: Database, tmp_path: Path, now: datetime, build: Callable[[Home, Person, datetime], Base], reason: str
) -> None:
    take_in(books, ledger_file(tmp_path, HEADER, ["901", 80, "旧人", None]), now, name="锦绣花园")
    number = take_in(books, ledger_file(tmp_path, HEADER, ["101", 80, "张三", None], name="新.xlsx"), now)
    with books.transaction() as session:
        home = session.scalars(sa.select(Home).where(Home.room == "101")).one()
        session.add(build(home, session.scalars(sa.select(Person).where(Person.name == "张三")).one(), now))
    before = snapshot(books)
    with pytest.raises(Refusal, match=reason):
        run_undo(books, number, now)
    assert snapshot(books) == before
    assert the_import(books, number).state == "done"


def test_what_was_set_anew_since_is_not_overwritten(books: Database, tmp_path: Path, now: datetime) -> None:
    take_in(books, ledger_file(tmp_path, HEADER, ["101", 80, "张三", "13912345678"]), now)
    number = take_in(books, ledger_file(tmp_path, HEADER, ["101", 81, "张三", "13912345678"], name="新.xlsx"), now)
    with books.transaction() as session:
        session.execute(sa.update(Home).values(area=9000))
    with pytest.raises(Refusal, match="1栋101 后来又改过"):
        run_undo(books, number, now)
    assert snapshot(books)["homes"][0][6:8] != (None, None)


def test_imports_on_top_of_each_other_are_taken_back_from_the_top(
    books: Database, tmp_path: Path, now: datetime
) -> None:
    first = take_in(books, ledger_file(tmp_path, HEADER, ["101", 80, "张三", "13912345678"]), now)
    second = take_in(books, ledger_file(tmp_path, HEADER, ["101", 81, "张三", "13912345679"], name="新.xlsx"), now)
    with pytest.raises(Refusal, match=r"1栋101 后来又改过.*张三 后来又改过"):
        run_undo(books, first, now)
    run_undo(books, second, now)
    run_undo(books, first, now)
    assert snapshot(books)["homes"] == []


def test_everything_that_points_at_a_home_or_a_person_can_be_found_by_it() -> None:
    """Undoing looks for such rows, and a database looks for them at every deletion."""
    unfindable = []
    for table in Base.metadata.sorted_tables:
        whole = [index for index in table.indexes if index.dialect_kwargs.get("sqlite_where") is None]
        indexed = [next(iter(index.columns)) for index in whole]
        indexed += [
            next(iter(key.columns))
            for key in table.constraints
            if isinstance(key, sa.PrimaryKeyConstraint | sa.UniqueConstraint)
        ]
        for key in table.foreign_keys:
            if key.column.table.name in ("homes", "people") and not any(key.parent is column for column in indexed):
                unfindable.append(f"{table.name}.{key.parent.name}")
    assert unfindable == []
