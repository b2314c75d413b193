"""审核: a manager decides about those who asked to be bound to a home."""

from typing import Any

from bot.flow import Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from models.people.requests import Waiting, approve, refuse, waiting_requests
from models.people.rights import IN_CHINESE

NOTHING = "现在没有等您审核的申请。"


def take_request(turn: Turn) -> Outcome:
    if turn.asked == "request" and turn.choice is not None:
        return Next(turn.choice)
    if not turn.asked and not _waiting(turn):
        return Done(NOTHING)
    return None


def only_request(turn: Turn) -> Any:
    waiting = _waiting(turn)
    return waiting[0].id if len(waiting) == 1 else None


def ask_request(turn: Turn) -> Question:
    waiting = _waiting(turn)
    choices = tuple(
        Choice(one.id, f"{one.place}，{one.name}（{IN_CHINESE[one.relation]}）；{one.on_books}") for one in waiting
    )
    return Ask(f"有 {len(waiting)} 条申请在等审核，先看哪一条？回复数字。", choices)


def take_decision(turn: Turn) -> Outcome:
    """Only as an answer: 「通过他的绑定」 must not approve what the manager has not seen."""
    if turn.asked != "decision":
        return None
    if turn.choice is not None:
        return Next(turn.choice)
    if any(word in turn.text for word in ("拒绝", "不通过", "不同意", "驳回")):
        return Next("refuse")
    return Next("approve") if any(word in turn.text for word in ("通过", "同意")) else None


def ask_decision(turn: Turn) -> Question:
    one = next((one for one in _waiting(turn) if one.id == turn.slots["request"]), None)
    about = _details(one) if one is not None else "这条申请已经有人处理过了。"
    return Ask(f"{about}\n通过吗？", (Choice("approve", "通过"), Choice("refuse", "拒绝")))


def _details(one: Waiting) -> str:
    phone = f"，电话 {one.phone}" if one.phone else ""
    return f"{one.place}：{one.name}，自称{IN_CHINESE[one.relation]}{phone}，{one.asked_at:%m-%d %H:%M}申请。{one.on_books}。"


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    approved = turn.slots["decision"] == "approve"
    decide = approve if approved else refuse
    place = decide(
        turn.session,
        request_id=turn.slots["request"],
        company_id=person.company_id or 0,
        community_ids=person.community_ids,
        staff_id=person.staff.id if person.staff is not None else 0,
        now=turn.now,
    )
    left = len(_waiting(turn))
    more = f"还有 {left} 条，回复「审核」接着看。" if left else "没有别的申请了。"
    return Done(f"{'已通过' if approved else '已拒绝'}：{place}，已经告诉申请人。{more}")


def _waiting(turn: Turn) -> list[Waiting]:
    person: Person = turn.speaker
    return waiting_requests(turn.session, person.company_id or 0, person.community_ids)


FLOW = Flow(
    intent="manager_review",
    title="审核绑定申请",
    roles=frozenset({"manager"}),
    commands=("审核",),
    examples=EXAMPLES["manager_review"],
    slots=(
        Slot("request", take=take_request, ask=ask_request, known=only_request),
        Slot("decision", take=take_decision, ask=ask_decision),
    ),
    finish=finish,
    refusal="审核由物业经理来办。您自己要申请绑定，请回复「申请审核」。",
)
