"""A tariff in words: how it is counted, when it is due, how it is rounded, and what it costs to be late."""

from fractions import Fraction

from models.billing.explain import ROUNDED
from models.billing.figures import number, yuan
from models.billing.metered import KIND_OF_ITEM, UNITS
from models.billing.tables import Tariff
from models.billing.tariffs import FORMULAS
from models.money import Rounding

KINDS = {"home": "住宅", "shop": "商铺", "parking": "车位"}
_PER = {"area": "每平方米每月", "fixed": "每月", "floor": "每月"}
CYCLES = {1: "每月一收", 3: "每季度一收", 6: "半年一收", 12: "一年一收"}
FIRST_MONTHS = {
    "next_month": "交房当月不收，次月起收",
    "actual_days": "首月按实际天数收",
    "days_30": "首月按30天折算",
    "half_month": "首月按半月收",
    "full_month": "首月按整月收",
}


def per_words(tariff: Tariff, code: str) -> str:
    """What its price is for: 每平方米每月, 每吨."""
    return _PER.get(tariff.formula) or f"每{_unit(code)}"


def _unit(code: str) -> str:
    return UNITS[KIND_OF_ITEM[code]] if code in KIND_OF_ITEM else "份"


def lines_of(tariff: Tariff, code: str) -> list[str]:
    """`code` is the item's."""
    return [
        line
        for line in (
            _how(tariff),
            _when(tariff),
            _rounding(tariff),
            _late(tariff),
            _floors(tariff),
            _tiers(tariff, _unit(code)),
        )
        if line
    ]


def _how(tariff: Tariff) -> str:
    return f"{KINDS.get(tariff.applies_to, tariff.applies_to)}{FORMULAS.get(tariff.formula, tariff.formula)}"


def _when(tariff: Tariff) -> str:
    cycle = CYCLES.get(tariff.cycle_months, f"{tariff.cycle_months}个月一收")
    order = "先交后用" if tariff.in_advance else "先用后交"
    due = "当月最后一天到期" if tariff.due_days is None else f"出账后{tariff.due_days}天到期"
    return f"{cycle}，{order}，{due}，{FIRST_MONTHS.get(tariff.proration, tariff.proration)}"


def _rounding(tariff: Tariff) -> str:
    return f"{'每个月' if tariff.month_by_month else '整个周期一起'}{ROUNDED[Rounding(tariff.rounding)]}"


def _late(tariff: Tariff) -> str:
    if not tariff.late_rate:
        return "不收违约金"
    grace = f"，宽限{tariff.grace_days}天" if tariff.grace_days else ""
    return f"违约金每天{number(Fraction(tariff.late_rate, 10_000))}%{grace}，最多不超过欠款的{tariff.late_cap}%"


def _floors(tariff: Tariff) -> str:
    if not tariff.floors:
        return ""
    floors = sorted(tariff.floors.items(), key=lambda each: (len(each[0]), each[0]))
    return "楼层系数：" + "、".join(f"{floor}层{part}" for floor, part in floors)


def _tiers(tariff: Tariff, unit: str) -> str:
    if not tariff.tiers:
        return ""
    span = "一年" if tariff.tiers["span"] == "year" else "一个月"
    steps = (
        f"{f'到{upto}{unit}' if upto else '再往上'}每{unit}{yuan(Fraction(fen))}元"
        for upto, fen in tariff.tiers["tiers"]
    )
    return f"阶梯价，{span}里" + "，".join(steps)
