"""张伟 asks what he owes, looks at the bill, pays on his phone, and sees the receipt; a notice that was lost is found."""

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import Company, Desk

pytestmark = pytest.mark.browser


def test_zhang_pays_on_his_phone_though_the_notice_is_lost(desk: Desk, page: Page, company: Company) -> None:
    faults = {"path": "/wxpay/notify", "kind": "lost"}
    assert requests.post(f"{company.address}/api/faults", json=faults, timeout=10).ok
    desk.says("张伟", "账单")
    desk.hears("张伟", "还要交", "点这里看账单")
    desk.log("张伟").get_by_text("点这里看账单").last.click()
    inside = desk.phone("张伟").frame_locator("iframe")
    expect(inside.get_by_text("89.37平方米").first).to_be_visible()
    go = inside.get_by_role("link", name="去交").first
    amount = go.inner_text().removeprefix("去交 ")
    go.click()
    inside.get_by_role("button", name="微信支付").click()
    expect(inside.get_by_role("dialog", name="微信支付")).to_contain_text(f"¥{amount.removesuffix('元')}")
    inside.get_by_role("button", name="确认支付").click()
    expect(inside.get_by_text(f"已付 {amount}")).to_be_visible(timeout=10_000)
    inside.get_by_role("link", name="看收据").click()
    expect(inside.get_by_text("下载收据")).to_be_visible()
    desk.hears("张伟", f"已收到{amount}", within=20_000)
    assert company.audit().returncode == 0
