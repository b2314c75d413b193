"""出账, 发布账单: what was worked out in the night is looked at, and given out by a word."""

from collections.abc import Sequence

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from handlers.which_compounds import names_meant
from models.billing.publish import approve, check, discard
from models.billing.tables import BillingRun
from models.estate.tables import Community
from models.money import shown
from models.payments.issuing import runs_in, summary

NOTHING = "没有等着发布的账单。每月1日夜里自动算，算好了会告诉您。"


def _waiting(turn: Turn) -> tuple[Sequence[BillingRun], dict[int, str]]:
    """The runs that wait for this person's word, and the names of their compounds."""
    names = names_meant(turn)
    return runs_in(turn.session, "ready", list(names)), names


def look(turn: Turn) -> Outcome:
    runs, names = _waiting(turn)
    if not runs:
        return Done(NOTHING)
    parts = [f"{names[run.community_id]} {run.period}：\n{summary(check(turn.session, run))}" for run in runs]
    return Done("\n\n".join([*parts, "核对好了，回复「发布账单」发给业主。"]))


def take_runs(turn: Turn) -> Outcome:
    """What is confirmed is what is done: the runs are those of the message that asked, whatever is said afterwards."""
    if "runs" in turn.slots:
        return None
    runs, _ = _waiting(turn)
    return Next([run.id for run in runs]) if runs else Done(NOTHING)


def question(turn: Turn) -> str:
    lines = ["发布以后不能再改，业主马上会收到。要发布这些账单吗？"]
    for run in _chosen(turn):
        found = check(turn.session, run)
        lines.append(f"· {_name(turn, run)} {found.bills}笔 {shown(found.fen)}")
    return "\n".join(lines)


def give_out(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    runs = _chosen(turn)
    for run in runs:
        approve(turn.session, run, by=person.log_name, now=turn.now)
    what = "、".join(_name(turn, run) for run in runs)
    return Done(f"好的，{what} 的账单马上发给业主。收得怎么样，随时回复「收缴率」。")


def ask_anew(turn: Turn) -> str:
    names = "、".join(_name(turn, run) for run in _chosen(turn))
    return f"{names} 还没有发布，要全部丢掉、今天夜里重新算吗？后来抄到的表和登记的公摊会一起算进去。"


def work_out_anew(turn: Turn) -> Outcome:
    runs = _chosen(turn)
    what = "、".join(_name(turn, run) for run in runs)
    for run in runs:
        discard(turn.session, run)
    return Done(f"好的，{what} 夜里重新算，明天早上再请您核对。")


def _chosen(turn: Turn) -> list[BillingRun]:
    return [turn.session.get_one(BillingRun, number) for number in turn.slots["runs"]]


def _name(turn: Turn, run: BillingRun) -> str:
    return f"{turn.session.get_one(Community, run.community_id).name} {run.period}"


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
    slots=(Slot("runs", take=take_runs),),
    confirm=question,
    finish=give_out,
    refusal=_REFUSAL,
)
ANEW = Flow(
    intent="work_out_bills_anew",
    title="重新算账单",
    roles=_MANAGERS,
    commands=("重新算账单", "重新出账"),
    examples=("重新算账单", "重新出账", "账单重新算一遍", "补抄了表重新出账"),
    slots=(Slot("runs", take=take_runs),),
    confirm=ask_anew,
    finish=work_out_anew,
    refusal=_REFUSAL,
)
FLOWS = (LOOK, GIVE_OUT, ANEW)
