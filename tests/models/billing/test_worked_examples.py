"""Every worked example of domain rules 1.16, by its name and to the fen; how each rule gets there is tested beside it."""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

import pytest

from models.billing.allocation import CannotAllocate, allocate
from models.billing.appropriation import Debt, Settled, appropriate
from models.billing.collection import Takings, arrears_rate, current_rate, homes_rate, overall_rate
from models.billing.discounts import deducted, extended, share_off, vacant
from models.billing.late_fee import Terms, late_fee
from models.billing.meters import Doubtful, Replacement, use_between
from models.billing.proration import Proration, first_month, split_at
from models.billing.tax import Taxed, tax_on_resale, tax_within
from models.billing.tiers import Tier, steps_of
from models.money import Rounding, percent, rounded

F, FEN = Fraction, Rounding.FEN_HALF_UP
BASE = F("89.37") * 185  # house A: 165.3345 yuan a month
AREAS = [F(area) for area in ("56.32", "68.50", "68.50", "75.18", "89.37", "102.46", "120.00")]
LIFT = [F(weight) for weight in ("0", "0.5", "1", "1.2", "1.4", "1.6") for _ in range(2)]
BEIJING = [Tier(F(180), F(500)), Tier(F(260), F(700)), Tier(None, F(900))]
SICHUAN = [Tier(F(180), F("52.24")), Tier(F(280), F("62.24")), Tier(None, F("82.24"))]
RATE, DUE = F(5, 10_000), date(2024, 3, 31)
JANUARY = Debt("jan", date(2024, 1, 31), 16533, late_fee=1200)
FEBRUARY = Debt("feb", date(2024, 2, 29), 16533, late_fee=600)
WATER = Debt("water", date(2024, 2, 29), 3840)
TODAY = date(2024, 4, 1)
TAKINGS = Takings(
    due=10_000_000, received=8_250_000, arrears=4_000_000, cleared=900_000, homes_billed=520, homes_clear=412
)

EXAMPLES: dict[str, tuple[Callable[[], object], object]] = {}


def shared(total: int, weights: list[F]) -> list[int]:
    return [share.fen for share in allocate(total, weights)]


def climbing(tiers: list[Tier], quantity: int, before: int = 0) -> int:
    return rounded(sum((step.exact for step in steps_of(tiers, F(quantity), F(before))), F(0)))


def late(principal: int, due: date, days: int, **terms: object) -> int:
    return late_fee(principal, due, due + timedelta(days=days), Terms(RATE, **terms))  # type: ignore[arg-type]


def first(day: date, mode: Proration) -> int:
    return first_month(BASE, day, mode, FEN)


def paid(fen: int, *chosen: str) -> tuple[tuple[Settled, ...], int]:
    result = appropriate(fen, [WATER, FEBRUARY, JANUARY], TODAY, chosen=chosen)
    return result.settled, result.left


def refused(act: Callable[[], object], error: type[Exception]) -> str:
    with pytest.raises(error) as told:
        act()
    return type(told.value).__name__


EXAMPLES |= {
    "E1 month": (lambda: rounded(BASE), 16533),
    "E1 quarter, sum of months": (lambda: 3 * rounded(BASE), 49599),
    "E1 quarter, in all": (lambda: rounded(3 * BASE), 49600),
    "E1 year, both ways": (lambda: (12 * rounded(BASE), rounded(12 * BASE)), (198396, 198401)),
    "E2 jiao": (lambda: rounded(F(16533), Rounding.JIAO_HALF_UP), 16530),
    "E2 抹零": (lambda: rounded(F(16533), Rounding.JIAO_FLOOR), 16530),
    "E2 yuan": (lambda: rounded(F(16533), Rounding.YUAN_HALF_UP), 16500),
    "E3 by area": (lambda: shared(123457, AREAS), [11981, 14573, 14572, 15994, 19012, 21797, 25528]),
    "E4 by household": (lambda: shared(123457, [F(1)] * 7), [17637] * 5 + [17636] * 2),
    "E5 loss by use": (
        lambda: shared(33120, [F(used) for used in ("23", "41", "0", "17", "9.5")]),
        [8417, 15005, 0, 6221, 3477],
    ),
    "E6 lift by floor": (lambda: shared(246000, LIFT)[::2], [0, 10789, 21579, 25895, 30211, 34526]),
    "E6 lift, to the fen": (lambda: sum(shared(246000, LIFT)), 246000),
    "E7 81 days": (lambda: late(148802, DUE, (date(2024, 6, 20) - DUE).days), 6026),
    "E7b capped at the principal": (lambda: late(148802, DUE, 2500), 148802),
    "E7b hit on day 2000 and not before": (
        lambda: (late(148802, DUE, 1999), late(148802, DUE, 2000)),
        (148728, 148802),
    ),
    "E7b capped at 30 %": (lambda: late(148802, DUE, 2500, cap=F(3, 10)), 44641),
    "E7b hit on day 600 and not before": (
        lambda: (late(148802, DUE, 599, cap=F(3, 10)), late(148802, DUE, 600, cap=F(3, 10))),
        (44566, 44641),
    ),
    "E7d 2023, 29 days": (lambda: late_fee(49599, date(2023, 1, 31), date(2023, 3, 1), Terms(RATE)), 719),
    "E7d 2024, 30 days": (lambda: late_fee(49599, date(2024, 1, 31), date(2024, 3, 1), Terms(RATE)), 744),
    "E7f from the due day": (lambda: late(148802, DUE, 15, grace_days=10), 1116),
    "E7f after the grace only": (lambda: late(148802, DUE, 15, grace_days=10, from_grace=True), 372),
    "E8 by days": (lambda: first(date(2024, 2, 10), Proration.ACTUAL_DAYS), 11402),
    "E8 thirty days": (lambda: first(date(2024, 2, 10), Proration.DAYS_30), 11022),
    "E8 next month": (lambda: first(date(2024, 2, 10), Proration.NEXT_MONTH), 0),
    "E8b by days": (lambda: first(date(2023, 2, 10), Proration.ACTUAL_DAYS), 11219),
    "E8b thirty days": (lambda: first(date(2023, 2, 10), Proration.DAYS_30), 10471),
    "E8c by days, from the exact month": (lambda: first(date(2024, 3, 15), Proration.ACTUAL_DAYS), 9067),
    "E8c thirty days": (lambda: first(date(2024, 3, 15), Proration.DAYS_30), 9369),
    "E9 seller": (lambda: split_at(BASE, 16533, date(2024, 5, 17), FEN).before, 8533),
    "E9 buyer": (lambda: split_at(BASE, 16533, date(2024, 5, 17), FEN).after, 8000),
    "E10 longer": (lambda: (extended(16533, 12, 1).pay, extended(16533, 12, 1).months), (198396, 13)),
    "E10 less": (lambda: (deducted(16533, 12, 1).pay, deducted(16533, 12, 1).discount), (181863, 16533)),
    "E10c 95 折": (
        lambda: (share_off(198396, F(95, 100), 12).pay, share_off(198396, F(95, 100), 12).discount),
        (188476, 9920),
    ),
    "E11 vacant, 70 %": (lambda: vacant(16533, F(7, 10)), 11573),
    "E11 vacant, 60 %": (lambda: vacant(16533, F(6, 10)), 9920),
    "E12 water": (lambda: climbing(BEIJING, 25, 168), 15100),
    "E12b water": (lambda: climbing(BEIJING, 22, 250), 17800),
    "E12d exactly 180": (lambda: climbing(BEIJING, 180), 90000),
    "E12e power": (lambda: climbing(SICHUAN, 312), 18259),
    "E13 rolled over": (lambda: use_between(F(99987), F(12), digits=5, rolled_over=True), 25),
    "E13 only when somebody says so": (
        lambda: refused(lambda: use_between(F(99987), F(12), digits=5), Doubtful),
        "Doubtful",
    ),
    "E13 and only below three times the usual": (
        lambda: refused(lambda: use_between(F(99987), F(12), digits=5, rolled_over=True, usual=F(8)), Doubtful),
        "Doubtful",
    ),
    "E13b replaced": (lambda: use_between(F(1532), F(6), replaced=Replacement(F(1547), F(0))), 21),
    "E13c through a ratio of 40": (
        lambda: rounded(use_between(F("1498.2"), F("1523.4"), ratio=F(40)) * F("81.36")),
        82011,
    ),
    "E14 by the law": (
        lambda: paid(30000),
        ((Settled("jan", 16533, late_fee=1200), Settled("feb", 11667, late_fee=600)), 0),
    ),
    "E14 leaves open": (lambda: (16533 - paid(30000)[0][1].principal, 3840), (4866, 3840)),
    "E14c 交水费 comes first": (lambda: paid(30000, "water")[0][0], Settled("water", 3840)),
    "E14c the rest": (lambda: sum(one.principal + one.late_fee for one in paid(30000, "water")[0][1:]), 26160),
    "E15 current": (lambda: percent(current_rate(TAKINGS)), "82.50%"),
    "E15 arrears": (lambda: percent(arrears_rate(TAKINGS)), "22.50%"),
    "E15 overall": (lambda: percent(overall_rate(TAKINGS)), "65.36%"),
    "E15 homes": (lambda: percent(homes_rate(TAKINGS)), "79.23%"),
    "E20 6 %": (lambda: tax_within(16533, F(6, 100)), Taxed(15597, 936)),
    "E20 3 %": (lambda: tax_within(16533, F(3, 100)), Taxed(16051, 482)),
    "E20 1 %": (lambda: tax_within(16533, F(1, 100)), Taxed(16369, 164)),
    "E21 resale": (lambda: tax_on_resale(510000, 480000, F(3, 100)), 874),
    "E23 no weights": (lambda: refused(lambda: allocate(50000, [F(0)] * 3), CannotAllocate), "CannotAllocate"),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_worked_example(name: str) -> None:
    work_out, result = EXAMPLES[name]
    assert work_out() == result


def test_none_was_left_out() -> None:
    named = {name.split()[0] for name in EXAMPLES}
    listed = "E1 E2 E3 E4 E5 E6 E7 E7b E7d E7f E8 E8b E8c E9 E10 E10c E11 E12 E12b E12d E12e E13 E13b E13c E14 E14c E15 E20 E21 E23"
    assert named == set(listed.split())
