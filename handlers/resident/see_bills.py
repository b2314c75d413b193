"""账单, 为什么: what a home owes, and the true equation of every line of it."""

from collections.abc import Sequence

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.links import share_link
from handlers.phrases import EXAMPLES
from handlers.purses import Purse, purses_of
from models.billing.explain import bases_compared, equation
from models.billing.months import month_meant
from models.billing.queries import BillLine, bills_of, document_of, newest_period, open_bills_of
from models.dunning.actions import opened
from models.money import Rounding, shown

NOT_BOUND = "您还没有绑定房屋，看不了账单。请回复「绑定」，我来帮您。"
NO_BILL_YET = "您家还没有出过账单。有疑问请回复「人工」。"
NO_SUCH_MONTH = "月份没看懂，请写成「账单 2026-03」这样。"
COMPARING = (
    "比上个月",
    "比上月",
    "多了",
    "贵了",
    "涨了",
    "变多",
    "变贵",
    "怎么多",
    "怎么贵",
    "为什么多",
    "这么贵",
    "这么高",
)


def take_period(turn: Turn) -> Outcome:
    said = turn.said("period")
    if not said:
        return None
    period = month_meant(str(said), turn.now.date())
    return Next(period) if period else Done(NO_SUCH_MONTH)


def show(turn: Turn) -> Outcome:
    purses = purses_of(turn.speaker)
    if not purses:
        return Done(NOT_BOUND)
    opened(turn.session, [purse.home.home_id for purse in purses if purse.payer is None], turn.now)
    return Done("\n\n".join(_bill(turn, purse) for purse in purses))


def _bill(turn: Turn, purse: Purse) -> str:
    session, home = turn.session, [purse.home.home_id]
    owed = open_bills_of(session, home, payer=purse.payer)
    period = turn.slots.get("period") or newest_period(session, home, payer=purse.payer)
    if period is None:
        return f"{purse.name}：{NO_BILL_YET}"
    lines = bills_of(session, home, period, payer=purse.payer)
    if not lines:
        return f"{purse.name} {period} 没有{'要您交的' if purse.payer else ''}账单。{_owed(owed, period)}".rstrip()
    said = [f"{purse.name} {period} 账单：", *(_line(line) for line in lines)]
    said.append(f"合计{shown(sum(line.bill.amount for line in lines))}，{_state(lines)}")
    said.append(_owed(owed, period))
    said.append(f"想知道怎么算的，回复「为什么 {period}」。{_page(turn, period)}")
    if owed:
        said.append("要交，回复「缴费」。")
    return "\n".join(words for words in said if words)


def _page(turn: Turn, period: str) -> str:
    base = getattr(turn.settings, "public_url", "")
    return f'<a href="{base}/m/bill/{period}">点这里看账单</a>' if base else ""


def _line(line: BillLine) -> str:
    bill = line.bill
    if bill.amount < 0:
        return f"{line.item} {shown(bill.amount)}"
    paid = "（已交）" if not line.open and line.paid else f"（已交{shown(line.paid)}）" if line.paid else ""
    return f"{line.item} {shown(bill.amount)}{paid}　{bill.start:%m-%d}到{bill.end:%m-%d}"


def _state(lines: Sequence[BillLine]) -> str:
    left = [line for line in lines if line.open > 0]
    if not left:
        return "已经交清，谢谢。"
    total = sum(line.open for line in left)
    return f"还要交{shown(total)}，请在{min(line.bill.due_on for line in left):%Y-%m-%d}前交。"


def _owed(owed: Sequence[BillLine], period: str) -> str:
    """What else is open, and what it comes to in all."""
    others: dict[str, int] = {}
    for line in owed:
        if line.bill.period != period:
            others[line.bill.period] = others.get(line.bill.period, 0) + line.open
    if not others:
        return ""
    earlier = "、".join(f"{month} 还欠{shown(fen)}" for month, fen in others.items())
    return f"另外{earlier}。一共要交{shown(sum(line.open for line in owed))}。"


# --- why --------------------------------------------------------------------------------------------------------------


def take_explained_period(turn: Turn) -> Outcome:
    """「这个月怎么比上个月贵」 names two months and asks for neither."""
    return None if _compares(turn.text) else take_period(turn)


def explain(turn: Turn) -> Outcome:
    purses = purses_of(turn.speaker)
    if not purses:
        return Done(NOT_BOUND)
    tell = _comparison if "period" not in turn.slots and _compares(turn.text) else _reasons
    return Done("\n\n".join(tell(turn, purse) for purse in purses))


def _compares(text: str) -> bool:
    return any(words in text for words in COMPARING)


def _reasons(turn: Turn, purse: Purse) -> str:
    session, home = turn.session, [purse.home.home_id]
    period = turn.slots.get("period") or newest_period(session, home, payer=purse.payer)
    if period is None:
        return f"{purse.name}：{NO_BILL_YET}"
    lines = bills_of(session, home, period, payer=purse.payer)
    if not lines:
        return f"{purse.name} {period} 没有{'要您交的' if purse.payer else ''}账单。"
    said = [f"{purse.name} {period} 是这样算的："]
    for line in lines:
        bill = line.bill
        said.append(f"【{line.item}】{bill.start:%m-%d}到{bill.end:%m-%d}，{shown(bill.amount)}")
        said += equation(bill.basis, bill.amount, Rounding(line.rounding))
        said += [link] if (link := share_link(turn, bill.basis.get("code", ""))) and "code" in bill.basis else []
        document = document_of(session, bill)
        said += [f"单价依据：{document}"] if document else []
    said.append(f"合计{shown(sum(line.bill.amount for line in lines))}。觉得不对，请回复「人工」。")
    return "\n".join(said)


def _comparison(turn: Turn, purse: Purse) -> str:
    session, home = turn.session, [purse.home.home_id]
    newest = newest_period(session, home, payer=purse.payer)
    before = newest_period(session, home, newest, payer=purse.payer) if newest else None
    if newest is None or before is None:
        return f"{purse.name}：还没有两期账单可以比。"
    months = [bills_of(session, home, period, payer=purse.payer) for period in (newest, before)]
    now, then = (_by_item(lines) for lines in months)
    changes = [_change(name, now.get(name, ()), then.get(name, ())) for name in {**then, **now}]
    said = [change for change in changes if change]
    totals = [sum(line.bill.amount for line in lines) for lines in months]
    head = f"{purse.name} {newest} 是{shown(totals[0])}，{before} 是{shown(totals[1])}"
    if not said:
        return f"{head}，每一项都一样。"
    return "\n".join([f"{head}：", *(f"· {change}" for change in said), f"逐项算式回复「为什么 {newest}」。"])


def _by_item(lines: Sequence[BillLine]) -> dict[str, list[BillLine]]:
    found: dict[str, list[BillLine]] = {}
    for line in lines:
        found.setdefault(line.item, []).append(line)
    return found


def _change(name: str, now: Sequence[BillLine], then: Sequence[BillLine]) -> str:
    """An item that stands twice in a month (a new agreement inside it, two shares) is told by its sum."""
    fen, before = (sum(line.bill.amount for line in lines) for lines in (now, then))
    if not then:
        return f"这一期有{name}{shown(fen)}，上一期没有"
    if not now:
        return f"上一期有{name}{shown(before)}，这一期没有"
    if "late_fee" in (now[0].bill.basis["formula"], then[0].bill.basis["formula"]):
        return ""
    if len(now) == len(then) == 1:
        return bases_compared(now[0].bill.basis, fen, then[0].bill.basis, before, name)
    if fen == before:
        return ""
    return f"{name}{'多' if fen > before else '少'}了{shown(abs(fen - before))}{_why(now)}"


def _why(now: Sequence[BillLine]) -> str:
    day = next((line.bill.basis["changed"][0] for line in now if "changed" in line.bill.basis), "")
    return f"，因为{day}起换了收费标准" if day else ""


_RESIDENTS = frozenset({"resident"})

BILL = Flow(
    intent="bill_query",
    title="看账单",
    roles=_RESIDENTS,
    commands=("账单 {period?}",),
    examples=EXAMPLES["bill_query"],
    slots=(Slot("period", take=take_period, optional=True),),
    finish=show,
    quick=True,
    refusal=NOT_BOUND,
)
WHY = Flow(
    intent="bill_explain",
    title="了解账单怎么算的",
    roles=_RESIDENTS,
    commands=("为什么 {period}",),
    examples=EXAMPLES["bill_explain"],
    slots=(Slot("period", take=take_explained_period, optional=True),),
    finish=explain,
    quick=True,
    refusal=NOT_BOUND,
)
FLOWS = (BILL, WHY)
