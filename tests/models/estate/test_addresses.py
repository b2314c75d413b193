"""Every spelling of a home becomes one address, and nothing else ever becomes somebody's home."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.estate.addresses import Address, AddressUnclear, find_addresses, read_address, read_building, read_entrance

ZHANGS_HOME = Address("3", "2", "501")

SPELLINGS_OF_ONE_HOME = [
    "3-2-501",
    "3栋2单元501室",
    "3栋2单元501号",
    "3栋 2单元 501",
    "第3栋第2单元501",
    "3幢2单元501",
    "3号楼2门501",
    "3号楼2门洞501",
    "3楼2门501",
    "3号2单元501",
    "三栋二单元五〇一",
    "三栋二单元五零一",
    "三号楼二单元五零幺",
    "三栋二单元五百零一",
    "三栋二单元五楼五零一",
    "3栋2单元5楼01室",
    "三东二单元五零一",
    "三动二单元五零一",
    "三洞二单元五洞幺",
    "3栋的2单元的501",
    "三栋，二单元，五零一",
    "3栋2单元5楼的501",
    "三栋二单员五零一",
    "三杠二杠五零一",
    "３－２－５０１",
    "３栋２单元５０１",
    "3#2-501",
    "3#楼2单元501",
    "0302-501",
    "03-02-501",
    "3栋2-501",
    "3.2.501",
    "3/2/501",
    "3 2 501",
    "3-2-0501",
    " 3-2-501 ",
    "3—2—501",
    "3–2–501",
    "3－2－501",
    "3 - 2 - 501",
    "锦绣花园3-2-501",
    "锦绣花园小区3栋2单元501",
]


@pytest.mark.parametrize("cell", SPELLINGS_OF_ONE_HOME)
def test_every_spelling_in_a_ledger_is_the_same_home(cell: str) -> None:
    assert read_address(cell) == [ZHANGS_HOME]


@pytest.mark.parametrize("said", [spelling for spelling in SPELLINGS_OF_ONE_HOME if spelling != "3/2/501"])
def test_every_spelling_in_a_sentence_is_the_same_home(said: str) -> None:
    assert find_addresses(f"你好，{said}厨房一直漏水") == [ZHANGS_HOME]


@pytest.mark.parametrize(
    ("cell", "key", "label"),
    [
        ("3-501", "3-501", "3栋501"),
        ("3栋501", "3-501", "3栋501"),
        ("3号楼501", "3-501", "3栋501"),
        ("3东501", "3-501", "3栋501"),
        ("501", "501", "501"),
        ("501室", "501", "501"),
        ("5楼501", "501", "501"),
        ("2单元501", "2-501", "2单元501"),
        ("A座1203", "A-1203", "A座1203"),
        ("a栋1203", "A-1203", "A座1203"),
        ("A-1203", "A-1203", "A座1203"),
        ("12栋甲单元", "12-甲", "12栋甲单元"),
        ("12栋甲单元301", "12-甲-301", "12栋甲单元301"),
        ("甲-301", "甲-301", "甲单元301"),
        ("商铺12", "商铺-12", "商铺12"),
        ("门面12号", "商铺-12", "商铺12"),
        ("12号商铺", "商铺-12", "商铺12"),
        ("S12", "商铺-12", "商铺12"),
        ("1栋底商3", "1-商铺-3", "1栋商铺3"),
        ("B1-056", "车位-B1-056", "车位B1-056"),
        ("负一056", "车位-B1-056", "车位B1-056"),
        ("负一楼056", "车位-B1-056", "车位B1-056"),
        ("车位B-056", "车位-B1-056", "车位B1-056"),
        ("车位12", "车位-12", "车位12"),
        ("一幢101-1", "1-101-1", "1栋101-1"),
        ("十二栋一单元一二零三", "12-1-1203", "12栋1单元1203"),
        ("7-3", "7-3", "7栋3单元"),
        ("3栋", "3", "3栋"),
    ],
)
def test_a_cell_says_what_it_says_and_no_more(cell: str, key: str, label: str) -> None:
    (address,) = read_address(cell)
    assert (address.key(), address.label) == (key, label)


def test_shop_12_and_space_12_have_different_doors() -> None:
    assert [read_address(cell)[0].door for cell in ("501", "商铺12", "车位12")] == ["501", "商铺12", "车位12"]


def test_shops_and_parking_spaces_are_not_homes() -> None:
    assert [read_address(cell)[0].kind for cell in ("3-2-501", "商铺12", "车位B-056")] == ["home", "shop", "parking"]


@pytest.mark.parametrize(
    ("cell", "keys"),
    [
        ("3栋2单元501、502", ["3-2-501", "3-2-502"]),
        ("3栋2单元501室、502室", ["3-2-501", "3-2-502"]),
        ("3-2-501/601", ["3-2-501", "3-2-601"]),
        ("501/601", ["501", "601"]),
        ("501、502", ["501", "502"]),
        ("501，502", ["501", "502"]),
    ],
)
def test_merged_flats_are_several_homes(cell: str, keys: list[str]) -> None:
    assert [address.key() for address in read_address(cell)] == keys


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("3-2-5-01", "四段"),
        ("3-2-501-1", "四段"),
        ("2003-02-05", "日期"),
        ("2003-02-05 00:00:00", "日期"),
        ("2001/5/1", "日期"),
        ("3月2日", "日期"),
        ("3栋2单元5楼东户", "方位"),
        ("2门3楼西", "方位"),
        ("501-503", "一段房号"),
        ("501~503", "一段房号"),
        ("B1-501", "车位还是住房"),
        ("", "没有写房号"),
        ("   ", "没有写房号"),
        ("张家", "看不懂"),
        ("13900001111", "看不懂"),
        ("=1+1", "看不懂"),
        ("#REF!", "看不懂"),
        ("3栋2单元501<script>", "看不懂"),
        ("5" * 5000, "看不懂"),
    ],
)
def test_what_nobody_should_guess_is_asked_back(cell: str, reason: str) -> None:
    with pytest.raises(AddressUnclear, match=reason):
        read_address(cell)


@pytest.mark.parametrize(
    ("cell", "building"),
    [
        ("3", "3"),
        ("03", "3"),
        ("3栋", "3"),
        ("三号楼", "3"),
        ("3#", "3"),
        ("3楼", "3"),
        ("A座", "A"),
        ("A", "A"),
        ("望春苑3栋", "3"),
    ],
)
def test_a_column_of_buildings_is_read(cell: str, building: str) -> None:
    assert read_building(cell) == building


@pytest.mark.parametrize(
    ("cell", "entrance"),
    [
        ("2", "2"),
        ("02", "2"),
        ("2单元", "2"),
        ("一单元", "1"),
        ("两单元", "2"),
        ("二门", "2"),
        ("甲单元", "甲"),
        ("甲", "甲"),
        ("东单元", "东"),
    ],
)
def test_a_column_of_entrances_is_read(cell: str, entrance: str) -> None:
    assert read_entrance(cell) == entrance


@pytest.mark.parametrize("cell", ["", "合计", "0", "1栋2栋", "2003-02-05"])
def test_a_building_or_entrance_nobody_can_read_is_refused(cell: str) -> None:
    for read in (read_building, read_entrance):
        with pytest.raises(AddressUnclear):
            read(cell)


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("我家3栋2单元501厨房漏水", ["3-2-501"]),
        ("三栋二单元五零一一直漏水", ["3-2-501"]),
        ("抄表 3-2-501 1234", ["3-2-501"]),
        ("3栋2单元501、502都停水", ["3-2-501", "3-2-502"]),
        ("从3-2-501搬到A座1203", ["3-2-501", "A-1203"]),
        ("2门501", ["2-501"]),
        ("3栋电梯坏了", ["3"]),
        ("二单元灯不亮", ["2"]),
        ("3栋2单元5楼东户漏水", ["3-2"]),
        ("12#楼停电", ["12"]),
        ("3月5号3栋停水", ["3"]),
        ("商铺12漏水", ["商铺-12"]),
        ("车位B-056被占", ["车位-B1-056"]),
    ],
)
def test_a_sentence_names_its_places_in_order(said: str, keys: list[str]) -> None:
    assert [address.key() for address in find_addresses(said)] == keys


@pytest.mark.parametrize(
    "said",
    [
        "电话13900001111",
        "139 0000 1111",
        "139-0000-1111",
        "028-85551234",
        "400-800-1234",
        "2026-03-05漏的",
        "2026.3.5",
        "3月5号两个单元的人说的",
        "12月25日",
        "交了1,234.50元",
        "欠3-1500元",
        "大概3-500块",
        "165.33",
        "进度3 #12",
        "完工 #12 换了角阀",
        "接单 12",
        "接单 501",
        "501",
        "五零一",
        "两栋楼都没水",
        "3-5天",
        "2-3次",
        "12-25",
        "192.168.1.100",
        "防盗门坏了",
        "铺12块砖",
        "车位费120元",
        "给12345打电话",
        "洞口堵了",
        "",
    ],
)
def test_phones_dates_amounts_and_orders_are_nobodys_home(said: str) -> None:
    assert find_addresses(said) == []


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("五零一", ["501"]),
        ("501", ["501"]),
        ("是501吧", ["501"]),
        ("不是501，是502", ["501", "502"]),
        ("7-3", ["7-3"]),
        ("S12", ["商铺-12"]),
    ],
)
def test_a_lone_number_is_a_room_when_rooms_were_the_talk(said: str, keys: list[str]) -> None:
    assert [address.key() for address in find_addresses(said, bare_room=True)] == keys


@pytest.mark.parametrize(
    "said",
    [
        "13900001111",
        "139 0000 1111",
        "#501",
        "工单501",
        "501元",
        "200",
        "2024年",
        "120块",
        "3-5天",
        "12-25号",
        "￥501",
        "5.01",
    ],
)
def test_even_then_other_numbers_are_no_rooms(said: str) -> None:
    assert find_addresses(said, bare_room=True) == []


@given(st.integers(1, 99), st.integers(1, 20), st.integers(1, 33), st.integers(1, 12))
def test_a_label_reads_back_as_the_same_address(building: int, entrance: int, storey: int, door: int) -> None:
    address = Address(str(building), str(entrance), f"{storey}{door:02d}")
    assert (
        read_address(address.label)
        == read_address(address.key())
        == find_addresses(f"我是{address.label}的")
        == [address]
    )


@given(st.text())
def test_any_text_at_all_is_read_or_asked_back(text: str) -> None:
    find_addresses(text, bare_room=True)
    with contextlib.suppress(AddressUnclear):
        assert read_address(text)
