"""缴费, 预存: what is open and what it comes to, and the page where it is paid. A sum, an item or a month may be said along."""

import re

from bot.flow import Done, Flow, Outcome, Turn
from handlers.paying import NOT_SET_UP
from handlers.phrases import EXAMPLES
from handlers.purses import Purse, payable_by
from models.billing.months import month_meant
from models.estate.ledger_amounts import read_amount
from models.estate.unclear import Unclear
from models.money import shown
from models.payments.owing import Owing, owing, wanted_of

NOT_BOUND = "您还没有绑定房屋，交不了费。请回复「绑定」，我来帮您。"
PAID_UP = "现在没有要交的账单，谢谢。想先存一些，回复「预存 500」。"
HOW_MUCH = "要预存多少？请写成「预存 500」这样。"
_HOLD = re.compile(r"预存|预缴|预交")
_SUM = re.compile(r"[0-9０-９][0-9０-９,，.．]*(?=元|块|$)")
_MONTH = re.compile(r"20\d{2}[-年./]\d{1,2}月?|\d{1,2}月")


def show(turn: Turn) -> Outcome:
    purses = payable_by(turn.speaker)
    if not purses:
        return Done(NOT_BOUND)
    if _HOLD.search(turn.text):
        return Done(_advance(turn, purses[0]))
    return Done("\n\n".join(_open(turn, purse) for purse in purses))


def _open(turn: Turn, purse: Purse) -> str:
    lines = owing(turn.session, purse.home.home_id, purse.payer, turn.now)
    if not lines:
        return f"{purse.name}：{PAID_UP}"
    chosen = _chosen(turn, lines)
    if not chosen:
        return f"{purse.name}没有您说的这笔要交的账单。看全部，回复「缴费」。"
    total = sum(one.fen for one in chosen)
    said = [f"{purse.name} 要交的：", *(_line(one) for one in chosen), f"合计{shown(total)}。"]
    fen = _sum(turn)
    query = f"home={purse.home.home_id}"
    if len(chosen) < len(lines):
        query += f"&bills={'-'.join(str(one.line.bill.id) for one in chosen)}"
    if fen is not None:
        # Refused here already, before anybody opens a page for nothing.
        picked = [one.line.bill.id for one in chosen] if len(chosen) < len(lines) else []
        wanted_of(
            turn.session, (purse.home.home_id, purse.home.community_id), purse.payer, chosen=picked, fen=fen,
            hold=False, now=turn.now,
        )  # fmt: skip
        said.append(f"这次交{shown(fen)}，先抵欠得最久的。")
        query += f"&fen={fen}"
    return "\n".join([*said, _way(turn, query)])


def _advance(turn: Turn, purse: Purse) -> str:
    fen = _sum(turn)
    if fen is None:
        return HOW_MUCH
    home = (purse.home.home_id, purse.home.community_id)
    wanted_of(turn.session, home, purse.payer, chosen=(), fen=fen, hold=True, now=turn.now)
    said = f"{purse.name} 预存{shown(fen)}，以后出账自动抵扣。"
    return f"{said}\n{_way(turn, f'home={purse.home.home_id}&fen={fen}&hold=1')}"


def _way(turn: Turn, query: str) -> str:
    base = getattr(turn.settings, "public_url", "")
    if not base or not getattr(turn.settings, "pays_online", False):
        return NOT_SET_UP
    return f'<a href="{base}/m/pay?{query}">点这里用微信付款</a>\n不会用也没关系，到收费处交一样。'


def _line(one: Owing) -> str:
    late = f"（另有违约金{shown(one.late_fee)}）" if one.late_fee else ""
    return f"{one.line.item} {one.line.bill.period} {shown(one.line.open)}{late}"


def _chosen(turn: Turn, lines: list[Owing]) -> list[Owing]:
    """What the words name: an item, a month; all of it when they name neither."""
    items = {one.line.item for one in lines if _named(one.line.item, turn.text)}
    month = _MONTH.search(turn.text)
    period = month_meant(month[0], turn.now.date()) if month else None
    named = [one for one in lines if not items or one.line.item in items]
    if not items and re.search(r"水费|电费|停车费|车位费|垃圾费", turn.text):
        return []
    return [one for one in named if period is None or one.line.bill.period == period]


def _named(item: str, text: str) -> bool:
    short = item.removeprefix("生活").replace("清运", "")
    return item in text or (len(short) >= 2 and short in text)


def _sum(turn: Turn) -> int | None:
    """Fen of the sum that was said, None for none."""
    words = _MONTH.sub(" ", turn.text).replace(" ", "")
    found = _SUM.search(words)
    try:
        return read_amount(found[0]) if found else None
    except Unclear:
        return None


_RESIDENTS = frozenset({"resident"})

FLOW = Flow(
    intent="pay",
    title="缴费",
    roles=_RESIDENTS,
    commands=("缴费 {text?}", "预存 {text?}"),
    examples=EXAMPLES["pay"],
    finish=show,
    quick=True,
    refusal=NOT_BOUND,
)
