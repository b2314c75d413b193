"""「为什么超时」: how the time of an order was counted, step by step, in words anybody can check on a calendar. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.calendar import SHANGHAI, Calendar, Hours, Stop, between, midnight_of
from models.workorders.sla import ARRIVE, CLOCK_NAMES, FINISH, RESPONSE, Clock, Facts, Pause, Rules
from models.workorders.states import PRIORITY_NAMES, STATE_NAMES
from models.workorders.time_words import length

_BEGAN = {"": "报修", "reopen": "说没修好，重新打开", "set_priority": "改成了这一级"}
_STOPPED = {RESPONSE: "有师傅接单", ARRIVE: "师傅到场", FINISH: "修好"}
_RUNNING = {RESPONSE: "还没有师傅接单", ARRIVE: "师傅还没到场", FINISH: "还没修好"}
_WEEKDAYS = "一二三四五六日"
MOST_DAYS = 9
MOST_PAUSES = 4


def explain(order_id: int, state: str, facts: Facts, clocks: Sequence[Clock], rules: Rules, now: datetime) -> list[str]:
    """One line a step: what began it, which hours count, each clock with its limit and result, and the days of the one
    that matters most."""
    always = rules.limits[facts.priority].always
    lines = [
        f"#{order_id} {facts.priority} {PRIORITY_NAMES[facts.priority]}（{STATE_NAMES[state]}），时间是这样算的：",
        f"{_stamp(facts.started_at)} {_BEGAN[facts.started_by]}，开始算。",
        "特急和紧急的单全天都算，不分昼夜。" if always else f"只算上班时间：{week_words(rules.calendar)}。",
    ]
    storm = next((clock.storm for clock in clocks if clock.storm is not None), None)
    if storm is not None:
        lines.append(
            f"{_stamp(storm.begins)}到{_stamp(storm.ends)}是暴雨模式，一般单的时限延长{rules.storm_percent}%。"
        )
    lines += [_clock_line(clock, now) for clock in clocks]
    focus = _focus(clocks, now)
    if focus is None:
        return lines
    if not focus.appointed and not always:
        lines += _days_of(focus, now)
    if focus.name != RESPONSE:
        lines += _pause_lines(facts.pauses, now, rules.pause_days)
    return lines


def week_words(calendar: Calendar) -> str:
    """每天08:00-18:00; 周一至周五08:00-12:00、13:00-18:00，周六09:00-12:00."""
    runs: list[tuple[int, int, Hours]] = []
    for weekday, hours in enumerate(calendar.week):
        if runs and runs[-1][2] == hours:
            runs[-1] = (runs[-1][0], weekday, hours)
        else:
            runs.append((weekday, weekday, hours))
    if len(runs) == 1:
        return f"每天{_hours_words(runs[0][2])}"
    return "，".join(f"{_weekdays(first, last)}{_hours_words(hours)}" for first, last, hours in runs if hours)


def _clock_line(clock: Clock, now: datetime) -> str:
    end = clock.stopped_at or now
    counted = between(clock.calendar, clock.started_at, end, clock.stops)
    limit = "按约定，" if clock.appointed else f"限{length(clock.seconds)}，到"
    before = "前" if clock.appointed else ""
    ended = f"{_stamp(clock.stopped_at)} {_STOPPED[clock.name]}" if clock.stopped_at else _RUNNING[clock.name]
    used = "" if clock.appointed else f"，用了{length(counted)}"
    in_time = "没有超时" if clock.stopped_at is not None else "还没有超时"
    result = f"超时{length(clock.late_by(now))}" if clock.is_late(now) else in_time
    return f"{CLOCK_NAMES[clock.name]}：{limit}{_stamp(clock.deadline)}{before}；{ended}{used}，{result}。"


def _focus(clocks: Sequence[Clock], now: datetime) -> Clock | None:
    """The clock people ask about: the last one that is late, else the next one to stop."""
    late = [clock for clock in clocks if clock.is_late(now)]
    running = [clock for clock in clocks if clock.stopped_at is None]
    return late[-1] if late else next(iter(running), None)


@dataclass(frozen=True)
class _Days:
    """Days in a row that are alike."""

    first: date
    last: date
    seconds: int
    why: str

    def words(self) -> str:
        days = _day(self.first) if self.first == self.last else f"{_day(self.first)}至{_day(self.last)}"
        each = "每天" if self.first != self.last and self.seconds else ""
        return f"{days} {each}{f'算{length(self.seconds)}' if self.seconds else f'{self.why}，不算'}"


def _days_of(clock: Clock, now: datetime) -> list[str]:
    end = min(clock.stopped_at or now, clock.deadline)
    runs = list(_alike(clock.calendar, clock.started_at, end, clock.stops))
    lines = [f"「{CLOCK_NAMES[clock.name]}」的时间一天一天数：", *(run.words() for run in runs[:MOST_DAYS])]
    if len(runs) > MOST_DAYS:
        lines.append(f"……后面到{_day(runs[-1].last)}照样数。")
    return lines


def _alike(calendar: Calendar, start: datetime, end: datetime, stops: Sequence[Stop]) -> Iterator[_Days]:
    run: _Days | None = None
    for day in _dates(start, end):
        begins = max(start, midnight_of(day))
        ends = min(end, midnight_of(day + timedelta(days=1)))
        seconds = between(calendar, begins, ends, stops)
        why = _why_closed(calendar, day, begins, ends) if not seconds else ""
        if run is not None and (run.seconds, run.why) == (seconds, why):
            run = _Days(run.first, day, seconds, why)
            continue
        if run is not None:
            yield run
        run = _Days(day, day, seconds, why)
    if run is not None:
        yield run


def _why_closed(calendar: Calendar, day: date, begins: datetime, ends: datetime) -> str:
    if between(calendar, begins, ends):
        return "暂停"
    if not calendar.hours_on(day):
        return calendar.note_on(day) or "休息"
    return "下班后" if begins > midnight_of(day) else "上班前"


def _pause_lines(pauses: Sequence[Pause], now: datetime, days: int) -> list[str]:
    lines = [
        f"{_stamp(pause.begins)}到{_stamp(pause.ends) if pause.ends else '现在'} 暂停，不算：{pause.reason[:16] or '挂起'}。"
        for pause in pauses[-MOST_PAUSES:]
    ]
    total = sum(((pause.ends or now) - pause.begins for pause in pauses), timedelta())
    if total > timedelta(days=days):
        lines.append(f"暂停合起来最多{days}天，超出的部分照算。")
    return lines


def _dates(start: datetime, end: datetime) -> Iterator[date]:
    day, last = start.astimezone(SHANGHAI).date(), end.astimezone(SHANGHAI).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def _hours_words(hours: Hours) -> str:
    spans = (f"{b // 60:02}:{b % 60:02}-{e // 60:02}:{e % 60:02}" for b, e in hours)
    return "、".join(spans)


def _weekdays(first: int, last: int) -> str:
    return f"周{_WEEKDAYS[first]}" if first == last else f"周{_WEEKDAYS[first]}至周{_WEEKDAYS[last]}"


def _day(day: date) -> str:
    return f"{day:%m-%d}周{_WEEKDAYS[day.weekday()]}"


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}"
