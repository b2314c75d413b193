"""代报修: somebody rang or came by; staff report for them, and the home hears of it as if it had reported itself."""

from types import SimpleNamespace
from typing import Any

from bot.flow import Again, Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.speaker import Person
from handlers.telling import tells_what_is_wrong
from models.errors import Refusal
from models.estate.queries import communities_named, communities_of, find_homes
from models.estate.tables import Community, Home
from models.workorders.actions import Reported, report
from models.workorders.queries import speaks_for
from models.workorders.urgency import safety_advice
from models.workorders.words import location_of, names_a_fault

SHOWN = 8


def take_home(turn: Turn) -> Outcome:
    if turn.asked == "home" and turn.choice is not None:
        return Next(turn.choice)
    found = _homes(turn)
    if len(found) == 1:
        return Next(_of(turn, found[0]))
    if found:
        turn.slots["homes"] = [_of(turn, home) for home in found[:SHOWN]]
        return None
    if turn.said("house") or turn.asked == "home":
        return Again("没有找到这一户，请说楼栋、单元和房号，比如「3-2-501」。") if turn.asked == "home" else None
    return None


def ask_home(turn: Turn) -> Question:
    choices = turn.slots.get("homes", [])
    if choices:
        return Ask("是哪一户？", tuple(Choice(home, home["label"]) for home in choices))
    if turn.said("house"):
        return "没有找到这一户，请说楼栋、单元和房号，比如「3-2-501」。"
    return "是哪一户？请说楼栋、单元和房号，比如「3-2-501」。"


def take_problem(turn: Turn) -> Outcome:
    words = str(turn.said("text") or "").strip()
    heard = turn.text.strip()
    if not words and (
        (turn.asked == "problem" and tells_what_is_wrong(turn, heard))
        or (turn.asked in ("", "home") and names_a_fault(heard))
    ):
        words = heard
    return Next(words) if words else None


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    home, problem = turn.slots["home"], turn.slots["problem"]
    if person.staff is None:
        raise Refusal(FLOW.refusal)
    reported = report(
        turn.session,
        now=turn.now,
        actor=person.actor(),
        company_id=person.company_id or 0,
        community_id=home["community_id"],
        home_id=home["home_id"],
        place=location_of(problem) or "",
        problem=problem,
        reporter=speaks_for(turn.session, home["home_id"]),
        on_behalf=True,
    )
    return Done(_words(reported, home["label"], problem))


def _words(reported: Reported, label: str, problem: str) -> str:
    order = reported.order
    if not reported.is_new:
        return f"{label}这件事已经在办了，工单 #{order.id}，新说的也记上了。"
    lines = [safety_advice(problem)] if order.priority == "P0" else []
    lines.append(f"已代报修，工单 #{order.id}（{order.priority}）：{label} {problem}。")
    if reported.worker_name:
        lines.append(f"已派给{reported.worker_name}。")
    else:
        lines.append("还没有合适的人，经理会安排。" if not reported.waits_for_morning else "上班时间自动派单。")
    lines.append(f"想看经过请回复「工单 {order.id}」。")
    return "\n".join(line for line in lines if line)


def _homes(turn: Turn) -> list[Home]:
    """The homes the words may mean, within the compounds the speaker works for."""
    person: Person = turn.speaker
    communities = communities_of(turn.session, person.company_id or 0, only=person.community_ids)
    meant = [community.id for community in communities_named(turn.text, communities) or communities]
    found: list[Home] = []
    for words in _said_homes(turn):
        found += find_homes(turn.session, words, community_ids=meant, limit=SHOWN)
    return found


def _said_homes(turn: Turn) -> list[Any]:
    said = turn.said("house") or []
    parts = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    blank = {"building": "", "entrance": "", "room": "", "kind": "home"}
    return [SimpleNamespace(**{**blank, **one}) for one in parts]


def _of(turn: Turn, home: Home) -> dict[str, Any]:
    community = turn.session.get_one(Community, home.community_id)
    return {"home_id": home.id, "community_id": home.community_id, "label": f"{community.name}{home.label}"}


FLOW = Flow(
    intent="staff_report_for",
    title="代人报修",
    roles=frozenset({"staff", "manager"}),
    commands=("代报修 {house?} {text?}",),
    examples=("代报修", "帮3-2-501报修", "替业主报修", "代3栋2单元501报修水管漏水", "有人打电话来报修", "帮住户报个修"),
    slots=(
        Slot("home", take=take_home, ask=ask_home, awaiting="ask_house"),
        Slot("problem", take=take_problem, ask="哪里坏了？", free_text=True),
    ),
    finish=finish,
    refusal="代报修是员工用的。您自己家要报修，直接说哪里坏了就行。",
)
