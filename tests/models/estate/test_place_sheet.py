"""A sheet of places: every bad cell by its address, and how buildings are written."""

import pytest

from models.estate.place_sheet import PlaceRow, PlaceSheet, read_places
from models.sheets.grid import Cell, Sheet

HEAD = ("名称", "别名", "楼栋", "单元")


def sheet(*lines: tuple[str, ...], head: tuple[str, ...] = HEAD) -> PlaceSheet:
    rows = {
        number: {
            column: Cell(f"{'ABCDEF'[column - 1]}{number}", text, "formula" if text.startswith("=") else "text")
            for column, text in enumerate(line, start=1)
            if text
        }
        for number, line in enumerate((head, *lines), start=1)
    }
    return read_places([Sheet("公共部位", rows)])


def test_a_line_becomes_a_place() -> None:
    read = sheet(("电梯", "升降机、轿厢", "3", "2"), ("", "", "", ""), ("垃圾房", "", "", ""))
    assert read.refusals == ()
    assert read.rows == (PlaceRow("电梯", ("升降机", "轿厢"), "3", "2"), PlaceRow("垃圾房"))


@pytest.mark.parametrize("written", ["3", "03", "3栋", "3号楼", "三栋", "３"])
def test_a_building_may_be_written_in_many_ways(written: str) -> None:
    assert sheet(("电梯", "", written, "2单元")).rows == (PlaceRow("电梯", (), "3", "2"),)


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (("灯",), "A2 名称：太短"),
        (("很" * 17,), "A2 名称：太长"),
        (("电梯%",), "A2 名称：只能用"),
        (("电_梯",), "A2 名称：只能用"),
        (("=1+1",), "A2 名称：是公式"),
        (("电梯", "升降机、x"), "B2 别名：「x」太短"),
        (("电梯", "、".join(f"叫法{n}" for n in range(13))), "B2 别名：太多"),
        (("电梯", "", "那边"), "C2 楼栋：「那边」看不懂"),
        (("电梯", "", "2024-03-05"), "C2 楼栋：「2024-03-05」看不懂"),
        (("电梯", "", "3.5"), "C2 楼栋：「3.5」看不懂"),
        (("电梯", "", "", "2"), "C2 楼栋：写了单元就要写楼栋"),
        (("电梯", "", "3", "上面"), "D2 单元：「上面」看不懂"),
    ],
)
def test_a_bad_cell_is_named_with_the_reason(line: tuple[str, ...], refusal: str) -> None:
    read = sheet(line)
    assert [f"公共部位!{refusal}" in each for each in read.refusals] == [True]


def test_the_same_place_twice_is_refused() -> None:
    assert "A3 名称：这一处写了两次" in sheet(("电梯", "", "3", "2"), ("电梯", "", "3栋", "2")).refusals[0]


def test_a_sheet_without_a_name_column_or_without_anything() -> None:
    assert "缺少表头：名称" in sheet(("3",), head=("楼栋",)).refusals[0]
    assert read_places([]).refusals == ("表里什么都没有",)


def test_without_a_column_of_nicknames_nothing_is_said_about_them() -> None:
    assert sheet(("电梯",), head=("名称",)).rows == (PlaceRow("电梯", None),)
