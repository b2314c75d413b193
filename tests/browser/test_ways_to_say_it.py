"""Everything a phone can send besides typed words, and the ways in and out."""

import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import Company, Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def company(shared_company: Company) -> Company:
    return shared_company


def test_spoken_words_become_an_order(desk: Desk) -> None:
    desk.phone("张伟").get_by_role("button", name="发语音").click()
    desk.phone("张伟").get_by_label("语音里说的话").fill("卫生间下水道堵了")
    desk.phone("张伟").get_by_role("switch").check()
    desk.phone("张伟").get_by_role("button", name="发送语音").click()
    desk.hears("张伟", "微信听出了文字", "已为您报修，工单 #", "卫生间下水道堵了")


def test_a_place_and_a_big_photograph_join_the_order(desk: Desk, tmp_path: Path) -> None:
    desk.says("张伟", "厨房水管漏水了")
    expect(desk.last("张伟")).to_contain_text("已为您报修，工单 #")
    desk.extras("张伟", "位置 我在哪里")
    desk.phone("张伟").get_by_role("button", name="锦绣花园 3栋楼下").click()
    expect(desk.last("张伟")).to_contain_text("位置")
    desk.photographs("张伟", noise(tmp_path / "漏水.png"))
    expect(desk.phone("张伟").get_by_role("button", name="看大图")).to_be_visible(timeout=20_000)
    expect(desk.last("张伟")).to_contain_text("照片")


def noise(path: Path) -> Path:
    """A picture of more than 12 MB: nothing in it can be compressed."""
    Image.frombytes("RGB", (2200, 2000), os.urandom(2200 * 2000 * 3)).save(path)
    assert path.stat().st_size > 12 * 2**20
    return path


def test_what_is_no_picture_is_refused_in_words(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "清单.txt").write_text("角阀一个")
    desk.photographs("张伟", tmp_path / "清单.txt")
    expect(desk.page.get_by_role("status")).to_have_text("这不是图片。请选 JPG、PNG 或 GIF。")


def test_the_menu_is_there_from_the_first_start(desk: Desk) -> None:
    phone = desk.phone("张伟")
    phone.get_by_role("button", name="显示菜单").click()
    phone.get_by_role("button", name="报修", exact=True).click()
    desk.hears("张伟", "点了菜单「报修」", "哪里坏了")
    phone.get_by_role("button", name="换成打字").click()
    desk.says("张伟", "门锁打不开了")
    expect(desk.last("张伟")).to_contain_text("已为您报修，工单 #")


def test_a_sticker_on_the_wall_can_be_scanned(desk: Desk) -> None:
    desk.extras("张伟", "扫一扫")
    desk.phone("张伟").get_by_role("button", name="锦绣花园 3栋2单元电梯").click()
    desk.hears("张伟", "扫描了二维码「锦绣花园 3栋2单元电梯」", "现在是锦绣花园3栋2单元电梯")


def test_a_visitor_leaves_comes_back_and_binds_a_home(desk: Desk) -> None:
    desk.opens("游客")
    desk.more("游客", "取消关注")
    desk.phone("游客").get_by_role("button", name="关注公众号").click()
    desk.hears("游客", "你已取消关注", "你已关注", "您可以这样说")
    desk.says("游客", "绑定")
    desk.hears("游客", "请说您的房号")
    desk.says("游客", "锦绣花园 3-2-501")
    expect(desk.last("游客")).to_contain_text("姓名")
    desk.says("游客", "张伟")
    expect(desk.last("游客")).to_contain_text("后四位")
    desk.says("游客", "8001")
    expect(desk.last("游客")).to_contain_text("锦绣花园3栋2单元501")
    desk.hears("张伟", "新绑定了")
    desk.says("游客", "客厅的灯不亮了")
    expect(desk.last("游客")).to_contain_text("已为您报修，工单 #")


def test_who_does_not_follow_yet_follows_by_scanning_the_poster(desk: Desk) -> None:
    desk.opens("游客")
    desk.more("游客", "取消关注")
    desk.more("游客", "扫一扫")
    desk.phone("游客").get_by_role("button", name="锦绣花园 大门口").click()
    desk.hears("游客", "你已关注", "锦绣花园大门口")
