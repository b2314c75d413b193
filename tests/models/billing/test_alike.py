"""Worked out once for many homes, it is for each of them what it would be by itself, fen and text; and what that is, day by day."""

import json
import random
from datetime import date, timedelta
from fractions import Fraction

import pytest

from models.billing.alike import alike, basis_text, fen_of
from models.billing.cycles import Cycle, cycle_number
from models.billing.lines import Less, Manner, Price, line_of, plan_of, to_basis
from models.billing.proration import Proration
from models.money import Rounding
from tests.support.by_hand import month_due, months_of, whole_fen

FIRST = date(2024, 1, 1)
CASES = 400


class Case:
    """A contract, a period and a home, by chance."""

    def __init__(self, chance: random.Random) -> None:
        def day() -> date:
            return FIRST + timedelta(days=chance.randrange(-40, 500))

        self.anchor, self.length = FIRST.replace(day=chance.choice((1, 1, 16, 31))), chance.choice((1, 1, 3, 12))
        self.cycle = cycle_number(self.anchor, self.length, 1)
        self.prices = [Price(date(2020, 1, 1), Fraction(chance.randrange(1, 99_999), 100))]
        self.prices += [Price(day(), Fraction(chance.randrange(1, 99_999), 100)) for _ in range(chance.randrange(3))]
        self.manner = Manner(chance.choice([*Rounding]), chance.random() < 0.7, chance.choice([*Proration]))
        self.since = chance.choice((date(2020, 1, 1), day()))
        self.until = chance.choice((None, None, day()))
        begun = day()
        less = Less(begun, chance.choice((None, begun + timedelta(days=20))), Fraction(chance.randrange(1, 100), 100))
        self.less = chance.choice(((), (), (less,)))
        self.quantity = Fraction(chance.randrange(1, 30_000), chance.choice((1, 100, 7)))


def in_words(case: Case) -> str:
    line = line_of(
        case.cycle, case.quantity, case.prices, case.manner, since=case.since, until=case.until, less=case.less
    )
    return f"{line.fen} {json.dumps(to_basis(line, 'area'))}"


def test_each_of_many_pays_what_it_would_pay_alone_and_is_told_the_same() -> None:
    chance = random.Random(7)
    for number in range(CASES):
        case = Case(chance)
        plan = plan_of(case.cycle, case.prices, case.manner, since=case.since, until=case.until, less=case.less)
        those = alike(plan, case.manner)
        fen, months = fen_of(those, case.quantity)
        assert f"{fen} {basis_text(those, case.quantity, months, 'area')}" == in_words(case), number


def day_by_day(case: Case) -> int:
    """Every day by itself, at its own price: the slowest way there is."""

    def a_month(day: date) -> Fraction:
        return Fraction(case.quantity * price_on(case, day) * pays_on(case, day))

    months = []
    for days in months_of(case.anchor, case.length, case.cycle.start):
        served = [day for day in days if day >= case.since and (case.until is None or day <= case.until)]
        months.append(month_due(days, served, a_month, case.manner.proration.value))
    if case.manner.month_by_month:
        return sum(whole_fen(exact, case.manner.rounding.value) for exact in months)
    return whole_fen(sum(months, Fraction(0)), case.manner.rounding.value)


def price_on(case: Case, day: date) -> Fraction:
    return max((price for price in case.prices if price.valid_from <= day), key=lambda price: price.valid_from).fen


def pays_on(case: Case, day: date) -> Fraction:
    held = [less.pays for less in case.less if less.since <= day and (less.until is None or day <= less.until)]
    return held[0] if held else Fraction(1)


def test_a_line_is_the_sum_of_its_days() -> None:
    chance = random.Random(11)
    for number in range(CASES // 4):
        case = Case(chance)
        same_day = len({price.valid_from for price in case.prices}) < len(case.prices)
        if not same_day:
            assert in_words(case).split()[0] == str(day_by_day(case)), number


def test_a_day_without_a_price_has_no_plan() -> None:
    with pytest.raises(LookupError):
        plan_of(Cycle(FIRST, date(2024, 1, 31)), [Price(date(2024, 1, 2), Fraction(1))], Manner(), since=FIRST)
