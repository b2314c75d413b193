"""What a person does with the phone, what arrives, what is on the screen, and what survives a restart."""

import io
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import FixedClock, SharedClock, SystemClock
from bot.simulator import Platform, create_simulator
from bot.simulator.errors import ApiError, NotPossible
from tests.bot.simulator.conftest import SETTINGS, Api, MakePlatform, Server, inside, plain_reply, sealed

ZHANG = "demo-zhang"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def test_a_voice_arrives_without_words_unless_recognised(platform: Platform, server: Server) -> None:
    platform.send_voice(ZHANG, "楼道灯坏了")
    assert (inside(server.heard(), "MsgType"), inside(server.heard(), "Recognition")) == ("voice", "")
    platform.send_voice(ZHANG, "楼道灯坏了", recognised=True)
    assert inside(server.heard(), "Recognition") == "楼道灯坏了"
    assert [shown["text"] for shown in platform.chat(ZHANG)] == ["楼道灯坏了"] * 2


def test_a_picture_can_be_fetched_for_three_days(
    api: Api, platform: Platform, server: Server, clock: FixedClock
) -> None:
    media_id = platform.send_image(ZHANG, PNG)
    assert inside(server.heard(), "MediaId") == media_id
    assert inside(server.heard(), "PicUrl") == f"http://127.0.0.1:8000/simulator/api/media/{media_id}"
    clock.move(timedelta(days=3) - timedelta(seconds=1))
    answer = api.raw("GET", "/cgi-bin/media/get", query={"media_id": media_id})
    assert (answer.data, answer.content_type) == (PNG, "image/png")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    clock.move(timedelta(seconds=1))
    assert api.get("/cgi-bin/media/get", media_id=media_id)["errcode"] == 40007
    assert api.client.get(f"/simulator/api/media/{media_id}").data == PNG


def test_a_location_arrives_with_its_place(platform: Platform, server: Server) -> None:
    platform.send_location(ZHANG, 31.23, 121.47, "锦绣花园北门")
    heard = server.heard()
    assert (inside(heard, "Location_X"), inside(heard, "Location_Y")) == ("31.23", "121.47")
    assert inside(heard, "Label") == "锦绣花园北门"


def test_an_upload_can_be_sent(api: Api, platform: Platform) -> None:
    def upload(content: bytes, kind: str = "image") -> object:
        files = {"media": (io.BytesIO(content), "photo.png")}
        return api.raw("POST", "/cgi-bin/media/upload", query={"type": kind}, data=files).get_json()

    stored = upload(PNG)
    assert isinstance(stored, dict)
    platform.say(ZHANG, "照片呢")
    body = {"touser": ZHANG, "msgtype": "image", "image": {"media_id": stored["media_id"]}}
    assert api.post("/cgi-bin/message/custom/send", body)["errcode"] == 0
    assert platform.chat(ZHANG)[-1]["media_id"] == stored["media_id"]
    as_voice = {"touser": ZHANG, "msgtype": "voice", "voice": {"media_id": stored["media_id"]}}
    assert api.post("/cgi-bin/message/custom/send", as_voice)["errcode"] == 40007


@pytest.mark.parametrize(
    ("kind", "content", "errcode"),
    [
        ("song", PNG, 40004),
        ("image", b"", 44001),
        ("image", b"not a picture", 40005),
        ("voice", PNG, 40005),
        ("thumb", b"\xff\xd8\xff" + b"0" * 65_536, 40006),
        ("image", PNG + b"0" * 10 * 2**20, 40006),
    ],
)
def test_a_wrong_file_is_refused(
    platform: Platform, clock: FixedClock, kind: str, content: bytes, errcode: int
) -> None:
    with pytest.raises(ApiError) as refusal:
        platform.media.add(kind, content, "file", clock.now())
    assert refusal.value.code == errcode


def test_an_upload_needs_a_file(api: Api) -> None:
    assert api.raw("POST", "/cgi-bin/media/upload", query={"type": "image"}).get_json()["errcode"] == 41005


def test_a_push_caused_by_a_call_waits_for_the_next_action(api: Api, platform: Platform, server: Server) -> None:
    api.send_template("demo-chen")
    assert server.attempts == []
    platform.say(ZHANG, "你好")
    assert [inside(server.heard(number), "FromUserName") for number in range(2)] == ["demo-chen", ZHANG]


def test_everything_survives_a_restart(
    make_platform: MakePlatform, tmp_path: Path, server: Server, clock: FixedClock
) -> None:
    before: Platform = make_platform(state_file=tmp_path / "state.db")
    server.answers = [(200, sealed(plain_reply()))]
    before.say(ZHANG, "厨房漏水")
    before.unfollow("demo-chen")
    before.menu.put([{"type": "click", "name": "报修", "key": "repair"}])
    token, _seconds = before.tokens.stable(clock.now(), force=False)
    after: Platform = make_platform(state_file=tmp_path / "state.db")
    assert after.chat(ZHANG) == before.chat(ZHANG)
    assert after.followers.following() == [ZHANG, "demo-zhaomgr"]
    assert after.menu.buttons() == before.menu.buttons()
    assert after.windows.left(ZHANG, clock.now()) == 5
    after.tokens.check(token, clock.now())
    after.say(ZHANG, "还在漏")
    assert [shown["seq"] for shown in after.chat(ZHANG)] == [1, 2, 4, 5]


def test_the_clock_only_moves_on(platform: Platform, clock: FixedClock) -> None:
    start = clock.now()
    platform.advance(timedelta(hours=2))
    assert clock.now() - start == timedelta(hours=2)
    with pytest.raises(NotPossible):
        platform.advance(timedelta(seconds=-1))


def test_real_time_cannot_be_moved(server: Server) -> None:
    with pytest.raises(NotPossible):
        Platform(SETTINGS, SystemClock(), deliver=server).advance(timedelta(hours=1))


def test_the_shared_clock_is_moved_for_everybody(tmp_path: Path, server: Server) -> None:
    Platform(SETTINGS, SharedClock(tmp_path / "clock.json"), deliver=server).advance(timedelta(hours=2))
    assert SharedClock(tmp_path / "clock.json").offset() == timedelta(hours=2)


def test_quotas_are_shown_and_cleared_ten_times_a_month(api: Api) -> None:
    api.get("/cgi-bin/user/info", openid=ZHANG)
    quota = api.post("/cgi-bin/openapi/quota/get", {"cgi_path": "/cgi-bin/user/info"})["quota"]
    assert quota == {"daily_limit": 5_000_000, "used": 1, "remain": 4_999_999}
    for _time in range(10):
        assert api.post("/cgi-bin/clear_quota", {"appid": SETTINGS.appid})["errcode"] == 0
    assert api.post("/cgi-bin/clear_quota", {"appid": SETTINGS.appid})["errcode"] == 48006


def test_a_page_ticket_is_the_same_for_two_hours(api: Api, clock: FixedClock) -> None:
    first = api.get("/cgi-bin/ticket/getticket", type="jsapi")
    clock.move(timedelta(hours=1))
    assert api.get("/cgi-bin/ticket/getticket", type="jsapi")["ticket"] == first["ticket"]
    clock.move(timedelta(hours=1))
    assert api.get("/cgi-bin/ticket/getticket", type="jsapi")["ticket"] != first["ticket"]


def test_the_app_for_a_process_of_its_own_starts(tmp_path: Path) -> None:
    app = create_simulator(SETTINGS)
    assert app.test_client().get("/simulator").status_code == 200
