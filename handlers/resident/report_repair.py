"""报修: one sentence becomes an order. Only what is missing is asked for, and nothing when nothing is missing."""

import re
from collections.abc import Sequence
from typing import Any

from bot.flow import Ask, Choice, Detour, Done, Flow, Later, Next, Outcome, Question, Slot, Turn
from bot.understanding.normalise import standard
from handlers import spots
from handlers.keepsakes import keepsake, take_keepsakes
from handlers.phrases import EXAMPLES
from handlers.resident.same_trouble import same_trouble
from handlers.resident.say_more import say_more
from handlers.speaker import HomeTie, Person
from handlers.telling import tells_what_is_wrong
from models.estate.places import names_a_place
from models.estate.queries import communities_named, communities_of
from models.estate.tables import Community
from models.messaging import outbox
from models.people.queries import staff_to_alarm
from models.workorders.actions import Reported, report
from models.workorders.actors import Reporter
from models.workorders.alike import category_at
from models.workorders.attachments import Sent
from models.workorders.urgency import is_life_threatening, safety_advice
from models.workorders.words import categories_of, is_public_place, location_of, names_a_fault, speaks_of_inside

ASK_PROBLEM = "好的，请说说哪里坏了，比如「厨房水管漏水」。也可以发照片。"
MORE = {
    "voice": "录音收到了，可我听不太懂，请打字再说一句，录音会一起交给师傅。",
    "image": "照片收到了。请再说一句是哪里坏了。",
    "video": "视频收到了。请再说一句是哪里坏了。",
    "location": "位置收到了。请再说一句是哪里坏了。",
}
_VERB = re.compile(r"^\s*报修[\s,，、:：。]*")  # what is left of the command is kept as it was written
BIND_FIRST = "报修家里的东西，要先知道您是哪一户。"
FOR_STAFF = "是哪一户？请连房号一起说，比如「代报修 3-2-501 厨房水管漏水」。"


def take_problem(turn: Turn) -> Outcome:
    """The words that name what is wrong: as the answer to our question, or said by themselves."""
    words = _VERB.sub("", turn.text) if turn.said("text") else turn.text
    words = words.strip()
    if not words or turn.incoming.kind not in ("text", "voice"):
        return None
    if turn.asked == "problem" and "spot" in turn.slots and spots.is_over(turn, turn.slots["spot"]):
        return Done(spots.TOO_LATE)
    if turn.asked == "where" and _is_dangerous(words):
        return Next(f"{turn.slots['problem']}；{words}" if "problem" in turn.slots else words)
    if turn.asked == "problem" and tells_what_is_wrong(turn, words):
        return Next(words)
    if turn.meaning.intent == "repair_report" and (names_a_fault(words) or names_a_fault(standard(words))):
        return Next(words)
    if turn.asked == "" and _is_dangerous(words):
        return Next(words)
    return None


def ask_problem(turn: Turn) -> Question:
    if "spot" not in turn.slots:
        return MORE[turn.incoming.kind] if keepsake(turn.incoming) else ASK_PROBLEM
    spot = spots.here(turn)
    if spot is None:
        return Done(spots.TOO_LATE)
    return f"现在是{spot['label']}。哪里坏了？说一句、发段语音或发张照片，就报上了。"


def take_where(turn: Turn) -> Outcome:
    """Which home or compound: a number of our list, the name of one, or an address among the person's own homes."""
    if turn.asked == "where" and turn.choice is not None:
        return Next(turn.choice)
    person: Person = turn.speaker
    said = turn.said("house") or []
    named = [home for home in person.homes if any(_is_meant(home, address) for address in said)]
    if len(named) == 1:
        return Next(_of_home(named[0]))
    if not person.homes and person.company_id is not None and turn.text:
        compounds = communities_named(turn.text, communities_of(turn.session, person.company_id))
        if len(compounds) == 1:
            return Next({"community_id": compounds[0].id, "home_id": None, "label": compounds[0].name})
    return None


def known_where(turn: Turn) -> Any | None:
    person: Person = turn.speaker
    spot = spots.here(turn)
    if spot is not None:
        return {"community_id": spot["community_id"], "home_id": None, "label": spot["label"]}
    if len(person.homes) == 1:
        return _of_home(person.homes[0])
    if person.homes or person.company_id is None or not _is_for_anybody(turn):
        return None
    compounds = _compounds(turn)
    if len(compounds) == 1:
        return {"community_id": compounds[0].id, "home_id": None, "label": compounds[0].name}
    return None


def ask_where(turn: Turn) -> Question:
    """Somebody with several homes chooses one. A visitor may report what is public, and names the compound."""
    person: Person = turn.speaker
    if person.homes:
        return Ask(
            "是哪一处？", tuple(Choice(_of_home(home), f"{home.community}{home.label}") for home in person.homes)
        )
    if person.company_id is None or not _is_for_anybody(turn):
        return Done(FOR_STAFF) if person.is_staff else _bind_first(turn)
    advice = _alarm_at_once(turn)
    compounds = _compounds(turn)
    choices = tuple(Choice({"community_id": c.id, "home_id": None, "label": c.name}, c.name) for c in compounds)
    return Ask(f"{advice}请问是在哪个小区？", choices)


def _bind_first(turn: Turn) -> Question:
    """Binding comes first. When it comes to nothing for now, what was said is kept until it does."""
    if "sent to bind" not in turn.slots:
        turn.slots["sent to bind"] = True
        return Detour("bind_house", say=BIND_FIRST)
    problem = _short(turn.slots["problem"])
    return Later(
        f"您说的「{problem}」我记下了。绑定好以后回复「继续」，我就接着报修；着急请回复「人工」。", until="bind_house"
    )


def _compounds(turn: Turn) -> Sequence[Community]:
    """Where it may be: the compounds a worker works for, or all of the company's."""
    person: Person = turn.speaker
    return communities_of(turn.session, person.company_id or 0, only=person.community_ids if person.is_staff else None)


def finish(turn: Turn) -> Outcome:
    """Make the order. What the person hears first, if life is in danger, is what to do right now."""
    person: Person = turn.speaker
    problem, where, spot = turn.slots["problem"], turn.slots["where"], spots.here(turn)
    # What was dictated may only be understood once it is in standard words.
    kinds = categories_of(problem) or categories_of(standard(problem))
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
        priority="P0" if _is_dangerous(problem) else None,
        reporter=_reporter(person, where),
        attachments=[Sent(**kept) for kept in turn.slots.get("kept", ())],
        appointment=turn.slots.get("appointment", ""),
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
        Slot("where", take=take_where, ask=ask_where, known=known_where, awaiting="choose_house"),
    ),
    finish=finish,
)


def _words(turn: Turn, reported: Reported, problem: str, label: str) -> str:
    order = reported.order
    advice = _advice(problem) if order.priority == "P0" else ""
    lines = [advice] if advice else []
    if not reported.is_new:
        lines.append(f"这件事已经在办了，工单 #{order.id}，您刚说的也记上了。")
        lines.append(f"想知道进度，请回复「进度 {order.id}」。")
        return "\n".join(lines)
    lines.append(f"已为您报修，工单 #{order.id}：{_short(problem)}（{label}）。")
    if reported.worker_name:
        lines.append(f"已通知{reported.worker_name}，接单后马上告诉您。")
    elif order.priority in ("P0", "P1"):
        lines.append("已通知值班人员和经理，马上安排人。")
    elif reported.waits_for_morning:
        lines.append("现在是下班时间，一上班就派师傅，派好马上告诉您。")
    else:
        lines.append("已告诉经理安排人，安排好马上告诉您。")
    if reported.answer and not order.public and order.priority != "P0":
        lines.append(reported.answer)
    if not turn.slots.get("kept") and order.priority != "P0":
        lines.append("方便的话，直接发张照片，我会附在工单上。")
    return "\n".join(lines)


def _reporter(person: Person, where: dict[str, Any]) -> Reporter:
    home = next((home for home in person.homes if where["home_id"] in (None, home.home_id)), None)
    return Reporter(
        name=home.name if home else person.name,
        phone=home.phone if home else "",
        person_id=home.person_id if home else None,
        account=person.account,
        openid=person.openid,
    )


def _is_for_anybody(turn: Turn) -> bool:
    """Public parts, and danger anywhere, may be reported by anybody who passes by."""
    person: Person = turn.speaker
    problem = str(turn.slots.get("problem", ""))
    if is_public_place(problem) or _is_dangerous(problem):
        return True
    # A place the company has a name of its own for. Only asked for those who live nowhere here.
    return (
        bool(problem) and not speaks_of_inside(problem) and names_a_place(turn.session, person.company_id or 0, problem)
    )


def _is_dangerous(words: str) -> bool:
    return is_life_threatening(words) or is_life_threatening(standard(words))


def _advice(words: str) -> str:
    return safety_advice(words) or safety_advice(standard(words))


def _alarm_at_once(turn: Turn) -> str:
    """Danger is passed on before the compound is known; the advice comes before the question."""
    problem = str(turn.slots.get("problem", ""))
    person: Person = turn.speaker
    if not _is_dangerous(problem) or person.company_id is None:
        return ""
    for manager in staff_to_alarm(turn.session, person.company_id):
        outbox.put(
            turn.session,
            account=manager.account,
            openid=manager.openid,
            kind="danger_heard",
            data={"problem": problem, "where": "还没说清在哪里", "name": person.name or "一位没有绑定房屋的关注者"},
            dedupe_key=turn.incoming.key,
            now=turn.now,
        )
    return f"{_advice(problem)}\n"


def _of_home(home: HomeTie) -> dict[str, Any]:
    return {"community_id": home.community_id, "home_id": home.home_id, "label": f"{home.community}{home.label}"}


def _is_meant(home: HomeTie, address: dict[str, str]) -> bool:
    """Do the parts that were said all fit this home?"""
    building, _, rest = home.key.partition("-")
    entrance, _, room = rest.rpartition("-")
    said = (address.get("building"), address.get("entrance"), address.get("room"))
    return any(said) and all(
        not part or part == own for part, own in zip(said, (building, entrance, room), strict=True)
    )


def _short(problem: str, limit: int = 30) -> str:
    words = " ".join(problem.split())
    return words if len(words) <= limit else words[: limit - 1] + "…"
