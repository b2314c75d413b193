"""Template fields keep WeChat's rules, and nothing that matters is cut (reference 3.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.templates import fit_fields

FITTING = {
    "thing1": ["厨房水管漏水", "漏" * 20, "3栋2单元501", "#1024 已派单"],
    "character_string2": ["R20261123-001", "x" * 32],
    "number3": ["0", "5", "-3.5", "1" * 32],
    "letter4": ["AbC"],
    "symbol5": ["★★★"],
    "phrase6": ["已派单", "业主已确认"],
    "const7": ["报修"],
    "name8": ["张伟", "Li Na", "阿依古丽·买买提"],
    "amount9": ["128.50", "¥128.50", "128.5元", "￥0"],
    "phone_number10": ["010-12345678", "+86 13812345678".replace(" ", "")],
    "car_number11": ["京A12345", "粤Z1234港"],
    "time12": [
        "2026年11月23日 09:30",
        "09:30",
        "2026-11-23 09:30:00",
        "2026年11月23日",
        "09:00~11:30",
        "2026-11-23 09:00~2026-11-24 18:00",
    ],
    "date13": ["2026年11月23日", "2026-11-23", "2026年11月23日 09:30"],
}
BREAKING = {
    "thing1": ["", " \n "],
    "character_string2": ["订单1024", "x" * 33, "a b"],
    "number3": ["五", "1" * 33, "１２", "²", "1e5", "NaN", "1,000"],
    "letter4": ["Ab1"],
    "symbol5": ["******", "ab"],
    "phrase6": ["业主已经确认了", "已派单1", "OK"],
    "name8": ["张" * 11],
    "amount9": ["一百元", "1.234", "12345678901", "1,00.00", "1000,000", "-5", "１２元"],
    "phone_number10": ["1" * 18, "张伟"],
    "time12": ["明天", "9点半", "09:00~", "09:00-11:30", "2026.11.23", "２０２６年1月1日"],
    "date13": ["明天", "11月23日"],
    "colour14": ["红"],
    "": ["x"],
}


def pairs(table):
    return [(field, value) for field, values in table.items() for value in values]


@pytest.mark.parametrize(("field", "value"), pairs(FITTING))
def test_what_fits_is_left_alone(field, value):
    assert fit_fields({field: value}) == {field: value}


@pytest.mark.parametrize(("field", "value"), pairs(BREAKING))
def test_what_breaks_a_rule_is_refused_by_name(field, value):
    with pytest.raises(ValueError, match=f"^{field}(:| is)"):
        fit_fields({"thing99": "好", field: value})


CUT = {
    "厨房水管漏水特别严重请尽快来人处理谢谢你们": "厨房水管漏水特别严重请尽快来人处理谢谢…",
    "3栋2单元501厨房水管漏水特别严重请尽快来人": "3栋2单元501厨房水管漏水特别严重请…",
    "厨房水管漏水特别严重请尽快来人处理 #1024": "厨房水管漏水特别严重请尽快来…#1024",
    "3栋2单元501厨房水管漏水特别严重请尽快来人处理谢谢 工单#1024": "3栋2单元501厨房水管漏水…#1024",
    "物业服务费及公共能耗费用合计应缴金额¥1234.50元": "物业服务费及公共能耗…¥1234.50元",
    "第一行\n第二行": "第一行 第二行",
}


@pytest.mark.parametrize(("value", "cut"), CUT.items())
def test_only_the_free_words_give_way(value, cut):
    assert fit_fields({"thing1": value}) == {"thing1": cut}
    assert len(cut) <= 20


@pytest.mark.parametrize(
    "value", ["3栋2单元501" * 3, "R" * 21, "1234567890 1234567890", "¥1234567.50元已付¥1234567.50元"]
)
def test_numbers_that_do_not_fit_are_refused_rather_than_cut(value):
    with pytest.raises(ValueError, match=r"^thing1: "):
        fit_fields({"thing1": value})


@given(
    st.text(alphabet="厨房水管漏水了请尽快来", max_size=40),
    st.sampled_from(["3栋2单元501", "#1024", "¥1234.50元", "R20261123-7"]),
    st.text(alphabet="厨房水管漏水了请尽快来", max_size=40),
)
def test_a_number_among_words_always_survives_whole(before, number, after):
    fitted = fit_fields({"thing1": before + number + after})["thing1"]
    assert number in fitted
    assert len(fitted) <= 20


def test_the_kind_may_be_named_when_the_field_does_not_say_it():
    assert fit_fields({"keyword1": "漏" * 21}, {"keyword1": "thing"}) == {"keyword1": "漏" * 19 + "…"}


@pytest.mark.parametrize(("value", "fitted"), [("1,234.50元", "1234.50元"), ("¥12,345,678", "¥12345678")])
def test_an_amount_loses_its_separators_and_nothing_else(value, fitted):
    assert fit_fields({"amount1": value}) == {"amount1": fitted}


@pytest.mark.parametrize("whole", ["1,234.50元", "3栋2单元501室", "3-2-501", "12.5吨", "#1024"])
def test_neither_a_room_nor_an_amount_is_ever_cut_through(whole):
    assert whole in fit_fields({"thing1": f"尊敬的业主您好请注意这里有一件事{whole}请尽快处理谢谢配合"})["thing1"]
