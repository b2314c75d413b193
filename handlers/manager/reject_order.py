"""不受理 N: not ours to mend. The owner hears why, and whom to call."""

import re

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from handlers.which_order import chosen_order, order_slot, said_text, seen
from models.workorders.actions import reject

_PHONE = re.compile(r"\d[\d-]{2,}")


def take_words(turn: Turn) -> Outcome:
    words = turn.text.strip() if turn.asked == "words" else said_text(turn)
    return Next(words) if words else None


def finish(turn: Turn) -> Outcome:
    """The last number in the words is the phone; what stands before it is the reason."""
    person: Person = turn.speaker
    order, words = chosen_order(turn), str(turn.slots["words"])
    phones = list(_PHONE.finditer(words))
    reason = words[: phones[-1].start()].strip(" ，,。：:") if phones else words
    phone = phones[-1].group() if phones else ""
    reject(turn.session, order, now=turn.now, actor=person.actor(), reason=reason, refer_to=phone)
    return Done(f"#{order.id} 已答复住户：{reason}，请联系 {phone}。回复「工单」看其他的。")


FLOW = Flow(
    intent="manager_reject_order",
    title="不受理工单",
    roles=frozenset({"manager"}),
    commands=("不受理 {order_no?} {text?}",),
    examples=("不受理", "12号单不归我们管", "这单不受理转给燃气公司", "12号单让他找运营商"),
    slots=(
        order_slot(seen("NEW", "ACCEPTED"), "没有等着受理的单。", "不受理哪一单？", "reject"),
        Slot("words", take=take_words, ask="请说原因和该打的电话，比如「宽带归运营商 10000」。", free_text=True),
    ),
    finish=finish,
    refusal="受理由物业来定。要报修，直接说哪里坏了就行。",
)
