"""A cashier with a phone in the hand: a home is found, cash is taken, the receipt is there; hurried fingers take it once."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import LAPTOP, Company, Desk

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def counter(browser: Browser, company: Company) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, locale="zh-CN")  # type: ignore[arg-type]
    page = context.new_page()
    ours = company.address.removesuffix("/simulator")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(ours) else complaints.append(asked.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.add_init_script("window.print = () => { sessionStorage.printed = 1 + Number(sessionStorage.printed || 0); }")
    page.goto(f"{ours}/desk/")
    yield page
    context.close()
    assert complaints == []


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def signs_in(counter: Page, phones: Desk, name: str) -> None:
    code = re.sub(r"\D", "", counter.locator(".code strong").inner_text())
    phones.opens(name)
    phones.says(name, f"登录 {code}")
    expect(counter.get_by_role("heading", name="现在的工单")).to_be_visible(timeout=10_000)


def test_every_page_about_money_fits_a_phone_and_a_laptop(counter: Page, desk: Desk, tmp_path: Path) -> None:
    signs_in(counter, desk, "赵经理")
    counter.get_by_role("navigation", name="主要页面").get_by_role("link", name="收费").click()
    places = counter.get_by_role("navigation", name="收费的页面")
    names = places.get_by_role("link").all_inner_texts()
    assert names == ["概况", "找房收款", "欠费", "出账", "收据", "对账", "银行代扣", "月结", "收费标准"]
    for size in (LAPTOP, PHONE):
        counter.set_viewport_size(size)  # type: ignore[arg-type]
        for name in names:
            places.get_by_role("link", name=name, exact=True).click()
            expect(places.locator("[aria-current]")).to_have_text(name)
            assert fits(counter), name
            counter.screenshot(path=tmp_path / f"{name}-{size['width']}.png", full_page=True)
            inner = counter.locator("td a[href^='/desk/'], .lines a[href^='/desk/months']")
            if inner.count():
                before = counter.url
                inner.last.click()
                expect(counter).not_to_have_url(before)
                counter.wait_for_load_state()
                assert fits(counter), name
                counter.screenshot(path=tmp_path / f"{name}-{size['width']}-one.png", full_page=True)


def test_cash_at_the_counter_on_a_phone(counter: Page, desk: Desk, company: Company, tmp_path: Path) -> None:
    signs_in(counter, desk, "孙会计")
    counter.get_by_role("navigation", name="主要页面").get_by_role("link", name="收费").click()
    expect(counter.get_by_text("当期收缴率", exact=True).first).to_be_visible()
    counter.screenshot(path=tmp_path / "overview.png", full_page=True)
    assert fits(counter)
    counter.get_by_label("找房").fill("锦绣花园3-2-501")
    counter.get_by_role("button", name="查找").click()
    expect(counter.get_by_role("heading", name="锦绣花园3栋2单元501")).to_be_visible()
    counter.screenshot(path=tmp_path / "home.png", full_page=True)
    assert fits(counter)
    counter.get_by_role("link", name="收款", exact=True).click()
    total = counter.locator("[data-total]")
    whole = total.inner_text()
    boxes = counter.locator("input[name=bill]")
    boxes.first.uncheck()
    expect(total).not_to_have_text(whole)
    boxes.first.check()
    expect(total).to_have_text(whole)
    counter.screenshot(path=tmp_path / "sheet.png", full_page=True)
    assert fits(counter)
    counter.get_by_role("button", name="下一步：核对").click()
    expect(counter.get_by_text(f"现金 {whole}")).to_be_visible()
    counter.screenshot(path=tmp_path / "check.png", full_page=True)
    assert fits(counter)
    counter.get_by_role("button", name="确认收款，开收据").dblclick()
    expect(counter.get_by_role("heading", name="收款收据")).to_be_visible()
    number = counter.locator(".receipt .number").inner_text()
    assert counter.evaluate("sessionStorage.printed") == "1"
    counter.emulate_media(media="print")
    expect(counter.get_by_role("heading", name="收款收据")).to_be_visible()
    expect(counter.get_by_role("navigation")).to_have_count(0)
    expect(counter.get_by_role("button", name="打印")).to_have_count(0)
    counter.screenshot(path=tmp_path / "paper.png", full_page=True)
    counter.emulate_media(media="screen")
    counter.screenshot(path=tmp_path / "receipt.png", full_page=True)
    assert fits(counter)
    counter.reload()
    assert counter.evaluate("sessionStorage.printed") == "1", "a reload prints no second one"
    counter.go_back()
    counter.wait_for_load_state()
    again = counter.get_by_role("button", name="确认收款，开收据")
    if again.count():  # the browser kept the page
        again.click()
    expect(counter.get_by_text("刚才已经记过了")).to_be_visible()
    expect(counter.locator(".receipt .number")).to_have_text(number)
    counter.get_by_role("link", name="回到这一户").click()
    expect(counter.get_by_text("0.00元 现在要交")).to_be_visible()
    expect(counter.locator("tbody").get_by_text(whole)).to_have_count(1)
    audit = company.audit()
    assert audit.returncode == 0, audit.stdout + audit.stderr
