"""挂起: what it waits for, and until when; the owner hears both."""

from datetime import date, datetime

from bot.flow import Ask, Choice, Done, Flow, Next, Outcome, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.which_order import chosen_order, free_words, in_hand, order_slot
from models.workorders.actions import pause
from models.workorders.actions_worker import PAUSE_REASONS

ASK_REASON = Ask("在等什么？请选一个，或直接说。", tuple(Choice(reason, reason) for reason in PAUSE_REASONS))


def take_reason(turn: Turn) -> Outcome:
    if turn.asked == "reason":
        return Next(str(turn.choice or turn.text).strip())
    words = free_words(turn, "staff_pause", ("挂起", "暂停"))
    return Next(words) if words else None


def take_until(turn: Turn) -> Outcome:
    """The day in 「周五到」, if one was said."""
    said = turn.said("appointment")
    begins = said.get("from") if isinstance(said, dict) else None
    return Next(datetime.fromisoformat(begins).date().isoformat()) if begins else None


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order, until = chosen_order(turn), turn.slots.get("until")
    day = date.fromisoformat(until) if until else None
    if day is not None and day <= turn.now.date():
        day = None
    pause(turn.session, order, now=turn.now, actor=person.actor(), reason=turn.slots["reason"], until=day)
    when = f"{day.month}月{day.day}日会提醒您继续。" if day else ""
    return Done(f"#{order.id} 已挂起，已告诉住户。{when}可以继续了请回复「恢复 {order.id}」。")


FLOW = Flow(
    intent="staff_pause",
    title="挂起工单",
    roles=frozenset({"staff"}),
    commands=("挂起 {order_no?} {text?}",),
    examples=EXAMPLES["staff_pause"],
    awaiting=frozenset({"order_in_progress"}),
    slots=(
        order_slot(in_hand("TAKEN", "ON_SITE"), "您手上没有可以挂起的单。", "要挂起哪一单？", "pause"),
        Slot("until", take=take_until, optional=True),
        Slot("reason", take=take_reason, ask=lambda turn: ASK_REASON, free_text=True),
    ),
    finish=finish,
    refusal="挂起是师傅用的。想改时间，请回复「人工」。",
)
