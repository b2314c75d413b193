"""Sums, periods, fees, stars and orders as people spell and mean them, each rule with a sentence of its own."""

from datetime import datetime

import pytest

from bot.clock import SHANGHAI
from bot.understanding import Context, Meaning
from bot.understanding.normalise import fold, standard
from handlers.told import told
from handlers.told_amounts import amounts_told, spoken_sums
from handlers.told_fees import fees_told
from handlers.told_numbers import orders_told
from handlers.told_periods import period_told
from handlers.told_ratings import rating_told
from handlers.told_spellings import in_figures
from handlers.told_times import periods_told

NOW = datetime(2026, 6, 3, 10, 0, tzinfo=SHANGHAI)


def slots(intent: str, said: str, role: str = "owner", awaiting: str = "") -> dict[str, object]:
    return dict(told(Meaning(intent, {}, 1.0), said, role, Context(awaiting, NOW))["slots"])


@pytest.mark.parametrize(
    ("said", "figures"),
    [
        ("找回廿块", "找回20块"),
        ("廿5块", "25块"),
        ("押了俩百块", "押了200块"),
        ("转我4百6", "转我460"),
        ("首付2w8", "首付28000"),
        ("退1k3", "退1300"),
        ("改成零点四元", "改成0.4元"),
        ("1块零六一度", "1.06元一度"),
        ("总差五分", "总差0.05元"),
        ("把余额清成零", "把余额清成0"),
        ("说好四百出头", "说好400出头"),
        ("叁佰贰拾元", "320元"),
    ],
)
def test_sums_are_spelled_in_many_ways(said: str, figures: str) -> None:
    assert in_figures(said) == figures


def test_two_ones_in_a_row_belong_to_two_numbers() -> None:
    assert standard("月租三百六一个月") == "月租360一个月"
    assert spoken_sums("月租三百六一个月") == {"360"}


@pytest.mark.parametrize(
    ("said", "amounts"),
    [
        ("大上个月才五十五，这回怎么一百九", ["55", "190"]),
        ("从前三块二，如今四块五", ["3.2", "4.5"]),
        ("七月六十二，八月七十一，没道理", ["62", "71"]),
        ("一吨水三十一凭什么", ["31"]),
        ("每户每月十八，怎么来的", ["18"]),
        ("微信里三百，卡里五百，合着付八百行不", ["300", "500", "800"]),
        ("供暖面积写一百零六，房本九十九", []),
        ("上月五十八度这月一百四", []),
        ("授权码7777，减我三百", ["300"]),
        ("我妈今年八十一了，想少交点", []),
        ("隔壁502交了多少", []),
        ("2025.08那期的账", []),
        ("我每月十五发工资", []),
    ],
)
def test_every_sum_is_told_and_no_other_figure(said: str, amounts: list[str]) -> None:
    assert amounts_told(standard(said), spoken=spoken_sums(fold(said)), of_money=True) == amounts


def test_only_money_talk_lends_sums_to_each_other() -> None:
    assert amounts_told("七月62,八月71") == []
    assert slots("repair_report", "水管漏了，上次修花了三百块").get("amount") is None
    assert slots("points_redeem", "拿三百分换三十块电费").get("amount") is None


def test_sums_beside_other_wishes_are_told_when_they_are_sure() -> None:
    assert slots("unbind", "解绑吧，昨天还交了两百块")["amount"] == "200"
    assert "amount" not in slots("unbind", "解绑35")


def test_what_is_taken_back_in_a_no_is_no_sum() -> None:
    assert slots("deny", "我说减六十，不是减六百")["amount"] == "60"
    assert slots("bill_explain", "账单写四十六块，不是五十块")["amount"] == ["46", "50"]
    assert "amount" not in slots("deny", "尾号错了，应该是2310")


def test_stars_that_were_waited_for_are_told_beside_a_new_trouble() -> None:
    assert slots("repair_report", "三星吧，龙头又崩了", awaiting="awaiting_rating")["rating"] == 3
    assert "rating" not in slots("repair_report", "三星牌空调坏了")


def test_pieces_are_no_yuan() -> None:
    assert amounts_told("粘板5块,明早收") == []
    assert amounts_told("收了5块") == ["5"]
    assert amounts_told("那4块是什么") == ["4"]


@pytest.mark.parametrize(
    ("intent", "said", "periods"),
    [
        ("bill_query", "截至今天欠多少", ["today"]),
        ("bill_query", "今天个欠你们几块", ["today"]),
        ("bill_query", "今天我来问问这个月的", ["this_month"]),
        ("bill_query", "昨天去你们窗口没人，这个月多少", ["this_month"]),
        ("receipt", "今天刚交的那笔要票", ["today"]),
        ("repair_status", "上周报的灯修了没", []),
        ("repair_reopen", "昨天修的又漏了", []),
        ("maintenance_done", "年度清洗做完", []),
        ("maintenance_done", "昨天就做了保养,忘了登", ["yesterday"]),
        ("manager_report", "明天开会,出这个月的月报", ["this_month"]),
        ("manager_arrears_list", "今天到期没付的", ["today"]),
        ("manager_arrears_list", "我今天去敲门,欠费的给我", []),
        ("checkin", "补昨天的卡", ["yesterday"]),
        ("checkin", "昨天忙,今天签到", ["today"]),
        ("points_redeem", "换纸巾,再签个今天的到", ["today"]),
        ("staff_arrive", "到了,明天我想请假", ["tomorrow"]),
        ("manager_fee_op", "今天之内全部冲掉", ["today"]),
        ("refund_query", "我上个月就搬走了,押金没退", []),
        ("bill_history", "三年交费的明细", ["last_3_years"]),
    ],
)
def test_periods_only_where_their_time_is_wanted(intent: str, said: str, periods: list[str]) -> None:
    assert period_told(intent, said) == periods


@pytest.mark.parametrize(
    ("said", "periods"),
    [
        ("2021、2022、2023三年的", ["2021", "2022", "2023"]),
        ("23年全年水费", ["2023"]),
        ("payments of 2024", ["2024"]),
        ("再续一季车位", []),
        ("上一季度那几笔", []),
        ("看一下三季度", ["Q3"]),
        ("提前一个月说", []),
        ("迭个月收了多少", ["this_month"]),
        ("正月和二月的", ["01", "02"]),
        ("刚过去那一周", ["last_week"]),
        ("不算今年的，只看去年", ["last_year"]),
        ("欠了两年到三年的", []),
    ],
)
def test_periods_as_they_are_named(said: str, periods: list[str]) -> None:
    assert periods_told(standard(said)) == periods


@pytest.mark.parametrize(
    ("said", "fees"),
    [
        ("车位卖掉了，管理费退不退", ["停车费"]),
        ("停车发票和物业发票分开", ["物业费", "停车费"]),
        ("取暧费怎么交", ["供暖费"]),
        ("滞纳部分能少点不", ["违约金"]),
        ("污水处理费是啥", ["水费"]),
        ("你们修电梯的钱谁出", []),
        ("物业能不能管一管", []),
    ],
)
def test_fees_by_their_other_names(said: str, fees: list[str]) -> None:
    assert fees_told(standard(said), {}) == fees


@pytest.mark.parametrize(
    ("said", "stars"),
    [
        ("蛮意", 5),
        ("给仨星", 3),
        ("手艺五星，说话一星，折中，给个3", 3),
        ("别默认五星，二", 2),
        ("差得很", 1),
        ("谈不上满意，一般", 3),
        ("打满", 5),
        ("大半夜来的，必须5", 5),
        ("给五个，谢谢", 5),
        ("弄得清爽，四只星", 4),
        ("别让我打分，我要告他", None),
    ],
)
def test_stars_in_other_words(said: str, stars: int | None) -> None:
    assert rating_told(fold(said), None, awaited=True) == stars


@pytest.mark.parametrize(
    ("intent", "said", "orders"),
    [
        ("repair_status", "那个工担6605修没修", [6605]),
        ("repair_status", "my ticket 4410 pending吗", [4410]),
        ("repair_urge", "我的单呢，6620，今天必须来", [6620]),
        ("staff_leave", "下班，2204转给小谢", [2204]),
        ("receipt", "发票号后四位0832那张重开", []),
        ("staff_pause", "另外水表抄了是2261", []),
        ("repair_reschedule", "这单换到16号", []),
        ("staff_accept", "10份钟到", []),
    ],
)
def test_orders_and_other_numbers(intent: str, said: str, orders: list[int | str]) -> None:
    assert orders_told(intent, Meaning(intent, {}, 1.0), said, "staff") == orders
