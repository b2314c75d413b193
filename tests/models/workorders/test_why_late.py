"""「为什么超时」 as it is read: every figure can be checked with a calendar and a pencil."""

from dataclasses import replace
from datetime import date, datetime

from models.calendar import SHANGHAI, Calendar, Day
from models.workorders.sla import DEFAULTS, Facts, Pause, Rules, Storm, read_clocks
from models.workorders.why_late import explain, week_words

OFFICE = ((480, 720), (780, 1080))
HOLIDAY = {date(2026, 3, 12): Day((), "厂休")}
RULES = Rules(Calendar((*(OFFICE,) * 5, (), ()), HOLIDAY), DEFAULTS)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


def words(facts: Facts, now: datetime, rules: Rules = RULES, state: str = "TAKEN") -> list[str]:
    return explain(12, state, facts, read_clocks(facts, rules, now), rules, now)


def test_the_whole_of_it_over_a_weekend_and_a_holiday() -> None:
    facts = Facts("P2", at(10, 9, 30), answered_at=at(10, 9, 34))
    assert words(facts, at(16, 9)) == [
        "#12 P2 一般（已接单），时间是这样算的：",
        "03-10 09:30 报修，开始算。",
        "只算上班时间：周一至周五08:00-12:00、13:00-18:00。",
        "接单：限30分钟，到03-10 10:00；03-10 09:34 有师傅接单，用了4分钟，没有超时。",
        "上门：限24小时，到03-13 16:30；师傅还没到场，用了26小时30分，超时2小时30分。",
        "修好：限48小时，到03-18 13:30；还没修好，用了26小时30分，还没有超时。",
        "「上门」的时间一天一天数：",
        "03-10周二 算7小时30分",
        "03-11周三 算9小时",
        "03-12周四 厂休，不算",
        "03-13周五 算7小时30分",
    ]


def test_pauses_are_named_with_their_reason() -> None:
    facts = Facts(
        "P2", at(10, 9), answered_at=at(10, 9), arrived_at=at(10, 9, 30),
        pauses=(Pause(at(10, 10), at(11, 10), "等配件"), Pause(at(11, 12), None, "天气")),
    )  # fmt: skip
    said = words(facts, at(11, 15), state="PAUSED")
    assert said[-2:] == ["03-10 10:00到03-11 10:00 暂停，不算：等配件。", "03-11 12:00到现在 暂停，不算：天气。"]


def test_a_storm_is_named_with_its_hours() -> None:
    storm = replace(RULES, storms=(Storm(1, at(10, 9), at(10, 20)),))
    said = words(Facts("P2", at(10, 9, 30)), at(10, 9, 31), storm)
    assert "03-10 09:00到03-10 20:00是暴雨模式，一般单的时限延长50%。" in said
    assert any(line.startswith("接单：限45分钟，到03-10 10:15") for line in said)


def test_what_is_urgent_counts_day_and_night_and_needs_no_days() -> None:
    said = words(Facts("P1", at(10, 23)), at(11, 1))
    assert "特急和紧急的单全天都算，不分昼夜。" in said
    assert said[-1].startswith("修好：限4小时，到03-11 03:00")


def test_days_alike_stand_in_one_line_and_a_long_story_stays_short() -> None:
    rules = replace(RULES, calendar=Calendar((OFFICE,) * 7))
    said = words(Facts("P3", at(1, 7), answered_at=at(1, 8)), at(12, 9), rules)
    assert "03-01周日至03-07周六 每天算9小时" in said
    alternating = replace(RULES, calendar=Calendar((OFFICE, (), OFFICE, (), OFFICE, (), OFFICE)))
    long = words(Facts("P3", at(1, 7), answered_at=at(1, 8)), at(31, 9), alternating)
    assert len("\n".join(long).encode()) < 2000


def test_reopened_or_made_more_urgent_it_says_what_began_it() -> None:
    assert "03-10 14:00 说没修好，重新打开，开始算。" in words(Facts("P2", at(10, 14), "reopen", 1), at(10, 15))
    assert "03-10 14:00 改成了这一级，开始算。" in words(Facts("P1", at(10, 14), "set_priority", 1), at(10, 15))


def test_the_week_in_words() -> None:
    assert week_words(Calendar((((480, 1080),),) * 7)) == "每天08:00-18:00"
    saturday = Calendar((*(OFFICE,) * 5, ((540, 720),), ()))
    assert week_words(saturday) == "周一至周五08:00-12:00、13:00-18:00，周六09:00-12:00"
