"""接待: a member of staff takes somebody who wants a person, and talks with them here until one of the two says 结束."""

from bot.flow import Again, Ask, Choice, Detour, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.speaker import Person
from handlers.talking import FOR_THE_OTHER, ONLY_WORDS, OPEN_FOR
from models.people.tables import Staff
from models.people.talks import Talk, close, staff_says, still_open, take, waiting_for

NOBODY_WAITS = "现在没有人在等。有人找人工时会告诉您。"
OVER = "对方那边已经结束了，这句没有转过去。回复「接待」看看还有谁在等。"
ENDED = "好的，这次接待结束了，已经告诉对方。"


def take_number(turn: Turn) -> Outcome:
    if turn.asked == "number" and turn.choice is not None:
        return Next(int(turn.choice))
    said = turn.said("order_no")
    return Next(int(said)) if said else None


def who_waits(turn: Turn) -> Question:
    person: Person = turn.speaker
    waiting = waiting_for(turn.session, person.company_id or 0, person.community_ids)
    if not waiting:
        return Done(NOBODY_WAITS)
    return Ask("要接待哪一位？", tuple(Choice(talk.id, f"{talk.name} {talk.home}".strip()) for talk in waiting))


def only_one(turn: Turn) -> int | None:
    person: Person = turn.speaker
    waiting = waiting_for(turn.session, person.company_id or 0, person.community_ids, limit=2)
    return waiting[0].id if len(waiting) == 1 else None


def begin(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    staff = turn.session.get_one(Staff, person.staff.id if person.staff else 0)
    talk, said = take(turn.session, turn.slots["number"], staff, person.community_ids, now=turn.now)
    words = "\n".join(f"对方：{line}" for line in said)
    return Done(
        f"接通了{talk.name}{_at(talk)}。现在您发的话会直接转给对方，说完请回复「结束」。\n{words}",
        then=Detour("talk_with_resident", {"talk": talk.id}),
    )


def _at(talk: Talk) -> str:
    return f"（{talk.home}）" if talk.home else ""


def take_words(turn: Turn) -> Outcome:
    if turn.asked != "words":
        return None
    person: Person = turn.speaker
    talk = still_open(turn.session, turn.slots["talk"])
    if talk is None:
        return Done(OVER)
    if not turn.text:
        return Again(ONLY_WORDS)
    staff_says(turn.session, talk, person.name, turn.text, now=turn.now)
    return Again("")


def keep_open(turn: Turn) -> Question:
    return "" if still_open(turn.session, turn.slots["talk"]) is not None else Done("")


def end(turn: Turn) -> Outcome:
    talk = still_open(turn.session, turn.slots["talk"])
    if talk is None:
        return Done("这次接待已经结束了。")
    close(turn.session, talk, "staff", now=turn.now)
    return Done(ENDED)


FLOWS = (
    Flow(
        intent="staff_host",
        title="接待找人工的人",
        roles=frozenset({"staff"}),
        commands=("接待 {order_no?}",),
        examples=("接待", "我来接待", "谁在找人工", "接待一下", "有人找人工吗"),
        slots=(Slot("number", take=take_number, known=only_one, ask=who_waits),),
        finish=begin,
        refusal="接待是物业工作人员用的。要找人，请回复「人工」。",
    ),
    Flow(
        intent="talk_with_resident",
        title="和业主说话",
        roles=frozenset({"staff"}),
        slots=(
            Slot("talk", take=lambda turn: None, known=lambda turn: Done(NOBODY_WAITS)),
            Slot("words", take=take_words, ask=keep_open, free_text=True, only_commands=True, answers=FOR_THE_OTHER),
        ),
        finish=lambda turn: Done(NOBODY_WAITS),
        put_down=end,
        open_for=OPEN_FOR,
    ),
)
