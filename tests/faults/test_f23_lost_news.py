"""Fault 23: notices that never come, come wrong or come late, orders whose making timed out, a WeChat that does not answer for hours.
What was paid is in the books within three minutes, once; what stays unknown for two hours is told to staff."""

import itertools
from datetime import timedelta

import pytest

from handlers.paying import place
from models.errors import Refusal
from scheduler.jobs import query_orders
from tests.support.till import NOTIFY, SCANS, Standing, Till, once

pytestmark = pytest.mark.thorough

FEN = 10_000
STEP = timedelta(seconds=15)  # how often the job runs
MAKE, ASK = "/v3/pay/transactions/native", "/v3/pay/transactions/out-trade-no"

NOTICES = list(itertools.product(
    ("lost", "late", "old_timestamp", "unknown_serial", "probe", "wrong_amount", "three_times"), (10, 100, 1_700)
))  # fmt: skip
MAKING = list(itertools.product(("timeout_before", "timeout_after", "502", "unsigned"), (1, 2)))
ASKING = list(itertools.product(("timeout_before", "timeout_after", "502", "unsigned"), (1, 2)))
SILENT = (("502", True), ("timeout_before", False), ("unsigned", True), ("timeout_after", False))


def time_passes(till: Till, span: timedelta, step: timedelta = timedelta(minutes=5)) -> None:
    """The job looks, and WeChat tells what it has to tell."""
    for _ in range(max(1, span // step)):
        till.clock.move(min(span, step))
        query_orders.run(till.world.services, till.clock.now())
        till.platform.notices.deliver_due()


def pressed(till: Till, home: int) -> tuple[str, str] | None:
    """(number, token) of the order, or None when the payer was told that WeChat does not answer."""
    try:
        placed = place(till.world.services, home, till.by_code(FEN))
    except Refusal:
        return None
    return placed.number, placed.token


def posted_within(till: Till, home: int, most: timedelta) -> bool:
    for _ in range(most // STEP):
        if till.standing(home).payments:
            return True
        time_passes(till, STEP, STEP)
    return bool(till.standing(home).payments)


def test_f23_whatever_becomes_of_the_notice_it_is_found_within_three_minutes(till: Till) -> None:
    for fault, age in NOTICES:
        home = till.home(FEN)
        order = pressed(till, home)
        assert order is not None
        time_passes(till, timedelta(seconds=age))
        till.world.platform.faults.add(NOTIFY, fault)
        till.platform.pay(order[1], SCANS)
        till.platform.notices.deliver_due()
        assert posted_within(till, home, timedelta(minutes=3)), (fault, age)
        time_passes(till, timedelta(minutes=6))
        kept = ["mismatch"] if fault == "wrong_amount" else []
        assert till.standing(home) == once(FEN, paid=FEN, troubles=kept), (fault, age)
    assert till.flaws() == []


def test_f23_an_order_whose_making_timed_out_is_one_order_and_no_second_one(till: Till) -> None:
    for kind, times in MAKING:
        home = till.home(FEN)
        till.world.platform.faults.add(MAKE, kind, times=times)
        assert [pressed(till, home) for _ in range(times)] == [None] * times, kind
        order = pressed(till, home)
        assert order is not None, kind
        till.world.platform.faults.add(NOTIFY, "lost")
        till.platform.pay(order[1], SCANS)
        assert posted_within(till, home, timedelta(minutes=3)), kind
        assert till.standing(home) == once(FEN, paid=FEN), (kind, times)
        assert len([each for each in till.platform.all_orders() if each.number == order[0]]) == 1
    assert till.flaws() == []


def test_f23_whoever_pays_an_order_we_do_not_know_wechat_has_is_found(till: Till) -> None:
    """The making timed out and nobody pressed again; the code was on the screen of WeChat all the same."""
    for kind in ("timeout_after", "unsigned"):
        for paid in (True, False):
            home = till.home(FEN)
            till.world.platform.faults.add(MAKE, kind)
            assert pressed(till, home) is None
            token = till.platform.all_orders()[-1].token
            till.world.platform.faults.add(NOTIFY, "lost")
            if paid:
                till.platform.pay(token, SCANS)
                assert posted_within(till, home, timedelta(minutes=3)), kind
                assert till.standing(home) == once(FEN, paid=FEN), kind
            else:
                till.world.platform.faults.clear()
                time_passes(till, timedelta(minutes=33))
                assert till.standing(home) == Standing(orders=("closed",)), kind
    assert till.flaws() == []


def test_f23_a_wechat_that_does_not_answer_once_or_twice_is_asked_again(till: Till) -> None:
    for kind, times in ASKING:
        home = till.home(FEN)
        order = pressed(till, home)
        assert order is not None
        till.world.platform.faults.add(NOTIFY, "lost")
        till.world.platform.faults.add(f"{ASK}/{order[0]}", kind, times=times)
        till.platform.pay(order[1], SCANS)
        assert posted_within(till, home, timedelta(minutes=1 + 2 * times)), (kind, times)
        assert till.standing(home) == once(FEN, paid=FEN), (kind, times)
    assert till.flaws() == []


def test_f23_what_is_unknown_for_two_hours_is_told_once_and_ends_when_wechat_answers(till: Till) -> None:
    for kind, paid in SILENT:
        home = till.home(FEN)
        order = pressed(till, home)
        assert order is not None
        till.world.platform.faults.add(NOTIFY, "lost")
        till.world.platform.faults.add(f"{ASK}/{order[0]}", kind, times=10_000)
        if paid:
            till.platform.pay(order[1], SCANS)
        time_passes(till, timedelta(minutes=119))
        assert till.standing(home) == Standing(orders=("closing",)), kind
        time_passes(till, timedelta(minutes=30))
        assert till.standing(home) == Standing(orders=("closing",), troubles=("unresolved",)), kind
        till.world.platform.faults.clear()
        time_passes(till, timedelta(minutes=3))
        told = ("unresolved",)
        assert till.standing(home) == (
            once(FEN, paid=FEN, troubles=told) if paid else Standing(orders=("closed",), troubles=told)
        ), kind
    assert till.flaws() == []


def test_f23_there_are_more_than_twenty() -> None:
    assert len(NOTICES) + len(MAKING) + len(ASKING) + len(SILENT) >= 20
