"""我的绩效: what a quarter of one's own work came to. Nobody's but one's own."""

from bot.flow import Done, Flow, Outcome, Turn
from handlers.figure_words import details_of
from handlers.speaker import Person
from models.workorders.quarters import quarter_at, quarter_in
from models.workorders.worker_figures import figures_by_worker


def show(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    if person.staff is None:
        return Done("您还不是员工。请把邀请码发给我，比如「加入 7K3MPQ2X」。")
    try:
        named, _ = quarter_in(turn.text, turn.now)
    except ValueError:
        return Done("一年只有四个季度，请说比如「我的绩效 2026Q1」。")
    quarter = named or quarter_at(turn.now)
    [own] = figures_by_worker(turn.session, person.company_id or 0, quarter, now=turn.now, staff_id=person.staff.id)
    return Done(details_of(own, quarter))


FLOW = Flow(
    intent="staff_my_figures",
    title="看您的绩效",
    roles=frozenset({"staff"}),
    commands=("我的绩效 {text?}",),
    examples=("我的绩效", "我这个季度干得怎么样", "我的考核", "看看我的绩效", "我上季度修了多少单", "我的评分怎么样"),
    finish=show,
    quick=True,
    refusal="「我的绩效」是师傅用的。看您自己的报修，请回复「我的报修」。",
)
