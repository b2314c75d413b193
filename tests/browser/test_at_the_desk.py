"""A manager at a computer: signed in with a number said in WeChat, a ledger looked at, mended, taken in and taken back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import LAPTOP, Company, Desk
from tests.support.imports import mend
from tests.support.ledgers import COMMON

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def computer(browser: Browser, company: Company) -> Iterator[Page]:
    """A browser of its own, with nothing in its cookies; whatever a page asks of anybody else is a fault."""
    context = browser.new_context(viewport=LAPTOP, locale="zh-CN")
    page = context.new_page()
    ours = company.address.removesuffix("/simulator")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(ours) else complaints.append(asked.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{ours}/desk/")
    yield page
    context.close()
    assert complaints == []


def sign_in(computer: Page, phones: Desk) -> None:
    code = re.sub(r"\D", "", computer.locator(".code strong").inner_text())
    phones.opens("赵经理")
    phones.says("赵经理", f"登录 {code}")
    phones.hears("赵经理", "已经登录")
    expect(computer.get_by_role("heading", name="现在的工单")).to_be_visible(timeout=10_000)


def upload(computer: Page, path: Path) -> None:
    computer.get_by_role("navigation").get_by_role("link", name="导入表格").click()
    computer.get_by_label("小区").select_option(label="和平家园")
    computer.get_by_label("文件").set_input_files(path)
    computer.get_by_role("button", name="上传").click()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_manager_signs_in_and_a_ledger_is_taken_in_and_back(
    computer: Page, desk: Desk, company: Company, tmp_path: Path
) -> None:
    sign_in(computer, desk)

    upload(computer, COMMON)
    expect(computer.get_by_role("heading", name="要改好的 5 处")).to_be_visible(timeout=30_000)
    named = computer.locator(".cells tbody tr td:first-child").all_inner_texts()
    assert named == ["1栋!E7", "1栋!F9", "1栋!C11", "1栋!E13", "1栋!D15"]
    expect(computer.get_by_role("button", name="确认写入")).to_have_count(0)

    upload(computer, mend(tmp_path))
    expect(computer.get_by_text("房屋：新增")).to_be_visible(timeout=30_000)
    computer.get_by_role("button", name="确认写入").click()
    expect(computer.get_by_text("已写入（")).to_be_visible(timeout=30_000)
    computer.get_by_role("button", name="撤销这次导入").click()
    expect(computer.get_by_text("和导入以前一样")).to_be_visible(timeout=30_000)

    computer.get_by_role("navigation").get_by_role("link", name="导入表格").click()
    expect(computer.locator("tbody tr")).to_have_count(2)
    audit = company.audit()
    assert audit.returncode == 0, audit.stdout + audit.stderr
    computer.get_by_role("button", name="退出").click()
    expect(computer.get_by_role("heading", name="用微信登录")).to_be_visible()


def test_the_desk_fits_a_phone_and_shows_what_was_reported(computer: Page, desk: Desk) -> None:
    desk.says("张伟", "厨房水管漏水了")
    desk.hears("张伟", "#901")
    sign_in(computer, desk)
    for size in (PHONE, LAPTOP):
        computer.set_viewport_size(size)  # type: ignore[arg-type]
        computer.goto(f"{computer.url.split('/desk')[0]}/desk/")
        expect(computer.get_by_role("cell", name="厨房水管漏水了")).to_be_visible()
        assert fits(computer)
        computer.get_by_role("link", name="#901").click()
        expect(computer.get_by_text("锦绣花园 3栋2单元501")).to_be_visible()
        expect(computer.locator(".steps")).to_contain_text("派单")
        assert fits(computer)
        computer.get_by_role("navigation").get_by_role("link", name="工单").click()
        computer.get_by_label("找").fill("3-2-501")
        computer.get_by_role("button", name="查看").click()
        expect(computer.locator("tbody tr")).to_have_count(1)
        with computer.expect_download() as download:
            computer.get_by_role("link", name="Excel").click()
        assert download.value.suggested_filename.startswith("工单-")
        computer.get_by_role("navigation").get_by_role("link", name="导入表格").click()
        assert fits(computer)
