"""代报修: somebody rang or came by; staff report for them, and the home hears of it as if it had reported itself."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.danger import advice
from handlers.speaker import Person
from handlers.telling import tells_what_is_wrong
from handlers.troubles import kinds_of_trouble
from handlers.which_home import HOME
from models.errors import Refusal
from models.workorders.actions import Reported, report
from models.workorders.queries import speaks_for
from models.workorders.words import location_of, names_a_fault


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
        category=next(iter(kinds_of_trouble(problem, "owner")), None),
        reporter=speaks_for(turn.session, home["home_id"]),
        on_behalf=True,
    )
    return Done(_words(reported, home["label"], problem))


def _words(reported: Reported, label: str, problem: str) -> str:
    order = reported.order
    if not reported.is_new:
        return f"{label}这件事已经在办了，工单 #{order.id}，新说的也记上了。"
    lines = [advice(problem)] if order.priority == "P0" else []
    lines.append(f"已代报修，工单 #{order.id}（{order.priority}）：{label} {problem}。")
    if reported.worker_name:
        lines.append(f"已派给{reported.worker_name}。")
    else:
        lines.append("还没有合适的人，经理会安排。" if not reported.waits_for_morning else "上班时间自动派单。")
    lines.append(f"想看经过请回复「工单 {order.id}」。")
    return "\n".join(line for line in lines if line)


FLOW = Flow(
    intent="staff_report_for",
    title="代人报修",
    roles=frozenset({"staff", "manager"}),
    commands=("代报修 {house?} {text?}",),
    examples=("代报修", "帮3-2-501报修", "替业主报修", "代3栋2单元501报修水管漏水", "有人打电话来报修", "帮住户报个修"),
    slots=(
        HOME,
        Slot("problem", take=take_problem, ask="哪里坏了？", free_text=True),
    ),
    finish=finish,
    refusal="代报修是员工用的。您自己家要报修，直接说哪里坏了就行。",
)
