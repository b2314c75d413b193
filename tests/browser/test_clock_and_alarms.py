"""What time does, and what must not wait."""

import json
from datetime import datetime, timedelta

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.conftest import Company, Desk

pytestmark = pytest.mark.browser


def test_a_repair_nobody_takes_goes_on_when_the_clock_does(desk: Desk) -> None:
    desk.says("张伟", "厨房水管漏水了")
    desk.hears("陈师傅", "有新工单")
    before = desk.page.locator("#clock b").inner_text()
    desk.page.get_by_role("button", name="+10分钟").click()
    expect(desk.page.locator("#clock b")).not_to_have_text(before)
    desk.page.get_by_role("button", name="+10分钟").click()
    desk.hears("陈师傅", "工单没有及时接单，已另外安排", within=20_000)
    expect(desk.phone("陈师傅").locator(".status")).to_contain_text(desk.page.locator("#clock b").inner_text())


def test_an_urgent_repair_left_alone_climbs_to_the_manager(desk: Desk) -> None:
    desk.says("张伟", "家里停水了")
    desk.hears("陈师傅", "有新工单")
    later = desk.page.get_by_role("button", name="+10分钟")
    later.click()
    desk.hears("陈师傅", "没有及时接单", within=20_000)
    desk.hears("赵经理", "还没有人去", within=20_000)
    later.click()
    desk.hears("张伟", "很抱歉", "前接单", within=20_000)
    desk.hears("赵经理", "接单超时", within=20_000)
    later.click()
    expect(desk.log("赵经理").get_by_text("接单超时")).to_have_count(2, timeout=20_000)
    desk.says("赵经理", "为什么超时 901")
    desk.hears("赵经理", "报修，开始算", "不分昼夜", "限15分钟")


def test_people_stuck_in_the_lift_hear_advice_first_and_the_manager_at_once(desk: Desk, company: Company) -> None:
    desk.says("张伟", "厨房水管漏水了")
    desk.hears("陈师傅", "有新工单")
    desk.says("张伟", "电梯困人")
    desk.hears("赵经理", "#902", "电梯困人")
    assert came_at(company, "demo-zhaomgr", "#902") - came_at(company, "demo-zhang", "电梯困人") < timedelta(seconds=1)
    advice = desk.last("张伟")
    expect(advice).to_contain_text("96333")
    words = advice.inner_text()
    assert words.index("96333") < words.index("#902"), "what saves them is said before what is written down"
    desk.says("张伟", "取消报修 902")
    expect(desk.last("张伟")).to_contain_text("不能自己取消")


def came_at(company: Company, openid: str, words: str) -> datetime:
    """When the first message with these words appeared on a phone, by the set-up's own clock."""
    shown = requests.get(f"{company.address}/api/updates?since=0", timeout=5).json()["messages"]
    found = next(each for each in shown if each["openid"] == openid and words in json.dumps(each, ensure_ascii=False))
    return datetime.fromisoformat(found["at"])


def test_news_arrives_although_wechat_stumbles(desk: Desk, company: Company) -> None:
    fault = {"path": "/cgi-bin/message/template/send", "kind": "502", "times": 1}
    assert requests.post(f"{company.address}/api/faults", json=fault, timeout=5).status_code == 200
    desk.says("张伟", "厨房水管漏水了")
    # What is urgent does not wait for WeChat to come round: a text message tells of it, once.
    desk.hears("陈师傅", "手机短信", "您有工单要处理", "#901", within=30_000)
    expect(desk.log("陈师傅").get_by_role("article")).to_have_count(1)


def test_while_the_server_is_away_the_page_says_so_and_keeps_what_it_shows(desk: Desk, company: Company) -> None:
    desk.says("张伟", "我的家")
    desk.hears("张伟", "3栋2单元501")
    company.process.terminate()
    expect(desk.page.get_by_role("status")).to_have_text("连接断了，正在重新连接…")
    desk.hears("张伟", "3栋2单元501")
    desk.types("张伟", "你好")
    expect(desk.page.get_by_role("status")).to_have_text("连不上服务，请稍后再试。")
