"""Fault 31: months that somebody had a home for only in part, with leap days, periods that begin on a 31st, and years that end inside.

Everything is counted day by day in tests/support/by_hand.py; 3,000 periods by the rules alone, and 3,000 months of homes on a database.
"""

import random
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.alike import alike, fen_of
from models.billing.cycles import cycle_with
from models.billing.due import due_tariffs
from models.billing.handover import split_bill
from models.billing.lines import Less, Manner, Price, line_of, plan_of
from models.billing.proration import Proration
from models.billing.run import begin_run, write_slice
from models.billing.tables import Bill, Charge
from models.estate.tables import Home
from models.money import Rounding
from tests.support.by_hand import DAY, begin_of_month, days_from, month_due, months_of, whole_fen
from tests.support.fees import NOW, four_homes, service_fee

ANCHORS = (1, 1, 1, 15, 28, 29, 30, 31)
A_PRICE = (Price(date(2000, 1, 1), Fraction(185)),)


def of_a_chance(seed: int) -> dict[str, Any]:
    """A period of any anchor and length around 2023 to 2028, and somebody who is there for any stretch of it, or for none."""
    chance = random.Random(seed)
    anchor = begin_of_month(date(2023, 1, chance.choice(ANCHORS)), chance.randrange(12))
    months, day = chance.choice((1, 1, 1, 3, 6, 12)), anchor + timedelta(days=chance.randrange(-200, 1_900))
    each = months_of(anchor, months, day)
    days = [day for month in each for day in month]
    since = chance.choice(days) + timedelta(days=chance.choice((0, 0, -9, -400, 40)))
    until = chance.choice((None, None, chance.choice(days), days[0] - DAY, days[-1] + DAY))
    prices = [(days[0] - DAY, Fraction(chance.randrange(3_000, 60_000), 100))]
    prices += [
        (chance.choice(days), Fraction(chance.randrange(3_000, 60_000), 100)) for _ in range(chance.randrange(3))
    ]
    empty = sorted(chance.sample(days, 2)) if chance.random() < 0.3 else []
    return {
        "anchor": anchor, "months": months, "day": day, "each": each, "since": since, "until": until,
        "prices": dict(prices), "empty": (*empty, Fraction(chance.randrange(1, 100), 100)) if empty else None,
        "quantity": Fraction(chance.randrange(1_000, 30_000), 100), "rounding": chance.choice(list(Rounding)),
        "monthly": chance.random() < 0.7, "proration": chance.choice(list(Proration)),
    }  # fmt: skip


def by_hand(case: dict[str, Any]) -> int:
    def a_month(day: date) -> Fraction:
        since = max(begun for begun in case["prices"] if begun <= day)
        pays = Fraction(1)
        if case["empty"] and case["empty"][0] <= day <= case["empty"][1]:
            pays = case["empty"][2]
        return Fraction(case["quantity"] * case["prices"][since] * pays)

    exact = []
    for days in case["each"]:
        served = [day for day in days if case["since"] <= day and (case["until"] is None or day <= case["until"])]
        exact.append(month_due(days, served, a_month, case["proration"].value))
    if case["monthly"]:
        return sum(whole_fen(month, case["rounding"].value) for month in exact)
    return whole_fen(sum(exact, Fraction(0)), case["rounding"].value)


def agrees(seed: int) -> None:
    case = of_a_chance(seed)
    days = [day for month in case["each"] for day in month]
    cycle = cycle_with(case["anchor"], case["months"], case["day"])
    assert (cycle.start, cycle.end) == (days[0], days[-1]), seed
    manner = Manner(case["rounding"], case["monthly"], case["proration"])
    prices = [Price(day, fen) for day, fen in case["prices"].items()]
    less = [Less(*case["empty"])] if case["empty"] else []
    when = {"since": case["since"], "until": case["until"], "less": less}
    due = by_hand(case)
    assert line_of(cycle, case["quantity"], prices, manner, **when).fen == due, seed
    # As a run works it out, for all homes that are served alike.
    assert fen_of(alike(plan_of(cycle, prices, manner, **when), manner), case["quantity"])[0] == due, seed


@pytest.mark.parametrize(
    ("anchor", "day", "since", "until", "days", "of"),
    [
        (date(2024, 1, 1), date(2024, 2, 1), date(2024, 2, 29), None, 1, 29),  # moved in on the leap day
        (date(2024, 1, 1), date(2024, 2, 1), date(2023, 5, 1), date(2024, 2, 28), 28, 29),  # and out on its eve
        (date(2023, 1, 1), date(2023, 2, 1), date(2023, 2, 28), None, 1, 28),
        (date(2024, 1, 31), date(2024, 3, 1), date(2024, 3, 30), None, 1, 31),  # 29 February to 30 March
        (date(2023, 12, 31), date(2024, 2, 10), date(2024, 2, 10), None, 19, 29),  # 31 January to 28 February
        (date(2023, 11, 30), date(2024, 2, 29), date(2024, 2, 29), None, 30, 30),  # 29 February to 29 March
        (date(2024, 1, 1), date(2024, 12, 31), date(2024, 12, 31), date(2025, 1, 1), 1, 31),  # across the end of a year
        (date(2024, 1, 1), date(2024, 4, 1), date(2024, 5, 1), None, 0, 30),  # comes only afterwards
        (date(2024, 1, 1), date(2024, 4, 1), date(2023, 1, 1), date(2024, 3, 31), 0, 30),  # has left before
        (date(2024, 1, 1), date(2024, 4, 1), date(2024, 4, 20), date(2024, 4, 19), 0, 30),  # never was there
        (date(2024, 1, 15), date(2024, 3, 20), date(2024, 3, 20), None, 26, 31),  # a month from the 15th to the 14th
    ],
)
def test_f31_a_part_of_a_month_counts_its_days(
    anchor: date, day: date, since: date, until: date | None, days: int, of: int
) -> None:
    cycle, quantity = cycle_with(anchor, 1, day), Fraction("89.37")
    manner = Manner(proration=Proration.ACTUAL_DAYS)
    line = line_of(cycle, quantity, A_PRICE, manner, since=since, until=until)
    assert (line.fen, cycle.days) == (whole_fen(quantity * 185 * days / of), of)
    assert bool(line.months) == bool(days), "no day, no bill"


def test_f31_thirty_days_are_counted_in_the_month_that_is_billed() -> None:
    """From the 15th to the 14th, moved in on the 20th of March: 26 days are left of it, not the 12 of the calendar's March."""
    cycle = cycle_with(date(2024, 1, 15), 1, date(2024, 3, 20))
    for proration, part in ((Proration.DAYS_30, Fraction(26, 30)), (Proration.HALF_MONTH, Fraction(1))):
        line = line_of(cycle, Fraction(100), A_PRICE, Manner(proration=proration), since=date(2024, 3, 20))
        assert line.fen == whole_fen(part * 18_500)


def test_f31_a_hundred_parts_of_periods_agree_with_counting_their_days() -> None:
    for seed in range(100):
        agrees(seed)


@pytest.mark.thorough
def test_f31_three_thousand_parts_of_periods_agree_with_counting_their_days() -> None:
    for seed in range(100, 3_100):
        agrees(seed)


# --- on a database ------------------------------------------------------------------------------------------------------

HOMES, MONTHS, FIRST = 200, 15, date(2023, 11, 1)  # with the leap day and two ends of a year


def comings_and_goings(session: Session, garden: int) -> dict[int, tuple[date, date | None, int]]:
    """Home → from which day until which it pays, and its area in 0.01 m²."""
    chance, found = random.Random(31), {}
    tariff = service_fee(session, garden, proration=Proration.ACTUAL_DAYS, from_day=date(2020, 1, 1))
    session.execute(sa.delete(Charge))
    for number in range(HOMES):
        since = date(2023, 9, 1) + timedelta(days=chance.randrange(500))
        until = since + timedelta(days=chance.randrange(-1, 300)) if chance.random() < 0.6 else None
        home = Home(
            community_id=garden, building="9", entrance="1", room=str(number), area=chance.randrange(3_000, 20_000),
            floor=1, created_at=NOW,
        )  # fmt: skip
        session.add(home)
        session.flush()
        session.add(Charge(home_id=home.id, tariff_id=tariff.id, from_day=since, until_day=until, pieces=1))
        found[home.id] = (since, until, home.area or 0)
    session.flush()
    return found


@pytest.mark.thorough
def test_f31_three_thousand_months_of_homes_are_billed_day_by_day(session: Session) -> None:
    garden = four_homes(session)
    homes = comings_and_goings(session, garden)
    for number in range(MONTHS):
        month = begin_of_month(FIRST, number)
        run = begin_run(session, garden, f"{month:%Y-%m}", by="test", now=NOW)
        (due,) = due_tariffs(session, garden, run.period)
        write_slice(session, run, due)
    bills = {(bill.home_id, bill.start): bill for bill in session.scalars(sa.select(Bill))}
    nothing = 0
    for home, (since, until, area) in homes.items():
        for number in range(MONTHS):
            days = list(days_from(begin_of_month(FIRST, number), begin_of_month(FIRST, number + 1) - DAY))
            served = [day for day in days if since <= day and (until is None or day <= until)]
            exact = Fraction(area) * 185 / 100
            bill = bills.pop((home, days[0]), None)
            if not served:
                nothing += 1
                assert bill is None, (home, days[0])
                continue
            assert bill is not None
            assert bill.amount == whole_fen(exact * len(served) / len(days)), (home, days[0])
            of_two_owners(bill, days, served, exact)
    assert not bills
    assert nothing > 300


def of_two_owners(bill: Bill, days: list[date], served: list[date], exact: Fraction) -> None:
    """Sold on any day of it: the former owner pays the days before, the new one the rest, and both together the bill."""
    day = days[1 + bill.home_id % (len(days) - 1)]
    parts = split_bill(bill.basis, bill.amount, bill.start, bill.end, day, Manner(proration=Proration.ACTUAL_DAYS))
    former, new = (part.fen if part else 0 for part in parts)
    assert former == whole_fen(exact * len([one for one in served if one < day]) / len(days))
    assert former + new == bill.amount
