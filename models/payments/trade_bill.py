"""交易账单 of WeChat Pay as it is downloaded: which trades it tells of, held against its own summary.

Columns are found by their names, because WeChat adds some now and then. Every value has a back-tick before it. The last two
lines are a summary: never a trade, but what the trades must add up to. Amounts are in yuan, unlike everywhere else with WeChat.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_COLUMNS = {
    "at": "交易时间", "merchant": "商户号", "transaction_id": "微信订单号", "number": "商户订单号", "state": "交易状态",
    "refund_number": "商户退款单号", "refund": "退款金额", "refund_state": "退款状态", "fee": "手续费",
}  # fmt: skip
# 订单金额 is what was ordered; 应结订单金额 what is left after a coupon of the merchant's. Old bills have only the latter.
_ORDERED = ("订单金额", "应结订单金额")
_ASKED_BACK = ("申请退款金额", "退款金额")
_COUNT = "总交易单数"
_YUAN = re.compile(r"-?\d{1,12}(\.\d{1,2})?")
_BACK = frozenset({"REFUND"})


class BillUnreadable(Exception):
    """The file is not a whole statement. That never means that there were no trades."""


@dataclass(frozen=True)
class Trade:
    """A line of the statement, in fen. A refund has a `refund_number` and how much went back."""

    at: str
    merchant: str
    transaction_id: str
    number: str
    state: str
    fen: int
    refund_number: str
    refund: int
    refund_state: str
    fee: int

    @property
    def is_refund(self) -> bool:
        return self.state in _BACK or bool(self.refund_number)


@dataclass(frozen=True)
class Summary:
    """The last line, in fen. `fees` is None where the bill does not say."""

    count: int
    ordered: int
    refunded: int
    fees: int | None


@dataclass(frozen=True)
class Statement:
    trades: tuple[Trade, ...]
    summary: Summary


def decoded(content: bytes) -> str:
    """UTF-8 as WeChat writes it, or as a spreadsheet program saved it: UTF-16 by its mark, GB18030. Raises BillUnreadable."""
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and "\ufffd" not in text:
            return text
    raise BillUnreadable("账单的文字编码看不懂")


def read_trade_bill(content: bytes) -> Statement:
    """Raises BillUnreadable for what is no statement, is cut off, or has a line that cannot be read."""
    try:
        lines = [line for line in csv.reader(io.StringIO(decoded(content)), strict=True) if any(map(str.strip, line))]
    except csv.Error:
        raise BillUnreadable("账单的格式不对") from None
    if not lines:
        raise BillUnreadable("账单是空的")
    head = [_clean(cell) for cell in lines[0]]
    missing = [name for name in _COLUMNS.values() if name not in head]
    if missing or not any(name in head for name in _ORDERED):
        raise BillUnreadable(f"账单缺少列：{'、'.join(missing or _ORDERED[:1])}")
    ends = [place for place, line in enumerate(lines) if _clean(line[0]) == _COUNT]
    if len(ends) != 1 or len(lines) != ends[0] + 2:
        raise BillUnreadable("账单没有汇总行，可能没有下载完整")
    trades = tuple(_trade(_named(head, line, place), place) for place, line in enumerate(lines[1 : ends[0]], start=2))
    sums = _named([_clean(cell) for cell in lines[ends[0]]], lines[ends[0] + 1], ends[0] + 2)
    return Statement(trades, _summary(sums, ends[0] + 2))


def sums_of(trades: Sequence[Trade]) -> Summary:
    """What the summary of these trades must be."""
    return Summary(
        len(trades),
        sum(trade.fen for trade in trades),
        sum(trade.refund for trade in trades),
        sum(trade.fee for trade in trades),
    )


def _clean(cell: str) -> str:
    return cell.strip().lstrip("`").strip()


def _named(head: Sequence[str], line: Sequence[str], place: int) -> dict[str, str]:
    if len(line) < len(head):
        raise BillUnreadable(f"账单第{place}行缺了几格")
    return dict(zip(head, map(_clean, line), strict=False))


def _trade(cells: Mapping[str, str], place: int) -> Trade:
    said = {field: cells[column] for field, column in _COLUMNS.items()}
    back = said["refund_number"] not in ("", "0")
    return Trade(
        at=said["at"],
        merchant=said["merchant"],
        transaction_id=said["transaction_id"],
        number=said["number"],
        state=said["state"],
        fen=_first(cells, _ORDERED, place),
        refund_number=said["refund_number"] if back else "",
        refund=_first(cells, _ASKED_BACK, place),
        refund_state=said["refund_state"],
        fee=_fen(said["fee"], place),
    )


def _summary(cells: Mapping[str, str], place: int) -> Summary:
    count = cells.get(_COUNT, "")
    if not (count.isascii() and count.isdigit()):
        raise BillUnreadable("账单的汇总行看不懂")
    fees = cells.get("手续费总金额")
    return Summary(
        int(count),
        _first(cells, ("订单总金额", "应结订单总金额"), place),
        _first(cells, ("申请退款总金额", "退款总金额"), place),
        None if fees is None else _fen(fees, place),
    )


def _first(cells: Mapping[str, str], names: Sequence[str], place: int) -> int:
    for name in names:
        if name in cells:
            return _fen(cells[name], place)
    raise BillUnreadable(f"账单第{place}行没有{names[0]}")


def _fen(text: str, place: int) -> int:
    """Fen of yuan as text. Fees may be written with more digits (0.99000), which must be zeros."""
    whole, _, rest = text.partition(".")
    amount = f"{whole}.{rest[:2]}{rest[2:].rstrip('0')}".rstrip(".")
    if not _YUAN.fullmatch(amount):
        raise BillUnreadable(f"账单第{place}行的金额看不懂：{text[:20]}")
    fen = abs(int(whole)) * 100 + int(f"{rest[:2]:0<2}")
    return -fen if text.startswith("-") else fen
