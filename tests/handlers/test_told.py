"""Numbers, stars and homes as they are told outside, sentence by sentence."""

from datetime import datetime

import pytest

from bot.clock import SHANGHAI
from bot.understanding import Context, Meaning
from bot.understanding.normalise import standard
from handlers.program import build_understanding
from handlers.told import told
from handlers.told_numbers import amounts_told, orders_told
from handlers.told_ratings import rating_told

NOW = datetime(2026, 6, 3, 10, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("said", "known", "stars"),
    [
        ("4.5", None, 5),
        ("态度不错手艺一般，给3", None, 3),
        ("呃四心吧", None, 4),
        ("给无星", None, 5),
        ("五星改三星", 5, 3),
        ("不是三分，打错了，五分", 3, 5),
        ("味道还有一点，扣一分", 1, 4),
        ("没有五分，扣掉两分", 5, 3),
        ("修好了，谢谢，给最高分", None, 5),
        ("行", None, 4),
        ("好的", None, 5),
        ("对付", None, 3),
        ("👍", None, 5),
        ("太差了", 1, 1),
    ],
)
def test_stars(said: str, known: int | None, stars: int) -> None:
    assert rating_told(said, known, awaited=True) == stars


def test_without_a_question_only_stars_count() -> None:
    assert rating_told("行", None, awaited=False) is None
    assert rating_told("两颗星", None, awaited=False) == 2


@pytest.mark.parametrize(
    ("said", "orders"),
    [
        ("67转小段，68我做完了", [67, 68]),
        ("71到", [71]),
        ("接 104 和 105，都在一个单元", [104, 105]),
        ("换好了，收了60块", []),
        ("老头子25分钟准到", []),
        ("去3-2-501", []),
        ("两桶水12楼", []),
    ],
)
def test_a_workers_bare_number_is_an_orders(said: str, orders: list[int]) -> None:
    assert orders_told("staff_transfer", Meaning("staff_transfer", {}, 1.0), standard(said), "staff") == orders
    if said == "71到":
        assert orders_told("staff_arrive", Meaning("staff_arrive", {}, 1.0), said, "owner") == []


@pytest.mark.parametrize(
    ("said", "amounts"),
    [
        ("三十七块六呢", ["37.6"]),
        ("充电桩扣了五块没充上", ["5"]),
        ("把水费改成四块一", ["4.1"]),
        ("多了五十", ["50"]),
        ("物业费三块五一平", []),
        ("POS刷了1500", ["1500"]),
        ("改成0.68", ["0.68"]),
        ("来晚了3天", []),
    ],
)
def test_sums(said: str, amounts: list[str]) -> None:
    assert amounts_told(Meaning("bill_explain", {}, 1.0), standard(said)) == amounts


@pytest.mark.parametrize(
    ("said", "awaiting", "house"),
    [
        ("3幢2单园602", "ask_house", "3-2-602"),
        ("十冻一单元304", "ask_house", "10-1-304"),
        ("我家房号3/1/1202", "ask_house", "3-1-1202"),
        ("十一号搂，东头六零一", "ask_house", "11-601"),
        ("1栋门口", "ask_location", None),
        ("一三六，二二零零，四四五五", "ask_phone", None),
    ],
)
def test_homes_as_they_are_misheard(said: str, awaiting: str, house: str | None) -> None:
    context = Context(awaiting, NOW)
    meaning = Meaning("provide_info", {}, 1.0)
    assert told(meaning, said, "owner", context)["slots"].get("house") == house


@pytest.mark.parametrize(
    ("said", "period"),
    [("补一张去年十月的物业费收据", "10"), ("昨天群里说停水是几号", None), ("这个月物业费多少", "this_month")],
)
def test_spans_of_time(said: str, period: str | None) -> None:
    context = Context("", NOW)
    meaning = build_understanding().understand(said, "owner", context)
    assert told(meaning, said, "owner", context)["slots"].get("period") == period
