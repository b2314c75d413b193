"""One sentence becomes a finished repair, seen on three phones."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import Company, Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "换好的角阀.jpg"
    Image.new("RGB", (800, 600), (90, 120, 150)).save(path)
    return path


def test_from_one_sentence_to_five_stars(desk: Desk, company: Company, photo: Path) -> None:
    desk.says("赵经理", "工单")
    desk.hears("赵经理", "现在没有没办完的工单")

    desk.says("张伟", "厨房水管漏水了")
    desk.hears("陈师傅", "厨房水管漏水了", "锦绣花园 3栋2单元501", within=2_000)
    desk.hears("张伟", "已为您报修，工单 #901", "陈师傅")

    desk.taps("陈师傅", "接单 901")
    desk.hears("陈师傅", "接好了，#901 是您的了")
    desk.hears("张伟", "您报修的 #901，陈师傅已接单", within=2_000)
    desk.taps("陈师傅", "到场 901")
    desk.hears("张伟", "陈师傅已经到了", within=2_000)

    desk.photographs("陈师傅", photo)
    expect(desk.phone("陈师傅").get_by_role("button", name="看大图")).to_be_visible()
    expect(desk.last("陈师傅")).to_contain_text("照片")
    desk.says("陈师傅", "完工 换了角阀")
    desk.hears("陈师傅", "#901 完工了，辛苦")
    desk.hears("张伟", "#901 修好了：换了角阀", within=2_000)

    desk.taps("张伟", "5")
    desk.hears("张伟", "谢谢您的评价")
    desk.says("赵经理", "工单 901")
    desk.hears("赵经理", "厨房水管漏水了", "陈师傅", "换了角阀", "5分")
    desk.says("赵经理", "工单")
    expect(desk.last("赵经理")).to_contain_text("现在没有没办完的工单")

    audit = company.audit()
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_what_is_offered_leads_through_a_repair_one_tap_a_step(desk: Desk) -> None:
    desk.taps("张伟", "厨房水管漏水了")
    for name, words in (("陈师傅", "接单 901"), ("陈师傅", "到场 901"), ("陈师傅", "完工 901 换了角阀"), ("张伟", "5")):
        desk.offered(name).get_by_text(words, exact=True).click()
    desk.hears("张伟", "谢谢您的评价")


def test_a_reload_keeps_the_chats_and_the_phones_on_the_desk(desk: Desk) -> None:
    desk.says("张伟", "厨房水管漏水了")
    desk.hears("陈师傅", "厨房水管漏水了")
    desk.opens("李娜")
    desk.phone("赵经理").get_by_role("button", name="收起这部手机").click()
    desk.page.reload()
    desk.hears("张伟", "厨房水管漏水了", "已为您报修，工单 #901")
    desk.hears("陈师傅", "厨房水管漏水了")
    expect(desk.phone("李娜")).to_be_visible()
    expect(desk.phone("赵经理")).to_have_count(0)
