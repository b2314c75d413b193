"""On a real phone there is room for one phone at a time."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Desk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("page", [{"width": 390, "height": 780}], indirect=True),
]


def test_one_phone_fills_the_screen_and_the_tray_switches(desk: Desk) -> None:
    expect(desk.phone("张伟")).to_be_visible()
    expect(desk.phone("陈师傅")).to_be_hidden()
    desk.taps("张伟", "厨房水管漏水了")
    desk.hears("张伟", "工单 #901")
    desk.page.get_by_role("button", name="陈师傅，维修员 · 水工、综合，负责锦绣花园，1条新消息").click()
    expect(desk.phone("张伟")).to_be_hidden()
    desk.taps("陈师傅", "接单 901")
    desk.opens("张伟")
    desk.hears("张伟", "陈师傅已接单")


def test_nothing_runs_over_the_edge_and_the_chat_has_half_the_screen(desk: Desk) -> None:
    desk.page.get_by_role("button", name="收起提示").click()
    width = desk.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    log = desk.log("张伟").bounding_box()
    assert log is not None
    assert log["height"] >= 390
