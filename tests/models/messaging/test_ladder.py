from datetime import datetime, timedelta
from typing import Any

import pytest

from models.messaging.kinds import Kind
from models.messaging.ladder import (
    CUSTOMER,
    SMS,
    SUBSCRIPTION,
    TEMPLATE,
    ByHand,
    Drop,
    Facts,
    Go,
    Park,
    Shut,
    Step,
    Wait,
    next_step,
)

NEWS = Kind("news", by_hand=True)
NAG = Kind("nag")
ALARM = Kind("alarm", urgent=True, by_hand=True)
ALL = frozenset({TEMPLATE, SUBSCRIPTION, SMS})
HOUR = timedelta(hours=1)


@pytest.fixture
def step(now: datetime) -> Any:
    def step(kind: Kind = NEWS, passed: tuple[str, ...] = (), expires_in: timedelta = 24 * HOUR, **facts: Any) -> Step:
        usual = {"ledger": True, "granted": ALL, "consent": True, "phone": True}
        known = Facts(**{**usual, **facts})
        return next_step(kind, known, now=now, expires_at=now + expires_in, passed=passed)

    return step


def test_the_cheapest_open_rung_is_taken(step: Any) -> None:
    assert step(window=True) == Go(CUSTOMER)
    assert step() == Go(TEMPLATE)
    assert step(granted=ALL - {TEMPLATE}) == Go(SUBSCRIPTION)
    assert step(granted=ALL - {TEMPLATE}, consent=False) == Go(SMS)


@pytest.mark.parametrize(
    ("passed", "rung"),
    [((TEMPLATE,), SUBSCRIPTION), ((TEMPLATE, SUBSCRIPTION), SMS), ((CUSTOMER,), TEMPLATE)],
)
def test_what_said_a_final_no_is_not_asked_again(step: Any, passed: tuple[str, ...], rung: str) -> None:
    assert step(passed=passed) == Go(rung)


def test_who_is_out_of_wechats_reach_gets_a_text_message(step: Any) -> None:
    assert step(window=True, reachable=False) == Go(SMS)
    assert step(window=True, reachable=False, phone=False) == ByHand("no way left")
    assert step(NAG, reachable=False, phone=False) == Drop("no way left")


def test_with_the_window_shut_and_nothing_else_it_waits_for_the_person(step: Any) -> None:
    assert step(granted=frozenset()) == Park()
    assert step(granted=frozenset(), passed=(CUSTOMER,)) == ByHand("no way left")


def test_what_is_urgent_and_has_no_way_is_told_by_hand_at_once(step: Any) -> None:
    assert step(ALARM, granted=frozenset()) == ByHand("no way left")
    assert step(Kind("x", urgent=True), granted=frozenset()) == Park()


def test_without_books_and_without_a_template_wechat_is_asked(step: Any) -> None:
    assert step(ledger=False, granted=frozenset()) == Go(CUSTOMER)
    assert step(ledger=False) == Go(TEMPLATE)


class TestShut:
    def test_what_is_not_urgent_waits_for_its_rung(self, step: Any, now: datetime) -> None:
        shut = {TEMPLATE: Shut(now + HOUR, why="45011")}
        assert step(shut=shut) == Wait(now + HOUR, "45011")

    def test_it_does_not_wait_longer_than_it_is_worth(self, step: Any, now: datetime) -> None:
        shut = {TEMPLATE: Shut(now + 5 * HOUR)}
        assert step(shut=shut, expires_in=4 * HOUR) == Go(SUBSCRIPTION)

    def test_it_does_not_wait_for_what_was_taken_away(self, step: Any, now: datetime) -> None:
        assert step(shut={TEMPLATE: Shut(now + HOUR, skip=True)}) == Go(SUBSCRIPTION)

    def test_what_is_urgent_takes_the_next_way_that_is_open(self, step: Any, now: datetime) -> None:
        outage = Shut(now + timedelta(seconds=10))
        shut = dict.fromkeys((CUSTOMER, TEMPLATE, SUBSCRIPTION), outage)
        assert step(ALARM, window=True, shut=shut) == Go(SMS)
        assert step(ALARM, window=True, shut=shut, phone=False) == Wait(outage.until)

    def test_the_first_to_open_is_waited_for(self, step: Any, now: datetime) -> None:
        shut = {TEMPLATE: Shut(now + 3 * HOUR), SMS: Shut(now + HOUR, why="sms")}
        assert step(ALARM, shut=shut, consent=False) == Wait(now + HOUR, "sms")


def test_what_is_stale_is_not_sent(step: Any) -> None:
    assert step(NAG, window=True, expires_in=timedelta()) == Drop("expired")
    assert step(NEWS, window=True, expires_in=timedelta()) == ByHand("expired")
