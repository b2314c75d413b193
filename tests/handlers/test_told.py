"""Numbers, stars and homes as they are told outside, sentence by sentence."""

from datetime import datetime

import pytest

from bot.clock import SHANGHAI
from bot.understanding import Context, Meaning
from bot.understanding.normalise import standard
from handlers.phrases.coarser import COARSER
from handlers.phrases.sentences import CORPUS, sentences, things
from handlers.program import FLOWS, build_understanding
from handlers.told import told
from handlers.told_amounts import amounts_told, spoken_sums
from handlers.told_choices import choices_told
from handlers.told_counts import counts_told
from handlers.told_fees import fees_told
from handlers.told_homes import homes_told
from handlers.told_names import names_told
from handlers.told_numbers import orders_told
from handlers.told_periods import period_told
from handlers.told_places import places_told
from handlers.told_ratings import rating_told
from handlers.told_readings import readings_told
from handlers.told_things import categories_told
from handlers.told_times import days_told, months_told, periods_told
from handlers.told_visits import visits_told

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
        ("⭐⭐⭐", None, 3),
        ("评价 31 5 师傅很守时", None, 5),
        ("先给2吧", None, 2),
        ("不好不坏，打个中间分", 2, 3),
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
        ("207给电工老汤，我没证", [207]),
        ("501那家我不去了", []),
        ("缺Φ25弯头，明天补，63号挂", [63]),
        ("不要251，查的是215", [215]),
        ("补种了十二棵冬青，浇透水了", []),
        ("工单八怎么样了", [8]),
        ("派工12给张师傅", [12]),
        ("工单GD-91结", ["GD-91"]),
        ("4560、4561两单都处理完了", [4560, 4561]),
        ("2318到了，另外1922我转给小罗", [2318, 1922]),
        ("抢单，5栋下水道那个", []),
        ("我六十二了，爬不动梯子", []),
        ("空开换成40的，现金两百一", []),
        ("尾号是0562的单子", ["0562"]),
    ],
)
def test_a_workers_bare_number_is_an_orders(said: str, orders: list[int | str]) -> None:
    assert orders_told("staff_transfer", Meaning("staff_transfer", {}, 1.0), standard(said), "staff") == orders
    if said == "71到":
        assert orders_told("staff_arrive", Meaning("staff_arrive", {}, 1.0), said, "owner") == []


@pytest.mark.parametrize(
    ("intent", "said", "orders"),
    [
        ("repair_status", "8821呢", [8821]),
        ("repair_urge", "加急6021", [6021]),
        ("repair_urge", "麻烦再催下7035，老人要用", [7035]),
        ("repair_status", "1203的水管什么时候来修", []),
        ("repair_reschedule", "7718这单，四点到五点半之间都行", [7718]),
        ("manager_dispatch", "906改派阿豹", [906]),
    ],
)
def test_four_figures_that_are_no_home_are_an_orders(intent: str, said: str, orders: list[int | str]) -> None:
    role = "manager" if intent.startswith("manager_") else "owner"
    assert orders_told(intent, Meaning(intent, {}, 1.0), standard(said), role) == orders


@pytest.mark.parametrize(
    ("said", "amounts"),
    [
        ("三十七块六呢", ["37.6"]),
        ("充电桩扣了五块没充上", ["5"]),
        ("把水费改成四块一", ["4.1"]),
        ("多了五十", ["50"]),
        ("物业费三块五一平", ["3.5"]),
        ("POS刷了1500", ["1500"]),
        ("改成0.68", ["0.68"]),
        ("来晚了3天", []),
        ("一百六十五块三的电费", ["165.3"]),
        ("公摊从8块涨到31块", ["8", "31"]),
        ("预存的一千怎么没了", ["1000"]),
        ("欠费超一万的约谈", ["10000"]),
        ("存3w进去", ["30000"]),
        ("物业费发短信说是三百多", ["300"]),
        ("咋比上月多出来八十多", ["80"]),
        ("我来把我妈的账一块付掉", []),
        ("多扣我三百块一个月没音信", ["300"]),
        ("检查20，换开关15，合计35", ["35"]),
        ("家里欠费显示¥1,286.40，对不对", ["1286.4"]),
        ("押金六百，那六十能退吗", ["600", "60"]),
        ("地砖掉了两块砖，没人管", []),
        ("不说清楚别想让我交一毛钱都没有", []),
        ("到底是收两千还是三千", ["2000", "3000"]),
        ("那笔1200是谁交的", ["1200"]),
        ("佢欠咗三千几蚊", ["3000"]),
        ("重复的1680退给我", ["1680"]),
        ("我退休金才两千多", []),
        ("面积89.5你们按91收的", []),
        ("打119报了", []),
        ("欠的三百六十五块八角一次缴清", ["365.8"]),
        ("停车三块一小时，停了两小时怎么收十二", ["3", "12"]),
        ("八蚊变十六蚊", ["8", "16"]),
        ("廿三蚊嗰条数", ["23"]),
        ("还我九十", ["90"]),
        ("工资到了，把九百一十二块先打过去", ["912"]),
    ],
)
def test_sums(said: str, amounts: list[str]) -> None:
    assert amounts_told(standard(said)) == amounts


def test_a_long_number_is_an_orders_where_orders_are_spoken_of() -> None:
    assert orders_told("repair_status", Meaning("repair_status", {}, 1.0), "20260312008到哪一步了", "owner") == [
        20260312008
    ]
    for said in ("13800001111", "我的座机是62331234"):
        assert orders_told("provide_info", Meaning("provide_info", {}, 1.0), said, "owner") == []


def test_periods_an_intent_has_a_use_for() -> None:
    assert period_told("bill_query", "从7月算到现在该交多少") == []
    assert period_told("bill_query", "我今天要知道上个月的水费") == ["last_month"]
    assert period_told("repair_report", "灯坏了,顺便问上个月电费") == ["last_month"]
    assert period_told("repair_report", "上个月灯就坏了") == []
    assert period_told("thanks", "谢谢,对了明天停不停水") == ["tomorrow"]
    assert period_told("manager_report", "本周维修、投诉、收费报给我") == ["this_week"]
    assert period_told("manager_dun", "欠费超过2000的发催款函") == []
    assert period_told("manager_arrears_list", "明天上门,给我欠费的名单") == []
    assert period_told("manager_broadcast", "通知大家明天停水") == ["tomorrow"]


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("94给老乔", ["老乔"]),
        ("这玩意儿我整不明白，给王师傅", ["王师傅"]),
        ("那张由阮工跟业主对接", ["阮工"]),
        ("别给小雷，给老齐", ["老齐"]),
        ("老沙去地库", ["老沙"]),
        ("老人摔了，叫电工上", []),
        ("小区停水", []),
    ],
)
def test_names_of_colleagues(said: str, who: list[str]) -> None:
    assert names_told(said) == who


def test_only_sums_are_said_by_hundreds() -> None:
    assert spoken_sums("三栋五零一上月三百六，前年两千零八十八，三百一十二号单") == {"360", "2088"}
    assert amounts_told(standard("上个月交的三百六，票没见着"), spoken={"360"}) == ["360"]
    assert amounts_told(standard("上个月交的306，票没见着"), {"306"}) == []
    assert homes_told("receipt", "昨天交的三百六，票没见着", Context("", NOW)) == []
    assert amounts_told("锅炉房欠的30块", surely=True) == ["30"]
    assert amounts_told("锅炉房30块砖", surely=True) == []


@pytest.mark.parametrize(
    ("said", "amounts"),
    [("登记收款 1203 800", ["800"]), ("首小时5元，封顶20", ["5", "20"]), ("刷卡收了3-1-101 2160", ["2160"]), ("水价从3.5调到4.1", ["3.5", "4.1"])],
)  # fmt: skip
def test_sums_in_the_books(said: str, amounts: list[str]) -> None:
    assert amounts_told(standard(said), {"1203"}, books=True) == amounts


@pytest.mark.parametrize(
    ("intent", "said", "house"),
    [
        ("repair_report", "我是803的，灯不亮", ["803"]),
        ("manager_dun", "催一下6栋", ["6"]),
        ("manager_broadcast", "只通知3栋2单元，门禁升级", ["3-2"]),
        ("repair_report", "6栋电梯按键不亮", []),
        ("repair_reopen", "8809那单不算完，还在漏", []),
        ("out_of_scope", "4-1-602那女的手机号给我", ["4-1-602"]),
        ("repair_report", "三栋二单元五楼一号没水", ["3-2-501"]),
        ("repair_report", "报修：14幢2-703窗把手断", ["14-2-703"]),
        ("manager_fee_op", "减免5-202三个月", ["5-202"]),
        ("manager_dun", "这几家：301、502、904，催物业费", ["301", "502", "904"]),
        ("meter_reading", "三栋一单元九零二九十六", ["3-1-902"]),
        ("repair_status", "1102的洗碗池通了没有", ["1102"]),
        ("repair_report", "3栋电梯坏了", []),
        ("bill_query", "尾号1203的卡扣了钱", []),
        ("provide_info", "俺住三号楼二门四楼东头那户，四零一", ["3-2-401"]),
        ("bill_query", "我们家是二东一员幺零三", ["2-1-103"]),
        ("pay", "把B1-112的停车费续到年底", ["车位-B1-112"]),
        ("bind_house", "房间号写的C2109", ["C-2109"]),
        ("repair_report", "3栋2单元楼道灯坏了", ["3-2"]),
        ("receipt", "把7-1-303三季度收据打出来", ["7-1-303"]),
        ("manager_fee_op", "给1203减两百二", ["1203"]),
        ("meter_reading", "抄表602 1408", ["602"]),
        ("bill_query", "查一下A1203的物业费", ["A-1203"]),
        ("repair_report", "不行我报119", []),
        ("out_of_scope", "3-2-501家有什么人", ["3-2-501"]),
        ("pay", "我要缴三动二单员五洞一的物业非", ["3-2-501"]),
        ("bind_house", "十三号楼二门幺八洞三帮我登记", ["13-2-1803"]),
        ("pay", "三洞五零一的物业费", ["3-501"]),
        ("manager_collection_rate", "五懂的物业费收缴率", ["5"]),
    ],
)
def test_homes(intent: str, said: str, house: list[str]) -> None:
    assert homes_told(intent, said, Context("", NOW)) == house


@pytest.mark.parametrize(
    ("said", "periods"),
    [
        ("账单202403", ["2024-03"]),
        ("24年3月的", ["2024-03"]),
        ("二月到五月的停车费", ["02", "03", "04", "05"]),
        ("帮我对一下八月九月十月的实付", ["08", "09", "10"]),
        ("冲红A座1203九月那张", ["09"]),
        ("一季度和Q3", ["Q1", "Q3"]),
        ("去年11月的记录", ["11"]),
        ("不是查这个月的，是查去年整年的", ["last_year"]),
        ("今個月貴咗", ["this_month"]),
        ("上礼拜三交的", ["last_week"]),
        ("近三年", ["last_3_years"]),
        ("7、8两个月水费", ["07", "08"]),
        ("四五六三个月的", ["04", "05", "06"]),
        ("2026年第三季度", ["Q3"]),
        ("停个车60一月", []),
        ("上個禮拜", ["last_week"]),
        ("2024收缴率", ["2024"]),
        ("1203室", []),
    ],
)
def test_periods(said: str, periods: list[str]) -> None:
    assert periods_told(standard(said)) == periods


@pytest.mark.parametrize(
    ("said", "months", "days"),
    [
        ("减免三个月", [3], []),
        ("交半年的", [6], []),
        ("欠两年以上的", [24], []),
        ("上半年的", [], []),
        ("去年一年", [], []),
        ("请两天假", [], [2]),
        ("打卡第十二天", [], [12]),
        ("估计一周", [], [7]),
        ("停水二十天", [], [20]),
        ("5号来", [], []),
    ],
)
def test_spans(said: str, months: list[int], days: list[int]) -> None:
    assert (months_told(standard(said)), days_told(standard(said))) == (months, days)


@pytest.mark.parametrize(
    ("intent", "said", "readings"),
    [
        ("meter_reading", "302 419", ["419"]),
        ("meter_reading", "水表：6-2-803，上月211，本月224", ["224"]),
        ("meter_reading", "三栋四单员一零二水表是九十八点六", ["98.6"]),
        ("meter_reading", "3-2-501今天的度数一千二百八十六", ["1286"]),
        ("inspection_report", "泵房压力零点四三，电流18.9", ["0.43", "18.9"]),
        ("inspection_report", "三相 388 391 386，温度29", ["388", "391", "386", "29"]),
        ("inspection_report", "3号泵有两个螺丝松了", []),
    ],
)
def test_readings(intent: str, said: str, readings: list[str]) -> None:
    assert readings_told(intent, said) == readings


@pytest.mark.parametrize(
    ("said", "awaiting", "places"),
    [
        ("厨房水管漏水", "", ["厨房"]),
        ("3栋2单元501厨房漏水", "", ["厨房"]),
        ("3栋一楼大堂灯不亮", "", ["3栋一楼大堂"]),
        ("地下室和楼道都没灯", "", ["地下室", "楼道"]),
        ("就在洗衣房水槽底下那块", "ask_location", ["洗衣房水槽底下"]),
        ("我住3栋", "ask_house", []),
    ],
)
def test_places(said: str, awaiting: str, places: list[str]) -> None:
    intent = "provide_info" if awaiting else "repair_report"
    assert places_told(intent, said, awaiting) == places


@pytest.mark.parametrize(
    ("intent", "said", "when"),
    [
        ("repair_report", "马桶堵了，明天下午三点以后来", ["明天下午三点以后"]),
        ("repair_report", "昨晚开始厨房漏水", []),
        ("repair_report", "今天早上又漏了", []),
        ("repair_reschedule", "原来说明天，改大后天成不", ["大后天"]),
        ("repair_reschedule", "不是周六，改周日下午", ["周日下午"]),
        ("repair_reschedule", "十点不行，挪到十一点半", ["十一点半"]),
        ("provide_info", "后天下五一点到三点", ["后天下午一点到三点"]),
        ("provide_info", "随时都行", ["随时"]),
        ("manager_broadcast", "发公告 明天上午8点到12点3栋停水", ["明天上午8点到12点"]),
        ("staff_leave", "25号请假", ["25号"]),
        ("bill_query", "明天交多少", []),
    ],
)
def test_times_to_come(intent: str, said: str, when: list[str]) -> None:
    assert visits_told(intent, said, "ask_time" if intent == "provide_info" else "") == when


@pytest.mark.parametrize(
    ("intent", "said", "chosen"),
    [
        ("poll_vote", "我投第二个噻", ["2"]),
        ("poll_vote", "把我的票从A改成C", ["C"]),
        ("poll_vote", "不赞成", ["不赞成"]),
        ("poll_vote", "不弃权，投赞成", ["赞成"]),
        ("poll_vote", "选绿色塑胶那款", ["绿色塑胶"]),
        ("poll_vote", "我选方案二", ["方案二"]),
        ("provide_info", "头一套", ["1"]),
        ("provide_info", "不是第一套，是第二套", ["2"]),
        ("manager_poll_create", "加装电梯，同意/不同意/弃权，截止月底", ["同意", "不同意", "弃权"]),
        ("bill_query", "选2", []),
    ],
)
def test_choices(intent: str, said: str, chosen: list[str]) -> None:
    assert choices_told(intent, said, "choose_house" if intent == "provide_info" else "") == chosen


@pytest.mark.parametrize(
    ("intent", "said", "count"),
    [
        ("manager_arrears_list", "欠费前十", [10]),
        ("bill_history", "最近三笔付款", [3]),
        ("points_redeem", "80分能换啥", [80]),
        ("inspection_report", "楼道灯坏了两个", [2]),
        ("inspection_report", "2号泵正常", []),
        ("bill_query", "三笔", []),
    ],
)
def test_counts(intent: str, said: str, count: list[int]) -> None:
    assert counts_told(intent, standard(said)) == count


@pytest.mark.parametrize(
    ("said", "intent", "also"),
    [
        ("帮我解绑5-1-801，再开张收据", "unbind", ["receipt"]),
        ("水管漏水了，另外物业费多少", "repair_report", ["bill_query"]),
        ("厨房水管漏水，再不来我就投诉了", "repair_report", []),
        ("怎么还有水费", "bill_explain", []),
        ("账单，积分，打卡", "bill_query", ["points_query", "checkin"]),
        ("报修，谢谢", "repair_report", []),
    ],
)
def test_several_wishes(said: str, intent: str, also: list[str]) -> None:
    """Only what begins like another wish and is sure is one; the first stays first."""
    meaning = build_understanding().understand(said, "owner", Context("", NOW))
    assert (meaning.intent, [other.intent for other in meaning.also]) == (intent, also)


@pytest.mark.parametrize(
    ("said", "fees"),
    [
        ("不是物业费，是停车费", ["停车费"]),
        ("公摊水费怎么算", ["公摊"]),
        ("水电一共多少", ["水费", "电费"]),
        ("车位管理费", ["停车费"]),
        ("多少钱", []),
    ],
)
def test_fees(said: str, fees: list[str]) -> None:
    assert fees_told(standard(said), {}) == fees


def test_what_it_is_about() -> None:
    """The words of things.tsv count beside what was learned, several only where several are sure."""
    nothing = dict.fromkeys(things(), -0.4)
    assert categories_told("repair_report", "晾衣架掉下来了", nothing)[0] in ("设施", "家电")
    assert categories_told("repair_report", "马桶堵了", nothing) == ["管道"]
    assert categories_told("repair_report", "两样都坏了", nothing | {"水": 0.5, "照明": 0.4}) == ["水", "照明"]
    assert categories_told("repair_urge", "快点来", nothing) == []
    assert categories_told("bill_query", "马桶堵了", nothing) == []


def test_every_flow_has_an_intent_that_is_known_outside() -> None:
    shared = {sentence.intent for sentence in sentences(CORPUS)}
    unknown = {flow.intent for flow in FLOWS} - shared - set(COARSER)
    assert not unknown, "stand neither in the shared list nor in handlers/phrases/coarser.py"
    assert set(COARSER.values()) <= shared


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
