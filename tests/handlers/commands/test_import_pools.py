"""`import pools`: costs of a month from a sheet, each shared out and shown first; all of them or none."""

import csv
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.billing.pool_sheet import COLUMNS, read_pools
from models.billing.share_tables import Pool, PoolShare
from models.db import Database
from tests.handlers.commands.conftest import Run
from tests.support.fees import four_homes
from tests.support.ledgers import sheet

LIFT = ("2026-02", "电梯电费", "2460.00", "3栋", "按楼层", "供电局2月电费单", "1层:0，5层:1.4")
LIGHT = ("2026年2月", "楼道照明电费", "￥88.5", "3-2-501、502", "按户", "供电局2月电费单", "")
SUM = ("合计", "", "2548.50", "", "", "", "")


@pytest.fixture
def books(database: Database) -> Database:
    with database.transaction() as session:
        four_homes(session)
    return database


def take_in(run: Run, folder: Path, *rows: tuple[str, ...]) -> tuple[int, str]:
    path = folder / "公摊.csv"
    with path.open("w", encoding="gbk", newline="") as file:
        csv.writer(file).writerows([(*COLUMNS, "楼层系数"), *rows])
    result = run("import", "pools", str(path), "--yes")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result.exit_code, result.output


def test_each_cost_is_shared_out_once(books: Database, run: Run, tmp_path: Path) -> None:
    code, said = take_in(run, tmp_path, LIFT, LIGHT, SUM)
    assert code == 0, said
    assert "电梯电费 2,460.00元，3栋4户，按楼层系数分" in said
    assert "分0元的2户：3-2-101（1楼系数0）、3-2-102（1楼系数0）" in said
    with books.reading() as session:
        fens = dict(
            session.execute(
                sa.select(Pool.name, sa.func.sum(PoolShare.fen))
                .join(PoolShare, PoolShare.pool_id == Pool.id)
                .group_by(Pool.name)
            ).all()
        )
    assert fens == {"电梯电费": 246_000, "楼道照明电费": 8850}
    assert "没有要加的" in take_in(run, tmp_path, LIFT, LIGHT)[1]


def test_one_that_cannot_be_shared_stops_all_of_them(books: Database, run: Run, tmp_path: Path) -> None:
    wrong = ("2026-02", "水损", "100", "9栋", "按面积", "单据", "")
    code, said = take_in(run, tmp_path, LIGHT, wrong)
    assert (code, "公摊!B3 水损：这个范围里没有住户" in said) == (1, True), said
    with books.reading() as session:
        assert session.scalars(sa.select(Pool)).all() == []


@pytest.mark.parametrize(
    ("column", "value", "address"),
    [(0, "二月", "A2"), (1, "", "B2"), (2, "已交", "C2"), (2, "0", "C2"), (3, "楼上", "D2"), (4, "随便", "E2"), (5, "", "F2"), (2, "=1+1", "C2")],
)  # fmt: skip
def test_a_bad_cell_is_named(column: int, value: str, address: str) -> None:
    row = list(LIFT[:6])
    row[column] = value
    (refusal,) = read_pools([sheet("公摊", list(COLUMNS), row)]).refusals
    assert refusal.startswith(f"公摊!{address} "), refusal
