"""What breaks and where, in people's own words."""

import pytest

from models.workorders.words import (
    CATEGORY_WORDS,
    categories_of,
    is_public_place,
    location_of,
    may_be_the_same_trouble,
    names_a_fault,
    reports_a_fault,
)

STORY = (
    "闺女啊，我今天早上起来想烧点水，我老伴说昨晚就听见滴答滴答响，他耳朵不好，我也没在意，后来我孙子放学回来说，奶奶，"
    "地上怎么湿了，我一看哪，厨房水池底下的管子漏了"
)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("厨房水管漏水了", "水"),
        ("水龙头拧不紧", "水"),
        ("家里没水了", "水"),
        ("马桶堵了", "管道"),
        ("下水道返味", "管道"),
        ("马桶漏水", "管道"),
        ("家里停电了", "电"),
        ("跳闸推不上去", "电"),
        ("插座没电", "电"),
        ("楼道灯坏了", "照明"),
        ("路灯不亮", "照明"),
        ("电梯坏了", "电梯"),
        ("单元门刷卡没反应", "门禁"),
        ("对讲机没声音", "门禁"),
        ("门锁打不开", "门窗"),
        ("窗户关不上", "门窗"),
        ("楼顶漏雨", "屋面"),
        ("外墙瓷砖掉了", "外墙"),
        ("消火栓没水压", "消防"),
        ("楼道有煤气味", "燃气"),
        ("煤气灶打不着火", "家电"),
        ("暖气不热", "供暖"),
        ("暖气片漏水", "供暖"),
        ("井盖松了", "道路"),
        ("扶手松了", "设施"),
        ("健身器材坏了", "设施"),
        ("大树倒了", "绿化"),
        ("垃圾没人收", "保洁"),
        ("有老鼠", "虫害"),
        ("道闸抬不起来", "停车"),
        ("充电桩充不进电", "充电桩"),
        ("监控坏了", "弱电"),
        ("热水器不出热水", "家电"),
        ("楼上太吵了", "噪音"),
        ("有人高空抛物", "高空抛物"),
        ("漏水了", "水"),
        ("堵了", "管道"),
    ],
)
def test_the_category_is_heard(text: str, first: str) -> None:
    assert categories_of(text)[0] == first


def test_several_faults_give_several_categories() -> None:
    assert set(categories_of("厨房水管漏水，客厅灯也不亮了")) >= {"水", "照明"}


def test_what_is_denied_does_not_count() -> None:
    assert categories_of("不是水管，是暖气") == ("供暖",)


def test_a_sentence_about_nothing_has_no_category() -> None:
    assert categories_of("我要报修") == ()


def test_every_category_fits_its_column() -> None:
    assert all(0 < len(category) <= 8 for category in CATEGORY_WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "厨房水管漏水了",
        "灯坏了",
        "漏水",
        "停电了",
        "马桶冲不下去",
        "门锁打不开",
        "暖气不热",
        "有老鼠",
        "充电桩充不进电",
        STORY,
    ],
)
def test_a_fault_that_is_said_is_heard(text: str) -> None:
    assert names_a_fault(text)
    assert reports_a_fault(text)


@pytest.mark.parametrize(
    "text", ["我要报修", "报修", "你好", "家里东西坏了", "物业费多少", "派个师傅来", "水管", "谢谢师傅", "3栋2单元501"]
)
def test_where_nothing_is_said_to_be_broken_there_is_no_fault(text: str) -> None:
    assert not names_a_fault(text)


@pytest.mark.parametrize(
    "text",
    [
        "修水管漏水多少钱",
        "水管漏水修好了吗",
        "我报修的漏水什么时候来",
        "昨天刚修的今天又漏水了",
        "不用来了，水管不漏了",
        "今天停水吗",
        "什么时候来电",
        "楼上装修太吵了窗户都响",
        "建议把坏了的路灯换了",
    ],
)
def test_talk_about_a_fault_is_not_a_report(text: str) -> None:
    assert not reports_a_fault(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("厨房水管漏水了", "厨房"),
        ("卫生间地漏堵了", "卫生间"),
        ("3楼楼道灯不亮", "楼道"),
        ("地下车库积水", "地下车库"),
        ("电梯不动了", "电梯"),
        ("主卫的花洒坏了", "主卫"),
        ("灯坏了", None),
    ],
)
def test_the_place_is_kept_in_the_users_words(text: str, place: str | None) -> None:
    assert location_of(text) == place


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("楼道灯坏了", True),
        ("电梯坏了", True),
        ("小区大门口路灯不亮", True),
        ("单元门关不上", True),
        ("我家门口的楼道灯坏了", True),
        ("厨房水管漏水了", False),
        ("我家马桶堵了", False),
        ("灯坏了", False),
    ],
)
def test_what_belongs_to_everybody_is_public(text: str, public: bool) -> None:
    assert is_public_place(text) is public


@pytest.mark.parametrize(
    ("first", "second", "category", "same"),
    [
        ("厨房水管漏水了", "厨房水管漏水", "水", True),
        ("厨房水管漏水了", "怎么还在漏水，快来", "水", True),
        ("水管漏水了", "厨房水管还在漏", "水", True),
        ("阳台窗户关不上", "门锁打不开了", "门窗", False),
        ("厨房水管漏水了", "卫生间水管漏水了", "水", False),
        ("厨房水龙头关不上", "厨房水管漏水", "水", False),
    ],
)
def test_two_different_things_of_one_kind_are_two_troubles(first: str, second: str, category: str, same: bool) -> None:
    assert may_be_the_same_trouble(first, second, category) is same
