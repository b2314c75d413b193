"""The page with the phones and the small API behind it."""

import io
import re
from pathlib import Path
from typing import Any

import pytest

from bot.clock import FixedClock
from bot.simulator import Platform
from tests.bot.simulator.conftest import Api, Server, plain_reply, sealed

ZHANG = "demo-zhang"
FILES = Path(__file__).resolve().parents[3] / "templates"


def act(api: Api, name: str, **wish: Any) -> int:
    return api.client.post(f"/simulator/api/act/{name}", json={"openid": ZHANG, **wish}).status_code


def updates(api: Api, since: int = 0) -> Any:
    return api.client.get(f"/simulator/api/updates?since={since}").json


def test_the_page_and_everything_it_names_is_there(api: Api) -> None:
    page = api.client.get("/simulator")
    assert page.status_code == 200
    named = re.findall(r'(?:href|src)="(/[^"]+)"', page.text)
    assert named
    for address in named:
        assert address.startswith("/simulator/"), address
        with api.client.get(address) as answer:
            assert answer.status_code == 200, address


def test_the_page_needs_nothing_from_elsewhere() -> None:
    for file in [FILES / "pages" / "simulator.html", *(FILES / "static" / "simulator").iterdir()]:
        outside = re.findall(r"""(?:src|href|url|from|import)\s*[=(]?\s*["'(]https?://""", file.read_text())
        assert outside == [], file.name


def test_no_text_ever_becomes_markup() -> None:
    for file in (FILES / "static" / "simulator").glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", file.read_text()), (
            file.name
        )


def test_new_messages_have_growing_numbers(api: Api, platform: Platform, server: Server) -> None:
    server.answers = [(200, sealed(plain_reply()))]
    assert act(api, "say", text="厨房漏水") == 200
    first = updates(api)
    assert [(each["direction"], each["text"]) for each in first["messages"]] == [("in", "厨房漏水"), ("out", "好的")]
    assert first["seq"] == 2
    act(api, "say", text="还在漏")
    assert [each["seq"] for each in updates(api, since=2)["messages"]] == [3, 4]
    assert updates(api, since=4)["messages"] == []


def test_a_page_left_over_from_an_earlier_start_begins_again(api: Api, platform: Platform) -> None:
    platform.say(ZHANG, "你好")
    later = updates(api, since=99)
    assert later["start_over"]
    assert len(later["messages"]) == 1


def test_everything_a_phone_can_send(api: Api, platform: Platform) -> None:
    assert act(api, "voice", text="灯坏了", recognised=True) == 200
    assert act(api, "location", latitude=31.2, longitude=121.4, label="北门") == 200
    assert act(api, "scan", code="lift-3-2") == 200
    assert act(api, "menu", key="repair") == 200
    assert act(api, "view", url="http://127.0.0.1/m") == 200
    assert act(api, "unfollow") == 200
    assert act(api, "follow") == 200
    kinds = [shown["kind"] for shown in platform.chat(ZHANG) if shown["direction"] == "in"]
    assert kinds == ["voice", "location"]


def test_a_picture_is_sent_and_shown(api: Api, platform: Platform) -> None:
    form = {"openid": ZHANG, "media": (io.BytesIO(b"\xff\xd8\xff picture"), "a.jpg")}
    assert api.client.post("/simulator/api/act/image", data=form).status_code == 200
    shown = api.client.get(f"/simulator/api/media/{platform.chat(ZHANG)[-1]['media_id']}")
    assert (shown.data, shown.content_type) == (b"\xff\xd8\xff picture", "image/jpeg")


def test_a_file_that_is_no_picture_is_refused_in_words(api: Api) -> None:
    form = {"openid": ZHANG, "media": (io.BytesIO(b"<svg/>"), "a.svg")}
    answer = api.client.post("/simulator/api/act/image", data=form)
    assert answer.status_code == 400
    assert answer.json == {"sorry": "这不是图片。请选 JPG、PNG 或 GIF。"}


@pytest.mark.parametrize(
    ("name", "wish"),
    [
        ("say", {"text": "  "}),
        ("say", {}),
        ("say", {"openid": "nobody", "text": "你好"}),
        ("location", {"latitude": "north", "longitude": 1, "label": "x"}),
        ("scan", {"code": ""}),
        ("follow", {}),
    ],
)
def test_what_cannot_be_done_is_said_in_words(api: Api, name: str, wish: dict[str, Any]) -> None:
    answer = api.client.post(f"/simulator/api/act/{name}", json={"openid": ZHANG, **wish})
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["sorry"]


def test_an_unknown_wish_is_not_found(api: Api) -> None:
    assert act(api, "dance") == 404


def test_the_clock_is_moved_from_the_page(api: Api, clock: FixedClock) -> None:
    moved = api.client.post("/simulator/api/clock", json={"move_seconds": 7200}).json
    assert moved == {"now": "2026-03-10T11:30:00+08:00"}
    api.client.post("/simulator/api/clock", json={"to": "evening"})
    assert clock.now().isoformat() == "2026-03-10T18:30:00+08:00"
    api.client.post("/simulator/api/clock", json={"to": "evening"})
    assert clock.now().isoformat() == "2026-03-11T18:30:00+08:00"
    assert api.client.post("/simulator/api/clock", json={"move_seconds": -5}).status_code == 400


def test_the_story_tells_people_scenes_and_examples(api: Api) -> None:
    story = api.client.get("/simulator/api/story").json
    assert story is not None
    assert story["people"][1] == {"openid": "demo-chen", "name": "陈师傅", "note": "维修工", "short": "", "phone": ""}
    assert story["scenes"] == [{"scene": "lift-3-2", "label": "3栋2单元电梯"}]
    assert story["examples"] == {ZHANG: ["厨房水管漏水了"]}
