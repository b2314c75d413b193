"""值班 刘师傅 今晚: who may be woken for what is urgent; 值班表: who it is these nights."""

from datetime import date, datetime

from bot.flow import Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from models.errors import Refusal
from models.estate.queries import communities_named, communities_of
from models.estate.working_days import calendars_of
from models.people.duty import set_duty_on, shifts_from
from models.people.tables import Staff
from models.workorders.queries import staff_called, staff_named_in

ONLY_WORKERS = "值班请排师傅或班长，经理本来就会接到特急和紧急的事。"
ASK_WHO = "谁值班？请说姓名，比如「刘师傅」。"
_ROLES = ("worker", "lead")


def take_who(turn: Turn) -> Outcome:
    if turn.asked == "who" and turn.choice is not None:
        return Next(int(turn.choice))
    person: Person = turn.speaker
    company_id = person.company_id or 0
    name = str(turn.said("assignee") or (turn.text if turn.asked == "who" else "")).strip()
    found = staff_called(turn.session, company_id, name) if name else []
    found = found or staff_named_in(turn.session, company_id, turn.text)
    turn.slots.pop("same name", None)
    if len(found) == 1:
        if found[0].role not in _ROLES:
            raise Refusal(ONLY_WORKERS)
        return Next(found[0].id)
    if found:
        turn.slots["same name"] = [[staff.id, staff.name] for staff in found if staff.role in _ROLES]
    return None


def ask_who(turn: Turn) -> Question:
    same = turn.slots.get("same name", [])
    if same:
        return Ask("是哪一位？", tuple(Choice(number, name) for number, name in same))
    return ASK_WHO


def take_day(turn: Turn) -> Outcome:
    said = turn.said("appointment")
    if not isinstance(said, dict) or "from" not in said:
        return None
    return Next(datetime.fromisoformat(said["from"]).date().isoformat())


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    staff = turn.session.get_one(Staff, int(turn.slots["who"]))
    company_id = person.company_id or 0
    named = communities_named(turn.text, communities_of(turn.session, company_id, only=person.community_ids))
    places: list[int | None] = [community.id for community in named] or [
        *(sorted(person.community_ids) if person.community_ids is not None else [None])
    ]
    begins, ends = set_duty_on(
        turn.session,
        company_id=company_id,
        community_ids=places,
        staff=[staff],
        day=date.fromisoformat(turn.slots["day"]),
        calendar=calendars_of(turn.session, company_id, turn.now).of(places[0] or 0),
        now=turn.now,
        by=person.log_name,
    )
    where = "、".join(community.name for community in named)
    return Done(
        f"已排{staff.name}值班{f'（{where}）' if where else ''}：{begins:%m月%d日%H:%M}到{ends:%m月%d日%H:%M}。"
        "没有人在班时，特急和紧急的单派给他。看值班请回复「值班表」。"
    )


def show(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    company_id = person.company_id or 0
    shifts = shifts_from(turn.session, company_id, turn.now, only=person.community_ids)
    if not shifts:
        return Done("还没有排值班。经理可以说「值班 刘师傅 今晚」。")
    names = {community.id: community.name for community in communities_of(turn.session, company_id)}
    lines = [
        f"{shift.begins_at:%m-%d %H:%M}到{shift.ends_at:%m-%d %H:%M} {shift.name}"
        + (f"（{names[shift.community_id]}）" if shift.community_id is not None else "")
        for shift in shifts
    ]
    return Done("\n".join(["值班表：", *lines]))


FLOWS = (
    Flow(
        intent="manager_duty",
        title="排值班",
        roles=frozenset({"manager", "lead"}),
        commands=("值班 {assignee?} {text?}",),
        examples=EXAMPLES["manager_duty"],
        slots=(
            Slot("who", take=take_who, ask=ask_who, free_text=True),
            Slot("day", take=take_day, known=lambda turn: turn.now.date().isoformat()),
        ),
        finish=finish,
        refusal="值班由经理来排。看值班请回复「值班表」。",
    ),
    Flow(
        intent="staff_duty_list",
        title="看值班表",
        roles=frozenset({"staff", "manager"}),
        commands=("值班表",),
        examples=EXAMPLES["staff_duty_list"],
        finish=show,
        quick=True,
        refusal="值班表是员工用的。有急事请直接告诉我是什么情况，或回复「人工」。",
    ),
)
