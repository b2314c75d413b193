"""收缴率, 欠费: how much of what was asked for has come in, each number with what it is made of, and who is late."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.which_compounds import names_meant
from models.billing.collection import arrears_rate, current_rate, homes_rate, overall_rate
from models.billing.months import month_meant
from models.money import percent, shown
from models.payments.queries import overdue, overdue_in_all, taken_on, takings_of
from models.payments.receipts import CHANNELS

FOR_THE_OFFICE = "这是物业内部用的。看自己家的，请回复「账单」。"


def take_period(turn: Turn) -> Outcome:
    said = turn.said("period")
    period = month_meant(str(said), turn.now.date()) if said else None
    return Next(period) if period else None


def show_rates(turn: Turn) -> Outcome:
    compounds = names_meant(turn)
    period = turn.slots.get("period") or f"{turn.now:%Y-%m}"
    takings = takings_of(turn.session, list(compounds), period)
    where = "、".join(compounds.values()) if len(compounds) == 1 else f"{len(compounds)}个小区"
    lines = [
        f"{where} {period} 收缴率（截至{turn.now:%m-%d %H:%M}）",
        f"当期 {percent(current_rate(takings))}：应收{shown(takings.due)}，已收{shown(takings.received)}",
        f"往期清欠 {percent(arrears_rate(takings))}：月初欠{shown(takings.arrears)}，清回{shown(takings.cleared)}",
        f"综合 {percent(overall_rate(takings))}",
        f"交清户数 {percent(homes_rate(takings))}：{takings.homes_clear}/{takings.homes_billed}户",
    ]
    today = taken_on(turn.session, list(compounds), turn.now.date())
    if today:
        total = sum(fen for _, _, fen in today)
        parts = "、".join(f"{CHANNELS[channel]}{shown(fen)}（{count}笔）" for channel, count, fen in today)
        lines.append(f"今天收了{shown(total)}：{parts}")
    return Done("\n".join([*lines, "谁还没交，回复「欠费」。"]))


def show_overdue(turn: Turn) -> Outcome:
    compounds = names_meant(turn)
    homes, fen = overdue_in_all(turn.session, list(compounds), turn.now.date())
    if not homes:
        return Done("没有过期没交的，都交齐了。")
    debtors = overdue(turn.session, list(compounds), turn.now.date())
    lines = [f"过期没交的一共{homes}户，{shown(fen)}："]
    lines += [
        f"· {debtor.community}{debtor.home.label}{'（原业主）' if debtor.former else ''} {shown(debtor.fen)}（{debtor.months}个月，{debtor.since}到期）"
        for debtor in debtors
    ]
    if homes > len(debtors):
        lines.append(f"先列欠得最多的{len(debtors)}户。")
    return Done("\n".join(lines))


_OFFICE = frozenset({"manager", "clerk", "cashier"})

RATES = Flow(
    intent="manager_collection_rate",
    title="看收缴率",
    roles=_OFFICE,
    commands=("收缴率 {period?}",),
    examples=EXAMPLES["manager_collection_rate"],
    slots=(Slot("period", take=take_period, optional=True),),
    finish=show_rates,
    quick=True,
    refusal=FOR_THE_OFFICE,
)
OVERDUE = Flow(
    intent="manager_arrears_list",
    title="看欠费",
    roles=_OFFICE,
    commands=("欠费",),
    examples=EXAMPLES["manager_arrears_list"],
    finish=show_overdue,
    quick=True,
    refusal=FOR_THE_OFFICE,
)
FLOWS = (RATES, OVERDUE)
