"""What single cells say, and which nobody may guess."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.estate.ledger_values import Names, masked, read_area, read_floor, read_names, read_phones
from models.estate.unclear import Unclear


@pytest.mark.parametrize(
    ("cell", "area"),
    [
        ("89.37", 8937),
        ("89.37㎡", 8937),
        ("89.37 平", 8937),
        ("89.37m²", 8937),
        ("89.37平方米", 8937),
        ("68.50 ", 6850),
        ("８９．３７", 8937),
        ("120", 12000),
        ("75.17999999999999", 7518),
        ("75.185", 7519),
        ("5.01", 501),
        ("1999.99", 199999),
        ("", None),
        ("-", None),
        ("/", None),
    ],
)
def test_an_area_is_read_to_the_hundredth(cell: str, area: int | None) -> None:
    assert read_area(cell) == area


@pytest.mark.parametrize(
    "cell",
    ["0", "5", "2000", "八十九点三七", "89,37", "45+44.37", "-89.37", "1e3", "约90", "#REF!", "9" * 400, "89.37/90"],
)
def test_an_area_nobody_should_guess_is_refused(cell: str) -> None:
    with pytest.raises(Unclear, match="面积"):
        read_area(cell)


@given(st.integers(501, 199_999))
def test_every_area_survives_being_written_as_a_float(hundredths: int) -> None:
    assert read_area(repr(hundredths / 100)) == hundredths
    assert read_area(f"{Decimal(hundredths) / 100}㎡") == hundredths


@pytest.mark.parametrize(
    ("cell", "phones"),
    [
        ("13900001111", ("13900001111",)),
        ("13900001111/13900002222", ("13900001111", "13900002222")),
        ("13900001111、13900002222", ("13900001111", "13900002222")),
        ("13900001111\n13900002222", ("13900001111", "13900002222")),
        ("13900001111 13900002222", ("13900001111", "13900002222")),
        ("张13900001111 李13900002222", ("13900001111", "13900002222")),
        ("13900001111（女儿）", ("13900001111",)),
        ("139 0000 1111", ("13900001111",)),
        ("139-0000-1111", ("13900001111",)),
        ("+86 13900001111", ("13900001111",)),
        ("86-13900001111", ("13900001111",)),
        ("'13900001111", ("13900001111",)),
        ("13900001111.0", ("13900001111",)),
        ("１３９００００１１１１", ("13900001111",)),
        ("13888888888", ("13888888888",)),
        ("028-85551234", ("02885551234",)),
        ("0832-2345678", ("08322345678",)),
        ("85551234", ("85551234",)),
        ("13900001111/13900001111", ("13900001111",)),
        ("", ()),
        ("无", ()),
    ],
)
def test_phones_are_read_however_they_are_written(cell: str, phones: tuple[str, ...]) -> None:
    assert read_phones(cell) == phones


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("1.39E+10", "科学计数"),
        ("1390000111", "11 位"),
        ("139000011112", "11 位"),
        ("12900001111", "11 位"),
        ("1390000111113900002222", "11 位"),
        ("13900001111/1390000222", "11 位"),
        ("13800000000", "随便填"),
        ("00000000000", "随便填"),
        ("12345678901", "随便填"),
        ("张三", "11 位"),
    ],
)
def test_a_phone_that_cannot_be_right_is_refused(cell: str, reason: str) -> None:
    with pytest.raises(Unclear, match=reason):
        read_phones(cell)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("张三", Names(("张三",))),
        ("张三/李四", Names(("张三", "李四"))),
        ("张三、李四", Names(("张三", "李四"))),
        ("张  三", Names(("张三",))),
        ("孙英娟（租户赵丽）", Names(("孙英娟",), ("赵丽",))),
        ("孙英娟(租：赵丽)", Names(("孙英娟",), ("赵丽",))),
        ("张三 510102199001011234", Names(("张三",))),
        ("张三（身份证51010219900101123x）", Names(("张三",))),
        ("买买提·艾力", Names(("买买提·艾力",))),
        ("成都某某（集团）有限公司", Names(("成都某某(集团)有限公司",))),
        ("John Smith", Names(("John Smith",))),
        ("", Names()),
        ("/", Names()),
    ],
)
def test_names_say_who_owns_and_who_rents(cell: str, names: Names) -> None:
    assert read_names(cell) == names


@pytest.mark.parametrize(
    "cell", ["张三已故", "张三（儿子）", "=1+1", "@SUM(A1)", "<b>张三</b>", "13900001111", "张" * 60, "?"]
)
def test_a_name_nobody_can_be_sure_of_is_refused(cell: str) -> None:
    with pytest.raises(Unclear):
        read_names(cell)


@pytest.mark.parametrize(
    ("cell", "floor"),
    [("5", 5), ("5楼", 5), ("5层", 5), ("5F", 5), ("十二", 12), ("二十一层", 21), ("负一", -1), ("B1", -1), ("", None)],
)
def test_a_storey_is_read(cell: str, floor: int | None) -> None:
    assert read_floor(cell) == floor


@pytest.mark.parametrize("cell", ["0", "顶楼", "5/6", "100"])
def test_a_storey_nobody_can_place_is_refused(cell: str) -> None:
    with pytest.raises(Unclear, match="楼层"):
        read_floor(cell)


def test_what_is_shown_of_a_cell_hides_phones_and_identity_numbers() -> None:
    assert masked("13912345678") == "139****5678"
    assert masked("张三510102199001011234") == "张三510***********1234"
    assert len(masked("很长" * 100)) <= 41


@pytest.mark.parametrize("reader", [read_area, read_phones, read_names, read_floor])
@given(text=st.text())
def test_any_text_is_read_or_refused(reader: Callable[[str], object], text: str) -> None:
    try:
        reader(text)
    except Unclear as unclear:
        reason = unclear.reason
    else:
        reason = "read"
    assert reason
