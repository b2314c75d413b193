"""The lift's sticker is scanned by two people; another opens the page of a printed sticker inside the phone."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Desk

pytestmark = pytest.mark.browser

LIFT = "锦绣花园 3栋2单元电梯"


def scans(desk: Desk, name: str, sticker: str) -> None:
    desk.extras(name, "扫一扫")
    desk.phone(name).get_by_role("dialog", name="扫一扫").get_by_role("button", name=sticker, exact=True).click()


def test_the_lifts_sticker_is_scanned_by_two_people(desk: Desk, tmp_path: Path) -> None:
    desk.opens("李娜")
    scans(desk, "张伟", LIFT)
    desk.hears("张伟", "现在是锦绣花园3栋2单元电梯")
    desk.says("张伟", "里面的灯一闪一闪的")
    desk.hears("张伟", "已为您报修，工单 #901", "（锦绣花园3栋2单元电梯）")

    scans(desk, "李娜", LIFT)
    desk.hears("李娜", "已报，处理中", "#901")
    expect(desk.log("李娜")).not_to_contain_text("一闪一闪")
    desk.page.screenshot(path=tmp_path / "two-people.png")
    desk.offered("李娜").get_by_text("1", exact=True).click()
    desk.hears("李娜", "#901 有进展就告诉您")

    desk.opens("刘师傅")
    desk.says("刘师傅", "接单 901")
    desk.hears("李娜", "您跟进的 #901 有进展：刘师傅已接单")


def test_a_printed_page_sticker_opens_inside_the_phone(desk: Desk) -> None:
    scans(desk, "张伟", "锦绣花园 健身角（网页贴纸）")
    page = desk.phone("张伟").frame_locator("iframe")
    expect(page.get_by_text("现在是锦绣花园健身角")).to_be_visible()
    expect(page.get_by_text("回到公众号的对话")).to_be_visible()
    desk.phone("张伟").get_by_role("button", name="关闭").click()
    desk.says("张伟", "单杠松了")
    desk.hears("张伟", "（锦绣花园健身角）")
