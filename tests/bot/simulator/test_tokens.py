"""Access tokens, by the numbers: 7200 s, 5 minutes, 2000 and 20 a day, 30 s."""

from datetime import timedelta
from typing import Any

import pytest

from bot.clock import FixedClock
from bot.simulator import Platform
from bot.simulator.quotas import CallCounts
from tests.bot.simulator.conftest import SETTINGS, Api

WHO = {"grant_type": "client_credential", "appid": SETTINGS.appid, "secret": SETTINGS.secret}


def ask(api: Api, **change: str) -> Any:
    return Api(api.client).get("/cgi-bin/token", **{**WHO, **change})


def fresh(api: Api) -> str:
    return str(ask(api)["access_token"])


def stable(api: Api, **more: Any) -> Any:
    return Api(api.client).post("/cgi-bin/stable_token", {**WHO, **more})


def verdict(api: Api, token: str) -> int:
    return int(Api(api.client, lambda: token).get("/cgi-bin/getcallbackip").get("errcode", 0))


def test_a_token_lives_7200_seconds(api: Api, clock: FixedClock) -> None:
    answer = ask(api)
    assert answer["expires_in"] == 7200
    clock.move(timedelta(seconds=7199))
    assert verdict(api, answer["access_token"]) == 0
    clock.move(timedelta(seconds=1))
    assert verdict(api, answer["access_token"]) == 42001


def test_a_replaced_token_lives_five_more_minutes(api: Api, clock: FixedClock) -> None:
    old, new = fresh(api), fresh(api)
    assert old != new
    clock.move(timedelta(seconds=299))
    assert (verdict(api, old), verdict(api, new)) == (0, 0)
    clock.move(timedelta(seconds=1))
    assert (verdict(api, old), verdict(api, new)) == (40001, 0)


def test_a_stable_token_stays_the_same_until_five_minutes_before_its_end(api: Api, clock: FixedClock) -> None:
    first = stable(api)
    clock.move(timedelta(seconds=1000))
    again = stable(api)
    assert again["access_token"] == first["access_token"]
    assert again["expires_in"] == 6200
    clock.move(timedelta(seconds=5900))
    later = stable(api)
    assert later["access_token"] != first["access_token"]
    assert later["expires_in"] == 7200
    assert verdict(api, first["access_token"]) == 0


def test_the_two_ways_to_a_token_do_not_disturb_each_other(api: Api, clock: FixedClock) -> None:
    one = stable(api)["access_token"]
    fresh(api)
    clock.move(timedelta(minutes=6))
    assert verdict(api, one) == 0


def test_forcing_ends_the_old_token_at_once(api: Api) -> None:
    old = stable(api)["access_token"]
    new = stable(api, force_refresh=True)["access_token"]
    assert (verdict(api, old), verdict(api, new)) == (40001, 0)


def test_forcing_needs_30_seconds_in_between(api: Api, clock: FixedClock) -> None:
    stable(api, force_refresh=True)
    clock.move(timedelta(seconds=29))
    assert stable(api, force_refresh=True)["errcode"] == 45011
    clock.move(timedelta(seconds=1))
    assert "access_token" in stable(api, force_refresh=True)


def test_forcing_works_twenty_times_a_day(api: Api, clock: FixedClock) -> None:
    for _time in range(20):
        assert "access_token" in stable(api, force_refresh=True)
        clock.move(timedelta(seconds=30))
    assert stable(api, force_refresh=True)["errcode"] == 45009
    clock.move(timedelta(days=1))
    assert "access_token" in stable(api, force_refresh=True)


def test_a_token_may_be_asked_for_2000_times_a_day(platform: Platform, clock: FixedClock, api: Api) -> None:
    platform.counts = CallCounts()
    for _time in range(2000):
        platform.counts.count("/cgi-bin/token", clock.now())
    assert ask(api)["errcode"] == 45009
    clock.move(timedelta(days=1))
    assert "access_token" in ask(api)


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"grant_type": "password"}, 40002),
        ({"appid": "wx0"}, 40013),
        ({"secret": "wrong"}, 40125),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
    ],
)
def test_who_is_not_the_account_gets_no_token(api: Api, change: dict[str, str], errcode: int) -> None:
    assert ask(api, **change)["errcode"] == errcode
    assert stable(api, **change)["errcode"] == errcode


@pytest.mark.parametrize(("token", "errcode"), [("", 41001), ("made-up", 40001)])
def test_a_call_needs_a_real_token(api: Api, token: str, errcode: int) -> None:
    assert verdict(api, token) == errcode


def test_every_refusal_carries_a_request_id(api: Api) -> None:
    assert "rid: " in Api(api.client, lambda: "made-up").get("/cgi-bin/getcallbackip")["errmsg"]
