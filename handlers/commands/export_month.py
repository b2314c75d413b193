"""月结 for a spreadsheet: the numbers that were signed, one a line. Amounts are in yuan."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.logs import mask
from handlers.commands.exporting import Export, Row
from models.billing.closed_months import ClosedMonth
from models.estate.tables import Community

_SINGLE = {
    "due": "当月应收", "received": "当月已收", "opening": "期初欠费", "billed": "本月新增应收", "settled": "本月冲减欠费",
    "closing": "期末欠费", "current": "收当月", "arrears": "收往期", "late_fees": "收违约金", "prepaid": "收预存",
    "from_held": "预存抵扣", "unclaimed": "银行待认领（全公司）",
}  # fmt: skip
_LISTS = {"ages": "账龄", "channels": "渠道", "days": "每天收款"}
_PAIRS = {"items": "费项", "buildings": "楼栋"}


def _rows(_: Session, row: Any) -> Iterator[Row]:
    totals = row.totals
    begin = (row.community, row.period, row.closed_at, mask(row.by))
    for key, words in _SINGLE.items():
        yield (*begin, "合计", words, _yuan(totals.get(key, 0)))  # older ones lack some
    for key, words in _PAIRS.items():
        for name, (due, received) in totals[key].items():
            yield (*begin, f"{words}应收", name, _yuan(due))
            yield (*begin, f"{words}已收", name, _yuan(received))
    for key, words in _LISTS.items():
        for name, fen in totals[key].items():
            yield (*begin, words, name, _yuan(fen))


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


MONTH_CLOSE = Export(
    ("community", "period", "closed_at", "closed_by", "section", "name", "yuan"),
    sa.select(
        ClosedMonth.period, ClosedMonth.closed_at, ClosedMonth.by, ClosedMonth.totals, Community.name.label("community")
    )
    .join(Community, Community.id == ClosedMonth.community_id)
    .where(ClosedMonth.reopened_at.is_(None))
    .order_by(ClosedMonth.community_id, ClosedMonth.period),
    tuple,
    ClosedMonth.community_id,
    expand=_rows,
)
