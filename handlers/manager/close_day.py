"""日清, 收缴明细: what came in today and whether it agrees with the receipts; and the rate by building, item, age and channel."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.counting import count_money, counted_today
from handlers.which_compounds import names_meant
from models.billing.collection import Takings, current_rate
from models.billing.months import month_meant
from models.db import SHANGHAI
from models.money import percent, shown
from models.payments.breakdown import Part, ageing, by_building, by_channel, by_item, close_day
from models.payments.receipts import CHANNELS
from models.payments.transfers import unclaimed

REFUSAL = "这是物业内部用的。看自己家的，请回复「账单」。"
BUILDINGS = 20
_OFFICE = frozenset({"manager", "clerk", "cashier"})


def _where(compounds: dict[int, str]) -> str:
    return "、".join(compounds.values()) if len(compounds) == 1 else f"{len(compounds)}个小区"


def show_day(turn: Turn) -> Outcome:
    """「日清 现金 1550.50」 is a count of the drawer; everything else asks for the day."""
    if counted := count_money(turn):
        return counted
    compounds = names_meant(turn)
    day = close_day(turn.session, list(compounds), turn.now.astimezone(SHANGHAI).date())
    if not day.channels:
        return Done("\n".join([f"{_where(compounds)}今天还没有收款。", *_unclaimed(turn)]))
    lines = [f"{_where(compounds)} {turn.now.astimezone(SHANGHAI):%Y-%m-%d} 日清："]
    lines += [f"· {CHANNELS[channel]} {count}笔 {shown(fen)}" for channel, count, fen in day.channels]
    lines.append(f"合计{sum(count for _, count, _ in day.channels)}笔，{shown(day.fen)}")
    if day.refunded:
        lines.append(f"今天退款{shown(day.refunded)}")
    first, last = day.numbers or (0, 0)
    lines.append(f"收据{day.receipts}张（{first:07d}到{last:07d}），{shown(day.receipt_fen)}")
    lines.append("收款和收据对得上。" if day.ties else "! 收款和收据对不上，请核对作废的收据。")
    lines += counted_today(turn, list(compounds))
    lines += _unclaimed(turn)
    return Done("\n".join(lines))


def _unclaimed(turn: Turn) -> list[str]:
    """What lies on the company's account and is in no receipt yet; told to who is in charge of all of it."""
    if turn.speaker.community_ids is not None:
        return []
    count, fen = unclaimed(turn.session, turn.speaker.company_id or 0)
    return [f"! 银行还有{count}笔转账没认领，{shown(fen)}。回复「待认领」。"] if count else []


def take_period(turn: Turn) -> Outcome:
    said = turn.said("period")
    period = month_meant(str(said), turn.now.date()) if said else None
    return Next(period) if period else None


def show_parts(turn: Turn) -> Outcome:
    compounds = names_meant(turn)
    ours, today = list(compounds), turn.now.astimezone(SHANGHAI).date()
    period = turn.slots.get("period") or f"{today:%Y-%m}"
    items, buildings = by_item(turn.session, ours, period), by_building(turn.session, ours, period)
    if not items:
        return Done(f"{_where(compounds)} {period} 没有出过账单。")
    lines = [f"{_where(compounds)} {period} 收缴明细（当期，不含预收和违约金）", "按项目：", *map(_line, items)]
    if len(compounds) == 1:
        lines += ["按楼栋：", *map(_line, buildings[:BUILDINGS])]
        if len(buildings) > BUILDINGS:
            lines.append(f"……共{len(buildings)}栋")
    channels = by_channel(turn.session, ours, period)
    if channels:
        said = "、".join(f"{CHANNELS.get(name, '预存款抵扣')}{shown(fen)}" for name, fen in channels.items())
        lines.append(f"{period[5:]}月到账（含清欠）：{said}")
    ages = {name: fen for name, fen in ageing(turn.session, ours, today).items() if fen}
    if ages:
        lines.append("没交的账龄：" + "、".join(f"{name}{shown(fen)}" for name, fen in ages.items()))
        lines.append(f"合计没交{shown(sum(ages.values()))}")
    return Done("\n".join(lines))


def _line(part: Part) -> str:
    rate = percent(current_rate(Takings(part.due, part.received, 0, 0)))
    return f"· {part.name} {rate}：应收{shown(part.due)}，已收{shown(part.received)}"


FLOWS = (
    Flow(
        intent="close_day",
        title="看日清",
        roles=_OFFICE,
        commands=("日清 {text?}",),
        examples=("日清", "今天的账对一下", "今天收款和收据对得上吗", "日清日结"),
        finish=show_day,
        quick=True,
        refusal=REFUSAL,
    ),
    Flow(
        intent="collection_parts",
        title="看收缴明细",
        roles=_OFFICE,
        commands=("收缴明细 {period?}",),
        examples=("收缴明细", "账龄", "按楼栋看收缴", "各项目收了多少"),
        slots=(Slot("period", take=take_period, optional=True),),
        finish=show_parts,
        quick=True,
        refusal=REFUSAL,
    ),
)
