"""`import places` and `export places`: all of it or nothing, the same file again says so, and what goes out can come in again."""

import csv
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.audit.tables import AuditEntry
from models.db import Database
from models.estate.place_codes import read_code, read_tag
from models.estate.tables import Community, Company, Place, PlaceName
from tests.handlers.commands.conftest import Run

HEAD = ("名称", "别名", "楼栋", "单元")


@pytest.fixture
def books(database: Database, now: object) -> Database:
    with database.transaction() as session:
        session.add(Company(name="安居物业", created_at=now))
        session.flush()
        company = session.scalars(sa.select(Company.id)).one()
        session.add_all(Community(company_id=company, name=name, created_at=now) for name in ("锦绣花园", "望江苑"))
    return database


def table(folder: Path, *rows: tuple[str, ...], head: tuple[str, ...] = HEAD, name: str = "公共部位.csv") -> str:
    path = folder / name
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return str(path)


def take_in(run: Run, path: str, *more: str) -> tuple[int, str]:
    result = run("import", "places", path, "--community", "锦绣花园", "--yes", *more)
    return result.exit_code, result.output


def places(books: Database) -> dict[str, set[str]]:
    with books.reading() as session:
        rows = session.execute(sa.select(Place, PlaceName.word).join(PlaceName, PlaceName.place_id == Place.id)).all()
    found: dict[str, set[str]] = {}
    for place, word in rows:
        found.setdefault(place.label, set()).add(word)
    return found


def test_places_come_onto_the_books_with_a_sticker_each(books: Database, run: Run, tmp_path: Path) -> None:
    path = table(
        tmp_path, ("电梯", "升降机、轿厢", "3", "2"), ("电梯", "", "3栋", "1单元"), ("垃圾房", "wc旁边", "", "")
    )
    code, said = take_in(run, path)
    assert (code, "新增 3 处" in said, "3栋2单元电梯（升降机、轿厢）" in said) == (0, True, True)
    assert places(books) == {
        "3栋2单元电梯": {"电梯", "升降机", "轿厢"},
        "3栋1单元电梯": {"电梯"},
        "垃圾房": {"垃圾房", "WC旁边"},
    }
    with books.reading() as session:
        stickers = session.execute(sa.select(Place.code, Place.tag)).all()
        assert [entry.action for entry in session.scalars(sa.select(AuditEntry))] == ["import_places"]
    assert all(read_code(code) and read_tag(tag) for code, tag in stickers)
    assert len(set(stickers)) == 3


def test_the_same_file_again_says_so(books: Database, run: Run, tmp_path: Path) -> None:
    path = table(tmp_path, ("垃圾房",), head=("名称",))
    take_in(run, path)
    assert "和系统里的一样" in take_in(run, path)[1]


def test_only_nicknames_change_and_no_place_and_no_sticker_goes(books: Database, run: Run, tmp_path: Path) -> None:
    take_in(run, table(tmp_path, ("电梯", "升降机", "3", "2"), ("垃圾房", "", "", "")))
    with books.reading() as session:
        before = dict(session.execute(sa.select(Place.name, Place.code)).all())  # type: ignore[arg-type]
    said = take_in(run, table(tmp_path, ("电梯", "轿厢", "3", "2"), name="新.csv"))[1]
    assert "新增 0 处，改别名 1 处，不变 0 处" in said
    assert places(books) == {"3栋2单元电梯": {"电梯", "轿厢"}, "垃圾房": {"垃圾房"}}
    with books.reading() as session:
        assert dict(session.execute(sa.select(Place.name, Place.code)).all()) == before  # type: ignore[arg-type]


@pytest.mark.parametrize("dry", [True, False])
def test_nothing_is_written_when_one_cell_is_wrong_or_it_is_a_trial(
    books: Database, run: Run, tmp_path: Path, dry: bool
) -> None:
    second = ("凉亭", "", "", "") if dry else ("凉亭", "", "哪边", "")
    code, said = take_in(run, table(tmp_path, ("垃圾房", "", "", ""), second), *(["--dry-run"] if dry else []))
    assert (code, "什么也没有写入" in said, "公共部位!C3 楼栋：「哪边」看不懂" in said) == (
        0 if dry else 1,
        True,
        not dry,
    )
    assert places(books) == {}


def test_an_unknown_compound_is_one_sentence(books: Database, run: Run, tmp_path: Path) -> None:
    result = run("import", "places", table(tmp_path, ("垃圾房", "", "", "")), "--community", "没有的小区", "--yes")
    assert (result.exit_code, result.stderr.strip()) == (1, "系统里没有小区「没有的小区」，请先导入它的房产台账。")


def test_what_goes_out_can_come_in_again(books: Database, run: Run, tmp_path: Path) -> None:
    take_in(run, table(tmp_path, ("电梯", "升降机、轿厢", "3", "2"), ("垃圾房", "", "", "")))
    out = tmp_path / "out.xlsx"
    assert run("export", "places", "--format", "xlsx", "--output", str(out), "--community", "锦绣花园").exit_code == 0
    assert "和系统里的一样" in take_in(run, str(out))[1]


def test_the_demo_exports_its_places(run_on_demo: Run) -> None:
    lines = run_on_demo("export", "places", "--community", "锦绣花园").output.splitlines()
    assert len(lines) == 6 + 24 * 3
    assert '"名称": "电梯", "别名": "升降机、轿厢", "楼栋": "3", "单元": "2"' in "\n".join(lines)
