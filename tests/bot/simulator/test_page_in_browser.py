"""The page as a person uses it: in a real browser, with an account server that echoes."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from bot.clock import FixedClock
from bot.simulator import Platform
from bot.simulator.app import app_of
from tests.bot.simulator.conftest import GOOD_DATA, SETTINGS, Api, MakePlatform, inside, opened, plain_reply, sealed

pytestmark = pytest.mark.browser
LINK = '<a href="weixin://bizmsgmenu?msgmenucontent=进度 7&msgmenuid=1">看进度</a>'


def echo(url: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
    heard = opened(body)
    words = inside(heard, "Content") if "<Content>" in heard else inside(heard, "MsgType")
    return 200, sealed(plain_reply(query["openid"], f"您说：{words}\n请回复“接单 7”，或{LINK}"))


@pytest.fixture
def running(make_platform: MakePlatform) -> Iterator[tuple[Platform, str]]:
    platform = make_platform(background=True, deliver=echo)
    server = make_server("127.0.0.1", 0, app_of(platform), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield platform, f"http://127.0.0.1:{server.port}/simulator"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser, running: tuple[Platform, str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 650}, locale="zh-CN")
    page = context.new_page()
    page.goto(running[1])
    yield page
    context.close()


def test_a_suggestion_is_said_and_answered(page: Page) -> None:
    phone = page.get_by_role("region", name="张伟的手机")
    phone.get_by_role("button", name="厨房水管漏水了").click()
    expect(phone.get_by_role("log")).to_contain_text("您说：厨房水管漏水了")
    phone.get_by_role("button", name="接单 7").click()
    expect(phone.get_by_role("log")).to_contain_text("您说：接单 7")
    phone.get_by_role("button", name="看进度").first.click()
    expect(phone.get_by_role("log")).to_contain_text("您说：进度 7")


def test_what_people_write_stays_text(page: Page) -> None:
    phone = page.get_by_role("region", name="张伟的手机")
    phone.get_by_label("张伟要说的话").fill("<img src=x onerror=alert(1)><b>粗</b>")
    page.keyboard.press("Enter")
    expect(phone.get_by_role("log")).to_contain_text("您说：<img src=x onerror=alert(1)><b>粗</b>")
    assert phone.locator(".log img, .log b").count() == 0


def test_a_phone_in_the_tray_shows_what_is_new(page: Page, running: tuple[Platform, str]) -> None:
    platform, _address = running
    page.get_by_role("region", name="陈师傅的手机").get_by_role("button", name="收起这部手机").click()
    api = Api(app_of(platform).test_client(), lambda: platform.tokens.stable(platform.clock.now(), force=False)[0])
    assert api.send_template("demo-chen", data=GOOD_DATA)["errcode"] == 0
    page.get_by_role("button", name="陈师傅，维修工，1条新消息").click()
    expect(page.get_by_role("region", name="陈师傅的手机").get_by_role("article")).to_contain_text("厨房水管漏水了")
    expect(page.get_by_role("button", name="陈师傅，维修工", exact=True)).to_have_attribute("aria-pressed", "true")


def test_the_clock_moves_for_everybody(page: Page, clock: FixedClock) -> None:
    page.get_by_role("button", name="到18:30").click()
    expect(page.locator("#clock")).to_contain_text("18:30")
    assert clock.now().strftime("%H:%M") == "18:30"


def test_every_other_kind_of_message_can_be_sent(page: Page, running: tuple[Platform, str]) -> None:
    platform, _address = running
    phone = page.get_by_role("region", name="张伟的手机")
    phone.get_by_role("button", name="发语音").click()
    phone.get_by_label("语音里说的话").fill("楼道灯坏了")
    phone.get_by_role("button", name="发送语音").click()
    expect(phone.get_by_role("log")).to_contain_text("微信没有给出文字")
    phone.locator("input[type=file]").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n0000"}
    )
    expect(phone.get_by_role("button", name="看大图")).to_be_visible()
    phone.get_by_role("button", name="照片、位置、扫一扫").click()
    phone.get_by_role("button", name="位置 我在哪里").click()
    phone.get_by_role("button", name="锦绣花园 北门").click()
    expect(phone.get_by_role("log")).to_contain_text("锦绣花园 北门")
    phone.get_by_role("button", name="更多", exact=True).click()
    phone.get_by_role("dialog").get_by_role("button", name="扫一扫").click()
    phone.get_by_role("button", name=SETTINGS.scenes[0][1]).click()
    expect(phone.get_by_role("log")).to_contain_text("扫描了二维码「3栋2单元电梯」")
    kinds = [shown["kind"] for shown in platform.chat("demo-zhang") if shown["direction"] == "in"]
    assert kinds == ["voice", "image", "location"]


def test_who_leaves_is_offered_the_way_back(page: Page) -> None:
    phone = page.get_by_role("region", name="张伟的手机")
    phone.get_by_role("button", name="更多", exact=True).click()
    phone.get_by_role("button", name="取消关注").click()
    phone.get_by_role("button", name="关注公众号").click()
    expect(phone.get_by_label("张伟要说的话")).to_be_visible()
    expect(phone.get_by_role("log")).to_contain_text("你已关注邻里管家")
