"""A ledger is read as a careful clerk reads it: exactly, or asked about cell by cell."""

from datetime import date, timedelta
from typing import Any

import pytest

from models.estate.addresses import Address
from models.estate.ledger import read_ledger
from models.estate.ledger_rows import Ledger, LedgerKind
from models.sheets.grid import Cell, Merge, Sheet
from tests.support.ledgers import sheet

HEADER = ["房号", "业主姓名", "建筑面积", "联系电话"]


def read(*sheets: Sheet, kind: LedgerKind = "homes") -> Ledger:
    return read_ledger(sheets, kind)


def refused(ledger: Ledger) -> list[str]:
    return [f"{refusal.where} {refusal.column}" for refusal in ledger.refusals]


def keys(ledger: Ledger) -> list[str]:
    return [home.address.key() for home in ledger.homes]


def people(ledger: Ledger) -> list[tuple[Any, ...]]:
    return [(person.address.key(), person.name, person.phones, person.relation) for person in ledger.residents]


# ----------------------------------------------------------------------------------------------------------- where things stand


def test_the_header_is_found_below_titles_and_in_any_order() -> None:
    ledger = read(
        sheet(
            "1栋",
            ["望春苑小区房屋信息登记表", None, None, None, None],
            ["制表日期:2026.3.1", None, None, None, None],
            ["序号", "手 机1", "面 积\n(㎡)", "产权人", "房号／室号"],
            [1, 13912345678, 89.37, "张三", 501],
            merges=("A1:E1", "A2:E2"),
        )
    )
    assert (refused(ledger), keys(ledger), ledger.homes[0].area) == ([], ["1-501"], 8937)
    assert people(ledger) == [("1-501", "张三", ("13912345678",), "owner")]


def test_a_header_of_two_rows_is_read_as_one() -> None:
    ledger = read(
        sheet(
            "1栋",
            ["房号", "业主", None, "租户", None, "面积"],
            [None, "姓名", "电话", "姓名", "电话", None],
            ["501", "张三", "13912345678", "王五", "13912345679", 89.37],
            merges=("A1:A2", "B1:C1", "D1:E1", "F1:F2"),
        ),
        kind="residents",
    )
    assert refused(ledger) == []
    assert people(ledger) == [
        ("1-501", "张三", ("13912345678",), "owner"),
        ("1-501", "王五", ("13912345679",), "tenant"),
    ]


def test_columns_of_other_areas_phones_and_names_are_not_mistaken_for_these() -> None:
    ledger = read(
        sheet(
            "1栋",
            [
                "序号",
                "房号",
                "套内面积",
                "建筑面积",
                "紧急联系人",
                "紧急联系人电话",
                "业主",
                "电话",
                "与业主关系",
                "身份证号",
                "车位号",
            ],
            [1, "501", 70, 89.37, "李四", "没写", "张三", "13912345678", "兄弟的朋友", "x", "B12"],
        )
    )
    assert (refused(ledger), ledger.homes[0].area) == ([], 8937)
    assert people(ledger) == [("1-501", "张三", ("13912345678",), "owner")]


@pytest.mark.parametrize(
    ("name", "title", "expected"),
    [
        ("1栋", None, "1-501"),
        ("3号楼", None, "3-501"),
        ("A座", None, "A-501"),
        ("3栋2单元", None, "3-2-501"),
        ("Sheet1", "望春苑小区7栋房屋登记表", "7-501"),
        ("3号楼", "望春苑小区3栋房屋登记表", "3-501"),
        ("3号楼", "望春苑小区2单元登记表", "3-501"),
    ],
)
def test_the_building_comes_from_the_sheets_name_or_title(name: str, title: str | None, expected: str) -> None:
    assert keys(read(sheet(name, [title], HEADER, ["501", "张三", 89.37, None]))) == [expected]


def test_a_copied_sheet_whose_name_and_title_disagree_is_asked_about() -> None:
    ledger = read(sheet("2栋", ["望春苑1栋房屋登记表"], HEADER, ["501", "张三", 89.37, None]))
    assert (refused(ledger), ledger.homes) == (["2栋!A1 building"], [])


@pytest.mark.parametrize(("name", "title"), [("1栋、2栋", None), ("Sheet1", "望春苑1栋和2栋登记表")])
def test_of_two_buildings_neither_is_the_sheets(name: str, title: str | None) -> None:
    assert refused(read(sheet(name, [title], HEADER, ["501", "张三", 80, None]))) == [f"{name}!A3 room"]


def test_several_sheets_with_other_orders_are_one_ledger() -> None:
    ledger = read(
        sheet("1栋", HEADER, ["501", "张三", 89.37, None]),
        sheet("2栋", ["单元", "面积", "房号"], ["甲", 100, "501"]),
        sheet("说明", ["请每月更新"]),
    )
    assert keys(ledger) == ["1-501", "2-甲-501"]
    assert ledger.warnings == ["「说明」没有「房号」一列，没有读。"]


def test_a_file_without_a_column_of_rooms_is_refused() -> None:
    assert refused(read(sheet("Sheet1", ["设备", "数量"], ["水泵", 2]))) == ["Sheet1!A1 header"]
    assert refused(read(sheet("Sheet1"))) == ["Sheet1!A1 header"]
    assert refused(read(sheet("Sheet1", *([["说明"]] * 15), HEADER, ["501", "张三", 89.37, None]))) == [
        "Sheet1!A1 header"
    ]


# --------------------------------------------------------------------------------------------------------------- merged and blank


def test_a_merged_entrance_fills_down_inside_its_block_only() -> None:
    ledger = read(
        sheet(
            "1栋",
            ["单元", "房号", "面积"],
            ["1单元", "101", 80],
            [None, "102", 80],
            [None, "103", 80],
            merges=("A2:A3",),
        )
    )
    assert keys(ledger) == ["1-1-101", "1-1-102", "1-103"]


def test_blank_names_and_phones_stay_blank() -> None:
    ledger = read(sheet("1栋", HEADER, ["101", "张三", 80, "13912345678"], ["102", None, 80, None]))
    assert people(ledger) == [("1-101", "张三", ("13912345678",), "owner")]
    assert keys(ledger) == ["1-101", "1-102"]


def test_one_area_merged_over_two_homes_is_not_given_to_both() -> None:
    ledger = read(sheet("1栋", ["房号", "面积"], ["101", 80], ["102", None], merges=("B2:B3",)))
    assert refused(ledger) == ["1栋!B2 area"]


def test_hidden_rows_and_sheets_are_read_and_said() -> None:
    ledger = read(
        sheet("1栋", HEADER, ["101", "张三", 80, None], ["102", "李四", 80, None], hidden_rows=frozenset({3})),
        sheet("2栋", HEADER, ["101", "王五", 80, None], hidden=True),
    )
    assert keys(ledger) == ["1-101", "1-102", "2-101"]
    assert ledger.warnings == ["「1栋」有隐藏的行，也读了：第 3 行。", "「2栋」是隐藏的表，也读了。"]


# ------------------------------------------------------------------------------------------------------------------ not homes


def test_totals_notes_and_repeated_headers_are_no_homes() -> None:
    ledger = read(
        sheet(
            "1栋",
            ["序号", *HEADER],
            [1, "101", "张三", 80, None],
            ["小计", None, None, 80, None],
            ["序号", *HEADER],
            [2, "102", "李四", 90.5, None],
            [3, None, None, None, None],
            ["小计", None, None, 90.5, None],
            ["本栋合计", None, None, 170.5, None],
            ["平均", None, None, 85.25, None],
            ["以下空白"],
            ["制表：", None, "王会计", None, None],
        )
    )
    assert (refused(ledger), keys(ledger), ledger.warnings) == ([], ["1-101", "1-102"], [])
    assert [(check.cell, check.written, check.counted) for check in ledger.totals_checked] == [
        ("1栋!D3", 8000, 8000),
        ("1栋!D7", 9050, 9050),
        ("1栋!D8", 17050, 17050),
    ]


def test_a_total_that_does_not_add_up_is_said_with_both_numbers() -> None:
    ledger = read(sheet("1栋", HEADER, ["101", "张三", 80, None], ["合计", None, 80.01, None]))
    assert ledger.warnings == ["1栋!C3 写的合计是 80.01，上面加起来是 80.00。"]


def test_a_total_over_a_refused_area_is_not_compared() -> None:
    ledger = read(sheet("1栋", HEADER, ["101", "张三", 0, None], ["合计", None, 80, None]))
    assert (refused(ledger), ledger.warnings) == (["1栋!C2 area"], [])
    assert ledger.totals_checked[0].counted is None


# ------------------------------------------------------------------------------------------------------------ cells nobody guesses


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        ([date(2001, 5, 1), "张三", 80, None], "A2 room"),
        ([None, "张三", 80, None], "A2 room"),
        (["东户", "张三", 80, None], "A2 room"),
        (["2-101", "张三", 80, None], "A2 room"),
        (["101、102", "张三", 80, None], "A2 room"),
        (["1单元", "张三", 80, None], "A2 room"),
        (["=A1", "张三", 80, None], "A2 room"),
        (["101", "=VLOOKUP(A1,B:C,2,0)", 80, None], "B2 owner"),
        (["101", "#N/A", 80, None], "B2 owner"),
        (["101", "张三已故", 80, None], "B2 owner"),
        (["101", "(" * 20_000, 80, None], "B2 owner"),
        (["101", "张三", "八十", None], "C2 area"),
        (["101", "张三", 0, None], "C2 area"),
        (["101", "张三", date(2012, 3, 8), None], "C2 area"),
        (["101", "张三", 80, "1.39E+10"], "D2 phone"),
        (["101", "张三", 80, date(2001, 5, 1)], "D2 phone"),
        (["101", "张三", 80, 1390000111], "D2 phone"),
    ],
)
def test_exactly_the_bad_cell_is_refused(row: list[Any], cell: str) -> None:
    good = ["901", "李四", 90, "13912345678"]
    ledger = read(sheet("1栋", HEADER, row, good))
    assert refused(ledger) == [f"1栋!{cell}"]
    assert "1-901" in keys(ledger)


def test_every_bad_cell_of_a_row_is_refused_at_once() -> None:
    assert refused(read(sheet("1栋", HEADER, ["东户", "?", 0, "123"]))) == [
        "1栋!A2 room",
        "1栋!C2 area",
        "1栋!D2 phone",
        "1栋!B2 owner",
    ]


def test_a_home_named_twice_is_refused_with_both_places() -> None:
    ledger = read(
        sheet("1栋", HEADER, ["1-1-101", "张三", 80, None]),
        sheet("一号楼", HEADER, ["一单元101", "李四", 80, None]),
    )
    assert refused(ledger) == ["一号楼!A2 room"]
    assert "1栋!A2" in ledger.refusals[0].reason


def test_a_room_without_any_building_is_refused() -> None:
    ledger = read(sheet("Sheet1", HEADER, ["501", "张三", 80, None]))
    assert refused(ledger) == ["Sheet1!A2 room"]


def test_a_refusal_never_shows_a_whole_phone() -> None:
    ledger = read(sheet("1栋", HEADER, ["101", "张三", 80, "139123456789"]))
    assert ledger.refusals[0].value == "139*****6789"


@pytest.mark.parametrize("cell", ["2012.12.11", 41254, "20121211", date(2012, 12, 11), "2012年12月11日"])
def test_days_are_read_however_they_were_typed(cell: Any) -> None:
    ledger = read(sheet("1栋", ["房号", "面积", "交房日期"], ["101", 80, cell]))
    assert ledger.homes[0].handed_over == date(2012, 12, 11)


def test_serial_numbers_count_from_the_workbooks_own_beginning() -> None:
    ledger = read(sheet("1栋", ["房号", "入住日期"], ["101", 41254 - 1462], day_zero=date(1904, 1, 1)))
    assert ledger.homes[0].moved_in == date(2012, 12, 11)
    assert date(1904, 1, 1) - date(1899, 12, 30) == timedelta(days=1462)


def test_an_impossible_day_is_refused() -> None:
    assert refused(read(sheet("1栋", ["房号", "面积", "交房日期"], ["101", 80, "2024-02-30"]))) == [
        "1栋!C2 handed_over"
    ]


# --------------------------------------------------------------------------------------------------------------- more than homes


def test_shops_and_spaces_of_a_ledger_keep_their_kind() -> None:
    ledger = read(sheet("1栋", ["单元", "房号", "面积"], ["1", "101", 80], ["1", "商铺3", 50], ["1", "B1-056", 12]))
    assert [home.address for home in ledger.homes] == [
        Address("1", "1", "101"),
        Address("1", "", "3", "shop"),
        Address("", "", "B1-056", "parking"),
    ]


def test_people_of_one_home_are_told_apart_by_their_relation() -> None:
    ledger = read(
        sheet(
            "住户档案",
            ["房号", "姓名", "与业主关系", "联系电话"],
            ["3-2-501", "张三", "本人", "13912345678"],
            [None, "李四", "配偶", "13912345679"],
            [None, "王五", "租客", None],
            ["3-2-502", "赵六", None, None],
            merges=("A2:A4",),
        ),
        kind="residents",
    )
    assert refused(ledger) == []
    assert people(ledger) == [
        ("3-2-501", "张三", ("13912345678",), "owner"),
        ("3-2-501", "李四", ("13912345679",), "family"),
        ("3-2-501", "王五", (), "tenant"),
        ("3-2-502", "赵六", (), "owner"),
    ]


def test_a_relation_nobody_knows_is_refused() -> None:
    ledger = read(sheet("表", ["房号", "姓名", "与业主关系"], ["3-2-501", "张三", "熟人"]), kind="residents")
    assert refused(ledger) == ["表!C2 relation"]


def test_totals_of_areas_are_not_compared_where_no_area_is_read() -> None:
    ledger = read(sheet("1栋", HEADER, ["101", "张三", 80, None], ["合计", None, 80, None]), kind="residents")
    assert (ledger.warnings, ledger.totals_checked) == ([], [])


def test_beside_an_owner_a_strangers_part_must_be_said() -> None:
    header = ["房号", "业主姓名", "姓名", "关系"]
    ledger = read(
        sheet("表", header, ["3-2-501", "张三", "张三", None], ["3-2-501", "张三", "李四", None]), kind="residents"
    )
    assert refused(ledger) == ["表!C3 name"]


def test_phones_that_find_no_place_are_said() -> None:
    header = ["房号", "业主姓名", "电话"]
    three = "13912345678/13912345679/13912345670"
    ledger = read(sheet("1栋", header, ["101", None, "13912345678"], ["102", "张三", three]))
    assert ledger.warnings == ["1栋!C2 有电话没有姓名，电话没有记下。", "1栋!C3 写了 3 个电话，只记前两个。"]


def test_owners_of_merged_flats_own_both() -> None:
    ledger = read(sheet("表", ["房号", "业主姓名"], ["3-2-501/601", "张三"]), kind="residents")
    assert people(ledger) == [("3-2-501", "张三", (), "owner"), ("3-2-601", "张三", (), "owner")]


def test_phones_go_to_the_names_they_stand_beside() -> None:
    header = ["房号", "业主姓名", "手机1", "手机2"]
    pairs = read(sheet("表", header, ["3-2-501", "张三/李四", "13912345678/13912345679", None]), kind="residents")
    assert [(person.name, person.phones) for person in pairs.residents] == [
        ("张三", ("13912345678",)),
        ("李四", ("13912345679",)),
    ]
    one = read(sheet("表", header, ["3-2-501", "张三", "13912345678", "13912345679"]), kind="residents")
    assert one.residents[0].phones == ("13912345678", "13912345679")


def test_a_cell_written_far_away_and_a_block_over_everything_cost_nothing() -> None:
    near = sheet("1栋", HEADER, ["101", "张三", 80, None])
    far = Cell("XFD1048576", "x", "text")
    ledger = read(Sheet("1栋", {**near.rows, 1_048_576: {16_384: far}}, (Merge(3, 5, 1_048_576, 16_000),)))
    assert (keys(ledger), refused(ledger)) == (["1-101"], [])
