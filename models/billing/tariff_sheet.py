"""收费标准 read from a sheet, a line for each item of a compound: every bad cell is named by its address, or all of it is good."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from models.billing.cycles import LENGTHS
from models.billing.discounts import YEAR
from models.billing.metered import KIND_OF_ITEM
from models.billing.proration import Proration
from models.billing.tariffs import FORMULAS, HIGHEST, ITEMS, Agreement
from models.estate.ledger_dates import read_date
from models.estate.unclear import Unclear
from models.money import Rounding
from models.sheets.grid import Cell, Sheet

COLUMNS = ("收费项目", "计算方式", "单价", "几个月一收", "先付后付", "适用", "起算日", "依据")
OPTIONAL = ("取整", "首月", "楼层系数", "违约金每天", "宽限天数", "阶梯", "阶梯周期", "预交优惠")

_ITEMS = {item.name: item.code for item in ITEMS.values() if item.fund != "deposit"}  # a deposit is on no bill
_FORMULAS = {words: formula for formula, words in FORMULAS.items()}
_KINDS = {"住宅": "home", "商铺": "shop", "车位": "parking"}
_ADVANCE = {"先付": True, "后付": False}
_ROUNDINGS = {
    "": Rounding.FEN_HALF_UP, "到分": Rounding.FEN_HALF_UP, "到角": Rounding.JIAO_HALF_UP, "抹掉分": Rounding.JIAO_FLOOR,
    "到元": Rounding.YUAN_HALF_UP, "抹掉角分": Rounding.YUAN_FLOOR,
}  # fmt: skip
_FIRST_MONTHS = {
    "": Proration.NEXT_MONTH, "次月起": Proration.NEXT_MONTH, "按天": Proration.ACTUAL_DAYS, "按30天": Proration.DAYS_30,
    "半月": Proration.HALF_MONTH, "整月": Proration.FULL_MONTH,
}  # fmt: skip
T = TypeVar("T")

_SPANS = {"按年": "year", "": "year", "按月": "month"}
_TIER = re.compile(
    r"(?:(\d+(?:\.\d+)?)\s*(?:以上|[-~至到]\s*(\d+(?:\.\d+)?)))[吨度方]?\s*[:：=]\s*(\d+(?:\.\d{1,4})?)元?"
)
_PART = re.compile(r"([1-9]\d?)折")
_FREE = re.compile(r"(?:免|送)([1-3])个?月")
_FLOOR = re.compile(r"(\d{1,2})层?\s*[:：=]\s*(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class TariffRow:
    """One line: the item's code and what was agreed on for it."""

    code: str
    agreement: Agreement


@dataclass(frozen=True)
class TariffSheet:
    """What was read. With any refusal nothing may be written."""

    rows: tuple[TariffRow, ...]
    refusals: tuple[str, ...]


def read_tariffs(sheets: Iterable[Sheet]) -> TariffSheet:
    """Read the first sheet that has anything on it; columns may stand in any order."""
    sheet = next((sheet for sheet in sheets if sheet.rows), None)
    if sheet is None:
        return TariffSheet((), ("表里什么都没有",))
    head = min(sheet.rows)
    places = {cell.text.strip(): column for column, cell in sheet.rows[head].items()}
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        return TariffSheet((), (f"{sheet.name} 第{head}行缺少表头：{'、'.join(missing)}",))
    rows: list[TariffRow] = []
    refusals: list[str] = []
    for number in sheet.down(after=head):
        cells = {name: sheet.cell(number, places[name]) for name in (*COLUMNS, *OPTIONAL) if name in places}
        if not any(cell.text.strip() for cell in cells.values()):
            continue
        line = _Line(cells)
        row = line.read({row.code for row in rows})
        refusals += [
            f"{sheet.name}!{(cells.get(name) or cells['收费项目']).address} {name}：{reason}"
            for name, reason in line.wrong
        ]
        if row is not None:
            rows.append(row)
    return TariffSheet(tuple(rows), tuple(refusals))


HOW_PRICE = "请写元，最多四位小数，例如 1.85"


def price_in(words: str) -> int | None:
    """1/100 fen from yuan with up to four decimals; None for anything else."""
    try:
        price = Decimal(words.removesuffix("元")) * 10_000
    except ArithmeticError:  # no number, or beyond all numbers: 1e999999
        return None
    known = "_" not in words and price.is_finite() and 0 < price <= HIGHEST and price == int(price)
    return int(price) if known else None


class _Line:
    """One line being read; `wrong` gathers (column, reason)."""

    def __init__(self, cells: Mapping[str, Cell]) -> None:
        self._cells = cells
        self.wrong: list[tuple[str, str]] = []

    def read(self, seen: set[str]) -> TariffRow | None:
        for name, cell in self._cells.items():
            if cell.kind in ("formula", "error"):
                self.wrong.append((name, "是公式，请写成文字或数字"))
        if self.wrong:
            return None
        code = self._one_of("收费项目", _ITEMS, "")
        if code in seen:
            self.wrong.append(("收费项目", "这个项目写了两次"))
        agreement = Agreement(
            formula=self._one_of("计算方式", _FORMULAS, "area"),
            price=self._price(),
            document=self._document(),
            from_day=(day := self._day()),
            cycle_months=self._cycle(),
            in_advance=self._one_of("先付后付", _ADVANCE, True),
            anchor=day,
            applies_to=self._one_of("适用", _KINDS, "home"),
            rounding=self._one_of("取整", _ROUNDINGS, Rounding.FEN_HALF_UP),
            proration=self._one_of("首月", _FIRST_MONTHS, Proration.NEXT_MONTH),
            late_rate=self._late_rate(),
            grace_days=self._whole("宽限天数"),
            floors=self._floors(),
            tiers=self._tiers(),
            offer=self._offer(),
        )
        if agreement.formula == "meter" and (code not in KIND_OF_ITEM or agreement.in_advance):
            self.wrong.append(("计算方式", "按表收的只有水费、电费、供暖费，而且要后付"))
        return None if self.wrong else TariffRow(code, agreement)

    def _said(self, name: str) -> str:
        cell = self._cells.get(name)
        return cell.text.strip().removeprefix("'") if cell is not None else ""

    def _one_of(self, name: str, known: Mapping[str, T], otherwise: T) -> T:
        said = self._said(name)
        if said in known:
            return known[said]
        self.wrong.append((name, f"请写：{'、'.join(words for words in known if words)}"))
        return otherwise

    def _price(self) -> int:
        price = price_in(self._said("单价"))
        if price is None:
            self.wrong.append(("单价", HOW_PRICE))
        return price or 1

    def _cycle(self) -> int:
        said = self._said("几个月一收")
        if said in {str(length) for length in LENGTHS}:
            return int(said)
        self.wrong.append(("几个月一收", f"请写：{'、'.join(map(str, LENGTHS))}"))
        return 1

    def _day(self) -> date:
        cell = self._cells["起算日"]
        try:
            day = cell.value if isinstance(cell.value, date) else read_date(cell.text)
        except Unclear as unclear:
            self.wrong.append(("起算日", str(unclear)))
            return date(2000, 1, 1)
        if not isinstance(day, date):
            self.wrong.append(("起算日", "请写日期，例如 2026-01-01"))
            return date(2000, 1, 1)
        return day

    def _document(self) -> str:
        said = self._said("依据")
        if not said or len(said) > 200:
            self.wrong.append(("依据", "请写明合同条款或业主大会决议，200字以内"))
        return said

    def _late_rate(self) -> int:
        """Millionths a day from a percentage: 0.05% is 500."""
        said = self._said("违约金每天").removesuffix("%")
        if not said:
            return 0
        try:
            rate = Decimal(said) * 10_000
        except ArithmeticError:
            rate = Decimal(-1)
        if not rate.is_finite() or not 0 <= rate <= 10_000 or rate != int(rate):
            self.wrong.append(("违约金每天", "请写百分比，例如 0.05%，不收就空着"))
            return 0
        return int(rate)

    def _whole(self, name: str) -> int:
        said = self._said(name)
        if not said:
            return 0
        if said.isascii() and said.isdigit() and len(said) <= 3:
            return int(said)
        self.wrong.append((name, "请写整数天"))
        return 0

    def _offer(self) -> dict[str, object]:
        """95折, or 免1个月 (付11个月享12个月); only off a year that is paid in advance."""
        said = self._said("预交优惠")
        if not said:
            return {}
        part, free = _PART.fullmatch(said), _FREE.fullmatch(said)
        if part is None and free is None:
            self.wrong.append(("预交优惠", "请写「95折」或「免1个月」，没有就空着"))
            return {}
        if (
            self._said("几个月一收") != str(YEAR)
            or self._said("先付后付") != "先付"
            or self._said("计算方式") == FORMULAS["meter"]
        ):
            self.wrong.append(("预交优惠", "只给一年一收、先付的项目"))
        if free is not None:
            return {"free_months": int(free[1])}
        digits = part[1] if part is not None else ""
        return {"pays": f"0.{digits}"}

    def _tiers(self) -> dict[str, object]:
        """0-180：5，180-260：7，260以上：9; fen a unit as exact text. Empty: one price."""
        said = self._said("阶梯")
        if not said:
            return {}
        found = [_TIER.fullmatch(part.strip()) for part in re.split(r"[,，;；\n]", said) if part.strip()]
        parts = [match.groups() for match in found if match is not None]
        climbing = all(earlier[1] == later[0] for earlier, later in pairwise(parts)) and all(
            Decimal(begin) < Decimal(end) for begin, end, _ in parts if end is not None
        )
        if len(parts) != len(found) or not parts or parts[0][0] != "0" or parts[-1][1] is not None or not climbing:
            self.wrong.append(("阶梯", "请写成「0-180：5，180-260：7，260以上：9」这样，一档接一档"))
            return {}
        if self._said("计算方式") != FORMULAS["meter"] or Decimal(parts[0][2]) * 10_000 != self._price():
            self.wrong.append(("阶梯", "阶梯只能按表收，第一档的单价要和「单价」一样"))
        tiers = [[upto, format((Decimal(price) * 100).normalize(), "f")] for _, upto, price in parts]
        return {"span": self._one_of("阶梯周期", _SPANS, "year") if self._said("阶梯周期") else "year", "tiers": tiers}

    def _floors(self) -> dict[str, str]:
        """1层:0，2层:0.5 …; needed when the item is charged by floor."""
        said = self._said("楼层系数")
        found = dict(_FLOOR.findall(said))
        if self._said("计算方式") == FORMULAS["floor"] and not found:
            self.wrong.append(("楼层系数", "按楼层收的要写系数，例如 1层:0，2层:0.5，3层:1"))
        return found
