"""收费标准 as a company writes it down, and every cell that cannot be used."""

from datetime import date
from typing import Any

import pytest

from models.billing.proration import Proration
from models.billing.tariff_sheet import COLUMNS, OPTIONAL, read_tariffs
from models.money import Rounding
from tests.support.ledgers import sheet

GOOD = ["物业费", "按面积", "1.85", "1", "先付", "住宅", "2026-01-01", "2025年业主大会决议"]


def read(*rows: list[Any], head: tuple[str, ...] = COLUMNS) -> Any:
    return read_tariffs([sheet("收费标准", list(head), *rows)])


def test_a_line_becomes_an_agreement() -> None:
    (row,) = read(GOOD).rows
    assert (row.code, row.agreement.formula, row.agreement.price) == ("PROP", "area", 18500)
    assert (row.agreement.from_day, row.agreement.anchor) == (date(2026, 1, 1), date(2026, 1, 1))
    assert row.agreement.in_advance
    assert row.agreement.late_rate == 0


def test_columns_may_stand_in_any_order_and_the_optional_ones_count() -> None:
    head = ("依据", "取整", "首月", "违约金每天", "宽限天数", *COLUMNS[:-1])
    (row,) = read(["合同第9条", "到角", "按天", "0.05%", "10", *GOOD[:-1]], head=head).rows
    agreement = row.agreement
    assert (agreement.rounding, agreement.proration) == (Rounding.JIAO_HALF_UP, Proration.ACTUAL_DAYS)
    assert (agreement.late_rate, agreement.grace_days, agreement.document) == (500, 10, "合同第9条")


def test_a_lift_by_floor_needs_its_floors() -> None:
    lift = ["电梯费", "按楼层", "30", *GOOD[3:]]
    assert "楼层系数" in read(lift).refusals[0]
    (row,) = read([*lift, "1层:0，2层:0.5，3层：1"], head=(*COLUMNS, "楼层系数")).rows
    assert row.agreement.floors == {"1": "0", "2": "0.5", "3": "1"}


def test_a_year_in_advance_may_have_an_offer() -> None:
    head, year = (*COLUMNS, "预交优惠"), [*GOOD[:3], "12", *GOOD[4:]]
    (part, free) = (read([*year, said], head=head).rows[0].agreement.offer for said in ("95折", "免1个月"))
    assert (part, free) == ({"pays": "0.95"}, {"free_months": 1})
    assert "只给一年一收、先付" in read([*GOOD, "95折"], head=head).refusals[0]
    assert "请写「95折」" in read([*year, "便宜点"], head=head).refusals[0]


def test_a_deposit_is_on_no_bill() -> None:
    assert "收费项目" in read(["装修押金", "按户", "3000", *GOOD[3:]]).refusals[0]


def test_water_climbs_by_tiers_that_follow_each_other() -> None:
    water, head = ["水费", "按表", "5", "1", "后付", *GOOD[5:]], (*COLUMNS, "阶梯", "阶梯周期")
    (row,) = read([*water, "0-180：5，180-260：7，260以上：9.5元", "按年"], head=head).rows
    assert row.agreement.tiers == {"span": "year", "tiers": [["180", "500"], ["260", "700"], [None, "950"]]}
    for wrong in (
        "0-180：5，190-260：7，260以上：9",
        "0-180：5，180-260：7",
        "1-180：5，180以上：7",
        "5元",
        "0-180：6，180以上：7",
    ):
        assert "阶梯" in read([*water, wrong, ""], head=head).refusals[0]
    assert "阶梯" in read([*GOOD, "0-180：1.85，180以上：7", ""], head=head).refusals[0]


@pytest.mark.parametrize(
    ("column", "value", "address", "words"),
    [
        (0, "会员费", "A2", "物业费"),
        (1, "随便", "B2", "按面积"),
        (2, "1.85345", "C2", "四位小数"),
        (2, "-1", "C2", "四位小数"),
        (2, "NaN", "C2", "四位小数"),
        (2, "免费", "C2", "四位小数"),
        (3, "5", "D2", "1、3、6、12"),
        (4, "随时", "E2", "先付"),
        (5, "花园", "F2", "住宅"),
        (6, "去年底", "G2", "日期"),
        (6, "2026-02-30", "G2", ""),
        (7, "", "H2", "决议"),
        (2, "=A1*2", "C2", "公式"),
    ],
)
def test_a_bad_cell_is_named_by_its_address(column: int, value: str, address: str, words: str) -> None:
    row = list(GOOD)
    row[column] = value or None  # type: ignore[call-overload]
    found = read(row)
    assert found.rows == ()
    assert found.refusals[0].startswith(f"收费标准!{address} ")
    assert words in found.refusals[0]


def test_an_item_is_written_once_and_empty_lines_do_not_count() -> None:
    assert "写了两次" in read(GOOD, [None] * 8, GOOD).refusals[0]
    assert len(read(GOOD, [None] * 8).rows) == 1


def test_missing_columns_are_named() -> None:
    assert read(["物业费"], head=("收费项目",)).refusals == (
        "收费标准 第1行缺少表头：计算方式、单价、几个月一收、先付后付、适用、起算日、依据",
    )
    assert read_tariffs([]).refusals == ("表里什么都没有",)
    assert set(OPTIONAL).isdisjoint(COLUMNS)
