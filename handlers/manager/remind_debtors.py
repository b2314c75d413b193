"""催缴: who would be reminded is shown with counts and sums, step by step; what is confirmed is what is sent."""

import re
from collections.abc import Sequence
from typing import Any

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.which_compounds import names_meant
from models.dunning.actions import remind, why_not_now
from models.dunning.queries import Late, late_homes, rules_of
from models.dunning.steps import FIRST, LAWYER, LETTER, SECOND
from models.estate.numerals import numerals_to_digits
from models.estate.queries import communities_of, find_homes, said_homes
from models.money import shown

AT_ONCE = 500  # homes of one confirmation: what is more waits for the next
NAMED = 6
_WITHOUT = re.compile(r"不含|不包括|除了|除|不要|不发|排除|去掉")
_MONTHS = re.compile(r"(\d{1,2})(个月|年)(?:及)?以上")
NOBODY = "现在没有要催的：没有过期3天以上没交的，或者7天内已经提醒过、已经暂停催缴。看名单回复「欠费」。"


def _named(turn: Turn, words: str, compounds: Sequence[int]) -> list[int]:
    return [
        home.id
        for said in said_homes(words)
        for home in find_homes(turn.session, said, community_ids=compounds, limit=AT_ONCE)
    ]


def take_homes(turn: Turn) -> Outcome:
    """[home, step, due] of each that is to be reminded: those named, or everybody but those named after 不含."""
    if "homes" in turn.slots:
        return None
    compounds = list(names_meant(turn))
    parts = _WITHOUT.split(turn.text, maxsplit=1)
    said = said_homes(parts[0])
    only = _named(turn, parts[0], compounds)
    if said and not only:
        return Done("没有找到这一户，什么都没有发。请说「催缴 3-2-501」。")
    without = set(_named(turn, parts[1], compounds)) if len(parts) > 1 else set()
    if len(parts) > 1 and not without:
        return Done("没有找到要去掉的那一户，什么都没有发。请说「催缴 不含 3-2-501」。")
    rules = rules_of(turn.session, turn.speaker.company_id or 0)
    late = late_homes(turn.session, compounds, rules, turn.now, homes=only)
    if only and all(one.room for one in said):
        # Whoever names a home has looked at it: a late repair of theirs is mentioned and does not hold it back.
        return _one_by_one(turn, late)
    months = _at_least(turn.text)
    late = [one for one in late if one.months >= months]
    chosen = [one for one in _ready(late) if not one.order and one.home.id not in without]
    turn.slots["aside"] = _aside(late, without)
    if not chosen:
        return Done("\n".join([NOBODY, *turn.slots["aside"]]))
    return Next([_kept(one) for one in chosen[:AT_ONCE]])


def _at_least(text: str) -> int:
    """欠三个月以上的, 欠半年以上的: only those."""
    words = numerals_to_digits(text.replace("半年", "6个月").replace("两", "2"))
    match = _MONTHS.search(words)
    return int(match[1]) * (12 if match[2] == "年" else 1) if match else 0


def _one_by_one(turn: Turn, late: Sequence[Late]) -> Outcome:
    ready = _ready(late)
    turn.slots["aside"] = [f"· {one.label}报的 #{one.order} 超时还没修好，提醒里会写明" for one in ready if one.order]
    if ready:
        return Next([_kept(one) for one in ready])
    return Done("\n".join(_why_not(one) for one in late) or "这一户没有过期没交的。")


def _why_not(one: Late) -> str:
    why = f"已经暂停催缴（{one.stops}）" if one.stops else ""
    why = why or ("" if one.rested else "7天内已经提醒过")
    why = why or ("没有人绑定微信，请打电话，打完回复「登记催缴」" if not one.reachable else "")
    why = why or (
        "该出催款函了，请回复「催款函」" if one.step and one.step.number == LETTER else "还没到下一次提醒的日子"
    )
    return f"{one.label} 欠{shown(one.fen)}，{why}。"


def _ready(late: Sequence[Late]) -> list[Late]:
    return [
        one
        for one in late
        if one.step and one.step.number in (FIRST, SECOND) and not one.stops and one.rested and one.reachable
    ]


def _aside(late: Sequence[Late], without: set[int]) -> list[str]:
    """Who is not among them, and why."""
    due = [one for one in late if one.step is not None and not one.stops]
    waiting = [one for one in _ready(late) if one.order and one.home.id not in without]
    unbound = [one for one in due if not one.reachable and one.step and one.step.number in (FIRST, SECOND)]
    groups = (
        ("没发，报修超时没修好，请看过再单独催", waiting),
        ("没绑定微信，请打电话", unbound),
        ("该出催款函，回复「催款函」", [one for one in due if one.step and one.step.number == LETTER]),
        ("该准备律师材料，回复「律师材料」", [one for one in due if one.step and one.step.number == LAWYER]),
        ("已暂停催缴", [one for one in late if one.stops]),
        ("这次不催", [one for one in late if one.home.id in without]),
    )
    return [
        f"· {words}：{len(those)}户（{'、'.join(one.home.label for one in those[:NAMED])}{'…' if len(those) > NAMED else ''}）"
        for words, those in groups
        if those
    ]


def _kept(one: Late) -> list[Any]:
    return [one.home.id, one.step.number if one.step else 0, one.fen]


def question(turn: Turn) -> str:
    rules = rules_of(turn.session, turn.speaker.company_id or 0)
    lines = ["要发这些催缴提醒吗？"]
    for number in (FIRST, SECOND):
        those = [fen for _, step, fen in turn.slots["homes"] if step == number]
        if those:
            lines.append(f"· {rules.step(number).name} {len(those)}户 {shown(sum(those))}")
    return "\n".join([*lines, *turn.slots.get("aside", [])])


def send(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    chosen = {home: step for home, step, _ in turn.slots["homes"]}
    compounds = [
        community.id for community in communities_of(turn.session, person.company_id or 0, only=person.community_ids)
    ]
    if problem := why_not_now(turn.session, person.company_id or 0, compounds, turn.now):
        return Done(problem)
    rules = rules_of(turn.session, person.company_id or 0)
    late = late_homes(turn.session, compounds, rules, turn.now, homes=list(chosen))
    sent = [
        one
        for one in late
        if one.step is not None
        and one.step.number == chosen[one.home.id]
        and remind(turn.session, one, by=person.log_name, now=turn.now)
    ]
    said = f"发了{len(sent)}户，{shown(sum(one.fen for one in sent))}。"
    left = len(chosen) - len(sent)
    return Done(f"{said}\n{left}户没有发：刚刚交了、停了或者别人已经发了。" if left else said)


FLOW = Flow(
    intent="manager_dun",
    title="催缴",
    roles=frozenset({"manager"}),
    commands=("催缴 {text?}",),
    examples=EXAMPLES["manager_dun"],
    slots=(Slot("homes", take=take_homes),),
    confirm=question,
    finish=send,
    refusal="这是物业内部用的。看自己家的，请回复「账单」。",
)
FLOWS = (FLOW,)
