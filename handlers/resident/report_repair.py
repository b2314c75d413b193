"""报修: one sentence becomes an order. Only what is missing is asked for, and nothing when nothing is missing."""

import re
from datetime import datetime, timedelta
from typing import Any

from bot.flow import Done, Flow, Next, Outcome, Question, Slot, Turn
from bot.understanding.clauses import without_opening
from bot.understanding.normalise import standard
from handlers import spots
from handlers.danger import advice, is_dangerous
from handlers.keepsakes import keepsake, take_keepsakes
from handlers.phrases import EXAMPLES
from handlers.resident.same_trouble import same_trouble
from handlers.resident.say_more import say_more
from handlers.speaker import Person
from handlers.telling import tells_what_is_wrong
from handlers.troubles import kinds_of_trouble
from handlers.where_broken import ask_where, known_where, shortened, take_where
from models.workorders.actions import Reported, report
from models.workorders.actors import Reporter
from models.workorders.alike import category_at
from models.workorders.attachments import Sent
from models.workorders.time_words import moment
from models.workorders.words import location_of, names_a_fault

ASK_PROBLEM = "好的，请说说哪里坏了，比如「厨房水管漏水」。也可以发照片。"
MORE = {
    "voice": "录音收到了，可我听不太懂，请打字再说一句，录音会一起交给师傅。",
    "image": "照片收到了。请再说一句是哪里坏了。",
    "video": "视频收到了。请再说一句是哪里坏了。",
    "location": "位置收到了。请再说一句是哪里坏了。",
}
_VERB = re.compile(r"^\s*报修[\s,，、:：。]*")  # what is left of the command is kept as it was written
PUNCTUAL = timedelta(minutes=30)


def take_problem(turn: Turn) -> Outcome:
    """The words that name what is wrong: as the answer to our question, or said by themselves."""
    words = _VERB.sub("", turn.text) if turn.said("text") else turn.text
    words = _without_further_wishes(turn, words.strip())
    if not words or turn.incoming.kind not in ("text", "voice"):
        return None
    if turn.asked == "problem" and "spot" in turn.slots and spots.is_over(turn, turn.slots["spot"]):
        return Done(spots.TOO_LATE)
    if turn.asked == "where" and is_dangerous(words):
        return Next(f"{turn.slots['problem']}；{words}" if "problem" in turn.slots else words)
    if turn.asked == "problem" and tells_what_is_wrong(turn, words):
        return Next(words)
    if turn.meaning.intent == "repair_report" and (names_a_fault(words) or names_a_fault(standard(words))):
        return Next(words)
    if turn.asked == "" and is_dangerous(words):
        return Next(words)
    return None


def _without_further_wishes(turn: Turn, words: str) -> str:
    """What the worker need not read: 「另外问下物业费多少钱」 is answered by itself."""
    begins = words.find(turn.meaning.clause) if turn.meaning.clause else 0
    left = without_opening(words[begins:]) if begins > 0 else words
    for wish in turn.meaning.also:
        left = left.replace(wish.clause, "") if wish.clause else left
    return (left.strip(" ,，;；、") or words) if left != words else words


def ask_problem(turn: Turn) -> Question:
    if "spot" not in turn.slots:
        return MORE[turn.incoming.kind] if keepsake(turn.incoming) else ASK_PROBLEM
    spot = spots.here(turn)
    if spot is None:
        return Done(spots.TOO_LATE)
    return f"现在是{spot['label']}。哪里坏了？说一句、发段语音或发张照片，就报上了。"


def finish(turn: Turn) -> Outcome:
    """Make the order. What the person hears first, if life is in danger, is what to do right now."""
    person: Person = turn.speaker
    problem, where, spot = turn.slots["problem"], turn.slots["where"], spots.here(turn)
    kinds = kinds_of_trouble(problem, person.role)
    reported = report(
        turn.session,
        now=turn.now,
        actor=person.actor(),
        company_id=person.company_id or 0,
        community_id=where["community_id"],
        home_id=where["home_id"],
        place=location_of(problem) or "",
        problem=problem,
        place_id=spot["place_id"] if spot is not None else None,
        category=category_at((spot["name"],), kinds) if spot is not None else next(iter(kinds), None),
        priority="P0" if is_dangerous(problem) else None,
        reporter=_reporter(person, where),
        attachments=[Sent(**kept) for kept in turn.slots.get("kept", ())],
        appointment=turn.slots.get("appointment", ""),
        appointment_ends=_moment(turn.slots.get("appointment_ends")),
    )
    label = reported.place or where["label"]
    further = same_trouble(reported) if reported.is_new else None
    if reported.is_new and further is None and problem == spots.shown_problem(turn):
        further = say_more(turn, reported)
    return Done(_words(turn, reported, problem, label), alone=reported.order.danger, then=further)


def take_appointment(turn: Turn) -> Outcome:
    """「明天下午三点以后」 in the person's own words."""
    said = turn.said("appointment")
    if not said:
        return None
    return Next(said["text"] if isinstance(said, dict) else str(said))


def take_appointment_end(turn: Turn) -> Outcome:
    """The end of the time that was named; half an hour after an hour without an end (domain rules 2.2)."""
    said = turn.said("appointment")
    if not isinstance(said, dict) or "from" not in said:
        return None
    ends = said.get("until") or (datetime.fromisoformat(said["from"]) + PUNCTUAL).isoformat()
    return Next(ends)


FLOW = Flow(
    intent="repair_report",
    title="报修",
    commands=("报修 {text?}",),
    examples=EXAMPLES["repair_report"],
    slots=(
        Slot("spot", take=lambda turn: None, optional=True),  # given by a scan
        Slot("kept", take=take_keepsakes, optional=True),
        Slot(
            "problem",
            take=take_problem,
            ask=ask_problem,
            known=spots.shown_problem,
            awaiting="ask_problem",
            free_text=True,
        ),
        Slot("appointment", take=take_appointment, optional=True),
        Slot("appointment_ends", take=take_appointment_end, optional=True),
        Slot("where", take=take_where, ask=ask_where, known=known_where, awaiting="choose_house"),
    ),
    finish=finish,
)


def _words(turn: Turn, reported: Reported, problem: str, label: str) -> str:
    order = reported.order
    lines = [words] if order.priority == "P0" and (words := advice(problem)) else []
    if not reported.is_new:
        lines.append(f"这件事已经在办了，工单 #{order.id}，您刚说的也记上了。")
        lines.append(f"想知道进度，请回复「进度 {order.id}」。")
        return "\n".join(lines)
    lines.append(f"已为您报修，工单 #{order.id}：{shortened(problem)}（{label}）。")
    if reported.worker_name:
        lines.append(f"已通知{reported.worker_name}，接单后马上告诉您。")
    elif order.priority in ("P0", "P1"):
        lines.append("已通知值班人员和经理，马上安排人。")
    elif reported.waits_for_morning:
        when = moment(reported.opens_at, turn.now) if reported.opens_at else ""
        lines.append(f"现在是下班时间，{when}一上班就派师傅，派好马上告诉您。")
    else:
        lines.append("已告诉经理安排人，安排好马上告诉您。")
    if reported.answer and not order.public and order.priority != "P0":
        lines.append(reported.answer)
    if not turn.slots.get("kept") and order.priority != "P0":
        lines.append("方便的话，直接发张照片，我会附在工单上。")
    return "\n".join(lines)


def _moment(said: Any) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def _reporter(person: Person, where: dict[str, Any]) -> Reporter:
    home = next((home for home in person.homes if where["home_id"] in (None, home.home_id)), None)
    return Reporter(
        name=home.name if home else person.name,
        phone=home.phone if home else "",
        person_id=home.person_id if home else None,
        account=person.account,
        openid=person.openid,
    )
