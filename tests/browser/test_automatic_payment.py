"""张伟 agrees on his phone to be charged by WeChat: he hears the day before, no money is told with the next day, money comes once."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests
from playwright.sync_api import FrameLocator, expect

from tests.browser.conftest import Company, Desk, running

pytestmark = pytest.mark.browser

SLOWLY = 40_000  # milliseconds: what the jobs do, minute by minute


@pytest.fixture
def company(loaded: Path) -> Iterator[Company]:
    with running(loaded, PAPAY="1", PAPAY_FROM_HOUR="0", PAPAY_TO_HOUR="24") as company:
        yield company


def inside(desk: Desk) -> FrameLocator:
    return desk.phone("张伟").frame_locator("iframe[title=网页内容]")


def agrees(desk: Desk) -> None:
    desk.says("张伟", "代扣")
    desk.log("张伟").get_by_text("点这里开通微信自动扣款").last.click()
    page = inside(desk)
    expect(page.get_by_role("heading", name="微信自动扣款")).to_be_visible()
    expect(page.get_by_text("过10天再扣一次，还不成就自己交")).to_be_visible()
    page.get_by_role("button", name="我要开通").click()
    expect(page.get_by_role("heading", name="请到微信里确认")).to_be_visible()
    page.get_by_role("link", name="去微信确认").click()
    page.get_by_role("button", name="同意并开通").click()
    expect(page.get_by_role("heading", name="已开通自动扣款")).to_be_visible()
    desk.hears("张伟", "微信自动扣款开通了", within=SLOWLY)
    desk.phone("张伟").get_by_role("button", name="关闭").click()


def test_he_agrees_on_his_phone_sees_it_stand_and_ends_it_in_the_chat(desk: Desk, company: Company) -> None:
    agrees(desk)
    desk.says("张伟", "缴费")
    desk.log("张伟").get_by_text("点这里用微信付款").last.click()
    inside(desk).get_by_role("link", name="微信自动扣款").click()
    expect(inside(desk).get_by_role("heading", name="微信自动扣款开着")).to_be_visible()
    desk.phone("张伟").get_by_role("button", name="关闭").click()
    desk.says("张伟", "取消代扣")
    desk.hears("张伟", "以后要自己交费")
    desk.says("张伟", "1")
    desk.hears("张伟", "不再从微信自动扣")
    assert company.audit().returncode == 0


def test_without_money_he_hears_the_next_day_and_then_it_is_taken_once(desk: Desk, company: Company) -> None:
    agrees(desk)
    to_the_eve_of_the_due_day(company)
    eve = desk.log("张伟").locator(".card").filter(has_text=re.compile(r"月\d+日自动扣[\d,.]+元"))
    expect(eve).to_have_count(1, timeout=SLOWLY)  # other notices of this hour may come after it
    amount = re.search(r"自动扣([\d,.]+元)", eve.inner_text())
    assert amount is not None
    assert requests.post(f"{company.address}/api/faults", json={"path": "charge", "kind": "abnormal"}, timeout=10).ok
    moves(company, timedelta(days=1))
    desk.hears("张伟", "微信没扣成：余额不足，", "再扣", within=SLOWLY)
    moves(company, timedelta(days=9))
    expect(desk.log("张伟").get_by_text(re.compile(f"月\\d+日自动扣{re.escape(amount[1])}"))).to_have_count(
        2, timeout=SLOWLY
    )
    moves(company, timedelta(days=1))
    desk.hears("张伟", f"已收到{amount[1]}", within=SLOWLY)
    expect(desk.log("张伟").get_by_text("微信没扣成")).to_have_count(1)
    assert company.audit().returncode == 0


def to_the_eve_of_the_due_day(company: Company) -> None:
    """Bills fall due on the last day of their month; it is noon of the day before, or already later."""
    now = datetime.fromisoformat(requests.get(f"{company.address}/api/clock", timeout=10).json()["now"])
    first_of_next = (now.replace(day=1, hour=12, minute=0) + timedelta(days=32)).replace(day=1)
    moves(company, max(timedelta(), first_of_next - timedelta(days=2) - now))


def moves(company: Company, step: timedelta) -> None:
    wish = {"move_seconds": step.total_seconds()}
    assert requests.post(f"{company.address}/api/clock", json=wish, timeout=30).ok
