"""暴雨模式 开 到…, 暴雨模式 关: ordinary orders get more time for a while, and whoever waits hears so. Confirmed first."""

import re
from datetime import datetime, timedelta

from bot.flow import Again, Done, Flow, Next, Outcome, Slot, Turn
from bot.understanding.normalise import standard
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from models.workorders.clock_rules import rules_of
from models.workorders.storms import LONGEST, begin_storm, end_storm, how_many_wait, storms_now

ON, OFF = "on", "off"
ASK_UNTIL = "开到什么时候？请说一个时间，比如「今晚10点」「明天中午12点」「6小时」。"
_OFF = re.compile(r"关|停|取消|结束|退出|解除")
_ON = re.compile(r"开|启动|进入|打开|到")
_HOURS = re.compile(r"(\d{1,3})\s*个?(?:小时|钟头)")


def take_way(turn: Turn) -> Outcome:
    if turn.asked == "until":
        return None
    if _OFF.search(turn.text):
        return Next(OFF)
    return Next(ON) if _ON.search(turn.text) else None


def known_way(turn: Turn) -> str | None:
    """The word alone turns it on; when it is on already, it is told until when, and the other way is what is left."""
    person: Person = turn.speaker
    return OFF if storms_now(turn.session, person.actor(), turn.now) else ON


def take_until(turn: Turn) -> Outcome:
    ends = _end_in(turn)
    if ends is None:
        return Again(ASK_UNTIL) if turn.asked == "until" else None
    if not turn.now < ends <= turn.now + LONGEST:
        return Again(f"要现在以后的时间，最长{LONGEST.days}天。") if turn.asked == "until" else None
    return Next(ends.isoformat())


def known_until(turn: Turn) -> str | None:
    return "-" if turn.slots["way"] == OFF else None


def confirm(turn: Turn) -> str:
    person: Person = turn.speaker
    if turn.slots["way"] == OFF:
        return "结束暴雨模式，一般单恢复平时的时限？"
    percent = rules_of(turn.session, person.company_id or 0, turn.now).numbers["storm_percent"]
    waiting = how_many_wait(turn.session, person.actor())
    told = f"，并告诉正在等的 {waiting} 单的住户会慢一些" if waiting else ""
    return f"从现在到{_words(turn.slots['until'])}打开暴雨模式：一般单时限延长{percent}%{told}。特急、紧急的单不变。"


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    if turn.slots["way"] == OFF:
        end_storm(turn.session, now=turn.now, actor=person.actor())
        return Done("暴雨模式已结束，新报的一般单按平时的时限算。")
    ends = datetime.fromisoformat(turn.slots["until"])
    begin_storm(turn.session, ends=ends, now=turn.now, actor=person.actor())
    return Done(f"暴雨模式已打开，到{_words(turn.slots['until'])}自动结束。提前结束请回复「暴雨模式 关」。")


def _end_in(turn: Turn) -> datetime | None:
    if match := _HOURS.search(standard(turn.text)):
        return turn.now + timedelta(hours=int(match[1]))
    said = turn.said("appointment")
    if not isinstance(said, dict) or "from" not in said:
        return None
    return datetime.fromisoformat(said.get("until") or said["from"])


def _words(ends: str) -> str:
    return f"{datetime.fromisoformat(ends):%m月%d日%H:%M}"


FLOW = Flow(
    intent="manager_storm",
    title="开关暴雨模式",
    roles=frozenset({"manager"}),
    commands=("暴雨模式 {text?}", "关闭暴雨模式", "结束暴雨模式", "打开暴雨模式 {text?}"),
    examples=EXAMPLES["manager_storm"],
    slots=(
        Slot("way", take=take_way, known=known_way),
        Slot("until", take=take_until, known=known_until, ask=ASK_UNTIL, awaiting="ask_time"),
    ),
    confirm=confirm,
    finish=finish,
    refusal="暴雨模式由物业经理来开。有险情请直接告诉我是什么情况。",
)
