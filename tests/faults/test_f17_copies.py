"""Fault 17, two hundred times: the notice of one payment comes two to sixteen times, at once and later, however the order stands."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from scheduler.jobs import query_orders
from tests.support.till import Slip, Till, once
from tests.support.together import at_once

pytestmark = pytest.mark.thorough


@dataclass(frozen=True)
class Case:
    """`copies` of a notice. `bytes_too`: the very same bytes each time, and not a new envelope for each try."""

    copies: int
    manner: str
    bytes_too: bool
    state: str
    bills: str


MANNERS = ("at_once", "later", "pairs", "half_at_once", "late_in_the_night")
STATES = ("new", "open", "closing", "closed")
BILLS = ("chosen", "lawful", "more", "part", "hold")


def cases() -> list[Case]:
    """Every number of copies at once, each manner with a few, and every way an order stands with every choice of bills; what is
    not said is diced."""
    chance = random.Random(17)
    many = [
        Case(copies, "at_once", same, state, chance.choice(BILLS))
        for copies, same, state in itertools.product(range(2, 17), (True, False), ("open", chance.choice(STATES)))
    ]
    slow = [
        Case(copies, manner, same, chance.choice(STATES), chance.choice(BILLS))
        for copies, manner, same in itertools.product((2, 3, 5, 8), MANNERS[1:], (True, False))
    ]
    all_ways = [
        Case(copies, manner, False, state, bills)
        for copies, manner, state, bills in itertools.product((2, 3, 4), ("at_once", "pairs"), STATES, BILLS)
    ]
    return list(dict.fromkeys([*many, *slow, *all_ways]))


CASES = cases()
EVERY = 20  # cases to one audit of everything: each home is looked at after each case


def ordered(till: Till, case: Case) -> tuple[Slip, int]:
    """The order, and how much of it will go to the bills of 70.00 and 30.00 yuan."""
    home = till.home(7_000, 3_000)
    bills = tuple(till.bills(home))
    fen, wanted, paid = {
        "chosen": (3_000, {"chosen": bills[1:]}, 3_000),
        "lawful": (10_000, {}, 10_000),
        "more": (12_500, {}, 10_000),
        "part": (999, {"chosen": bills}, 999),
        "hold": (5_000, {"hold": True}, 0),
    }[case.bills]
    wanted_as: dict[str, Any] = wanted
    slip = till.order(home, fen, case.state, **wanted_as)
    return slip, 0 if case.state == "closed" else paid


def bring(till: Till, case: Case, slip: Slip) -> list[int]:
    """The answers to all copies."""
    told = till.told(slip)
    same = till.notice(told)

    def copy() -> int:
        return till.tells(*(same if case.bytes_too else till.notice(told)))

    def together(number: int) -> list[int]:
        acts: list[Callable[[], int]] = [copy] * number
        return at_once(acts) if number > 1 else [copy() for _ in acts]

    if case.manner == "at_once":
        return together(case.copies)
    if case.manner == "half_at_once":
        first = together(case.copies // 2)
        till.clock.move(timedelta(seconds=15))
        return first + [copy() for _ in range(case.copies - case.copies // 2)]
    if case.manner == "pairs":
        answers = []
        for left in range(case.copies, 0, -2):
            answers += together(min(2, left))
        return answers
    step = timedelta(seconds=15) if case.manner == "later" else timedelta(hours=3)
    answers = []
    for _ in range(case.copies):
        if step > timedelta(minutes=5):  # the bytes of then would be too old: WeChat signs each try anew
            same = till.notice(told)
        answers.append(copy())
        till.clock.move(step if step > timedelta(minutes=5) else timedelta(seconds=15))
    return answers


def test_f17_however_many_copies_it_is_one_payment_one_receipt_one_message(till: Till) -> None:
    assert len(CASES) >= 200
    for number, case in enumerate(CASES):
        slip, paid = ordered(till, case)
        answers = bring(till, case, slip)
        query_orders.run(till.world.services, till.clock.now())
        late = ["late_payment"] if case.state == "closed" else []
        assert till.standing(slip.home) == once(slip.fen, paid=paid, troubles=late), case
        assert set(answers) == {200}, case
        if number % EVERY == 0:
            assert till.flaws() == [], case
    assert till.flaws() == []
