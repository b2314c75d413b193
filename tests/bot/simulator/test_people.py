"""Followers, tags, QR scenes and the way back from a web page: who is who."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from bot.clock import FixedClock
from bot.simulator import Platform
from bot.simulator.errors import NotPossible
from tests.bot.simulator.conftest import SETTINGS, Api, Server, inside

ZHANG = "demo-zhang"
AUTHORIZE = {
    "appid": SETTINGS.appid,
    "redirect_uri": "http://127.0.0.1:8000/m/bill?period=2026-03",
    "response_type": "code",
    "scope": "snsapi_base",
    "state": "abc123",
}


def test_of_who_left_nothing_is_told(api: Api, platform: Platform) -> None:
    assert api.get("/cgi-bin/user/info", openid=ZHANG)["subscribe"] == 1
    platform.unfollow(ZHANG)
    assert api.get("/cgi-bin/user/info", openid=ZHANG) == {"subscribe": 0, "openid": ZHANG}
    assert api.get("/cgi-bin/user/get")["data"]["openid"] == ["demo-chen", "demo-zhaomgr"]


def test_a_list_without_people_has_no_data(api: Api) -> None:
    assert "data" not in api.get("/cgi-bin/user/get", next_openid="demo-zhaomgr")


def test_leaving_and_coming_are_told(platform: Platform, server: Server) -> None:
    platform.unfollow(ZHANG)
    assert inside(server.heard(), "Event") == "unsubscribe"
    with pytest.raises(NotPossible):
        platform.say(ZHANG, "你好")
    platform.follow(ZHANG)
    assert inside(server.heard(), "Event") == "subscribe"
    with pytest.raises(NotPossible):
        platform.follow(ZHANG)


def make_code(api: Api, **changes: Any) -> Any:
    body = {"action_name": "QR_STR_SCENE", "expire_seconds": 600, "action_info": {"scene": {"scene_str": "p7"}}}
    return api.post("/cgi-bin/qrcode/create", {**body, **changes})


def test_a_follower_scans_the_bare_scene(api: Api, platform: Platform, server: Server) -> None:
    code = make_code(api)
    assert code["expire_seconds"] == 600
    platform.scan(ZHANG, code["ticket"])
    assert (inside(server.heard(), "Event"), inside(server.heard(), "EventKey")) == ("SCAN", "p7")
    assert inside(server.heard(), "Ticket") == code["ticket"]


def test_a_stranger_follows_by_scanning(api: Api, platform: Platform, server: Server) -> None:
    platform.unfollow(ZHANG)
    platform.scan(ZHANG, make_code(api)["url"])
    assert (inside(server.heard(), "Event"), inside(server.heard(), "EventKey")) == ("subscribe", "qrscene_p7")
    assert api.get("/cgi-bin/user/info", openid=ZHANG)["qr_scene_str"] == "p7"


def test_a_code_ends(api: Api, platform: Platform, server: Server, clock: FixedClock) -> None:
    code = make_code(api)
    assert api.raw("GET", "/cgi-bin/showqrcode", query={"ticket": code["ticket"]}).data.startswith(b"\x89PNG")
    clock.move(timedelta(seconds=600))
    with pytest.raises(NotPossible):
        platform.scan(ZHANG, code["ticket"])
    assert server.attempts == []
    assert api.raw("GET", "/cgi-bin/showqrcode", query={"ticket": code["ticket"]}).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"expire_seconds": 2_592_001},
        {"expire_seconds": 0},
        {"action_name": "QR_FREE"},
        {"action_name": "QR_LIMIT_STR_SCENE"},
        {"action_info": {"scene": {"scene_str": "x" * 65}}},
        {"action_info": {"scene": {"scene_str": ""}}},
        {"action_info": {"scene": {"scene_id": 7}}},
        {"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 0}}},
    ],
)
def test_a_code_outside_the_limits_is_refused(api: Api, change: dict[str, Any]) -> None:
    assert make_code(api, **change)["errcode"] == 40053


def test_a_permanent_code_has_no_end(api: Api, platform: Platform, clock: FixedClock) -> None:
    body = {"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 100_000}}}
    code = api.post("/cgi-bin/qrcode/create", body)
    assert "expire_seconds" not in code
    clock.move(timedelta(days=400))
    platform.scan(ZHANG, code["ticket"])
    over = {"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 100_001}}}
    assert api.post("/cgi-bin/qrcode/create", over)["errcode"] == 40053


def tag(api: Api, name: str = "业主") -> Any:
    return api.post("/cgi-bin/tags/create", {"tag": {"name": name}})


def wear(api: Api, tag_id: int, *openids: str) -> int:
    body = {"openid_list": list(openids), "tagid": tag_id}
    return int(api.post("/cgi-bin/tags/members/batchtagging", body)["errcode"])


def test_tags_are_worn_and_taken_off(api: Api) -> None:
    owner = tag(api)["tag"]["id"]
    assert wear(api, owner, ZHANG, "demo-chen") == 0
    assert api.post("/cgi-bin/tags/getidlist", {"openid": ZHANG})["tagid_list"] == [owner]
    assert api.post("/cgi-bin/user/tag/get", {"tagid": owner})["count"] == 2
    body = {"openid_list": [ZHANG], "tagid": owner}
    assert api.post("/cgi-bin/tags/members/batchuntagging", body)["errcode"] == 0
    assert api.get("/cgi-bin/tags/get")["tags"] == [{"id": owner, "name": "业主", "count": 1}]
    assert api.post("/cgi-bin/tags/delete", {"tag": {"id": owner}})["errcode"] == 0
    assert api.post("/cgi-bin/tags/getidlist", {"openid": "demo-chen"})["tagid_list"] == []


def test_the_limits_of_tags(api: Api, platform: Platform) -> None:
    owner = tag(api)["tag"]["id"]
    assert tag(api)["errcode"] == 45157
    assert tag(api, "业" * 11)["errcode"] == 45158
    assert wear(api, 2, ZHANG) == 45058
    assert wear(api, 999, ZHANG) == 45159
    assert wear(api, owner, "nobody") == 40003
    assert wear(api, owner, *[ZHANG] * 51) == 40035
    platform.unfollow("demo-chen")
    assert wear(api, owner, ZHANG, "demo-chen") == 43004
    assert api.post("/cgi-bin/tags/getidlist", {"openid": ZHANG})["tagid_list"] == []
    for number in range(99):
        assert "tag" in tag(api, f"t{number}")
    assert tag(api, "one too many")["errcode"] == 45056


def code_for(api: Api, **changes: str) -> str:
    query = {**AUTHORIZE, "simulator_openid": ZHANG, **changes}
    answer = api.client.get(f"/connect/oauth2/authorize?{urlencode(query)}")
    assert answer.status_code == 302
    back = urlsplit(answer.location)
    assert parse_qs(back.query)["state"] == ["abc123"]
    assert parse_qs(back.query)["period"] == ["2026-03"]
    return parse_qs(back.query)["code"][0]


def redeem(api: Api, code: str, **changes: str) -> Any:
    query = {"appid": SETTINGS.appid, "secret": SETTINGS.secret, "code": code, "grant_type": "authorization_code"}
    return Api(api.client).get("/sns/oauth2/access_token", **{**query, **changes})


def test_a_page_learns_whose_phone_it_is_on_once(api: Api) -> None:
    code = code_for(api)
    assert redeem(api, code)["openid"] == ZHANG
    assert redeem(api, code)["errcode"] == 40163


def test_a_code_lives_five_minutes(api: Api, clock: FixedClock) -> None:
    code, later = code_for(api), code_for(api)
    clock.move(timedelta(seconds=299))
    assert redeem(api, code)["openid"] == ZHANG
    clock.move(timedelta(seconds=1))
    assert redeem(api, later)["errcode"] == 42003


def test_a_code_needs_the_accounts_secret(api: Api) -> None:
    assert redeem(api, "made-up")["errcode"] == 40029
    assert redeem(api, code_for(api), secret="wrong")["errcode"] == 40125
    assert redeem(api, code_for(api), grant_type="client_credential")["errcode"] == 40002


@pytest.mark.parametrize(
    "query",
    [
        {**AUTHORIZE, "appid": "wx0"},
        {**AUTHORIZE, "state": "a&b"},
        {**AUTHORIZE, "state": "a" * 129},
        {**AUTHORIZE, "scope": "everything"},
        {**AUTHORIZE, "redirect_uri": "javascript:alert(1)"},
        dict(reversed(AUTHORIZE.items())),
    ],
)
def test_a_wrong_address_is_not_redirected(api: Api, query: dict[str, str]) -> None:
    answer = api.client.get(f"/connect/oauth2/authorize?{urlencode(query)}&simulator_openid={ZHANG}")
    assert answer.status_code == 400


def test_without_a_phone_the_page_asks_who_you_are(api: Api) -> None:
    page = api.client.get(f"/connect/oauth2/authorize?{urlencode(AUTHORIZE)}")
    assert page.status_code == 200
    assert "simulator_openid=demo-chen" in page.text
    api.client.set_cookie("simulator_openid", "demo-chen")
    assert api.client.get(f"/connect/oauth2/authorize?{urlencode(AUTHORIZE)}").status_code == 302
