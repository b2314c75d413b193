"""The custom menu: 3 buttons of 16 bytes, 5 below each of 60, keys of 128, addresses of 1024."""

from typing import Any

import pytest

from bot.simulator import Platform
from bot.simulator.errors import NotPossible
from tests.bot.simulator.conftest import Api, Server, inside

REPORT = {"type": "click", "name": "我要报修", "key": "repair"}


def create(api: Api, *buttons: dict[str, Any]) -> int:
    return int(api.post("/cgi-bin/menu/create", {"button": list(buttons)})["errcode"])


def under(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"name": "我的家", "sub_button": list(buttons)}


@pytest.mark.parametrize(
    ("buttons", "errcode"),
    [
        ([REPORT] * 3, 0),
        ([REPORT] * 4, 40016),
        ([], 40016),
        ([{**REPORT, "name": "a" * 16}], 0),
        ([{**REPORT, "name": "a" * 17}], 40018),
        ([{**REPORT, "name": "我要报修吧哦"}], 40018),
        ([{**REPORT, "name": ""}], 40018),
        ([{**REPORT, "key": "k" * 128}], 0),
        ([{**REPORT, "key": "k" * 129}], 40019),
        ([{"type": "view", "name": "缴费", "url": "http://a/" + "b" * 1016}], 40020),
        ([{"type": "view", "name": "缴费"}], 40020),
        ([{"type": "dance", "name": "跳舞", "key": "a"}], 40017),
        ([{"name": "空的"}], 40017),
        ([under(*[REPORT] * 5)], 0),
        ([under(*[REPORT] * 6)], 40023),
        ([under()], 40023),
        ([under({**REPORT, "name": "修" * 20})], 0),
        ([under({**REPORT, "name": "修" * 21})], 40025),
        ([under({**REPORT, "type": "dance"})], 40024),
        ([under({**REPORT, "key": ""})], 40026),
        ([under({"type": "view", "name": "缴费"})], 40027),
    ],
)
def test_the_limits_of_a_menu(api: Api, buttons: list[dict[str, Any]], errcode: int) -> None:
    assert create(api, *buttons) == errcode


def test_a_menu_is_given_back_and_deleted(api: Api) -> None:
    assert api.get("/cgi-bin/menu/get")["errcode"] == 46003
    create(api, REPORT)
    assert api.get("/cgi-bin/menu/get") == {"menu": {"button": [REPORT]}}
    assert api.get("/cgi-bin/menu/delete")["errcode"] == 0
    assert api.get("/cgi-bin/menu/get")["errcode"] == 46003


def test_a_refused_menu_leaves_the_old_one(api: Api) -> None:
    create(api, REPORT)
    create(api, {**REPORT, "name": "a" * 17})
    assert api.get("/cgi-bin/menu/get") == {"menu": {"button": [REPORT]}}


def test_a_click_tells_the_key(api: Api, platform: Platform, server: Server) -> None:
    create(api, under(REPORT))
    platform.click_menu("demo-zhang", "repair")
    assert (inside(server.heard(), "Event"), inside(server.heard(), "EventKey")) == ("CLICK", "repair")
    assert "<MsgId>" not in server.heard()


def test_a_scanning_button_tells_what_was_seen(api: Api, platform: Platform, server: Server) -> None:
    create(api, {"type": "scancode_waitmsg", "name": "扫码", "key": "scan"})
    platform.click_menu("demo-zhang", "scan", scanned="lift-3-2")
    assert inside(server.heard(), "Event") == "scancode_waitmsg"
    assert inside(server.heard(), "ScanResult") == "lift-3-2"


def test_a_button_that_is_not_there_cannot_be_tapped(api: Api, platform: Platform) -> None:
    create(api, REPORT)
    with pytest.raises(NotPossible):
        platform.click_menu("demo-zhang", "pay")
