"""完工: what was done, with a photo where it is the proof; the owner is asked for 1–5."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.keepsakes import keep
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.which_order import chosen_order, free_words, in_hand, order_slot
from models.errors import Refusal
from models.workorders import actions
from models.workorders.actions_worker import needs_photo
from models.workorders.attachments import Sent

ASK_PHOTO = "请发一张完工照片，发来就算完工。"


def take_result(turn: Turn) -> Outcome:
    if turn.asked == "result" and turn.incoming.kind in ("text", "voice"):
        return Next(turn.text.strip())
    words = free_words(turn, "staff_done", ("完工",))
    return Next(words) if words else None


def take_photos(turn: Turn) -> Outcome:
    """Pictures that come while the flow is open."""
    if turn.incoming.kind not in ("image", "video"):
        return None
    return Next([*turn.slots.get("photos", []), keep(turn)])


def no_photo_needed(turn: Turn) -> list[object] | None:
    """Nothing more to ask for, unless a picture is still missing."""
    try:
        return None if needs_photo(turn.session, chosen_order(turn)) else []
    except Refusal:
        return []  # whatever is wrong with this number is told when it is to be finished


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    photos = [Sent(**kept) for kept in turn.slots["photos"]]
    actions.finish(turn.session, order, now=turn.now, actor=person.actor(), result=turn.slots["result"], photos=photos)
    return Done(f"#{order.id} 完工了，辛苦！已请住户评价。回复「我的任务」看下一单。")


FLOW = Flow(
    intent="staff_done",
    title="登记完工",
    roles=frozenset({"staff"}),
    commands=("完工 {order_no?} {text?}",),
    examples=EXAMPLES["staff_done"],
    awaiting=frozenset({"order_in_progress"}),
    slots=(
        order_slot(
            in_hand("TAKEN", "ON_SITE", "PAUSED"),
            "您手上没有修着的单。回复「我的任务」看看。",
            "完工的是哪一单？",
            "done",
        ),
        Slot("result", take=take_result, ask="修了什么？说一句就行，比如「换了角阀」。", free_text=True),
        Slot("photos", take=take_photos, known=no_photo_needed, ask=ASK_PHOTO),
    ),
    finish=finish,
    refusal="完工是师傅用的。修好了请您评价：回复「评价 工单号 5」。",
)
