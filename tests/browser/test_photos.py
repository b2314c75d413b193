"""A photo from a phone to the page of its order: what was in it is there, where it was taken is not."""

import re
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import Company, Desk, running
from tests.support import files

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def company(loaded: Path) -> Iterator[Company]:
    with running(loaded) as company:
        yield company


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "漏水.jpg"
    path.write_bytes(files.gps_photo((1200, 900), orientation=6))
    with Image.open(path) as image:
        assert image.getexif().get_ifd(ExifTags.IFD.GPSInfo), "the phone does write down where it was"
    return path


def web(desk: Desk, name: str) -> FrameLocator:
    """The page open in somebody's phone."""
    return desk.phone(name).frame_locator("iframe[title=网页内容]")


def reported(desk: Desk, words: str, photo: Path) -> str:
    """Zhang says what is broken and sends a photo; the number of the order."""
    desk.says("张伟", words)
    expect(desk.last("张伟")).to_contain_text("工单 #")
    number = re.search(r"工单 #(\d+)", desk.last("张伟").inner_text())
    assert number is not None
    desk.photographs("张伟", photo)
    expect(desk.last("张伟")).to_contain_text(f"照片已经附在工单 #{number[1]}")
    return number[1]


def opened(desk: Desk, number: str, name: str, width: int) -> Page:
    """The order's page on a screen of its own, opened by somebody."""
    page = desk.page.context.new_page()
    page.set_viewport_size({"width": width, "height": 720})
    page.goto(desk.page.url.split("/simulator")[0] + f"/m/order/{number}")
    page.get_by_role("link", name=re.compile(f"^{name}")).click()
    return page


def test_a_photo_with_a_place_comes_back_without(desk: Desk, photo: Path) -> None:
    number = reported(desk, "厨房水管漏水了", photo)
    desk.says("张伟", f"进度 {number}")
    desk.last("张伟").get_by_role("button", name="点这里看照片和全部经过").click()
    page = web(desk, "张伟")
    expect(page.get_by_role("heading", level=1)).to_have_text("已通知师傅")
    preview = page.get_by_role("img", name="报修时发来的照片 1")
    expect(preview).to_be_visible()
    preview.click()
    large = page.get_by_role("img", name=f"工单 #{number} 的照片")
    expect(large).to_be_visible()
    assert large.evaluate("image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])") == [
        900,
        1200,
    ]

    address = large.evaluate("image => image.src")
    saved = desk.page.context.request.get(address)
    assert saved.headers["x-content-type-options"] == "nosniff"
    with Image.open(BytesIO(saved.body())) as image:
        assert dict(image.getexif()) == {}
    for secret in (b"Exif", b"Canary", b"13800138000"):
        assert secret not in saved.body()

    stranger = desk.page.context.browser.new_context()
    assert "/connect/oauth2/authorize" in stranger.request.get(address).url, "who is nobody is sent to say who they are"
    stranger.close()


def test_a_neighbours_phone_opens_nothing_of_it(desk: Desk, photo: Path) -> None:
    """The address is copied into a chat: whoever opens it is who they are."""
    page = opened(desk, reported(desk, "马桶堵了", photo), "王强", 390)
    expect(page.get_by_text("没有找到您要看的内容")).to_be_visible()


def test_the_page_fits_a_small_phone_in_big_letters(desk: Desk, photo: Path) -> None:
    number = reported(desk, "客厅的灯不亮了", photo)
    page = opened(desk, number, "张伟", 320)
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 720})
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("img", name="报修时发来的照片 1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 18
        page.screenshot(path=Path(tempfile.gettempdir()) / f"linli-order-{width}.png", full_page=True)
