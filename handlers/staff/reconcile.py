"""对账: does what came in agree with WeChat's statement and with the drawer? What does not is closed with a reason."""

import re
from datetime import timedelta

from bot.flow import Done, Flow, Outcome, Turn
from handlers.speaker import Person
from models.payments import reconciling
from models.payments.reconciling_news import words_of, words_of_day

SHOWN, DAYS = 10, 3
_ONE = re.compile(r"^\s*对账\s*[#＃]?(\d{1,9})(?:号|\.|。)?(?!\d)[\s,，:：]*(.*)$", re.DOTALL)


def reconcile(turn: Turn) -> Outcome:
    said = _ONE.match(turn.text)
    return _close(turn, int(said[1]), said[2]) if said else _show(turn)


def _close(turn: Turn, number: int, reason: str) -> Outcome:
    person: Person = turn.speaker
    row = reconciling.close_difference(
        turn.session, number, reason, company_id=person.company_id or 0, communities=person.community_ids,
        by=person.log_name, now=turn.now,
    )  # fmt: skip
    return Done(f"记好了，编号 {number} 已处理：{row.reason}。")


def _show(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    company = person.company_id or 0
    since = turn.now.date() - timedelta(days=DAYS)
    days = reconciling.days_of(turn.session, company, since)
    lines = [words_of_day(day) for day in days] or ["最近没有要对的微信账单。"]
    rows = reconciling.open_differences(turn.session, company, person.community_ids, limit=SHOWN + 1)
    if not rows:
        return Done("\n".join(["对账", *lines, "没有没处理的差异。"]))
    lines += ["没处理的差异：", *(words_of(row) for row in rows[:SHOWN])]
    if len(rows) > SHOWN:
        lines.append(f"先列最早的{SHOWN}条。")
    return Done("\n".join(["对账", *lines, f"查清以后回复「对账 {rows[0].id} 原因」。"]))


_OFFICE = frozenset({"cashier", "manager"})
RECONCILE = Flow(
    intent="reconcile_money",
    title="对账",
    roles=_OFFICE,
    commands=("对账 {text?}",),
    finish=reconcile,
    quick=True,
    refusal="对账是收费员用的。看自己交的钱，请回复「缴费记录」。",
)
FLOWS = (RECONCILE,)
