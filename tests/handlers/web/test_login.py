"""F52 and F53: the silent login. Whoever opens a page is who they are, and nobody can be led astray or signed in by others."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.config import load_settings
from bot.login_states import LoginStates
from handlers.page_login import AGAIN, SILENT, safe_back
from handlers.signed_in import signed_in
from models.db import Database
from tests.support.demo import MORNING
from tests.support.pages import AUTHORIZE, Phone
from tests.support.world import World, open_world

PAGE = "/m/probe/7"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Nothing is looked up in its database: signing in needs none."""
    world = open_world(Database(f"sqlite:///{tmp_path / 'empty.db'}"), tmp_path, MORNING)
    put_probe(world.app)
    return world


def put_probe(app: Flask) -> None:
    def probe(number: int) -> str:
        return f"page {number}, signed in: {signed_in()}"

    app.add_url_rule("/m/probe/<int:number>", view_func=probe, methods=["GET", "POST"])
    app.extensions["groups"]["probe"] = "resident"


@pytest.fixture
def phone(world: World) -> Phone:
    return Phone(world, "demo-zhang")


def who(browser: FlaskClient) -> list[str] | None:
    with browser.session_transaction() as kept:
        return kept.get("who")


def state_of(target: str) -> str:
    return parse_qs(urlsplit(target).query)["state"][0]


# --- the way in ------------------------------------------------------------------------------------------------------


def test_a_page_opens_after_one_look_at_wechat(phone: Phone, world: World) -> None:
    answer = phone.opens(PAGE)
    assert (answer.status_code, answer.text) == (200, "page 7, signed in: True")
    kept = who(phone.browser)
    assert kept is not None
    assert kept[:2] == [world.services.settings.wechat_account, "demo-zhang"]
    assert phone.browser.get(PAGE).status_code == 200, "the second page asks nobody"


def test_the_query_of_the_page_survives_the_way(phone: Phone) -> None:
    phone.opens(f"{PAGE}?part=steps&n=2")
    with phone.browser.session_transaction() as kept:
        assert kept["came"][1] == f"{PAGE}?part=steps&n=2"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(phone: Phone) -> None:
    first = phone.browser.get(PAGE)
    assert "HttpOnly" in first.headers["Set-Cookie"]
    assert "SameSite=Lax" in first.headers["Set-Cookie"]


def test_signing_in_makes_a_new_session(phone: Phone) -> None:
    with phone.browser.session_transaction() as kept:
        kept["form"], kept["prepared"] = "known to somebody else", "yes"
    phone.opens(PAGE)
    with phone.browser.session_transaction() as kept:
        assert "prepared" not in kept
        assert "form" not in kept


# --- codes and states that are not what they should be ---------------------------------------------------------------


def test_a_reloaded_callback_shows_the_page_and_asks_for_no_second_code(phone: Phone) -> None:
    callback = phone.told_by_wechat(phone.browser.get(PAGE).headers["Location"])
    phone.browser.get(callback)
    again = phone.browser.get(callback)
    assert (again.status_code, again.headers["Location"]) == (302, PAGE)


def test_a_spent_code_begins_the_login_once_more_and_then_says_so(phone: Phone) -> None:
    begun = phone.browser.get(PAGE).headers["Location"]
    spent = f"/m/login?code=spent&state={state_of(begun)}"
    second = phone.browser.get(spent)
    assert AUTHORIZE in second.headers["Location"]
    third = phone.browser.get(f"/m/login?code=spent&state={state_of(second.headers['Location'])}")
    assert third.status_code == 400
    assert AGAIN in third.text
    assert f'href="{PAGE}"' in third.text
    assert phone.opens(PAGE).status_code == 200


def test_a_login_begun_in_another_browser_signs_nobody_in(world: World, phone: Phone) -> None:
    attacker = Phone(world, "demo-li")
    prepared = attacker.told_by_wechat(attacker.browser.get(PAGE).headers["Location"])
    answer = phone.browser.get(prepared)
    assert (answer.status_code, who(phone.browser)) == (400, None)
    phone.opens(PAGE)
    phone.browser.get(prepared)
    assert who(phone.browser)[1] == "demo-zhang"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?code=c",
        "?code=c&state=",
        "?state=a",
        "?code=c&state=%00",
        "?code=c&state=状态",
        "?code=c&state=" + "a" * 5000,
    ],
)
def test_a_callback_out_of_the_blue_is_one_sentence(phone: Phone, query: str) -> None:
    answer = phone.browser.get(f"/m/login{query}")
    assert (answer.status_code, who(phone.browser)) == (400, None)
    assert AGAIN in answer.text


def test_a_state_is_good_for_ten_minutes(world: World, phone: Phone) -> None:
    callback = phone.told_by_wechat(phone.browser.get(PAGE).headers["Location"])
    world.move(timedelta(minutes=10))
    assert AUTHORIZE in phone.browser.get(callback).headers["Location"]
    assert who(phone.browser) is None


def test_pages_opened_side_by_side_all_arrive(phone: Phone) -> None:
    begun = [phone.browser.get(f"/m/probe/{n}").headers["Location"] for n in range(3)]
    assert phone.browser.get(phone.told_by_wechat(begun[0])).headers["Location"] == "/m/probe/0"


def test_wechats_preview_is_asked_to_open_fully(world: World, phone: Phone) -> None:
    callback = phone.told_by_wechat(phone.browser.get(PAGE).headers["Location"])
    real = world.platform.oauth.redeem
    world.platform.oauth.redeem = lambda code, now: {**real(code, now), "is_snapshotuser": 1}  # type: ignore[method-assign]
    answer = phone.browser.get(callback)
    assert answer.status_code == 403
    assert "使用完整服务" in answer.text
    assert who(phone.browser) is None


@pytest.mark.parametrize("fault", ["502", "busy", "half_body"])
def test_while_wechat_is_silent_a_button_waits(world: World, phone: Phone, fault: str) -> None:
    callback = phone.told_by_wechat(phone.browser.get(PAGE).headers["Location"])
    world.platform.faults.add("/sns/oauth2/access_token", fault, 1)
    answer = phone.browser.get(callback)
    assert answer.status_code == 503
    assert SILENT in answer.text
    assert f'href="{PAGE}"' in answer.text


# --- with and without Redis ------------------------------------------------------------------------------------------


def test_with_redis_a_state_is_good_once_even_if_the_cookie_is_brought_back(
    world: World, phone: Phone, redis_server: redis.Redis
) -> None:
    world.services.__dict__["login_states"] = LoginStates(redis_server)
    first = phone.browser.get(PAGE)
    kept = phone.browser.get_cookie("session")
    assert kept is not None
    callback = phone.told_by_wechat(first.headers["Location"])
    assert phone.browser.get(callback).headers["Location"] == PAGE
    thief = world.app.test_client()
    thief.set_cookie("session", kept.value)
    assert AUTHORIZE in thief.get(callback).headers["Location"]
    assert who(thief) is None


def test_states_do_not_stay_in_redis(redis_server: redis.Redis) -> None:
    states = LoginStates(redis_server)
    states.remember("abc")
    (key,) = redis_server.keys("*")
    assert b"abc" not in key
    assert 590 < redis_server.ttl(key) <= 600
    assert (states.spend("abc"), states.spend("abc"), states.spend("never")) == (True, False, False)


def test_while_redis_is_away_the_cookie_alone_is_enough(world: World, phone: Phone) -> None:
    away = redis.Redis(unix_socket_path="/nowhere", retry=Retry(NoBackoff(), 0))
    world.services.__dict__["login_states"] = LoginStates(away)
    assert phone.opens(PAGE).status_code == 200


def test_a_login_begun_while_redis_was_away_only_takes_one_more_step(
    world: World, phone: Phone, redis_server: redis.Redis
) -> None:
    begun = phone.browser.get(PAGE).headers["Location"]
    world.services.__dict__["login_states"] = LoginStates(redis_server)
    second = phone.browser.get(phone.told_by_wechat(begun)).headers["Location"]
    assert phone.browser.get(phone.told_by_wechat(second)).headers["Location"] == PAGE
    assert who(phone.browser)[1] == "demo-zhang"


# --- where a login may lead (F52) ------------------------------------------------------------------------------------

ASTRAY = [
    *("//evil.com", "///evil.com", "/\\evil.com", "\\\\evil.com", "/m//evil.com", "/m/\\evil.com", "/m/..//evil.com"),
    *(
        "https://evil.com",
        "https:evil.com",
        "HTTPS://EVIL.COM/m/",
        "javascript:alert(1)",
        "data:text/html,x",
        "m/order/1",
    ),
    *("/m/order/1@evil.com", "@evil.com", "/@evil.com", "user@evil.com/m/", "/m/%2f%2fevil.com", "/m/%5cevil.com"),
    *(
        "/m/order/１",
        "/m/订单",
        "／m／order",
        "/m/\u2028x",
        "/m/\u200bx",
        "/ｍ/order/1",
        "http://evil。com",
        "/m/\u202ex",
    ),
    *("/m/order/1\r\nSet-Cookie: a=b", "/m/order/1\n", "\t/m/order/1", " /m/order/1", "/m/order/1 ", "/m/\x00"),
    *("/m", "/simulator", "/wechat", "/", "", "/metrics", "/m/../simulator", "/m/./x", "/static/x", "/m/login"),
    *("/m/login?code=a&state=b", "/m/loginx", "/desk", "/q", "/deskx/", "/mm/order", "/m/order/1?next=//evil.com"),
    *(
        "/m/order/1?next=https:%2f%2fevil.com",
        "/m/order/1#//evil.com",
        "/m/order/1;evil",
        "/m/order?a=b?c",
        "/m/" + "a" * 300,
    ),
    *("//m/order/1", "/m//order/1", "/m/order//1", "/q//x", "/desk//", "?/m/", "#/m/"),
]


def test_there_are_sixty_ways_to_be_led_astray() -> None:
    assert len(set(ASTRAY)) >= 60


@pytest.mark.parametrize("path", ASTRAY)
def test_f52_nobody_is_led_astray(path: str) -> None:
    assert safe_back(path) == "/m/"


@pytest.mark.parametrize(
    "path",
    ["/m/", "/m/order/7", "/m/order/7/", "/m/order/7?part=steps&n=2", "/q/aB3-_", "/desk/", "/desk/orders?state=OPEN"],
)
def test_our_own_pages_may_be_gone_back_to(path: str) -> None:
    assert safe_back(path) == path


@pytest.mark.parametrize("extra", ["back", "next", "url", "redirect", "redirect_uri", "return_to"])
def test_f52_no_parameter_chooses_where_a_login_leads(phone: Phone, extra: str) -> None:
    callback = phone.told_by_wechat(phone.browser.get(f"{PAGE}?{extra}=//evil.com").headers["Location"])
    answer = phone.browser.get(f"{callback}&{extra}=//evil.com")
    assert answer.headers["Location"] in ("/m/", PAGE)


# --- the name we are called by ---------------------------------------------------------------------------------------

FORGED = [
    "evil.com",
    "evil.com:80",
    "127.0.0.1.evil.com",
    "localhost.evil.com",
    "evil.com/127.0.0.1",
    "[::1]",
    "a b",
    "127.0.0.1@evil.com",
]


@pytest.mark.parametrize("host", FORGED)
@pytest.mark.parametrize("path", [PAGE, "/healthz", "/m/login", "/"])
def test_f52_a_forged_host_gets_nothing(phone: Phone, host: str, path: str) -> None:
    answer = phone.browser.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text
    assert "Location" not in answer.headers


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "X-Original-Host", "X-Forwarded-Server", "Forwarded"])
def test_f52_no_forwarded_name_gets_into_a_link(phone: Phone, header: str) -> None:
    answer = phone.browser.get(PAGE, headers={header: "evil.com"})
    assert "evil" not in answer.headers["Location"]


def test_names_that_were_set_are_answered(tmp_path: Path) -> None:
    set_up = load_settings(
        {
            "SIMULATOR": "1",
            "DATA_DIR": str(tmp_path),
            "PUBLIC_URL": "https://Home.example:444",
            "TRUSTED_HOSTS": "10.0.0.5, nas.local",
        }
    )
    assert set_up.trusted_hosts == ("home.example", "127.0.0.1", "localhost", "10.0.0.5", "nas.local")
