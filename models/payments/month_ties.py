"""月结: what must agree before a month is closed (domain rules 5.4). Each sum comes from other rows than the one beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from models.money import shown

AGES = ("未到期", "0-3月", "3-6月", "6-12月", "12-24月", "24月以上")


def age_of(months: int | None) -> str:
    """The bucket of a debt that has been late for so many whole months; None: it is not due yet."""
    if months is None:
        return AGES[0]
    return AGES[1 + sum(months >= edge for edge in (3, 6, 12, 24))]


@dataclass(frozen=True)
class Month:
    """One month of one compound, in fen.

    `due` and `received` are of the bills of this month, late fees apart; `opening`, `billed`, `settled` and `closing` are what
    the ledger says of all that is owed. `current`, `arrears` and `late_fees` are what payments (less what was given back) were
    put to, `prepaid` what of them is only held, `deposits` what is kept for somebody (on the ledger: `deposit_account`); `from_held`
    was paid out of what was held before. `unclaimed` is what lay on the company's bank account at the end and was nobody's yet, of
    all its compounds together (in the books: `unclaimed_account`).
    """

    due: int
    received: int
    items: Mapping[str, tuple[int, int]]
    buildings: Mapping[str, tuple[int, int]]
    opening: int
    billed: int
    settled: int
    closing: int
    ages: Mapping[str, int]
    channels: Mapping[str, int]
    money: Mapping[str, int]
    current: int
    arrears: int
    late_fees: int
    prepaid: int
    from_held: int
    days: Mapping[str, int] = field(default_factory=dict)
    deposits: int = 0
    deposit_account: int = 0
    unclaimed: int = 0
    unclaimed_account: int = 0

    @property
    def came(self) -> int:
        return sum(self.channels.values())


def broken(month: Month) -> Iterator[str]:
    """A sentence for each two numbers that should be one."""
    for name, parts in (("各费项", month.items), ("各楼栋", month.buildings)):
        for what, place, total in (("应收", 0, month.due), ("实收", 1, month.received)):
            yield from _same(f"{name}{what}合计", sum(part[place] for part in parts.values()), f"总{what}", total)
    yield from _same("账龄合计", sum(month.ages.values()), "期末欠费", month.closing)
    yield from _same("期初加应收减实收", month.opening + month.billed - month.settled, "期末欠费", month.closing)
    put = month.current + month.arrears + month.late_fees
    yield from _same("收款抵账单加预存抵扣", put + month.from_held, "总账冲减的欠费", month.settled)
    whole = put + month.prepaid + month.deposits
    yield from _same("各渠道合计", month.came, "当期、往期、违约金、预存加押金", whole)
    yield from _same("押金增减", month.deposits, "总账的押金", month.deposit_account)
    yield from _same("没人认领的转账", month.unclaimed, "账上的待认领款", month.unclaimed_account)
    yield from _same("每天收款合计", sum(month.days.values()), "全月收款", month.came)
    for channel in sorted({*month.channels, *month.money}):
        yield from _same(
            f"{channel}收款", month.channels.get(channel, 0), f"总账的{channel}", month.money.get(channel, 0)
        )


def _same(name: str, fen: int, other: str, other_fen: int) -> Iterator[str]:
    if fen != other_fen:
        yield f"{name}{shown(fen)}，{other}{shown(other_fen)}"
