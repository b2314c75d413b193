"""Which column of a ledger of payments is which month, which sum, and in which unit. Pure; raises Unclear for what is not said."""

import re
from dataclasses import dataclass
from datetime import date

from models.estate.ledger_header import Header
from models.estate.ledger_values import plain
from models.estate.unclear import Unclear
from models.sheets.grid import Sheet

_MONTH = re.compile(r"(?:(20\d\d)[年.-])?(\d{1,2})月(?:份)?")
_SUMS = {
    "month": ("月物业费", "月收费", "月缴", "每月", "月费"),
    "due": ("应收", "应收合计", "全年应收", "应缴"),
    "paid": ("实收", "实收合计", "已收", "实缴"),
    "owes": ("欠费", "欠缴", "尚欠", "未交"),
    "until": ("缴至", "交至", "缴费截止", "交费截止", "缴费至", "交费至"),
    "older": ("往年欠费", "上年结转", "以前欠费", "历年欠费", "陈欠"),
}
_TITLES = {title: name for name, titles in _SUMS.items() for title in titles}


@dataclass(frozen=True)
class Columns:
    months: dict[int, date]  # column → the first of its month
    named: dict[str, int]
    unit: int  # fen of 1 where nothing else is said
    last: date  # the first of the last month the sheet speaks of


def columns_of(sheet: Sheet, header: Header) -> Columns:
    """Raises Unclear when the sheet does not say which year its months are of."""
    above = "".join(cell.text for row in sorted(sheet.rows) if row <= header.row for cell in sheet.rows[row].values())
    years = re.findall(r"(20\d\d)\s*年", above) or re.findall(r"(20\d\d)", sheet.name)
    year = int(years[0]) if len(set(years)) == 1 else None
    months: dict[int, date] = {}
    named: dict[str, int] = {}
    for column in range(1, max(sheet.rows[header.row]) + 1):
        title = re.sub(r"\(.*?\)|\s", "", plain(sheet.cell(header.row, column).text))
        if match := _MONTH.fullmatch(title):
            own = int(match[1]) if match[1] else year
            if own is None:
                raise Unclear("看不出是哪一年的，请在标题里写「2025年」")
            if not 1 <= int(match[2]) <= 12:
                raise Unclear(f"没有{match[2]}月")
            months[column] = date(own, int(match[2]), 1)
        elif name := _TITLES.get(title):
            named.setdefault(name, column)
    if not months and "until" not in named:
        raise Unclear("没有月份列，也没有「缴至」一列，不知道欠的是哪几个月")
    if year is None and not months:
        raise Unclear("看不出是哪一年的，请在标题里写「2025年」")
    unit = 1_000_000 if re.search(r"单位[:：]\s*万元", plain(above)) else 100
    last = max(months.values()) if months else date(year or 0, 12, 1)
    return Columns(months, named, unit, last)
