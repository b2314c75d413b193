"""Customer-service messages: 5 in 48 hours after a message; 3 in a minute after menu, follow and scan."""

from datetime import timedelta

import pytest

from bot.clock import FixedClock
from bot.simulator import Platform
from tests.bot.simulator.conftest import Api

ZHANG = "demo-zhang"


def scans(platform: Platform) -> None:
    platform.scan(ZHANG, "lift-3-2")


def clicks(platform: Platform) -> None:
    platform.click_menu(ZHANG, "repair")


def follows(platform: Platform) -> None:
    platform.unfollow(ZHANG)
    platform.follow(ZHANG)


def test_nothing_may_be_sent_to_who_never_spoke(api: Api) -> None:
    assert api.send_text(ZHANG) == 45015


def test_a_message_allows_five_answers(api: Api, platform: Platform) -> None:
    platform.say(ZHANG, "报修")
    assert [api.send_text(ZHANG) for _time in range(6)] == [0, 0, 0, 0, 0, 45047]


def test_a_message_opens_48_hours(api: Api, platform: Platform, clock: FixedClock) -> None:
    platform.say(ZHANG, "报修")
    clock.move(timedelta(hours=48) - timedelta(seconds=1))
    assert api.send_text(ZHANG) == 0
    clock.move(timedelta(seconds=1))
    assert api.send_text(ZHANG) == 45015


def test_a_new_message_renews_the_five(api: Api, platform: Platform) -> None:
    platform.say(ZHANG, "报修")
    for _time in range(5):
        api.send_text(ZHANG)
    platform.say(ZHANG, "在吗")
    assert [api.send_text(ZHANG) for _time in range(6)] == [0, 0, 0, 0, 0, 45047]


@pytest.mark.parametrize("trigger", [scans, clicks, follows])
def test_menu_follow_and_scan_allow_three(api: Api, platform: Platform, trigger: object) -> None:
    assert callable(trigger)
    trigger(platform)
    assert [api.send_text(ZHANG) for _time in range(4)] == [0, 0, 0, 45047]


@pytest.mark.parametrize("trigger", [scans, clicks, follows])
def test_menu_follow_and_scan_open_one_minute(api: Api, platform: Platform, clock: FixedClock, trigger: object) -> None:
    assert callable(trigger)
    trigger(platform)
    clock.move(timedelta(seconds=59))
    assert api.send_text(ZHANG) == 0
    clock.move(timedelta(seconds=1))
    assert api.send_text(ZHANG) == 45015


def test_tapping_a_menu_message_counts_as_a_menu_click(api: Api, platform: Platform, clock: FixedClock) -> None:
    platform.say(ZHANG, "看进度", menu_id="7")
    assert api.send_text(ZHANG) == 0
    clock.move(timedelta(minutes=1))
    assert api.send_text(ZHANG) == 45015


def test_a_click_does_not_take_away_what_a_message_gave(api: Api, platform: Platform, clock: FixedClock) -> None:
    platform.say(ZHANG, "报修")
    platform.click_menu(ZHANG, "repair")
    assert [api.send_text(ZHANG) for _time in range(3)] == [0, 0, 0]
    clock.move(timedelta(minutes=1))
    assert [api.send_text(ZHANG) for _time in range(6)] == [0, 0, 0, 0, 0, 45047]


def test_a_payment_opens_without_a_count(api: Api, platform: Platform, clock: FixedClock) -> None:
    platform.pay(ZHANG)
    assert [api.send_text(ZHANG) for _time in range(12)] == [0] * 12
    clock.move(timedelta(hours=48))
    assert api.send_text(ZHANG) == 45015


def test_one_persons_window_is_not_anothers(api: Api, platform: Platform) -> None:
    platform.say(ZHANG, "报修")
    assert api.send_text("demo-chen") == 45015


def test_who_left_cannot_be_reached(api: Api, platform: Platform) -> None:
    platform.say(ZHANG, "报修")
    platform.unfollow(ZHANG)
    assert api.send_text(ZHANG) == 45015


def test_the_answer_to_a_message_costs_nothing(platform: Platform, clock: FixedClock) -> None:
    platform.say(ZHANG, "报修")
    assert platform.windows.left(ZHANG, clock.now()) == 5
