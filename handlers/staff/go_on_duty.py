"""上班 and 下班: orders go to those on duty. Leaving with work in hand is allowed, and said."""

from bot.flow import Done, Flow, Outcome, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from models.people.staffing import set_duty
from models.workorders.leaving import orders_in_hand

STAFF = frozenset({"staff", "manager"})
REFUSAL = "上班、下班是员工用的。您要是刚入职，请把邀请码发给我，比如「加入 7K3MPQ2X」。"


def begin(turn: Turn) -> Outcome:
    return Done("好的，已上班，有新工单会发给您。" if _set(turn, on_duty=True) else "您已经是上班状态了。")


def end(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    changed = _set(turn, on_duty=False)
    words = "好的，已下班，不再派新单给您。" if changed else "您已经是下班状态了。"
    in_hand = orders_in_hand(turn.session, person.staff.id) if person.staff is not None else ()
    if in_hand:
        numbers = "、".join(f"#{number}" for number in in_hand)
        words += f"\n您手上还有 {len(in_hand)} 个工单：{numbers}。做不完的，请说「转单 {in_hand[0]} 姓名」转给同事。"
    return Done(words)


def _set(turn: Turn, *, on_duty: bool) -> bool:
    person: Person = turn.speaker
    return person.staff is not None and set_duty(turn.session, staff_id=person.staff.id, on_duty=on_duty, now=turn.now)


FLOWS = (
    Flow(
        intent="staff_on_duty",
        title="上班",
        roles=STAFF,
        commands=("上班",),
        examples=EXAMPLES["staff_on_duty"],
        finish=begin,
        quick=True,
        refusal=REFUSAL,
    ),
    Flow(
        intent="staff_off_duty",
        title="下班",
        roles=STAFF,
        commands=("下班",),
        examples=EXAMPLES["staff_off_duty"],
        finish=end,
        quick=True,
        refusal=REFUSAL,
    ),
)
