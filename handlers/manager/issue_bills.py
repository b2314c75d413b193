"""出账, 发布账单: what was worked out in the night is looked at, and given out by a word."""

from collections.abc import Sequence

from bot.flow import Done, Flow, Outcome, Turn
from handlers.speaker import Person
from models.billing.publish import approve, check
from models.billing.tables import BillingRun
from models.errors import Refusal
from models.estate.queries import communities_named, communities_of
from models.money import shown
from models.payments.issuing import runs_in, summary

NOTHING = "没有等着发布的账单。每月1日夜里自动算，算好了会告诉您。"


def _waiting(turn: Turn) -> tuple[Sequence[BillingRun], dict[int, str]]:
    """The runs that wait for this person's word, and the names of their compounds."""
    person: Person = turn.speaker
    theirs = communities_of(turn.session, person.company_id or 0, only=person.community_ids)
    names = {community.id: community.name for community in communities_named(turn.text, theirs) or theirs}
    return runs_in(turn.session, "ready", list(names)), names


def look(turn: Turn) -> Outcome:
    runs, names = _waiting(turn)
    if not runs:
        return Done(NOTHING)
    parts = [f"{names[run.community_id]} {run.period}：\n{summary(check(turn.session, run))}" for run in runs]
    return Done("\n\n".join([*parts, "核对好了，回复「发布账单」发给业主。"]))


def question(turn: Turn) -> str:
    runs, names = _waiting(turn)
    if not runs:
        raise Refusal(NOTHING)
    lines = []
    for run in runs:
        found = check(turn.session, run)
        lines.append(f"· {names[run.community_id]} {run.period} {found.bills}笔 {shown(found.fen)}")
    return "\n".join(["发布以后不能再改，业主马上会收到。要发布这些账单吗？", *lines])


def give_out(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    runs, names = _waiting(turn)
    for run in runs:
        approve(turn.session, run, by=person.log_name, now=turn.now)
    if not runs:
        return Done(NOTHING)
    what = "、".join(f"{names[run.community_id]} {run.period}" for run in runs)
    return Done(f"好的，{what} 的账单马上发给业主。收得怎么样，随时回复「收缴率」。")


_MANAGERS = frozenset({"manager"})
_REFUSAL = "出账是经理用的。看自己家的账单，请回复「账单」。"

LOOK = Flow(
    intent="look_at_bills",
    title="看没发布的账单",
    roles=_MANAGERS,
    commands=("出账",),
    examples=("出账", "生成本月账单", "这个月的账单算好了吗", "看看要发的账单", "账单草稿"),
    finish=look,
    quick=True,
    refusal=_REFUSAL,
)
GIVE_OUT = Flow(
    intent="issue_bills",
    title="发布账单",
    roles=_MANAGERS,
    commands=("发布账单",),
    examples=("发布账单", "把账单发给业主", "账单可以发了", "发账单"),
    confirm=question,
    finish=give_out,
    refusal=_REFUSAL,
)
FLOWS = (LOOK, GIVE_OUT)
