"""A manager with a phone in the hand: a bill at a wrong price is taken back and billed anew at the right one, and the owner is told."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Company, Desk
from tests.browser.test_at_the_counter import counter, fits, signs_in

__all__ = ["counter"]
pytestmark = pytest.mark.browser


def test_a_bill_at_a_wrong_price(counter: Page, desk: Desk, company: Company, tmp_path: Path) -> None:
    signs_in(counter, desk, "赵经理")
    counter.get_by_role("navigation", name="主要页面").get_by_role("link", name="收费").click()
    counter.get_by_label("找房").fill("锦绣花园3-2-501")
    counter.get_by_role("button", name="查找").click()
    bill = counter.locator("details.bill").filter(has_text="物业费").filter(has_text="没交").first
    bill.locator("summary").click()
    bill.get_by_role("link", name="这张算错了").click()
    expect(counter.get_by_text("和这张账单一样")).to_be_visible()
    assert fits(counter)
    counter.get_by_text("单价登记错了，这一张按对的算").click()
    counter.get_by_label("对的单价").fill("一块多")
    counter.get_by_label("依据").fill("2026年业主大会第3号决议")
    counter.get_by_role("button", name="算算看").click()
    expect(counter.get_by_text("单价没看懂")).to_be_visible()
    counter.get_by_text("单价登记错了，这一张按对的算").click()
    counter.get_by_label("对的单价").fill("1.80")
    counter.get_by_role("button", name="算算看").click()
    expect(counter.get_by_text("冲红，新的一共")).to_be_visible()
    counter.screenshot(path=tmp_path / "anew.png", full_page=True)
    assert fits(counter)
    counter.get_by_role("button", name="冲红，按现在登记的重新出账").click()
    expect(counter.get_by_text("重新出了一张")).to_be_visible()
    counter.screenshot(path=tmp_path / "done.png", full_page=True)
    desk.opens("张伟")
    desk.hears("张伟", "账单更正了")
    assert company.audit().returncode == 0
