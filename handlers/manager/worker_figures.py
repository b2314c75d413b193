"""季度考核: what a quarter's work of each came to; 绩效 陈师傅 2026Q1: all about one of them. For managers only."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.figure_words import FAIR, details_of, line_of
from handlers.speaker import Person
from handlers.which_order import said_text
from models.workorders.quarters import Quarter, quarter_at, quarter_in
from models.workorders.queries import staff_called, staff_named_in
from models.workorders.worker_figures import figures_by_worker

SHOWN = 8
ONLY_MANAGERS = "师傅的绩效只有经理能看。"
NO_SUCH_QUARTER = "一年只有四个季度，请说比如「绩效 陈师傅 2026Q1」。"
_EVERYBODY = ("所有人", "全部", "大家", "师傅们", "所有师傅")


def take_quarter(turn: Turn) -> Outcome:
    try:
        found, _ = quarter_in(_about(turn), turn.now)
    except ValueError:
        return Done(NO_SUCH_QUARTER)
    return Next([found.year, found.number]) if found is not None else None


def take_worker(turn: Turn) -> Outcome:
    """Whose, if anybody is named: the only one called so, or a choice of those who are."""
    person: Person = turn.speaker
    try:
        _, words = quarter_in(_about(turn), turn.now)
    except ValueError:
        return Done(NO_SUCH_QUARTER)
    commanded = bool(said_text(turn))
    found = staff_named_in(turn.session, person.company_id or 0, words) if words else []
    if not found and commanded and words and words not in _EVERYBODY:
        found = staff_called(turn.session, person.company_id or 0, words)
        if not found:
            return Done(f"没有找到叫「{words[:10]}」的同事，请说全名，比如「绩效 陈师傅」。")
    if len(found) > 1:
        names = "、".join(staff.name for staff in found[:SHOWN])
        return Done(f"叫这个名字的有{names}，请说全名，比如「绩效 {found[0].name}」。")
    return Next(found[0].id) if found else None


def show(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    if person.staff is None or person.staff.role != "manager":
        return Done(ONLY_MANAGERS)
    quarter = _quarter(turn)
    worker = turn.slots.get("worker")
    found = figures_by_worker(
        turn.session,
        person.company_id or 0,
        quarter,
        now=turn.now,
        communities=person.community_ids,
        staff_id=int(worker) if worker is not None else None,
    )
    if worker is not None:
        return Done(details_of(found[0], quarter))
    if not found:
        return Done(f"{quarter} 还没有派过工单。")
    lines = [f"{quarter} 各位师傅（难度大的在前）：", *(line_of(one) for one in found[:SHOWN])]
    if len(found) > SHOWN:
        lines.append(f"还有{len(found) - SHOWN}位，全部请导出 worker-figures。")
    lines.append(f"{FAIR}细看回复「绩效 {found[0].name} {quarter}」。")
    return Done("\n".join(lines))


def _quarter(turn: Turn) -> Quarter:
    said = turn.slots.get("quarter")
    return Quarter(int(said[0]), int(said[1])) if said else quarter_at(turn.now)


def _about(turn: Turn) -> str:
    """What was said besides the command; of free words all."""
    commanded = turn.meaning.confidence == 1.0 and turn.meaning.intent == FLOW.intent
    return said_text(turn) if commanded else turn.text


FLOW = Flow(
    intent="manager_worker_figures",
    title="看季度考核",
    roles=frozenset({"manager"}),
    commands=("绩效 {text?}", "季度考核 {text?}", "本季 {text?}"),
    examples=(
        "绩效", "季度考核", "本季", "看看师傅们的绩效", "陈师傅这个季度怎么样", "上季度考核", "2026Q1绩效", "谁修得最好",
        "陈师傅的绩效", "师傅考核表", "一季度各位师傅的情况",
    ),
    slots=(Slot("quarter", take=take_quarter, optional=True), Slot("worker", take=take_worker, optional=True)),
    finish=show,
    quick=True,
    refusal="绩效是物业内部的。师傅看自己的，请回复「我的绩效」。",
)  # fmt: skip
