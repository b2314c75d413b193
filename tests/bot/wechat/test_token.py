"""The access token: one fetch for everybody, and none that is not needed (reference 3.7)."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import redis
import requests
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.clock import FixedClock
from bot.wechat.errors import Consequence, WeChatError
from bot.wechat.token import TokenProvider
from tests.bot.wechat.frames import NOW
from tests.bot.wechat.pretend import API, PretendWeChat, Raw, refused


@pytest.fixture
def clock():
    return FixedClock(NOW)


def no_redis() -> redis.Redis:
    return redis.Redis(unix_socket_path="/nonexistent/redis.socket", retry=Retry(NoBackoff(), 0))


def token(name: str, seconds: int = 7200) -> dict[str, Any]:
    return {"access_token": name, "expires_in": seconds}


def provider(wechat, redis_server, clock):
    return TokenProvider("wx1", "s3cret", API, redis=redis_server, http=wechat.session(), clock=clock)


def test_the_secret_is_sent_in_the_body_and_never_in_the_address(redis_server, clock):
    wechat = PretendWeChat(token("T1"))
    assert provider(wechat, redis_server, clock).current() == "T1"
    assert wechat.asked[0].url == "https://api.test/cgi-bin/stable_token"
    assert wechat.body() == {
        "grant_type": "client_credential",
        "appid": "wx1",
        "secret": "s3cret",
        "force_refresh": False,
    }
    assert wechat.options[0]["timeout"] == (3.0, 5.0)


def test_another_process_uses_the_token_that_is_there(redis_server, clock):
    provider(PretendWeChat(token("T1")), redis_server, clock).current()
    assert provider(PretendWeChat(), redis_server, clock).current() == "T1"


def test_it_is_kept_until_five_minutes_before_its_end(redis_server, clock):
    provider(PretendWeChat(token("T1", 7200)), redis_server, clock).current()
    assert 6890 < redis_server.ttl("wechat:wx1:token") <= 6900


def test_the_short_rest_of_a_token_is_used_as_well(redis_server, clock):
    provider(PretendWeChat(token("T1", 60)), redis_server, clock).current()
    assert 50 < redis_server.ttl("wechat:wx1:token") <= 54


def test_a_stale_token_is_renewed_without_taking_it_from_others(redis_server, clock):
    wechat = PretendWeChat(token("T1"), token("T2"))
    tokens = provider(wechat, redis_server, clock)
    assert tokens.renew(tokens.current()) == "T2"
    assert tokens.current() == "T2"
    assert wechat.body()["force_refresh"] is False


def test_what_another_process_has_renewed_already_is_taken_over(redis_server, clock):
    mine = provider(PretendWeChat(token("T1")), redis_server, clock)
    stale = mine.current()
    provider(PretendWeChat(token("T2")), redis_server, clock).renew(stale)
    assert mine.renew(stale) == "T2"


class SlowWeChat(PretendWeChat):
    """Waits a moment with its first answer, for a second request that should never come."""

    def __init__(self, *answers: Any) -> None:
        super().__init__(*answers)
        self.second = threading.Event()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        if self.asked:
            self.second.set()
        try:
            return super().send(request, *args, **options)
        finally:
            self.second.wait(0.2)


def at_once(work, count=8):
    gate = threading.Barrier(count)
    results: list[str] = []

    def run(number: int) -> None:
        gate.wait(5)
        results.append(work(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return results


@pytest.mark.parametrize("stale", [None, "T0"], ids=["current", "renew"])
def test_eight_threads_of_two_processes_fetch_once(redis_server, clock, stale):
    wechat = SlowWeChat(*(token(f"T{n}") for n in range(1, 9)))
    processes = [provider(wechat, redis_server, clock) for _ in range(2)]
    if stale:
        redis_server.set("wechat:wx1:token", stale)
    results = at_once(lambda n: processes[n % 2].renew(stale) if stale else processes[n % 2].current())
    assert results == ["T1"] * 8
    assert len(wechat.asked) == 1


@pytest.mark.parametrize("down", [None, no_redis()], ids=["no Redis", "Redis down"])
def test_without_redis_each_process_fetches_its_own_once(clock, down):
    wechat = SlowWeChat(token("T1"), token("T1"))
    processes = [provider(wechat, down, clock) for _ in range(2)]
    assert at_once(lambda n: processes[n % 2].current()) == ["T1"] * 8
    assert len(wechat.asked) == 2


def test_who_waited_for_a_fetch_that_failed_shares_the_failure(redis_server, clock):
    wechat = SlowWeChat(*[requests.ConnectTimeout()] * 7, token("T1"))
    tokens = provider(wechat, redis_server, clock)

    def consequence(_: int) -> str:
        with pytest.raises(WeChatError) as error:
            tokens.current()
        return error.value.consequence.name

    assert at_once(consequence) == ["NOT_REACHED"] * 8
    assert len(wechat.asked) == 1


def test_without_redis_a_token_ends_in_time(clock):
    wechat = PretendWeChat(token("T1"), token("T2"))
    tokens = provider(wechat, None, clock)
    tokens.current()
    clock.move(timedelta(seconds=6899))
    assert tokens.current() == "T1"
    clock.move(timedelta(seconds=1))
    assert tokens.current() == "T2"


def test_an_emptied_redis_costs_one_fetch(redis_server, clock):
    wechat = PretendWeChat(token("T1"), token("T1"))
    tokens = provider(wechat, redis_server, clock)
    tokens.current()
    redis_server.flushall()
    assert tokens.current() == "T1"
    assert len(wechat.asked) == 2


@pytest.mark.parametrize(
    ("answer", "consequence"),
    [
        (refused(40125, "invalid appsecret"), Consequence.STOP),
        (refused(40164, "invalid ip 1.2.3.4"), Consequence.STOP),
        (refused(-1), Consequence.BUSY),
        (Raw(b"<html>502</html>", 502), Consequence.UNKNOWN_OUTCOME),
        (requests.ConnectTimeout(), Consequence.NOT_REACHED),
        (requests.ReadTimeout(), Consequence.UNKNOWN_OUTCOME),
        ({"access_token": "", "expires_in": 7200}, Consequence.NOT_REACHED),
        ({"access_token": "T1", "expires_in": "soon"}, Consequence.NOT_REACHED),
        ({"access_token": "T1", "expires_in": 0}, Consequence.NOT_REACHED),
        ({}, Consequence.NOT_REACHED),
    ],
)
def test_no_token_is_an_error_that_says_what_follows_and_the_next_try_is_free(redis_server, clock, answer, consequence):
    tokens = provider(PretendWeChat(answer, token("T1")), redis_server, clock)
    with pytest.raises(WeChatError) as error:
        tokens.current()
    assert error.value.consequence is consequence
    assert "s3cret" not in str(error.value)
    assert tokens.current() == "T1"
