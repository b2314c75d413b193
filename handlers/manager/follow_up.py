"""回访: whom the office still has to call; 回访 N: somebody called, how the owner found it, and the order is closed."""

import re

from bot.flow import Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.speaker import Person
from handlers.which_order import chosen_order, said_text, short, take_order_no
from models.people.names import masked_phone
from models.workorders.actions import visited
from models.workorders.actions_follow_up import must_be_visitable
from models.workorders.follow_up import CALLS, LOW_RATING, RESULTS, SATISFIED, SO_SO, UNHAPPY, UNREACHED, time_left
from models.workorders.follow_up_lists import Owed, call_about, calls_to_make
from models.workorders.queries import find
from models.workorders.rating_words import verdict_of

SHOWN = 8
NOTHING = "现在没有要回访的单。"

_NOBODY_ANSWERED = re.compile(r"联系不上|没联系上|打不通|没人接|无人接|没有?接|不接|关机|空号|停机|占线")
_ONLY_THE_RESULT = re.compile(rf"(?:{'|'.join(RESULTS)})[了的。!！]*")


def take_order(turn: Turn) -> Outcome:
    """One that may be called about, or the answer why not."""
    taken = take_order_no(turn)
    if isinstance(taken, Next):
        person: Person = turn.speaker
        actor = person.actor()
        must_be_visitable(turn.session, find(turn.session, actor, int(taken.value)), actor)
    return taken


def only_order(turn: Turn) -> int | None:
    found = _to_call(turn)
    return found[0].order.id if len(found) == 1 else None


def ask_order(turn: Turn) -> Question:
    found = _to_call(turn)
    if not found:
        return Done(NOTHING)
    lines = tuple(Choice(owed.order.id, _line(turn, owed)) for owed in found)
    return Ask("等着回访的，先打最急的。打完电话回复前面的数字登记：", lines)


def take_result(turn: Turn) -> Outcome:
    """Which of the four was said, in these words or others; 不满意 means 不满 and not the 满意 in it."""
    if turn.asked == "result" and turn.choice is not None:
        return Next(str(turn.choice))
    words = turn.text if turn.asked == "result" else said_text(turn)
    found = result_in(words)
    if found is None:
        return None
    turn.slots["words"] = "" if _ONLY_THE_RESULT.fullmatch(words.strip()) else words.strip()
    return Next(found)


def result_in(words: str) -> str | None:
    """满意, 一般, 不满 or 联系不上; None when the words tell none of them."""
    if _NOBODY_ANSWERED.search(words):
        return UNREACHED
    if "不满" in words:
        return UNHAPPY
    stars = verdict_of(words, awaited=True).stars
    if stars is None:
        return None
    return UNHAPPY if stars <= 2 else SO_SO if stars == 3 else SATISFIED


def ask_result(turn: Turn) -> Question:
    owed = call_about(turn.session, chosen_order(turn))
    about = f"{_details(turn, owed)}\n" if owed is not None else ""
    return Ask(f"{about}住户怎么说？", tuple(Choice(result, result) for result in RESULTS))


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order, result = chosen_order(turn), str(turn.slots["result"])
    words = str(turn.slots.get("words", ""))
    done = visited(turn.session, order, now=turn.now, actor=person.actor(), result=result, text=words)
    if not done.over:
        return Done(f"#{order.id} 第{done.calls}次没联系上，记下了。先留在「回访」里，{CALLS}次都联系不上就办结。")
    closed = "，已办结" if order.state == "CLOSED" else ""
    then = f"要再修请回复「返修 {order.id}」。" if result == UNHAPPY else "回复「回访」看其他的。"
    return Done(f"#{order.id} 回访记下了：{result}{closed}。{then}")


def _to_call(turn: Turn) -> list[Owed]:
    person: Person = turn.speaker
    return calls_to_make(turn.session, person.actor(), limit=SHOWN)


def _line(turn: Turn, owed: Owed) -> str:
    """#12 1分 锦绣花园 3栋2单元501 厨房水管漏水 张伟 13900008001（还剩5小时）"""
    tried = f"，打过{owed.task.calls}次" if owed.task.calls else ""
    parts = (f"#{owed.order.id}", _stars(owed), owed.where, short(owed.order.problem, 10), _whom(turn, owed))
    left = time_left(owed.task.due_at, turn.now)
    return " ".join(part for part in parts if part) + f"（{left}{tried}）"


def _details(turn: Turn, owed: Owed) -> str:
    order = owed.order
    lines = [f"#{order.id} {owed.where} {short(order.problem)}"]
    if order.result:
        lines.append(f"{owed.worker or '师傅'}：{short(order.result, 40)}")
    if order.rating is not None:
        lines.append(f"住户打了{order.rating}分 {short(order.rating_text, 60)}".rstrip())
    lines.append(_whom(turn, owed) or "没有留电话")
    return "\n".join(lines)


def _stars(owed: Owed) -> str:
    if owed.task.kind != LOW_RATING:
        return f"{owed.task.stars}分" if owed.task.stars else ""
    return f"差评{owed.task.stars}分"


def _whom(turn: Turn, owed: Owed) -> str:
    """Name and phone; whoever may not make the call reads the phone masked."""
    person: Person = turn.speaker
    phone = owed.order.reporter_phone if person.is_manager else masked_phone(owed.order.reporter_phone)
    return f"{owed.order.reporter_name} {phone}".strip()


FLOW = Flow(
    intent="manager_follow_up",
    title="登记回访",
    roles=frozenset({"manager", "lead"}),
    commands=("回访 {order_no?} {text?}",),
    examples=(
        "回访",
        "12号单回访过了满意",
        "登记回访",
        "回访12号单联系不上",
        "还有哪些要回访",
        "要回访的有哪些",
        "回访名单",
    ),
    slots=(
        Slot("order", take=take_order, known=only_order, ask=ask_order),
        Slot("result", take=take_result, ask=ask_result, free_text=True, answers=frozenset({"repair_rate"})),
    ),
    finish=finish,
    refusal="回访由物业来做。要评价，请回复「评价 工单号 5」。",
)
