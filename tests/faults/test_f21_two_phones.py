"""Fault 21: one home's bills paid from two and three phones, which WeChat takes all of. Every fen is in the books; a bill is paid once;
what is over is held for the home, and staff hear of it."""

import itertools
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from models.billing.tables import Bill
from models.estate.tables import Home
from models.payments.actions import Money, take_in
from models.payments.online_tables import OnlineOrder
from tests.support.till import Slip, Standing, Till
from tests.support.together import at_once

pytestmark = pytest.mark.thorough

FIRST, SECOND = 6_000, 4_000  # fen of the home's two bills


@dataclass(frozen=True)
class Case:
    """`bills`: what the phones pay. `ended`: the time of the last order was over, too, before its money came. `cash`: somebody has
    paid all of it at the counter meanwhile."""

    phones: int
    bills: str
    manner: str
    ended: bool
    cash: bool = False


BILLS = ("same", "overlapping", "other", "lawful", "hold", "part")
CASES = [
    *(Case(*case, False) for case in itertools.product((2, 3), BILLS, ("in_order", "backwards", "at_once"))),
    *(Case(phones, bills, "at_once", True) for phones, bills in itertools.product((2, 3), BILLS)),
    *(Case(2, bills, "each_twice", False) for bills in BILLS),
    *(Case(2, bills, "at_once", False, True) for bills in BILLS),
]  # fmt: skip


def wanted(case: Case, bills: list[int]) -> list[tuple[int, dict[str, Any], int]]:
    """For each phone: fen, what for, and what of it goes to the bills when nobody else has paid."""
    first, second = bills
    one, other = (FIRST, {"chosen": (first,)}, FIRST), (SECOND, {"chosen": (second,)}, SECOND)
    both = (FIRST + SECOND, {"chosen": (first, second)}, FIRST + SECOND)
    ways: dict[str, list[tuple[int, dict[str, Any], int]]] = {
        "same": [one, one, one],
        "overlapping": [both, other, one],
        "other": [one, other, one],
        "lawful": [(FIRST + SECOND, {}, FIRST + SECOND)] * 3,
        "hold": [(2_500, {"hold": True}, 0)] * 3,
        "part": [(3_500, {"chosen": (second, first)}, 3_500)] * 3,
    }
    return ways[case.bills][: case.phones]


def ordered(till: Till, home: int, phones: list[tuple[int, dict[str, Any], int]], ended: bool) -> list[Slip]:
    """One order after the other, each ended before the next: that is all a home can have. WeChat takes money for all."""
    slips = []
    for place, (fen, what, _) in enumerate(phones):
        over = ended or place < len(phones) - 1
        slips.append(till.order(home, fen, "closed" if over else "open", **what))
    return slips


def told(till: Till, case: Case, slips: list[Slip]) -> list[int]:
    def tell(slip: Slip) -> int:
        return till.tells(*till.notice(till.told(slip)))

    if case.manner == "at_once":
        return at_once([lambda slip=slip: tell(slip) for slip in slips])
    if case.manner == "each_twice":
        return at_once([lambda slip=slip: tell(slip) for slip in slips * 2])
    return [tell(slip) for slip in (slips if case.manner == "in_order" else slips[::-1])]


def expected(case: Case, phones: list[tuple[int, dict[str, Any], int]]) -> tuple[int, list[str]]:
    """Fen the bills have been paid, and what staff are told to look at."""
    late = len(phones) if case.ended else len(phones) - 1
    troubles = ["late_payment"] * late
    to_bills = 0 if case.ended else phones[-1][2]
    if case.cash and not case.ended and phones[-1][1].get("chosen"):
        troubles.append("second_payment")
    return FIRST + SECOND if case.cash else to_bills, troubles


def test_f21_every_fen_is_in_the_books_and_no_bill_is_paid_twice(till: Till) -> None:
    assert len(CASES) >= 50
    for number, case in enumerate(CASES):
        home = till.home(FIRST, SECOND)
        phones = wanted(case, till.bills(home))
        slips = ordered(till, home, phones, case.ended)
        if case.cash:
            with till.database.transaction() as session:
                money = Money(FIRST + SECOND, "cash", f"slip {home}")
                take_in(session, session.get_one(Home, home), money, by="test", now=till.clock.now())
        assert set(told(till, case, slips)) == {200}, case
        paid, troubles = expected(case, phones)
        found = till.standing(home)
        came = sorted([fen for fen, *_ in phones] + [FIRST + SECOND] * case.cash)
        assert sorted(found.payments) == came, case
        assert sorted(found.troubles) == sorted(troubles), case
        count = len(came)
        assert found == Standing(
            found.payments, count, count, case.phones, ("paid",) * case.phones, found.troubles, paid, sum(came) - paid
        ), case
        with till.database.reading() as session:
            rest = session.scalars(sa.select(Bill.amount - Bill.paid).where(Bill.home_id == home)).all()
            assert min(rest) >= 0, case
            orders = session.scalars(sa.select(OnlineOrder.payment_id).where(OnlineOrder.home_id == home)).all()
            assert len(set(orders)) == case.phones, case
        if number % 20 == 0:
            assert till.flaws() == [], case
    assert till.flaws() == []
