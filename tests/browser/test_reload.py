"""Closing the page loses nothing."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Company, Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def company(shared_company: Company) -> Company:
    return shared_company


def test_a_reload_keeps_the_chats_and_the_phones_on_the_desk(desk: Desk) -> None:
    desk.says("张伟", "我的家")
    expect(desk.last("张伟")).to_contain_text("锦绣花园")
    shown = desk.log("张伟").inner_text()
    desk.opens("李娜")
    desk.phone("赵经理").get_by_role("button", name="收起这部手机").click()
    desk.page.reload()
    expect(desk.log("张伟")).to_have_text(shown, use_inner_text=True)
    expect(desk.phone("李娜")).to_be_visible()
    expect(desk.phone("赵经理")).to_have_count(0)
