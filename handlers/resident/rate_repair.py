"""评价: 1 to 5, in digits or words, as the answer to the finished work or by number later."""

import re
from dataclasses import replace

from bot.flow import Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.resident.own_order import chosen_order, fitting_orders, order_slot
from handlers.speaker import Person
from models.workorders.actions import rate, remark
from models.workorders.queries import rated_lately
from models.workorders.states import OPEN

# The command and its numbers, without a word of why.
_ONLY_STARS = re.compile(r"(?:评价)?[\s#＃\d０-９一二三四五两个颗号单]*[星分]?[。.!！\s]*")

STARS = tuple(
    Choice(stars, words) for stars, words in enumerate(("很不满意", "不满意", "一般", "满意", "很满意"), start=1)
)


FINISHED = ("WAIT_CONFIRM",)
ORDER = order_slot(FINISHED, "您现在没有等着评价的维修。", "要评价哪一张？")


def ask_order(turn: Turn) -> Question:
    """Which one; or why there is none: 「修好了」 may be said of work the worker has not finished for us yet."""
    unfinished = fitting_orders(turn, OPEN)
    if unfinished and not fitting_orders(turn, FINISHED):
        number = unfinished[0].id
        return Done(f"#{number} 师傅还没报完工，报了就请您打分。真的不用来了，请回复「取消报修 {number}」。")
    return ORDER.ask(turn) if callable(ORDER.ask) else ORDER.ask


def known_order(turn: Turn) -> int | None:
    """The only one that waits for it; with none, the one that was just rated: 「改成三分」 is said of that."""
    waiting = fitting_orders(turn, FINISHED)
    if waiting:
        return waiting[0].id if len(waiting) == 1 else None
    person: Person = turn.speaker
    rated = rated_lately(turn.session, person.account, person.openid, turn.now)
    return rated[0].order.id if len(rated) == 1 and turn.said("rating") else None


def take_stars(turn: Turn) -> Outcome:
    """Words that leave it open are asked about once; who says such words again is not pressed, but what they said is kept."""
    if turn.asked == "stars" and turn.choice is not None:
        return Next(int(turn.choice))
    said = turn.said("rating")
    if said:
        return Next(int(said))
    if turn.asked == "stars" and turn.said("opinion"):
        order, person = chosen_order(turn), turn.speaker
        words = " ".join(dict.fromkeys(one for one in (str(turn.slots.get("words", "")), turn.text) if one))
        remark(turn.session, order, now=turn.now, actor=person.actor(), text=words)
        return Done(f"好的，您的话记在 #{order.id} 上了，分先不打。想打分时回复「评价 {order.id} 4」这样就行。")
    return None


def take_words(turn: Turn) -> Outcome:
    """What was said besides the number: the manager wants to read 「太差了，等了两个小时」."""
    words = str(turn.said("text") or turn.text).strip()
    if turn.meaning.intent != FLOW.intent or _ONLY_STARS.fullmatch(words):
        return None
    return Next(words)


def thank(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order, stars = chosen_order(turn), int(turn.slots["stars"])
    rate(turn.session, order, now=turn.now, actor=person.actor(), stars=stars, text=str(turn.slots.get("words", "")))
    if stars <= 2:
        return Done(
            f"谢谢您说实话，#{order.id} 没让您满意，很抱歉。已经告诉经理，一天内会联系您。\n"
            f"要是还没修好，回复「没修好 {order.id}」，马上安排人再来。"
        )
    return Done(f"谢谢您的评价！#{order.id} 记下了{stars}分。以后有事随时说。")


FLOW = Flow(
    intent="repair_rate",
    title="评价这次维修",
    commands=("评价 {order_no?} {rating?} {text?}", "打分 {rating}", "点评 {opinion}"),
    examples=EXAMPLES["repair_rate"],
    awaiting=frozenset({"awaiting_rating"}),
    slots=(
        replace(ORDER, ask=ask_order, known=known_order),
        Slot("stars", take=take_stars, ask=lambda turn: Ask("修得怎么样？", STARS), awaiting="awaiting_rating"),
        Slot("words", take=take_words, optional=True),
    ),
    finish=thank,
)
