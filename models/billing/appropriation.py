"""抵扣顺序: which debts a payment settles (民法典 §560, §561 unless the contract says otherwise; domain rules 1.10).

What the payer named comes first; then what is due before what is not, the oldest due date, on the same date the heavier
burden (a late fee runs on it), then in proportion to what is open. Within a bill: costs, late fee, principal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from models.billing.allocation import allocate


@dataclass(frozen=True)
class Debt:
    """What is open of one bill, in fen. `key` is the caller's own name for it."""

    key: str
    due: date
    principal: int
    late_fee: int = 0
    costs: int = 0

    @property
    def open(self) -> int:
        return self.principal + self.late_fee + self.costs


@dataclass(frozen=True)
class Settled:
    """Fen put to one bill."""

    key: str
    principal: int
    late_fee: int = 0
    costs: int = 0

    @property
    def fen(self) -> int:
        return self.principal + self.late_fee + self.costs


@dataclass(frozen=True)
class Appropriation:
    """`left` found no debt: it becomes a prepayment (after asking, if it is more than a month's fee)."""

    settled: tuple[Settled, ...]
    left: int


def appropriate(
    fen: int, debts: Sequence[Debt], today: date, *, chosen: Sequence[str] = (), principal_first: bool = False
) -> Appropriation:
    """Put a payment of `fen` to the debts. `chosen` are keys in the payer's own order, and nothing else is touched before them.

    `principal_first` is the owner-friendly variant of the order within a bill. Raises ValueError for a negative payment.
    """
    if fen < 0:
        raise ValueError("a payment is not negative")
    by_key = {debt.key: debt for debt in debts}
    named = [by_key[key] for key in dict.fromkeys(chosen) if key in by_key]
    rest = [debt for debt in debts if debt not in named]
    settled, left = [], fen
    for group in [*([debt] for debt in named), *_in_order(rest, today)]:
        for debt, amount in zip(group, _amounts(left, group), strict=True):
            if amount:
                settled.append(_within(debt, amount, principal_first))
                left -= amount
    return Appropriation(tuple(settled), left)


def _in_order(debts: Sequence[Debt], today: date) -> list[list[Debt]]:
    """Groups of debts of the same rank."""

    def rank(debt: Debt) -> tuple[bool, date, bool]:
        return debt.due > today, debt.due, debt.late_fee == 0

    groups: dict[tuple[bool, date, bool], list[Debt]] = {}
    for debt in debts:
        groups.setdefault(rank(debt), []).append(debt)
    return [groups[key] for key in sorted(groups)]


def _amounts(fen: int, group: Sequence[Debt]) -> list[int]:
    """All of each if there is enough, else in proportion to what is open, to the fen."""
    whole = sum(debt.open for debt in group)
    if fen >= whole:
        return [debt.open for debt in group]
    return [share.fen for share in allocate(fen, [Fraction(debt.open) for debt in group])]


def _within(debt: Debt, fen: int, principal_first: bool) -> Settled:
    parts = {"costs": debt.costs, "late_fee": debt.late_fee, "principal": debt.principal}
    order = ("principal", "costs", "late_fee") if principal_first else ("costs", "late_fee", "principal")
    paid = {}
    for part in order:
        paid[part] = min(fen, parts[part])
        fen -= paid[part]
    return Settled(debt.key, **paid)
