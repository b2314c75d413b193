"""张伟 asks what he owes, looks at the bill, pays on his phone, and sees the receipt; a notice that was lost is found; cash at
the counter and money on the phone never settle the same bill, whoever is first."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import requests
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import Company, Desk, until

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


def sheet_of(desk: Desk) -> tuple[FrameLocator, str]:
    """张伟 has pressed the button and the payment sheet is before him; the page in his phone, and the amount as 412.05."""
    desk.says("张伟", "缴费")
    desk.hears("张伟", "点这里用微信付款")
    desk.log("张伟").get_by_text("点这里用微信付款").last.click()
    inside = desk.phone("张伟").frame_locator("iframe")
    inside.get_by_role("button", name="微信支付").click()
    dialog = inside.get_by_role("dialog", name="微信支付")
    expect(dialog).to_contain_text("¥")
    amount = re.search(r"¥([\d.]+)", dialog.inner_text())
    assert amount is not None
    return inside, amount[1]


def ended(company: Company) -> bool:
    """The order on the phone is ended for good, one way or the other."""
    file = Path(company.environment["DATA_DIR"], "linli.db")
    with closing(sqlite3.connect(file, timeout=10)) as connection:
        count = "SELECT count(*) FROM online_orders WHERE state IN ('new', 'open', 'closing')"
        return connection.execute(count).fetchone() == (0,)


def takes_cash(desk: Desk, company: Company, amount: str) -> Desk:
    """The cashier sits at a screen of her own."""
    screen = desk.page.context.new_page()
    screen.goto(company.address)
    desk = Desk(screen)
    desk.opens("孙会计")
    desk.says("孙会计", f"收款 锦绣花园 3-2-501 {amount} 现金")
    desk.hears("孙会计", "我先把那笔关掉", "对吗")
    return desk


def test_cash_wins_against_an_open_sheet_and_what_comes_twice_is_kept_in_advance(desk: Desk, company: Company) -> None:
    inside, amount = sheet_of(desk)
    cashier = takes_cash(desk, company, amount)
    until(lambda: ended(company), company.process)
    cashier.says("孙会计", "1")
    cashier.hears("孙会计", "记好了")
    inside.get_by_role("button", name="确认支付").click()
    expect(inside.get_by_text("微信没有打开付款")).to_be_visible()
    cashier.says("孙会计", f"收款 锦绣花园 3-2-501 {amount} 转账")
    cashier.hears("孙会计", "凭证上的单号")
    cashier.says("孙会计", "2026112500017")
    cashier.hears("孙会计", f"预存款 {amount}元")
    cashier.says("孙会计", "1")
    cashier.hears("孙会计", f"多出的{amount}元存作预存款")
    assert company.audit().returncode == 0


def test_cash_loses_against_a_phone_that_was_faster(desk: Desk, company: Company) -> None:
    inside, amount = sheet_of(desk)
    cashier = takes_cash(desk, company, amount)
    inside.get_by_role("button", name="确认支付").click()  # WeChat has not closed it yet: seconds lie between
    expect(inside.get_by_text(f"已付 {amount}元")).to_be_visible(timeout=20_000)
    cashier.says("孙会计", "1")
    cashier.hears("孙会计", f"刚刚在微信上付好了{amount}元", "这次没有记")
    assert company.audit().returncode == 0
