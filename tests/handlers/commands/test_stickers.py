"""`stickers`: the sheet is printed, read back by a camera, and WeChat is asked for each code once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
import sqlalchemy as sa
import zxingcpp
from click.testing import Result
from flask import Flask

from bot.wechat.errors import WeChatError
from handlers.commands.demo_stickers import sticker_of
from handlers.commands.sticker_sheet import Label, sheet_of
from models.billing.meter_actions import new_meter
from models.db import Database
from models.estate.place_actions import add_places
from models.estate.place_sheet import PlaceRow
from models.estate.tables import Community, Company, Place
from tests.handlers.commands.conftest import runner_of

Print = Callable[..., Result]
ROWS = (PlaceRow("电梯", (), "3", "2"), PlaceRow("垃圾房"))


class PretendWeChat:
    """Makes codes, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.broken_after = 1000

    def create_qrcode(self, scene: str, expire_seconds: int | None = None) -> tuple[str, str]:
        if len(self.asked) >= self.broken_after:
            raise WeChatError(45009, "reach max api daily quota limit")
        assert expire_seconds is None, "a sticker hangs there for years"
        self.asked.append(scene)
        return "ticket", f"http://weixin.qq.com/q/{scene[:12]}"


@pytest.fixture
def wechat(command_app: Flask) -> PretendWeChat:
    pretend = PretendWeChat()
    command_app.extensions["services"].__dict__["wechat"] = pretend
    return pretend


@pytest.fixture
def printed(command_app: Flask, database: Database, wechat: PretendWeChat, now: object) -> Print:
    """`printed("page", …)` prints with that STICKER_KIND."""
    with database.transaction() as session:
        company = Company(name="安居物业", created_at=now)
        session.add(company)
        session.flush()
        community = Community(company_id=company.id, name="锦绣花园", created_at=now)
        session.add(community)
        session.flush()
        add_places(session, community.id, [(row, *sticker_of("锦绣花园", row)) for row in ROWS], now)  # type: ignore[arg-type]
    services = command_app.extensions["services"]

    def run(kind: str, *arguments: str) -> Result:
        services.settings = replace(services.settings, sticker_kind=kind, public_url="https://wx.example.com")
        return runner_of(command_app)("stickers", *arguments)

    return run


def seen_by_a_camera(pdf: bytes) -> tuple[list[str], str]:
    """(what every code says, in the order of the labels; all words)."""
    document = pypdfium2.PdfDocument(pdf)
    says, words = [], ""
    for number in range(len(document)):
        page = document[number]
        picture = page.render(scale=2).to_pil()
        found = zxingcpp.read_barcodes(picture)
        found.sort(key=lambda code: (code.position.top_left.y // 100, code.position.top_left.x))
        says += [code.text for code in found]
        text = page.get_textpage()
        words += text.get_text_range()
        text.close()
        page.close()
    document.close()
    return says, words


def test_every_printed_code_can_be_read_and_every_word_too() -> None:
    labels = [
        Label(f"https://wx.example.com/q/CODE{number:012}", f"{number}栋电梯", "锦绣花园", "KMFPX")
        for number in range(8)
    ]
    says, words = seen_by_a_camera(sheet_of(labels))
    assert says == [label.says for label in labels]
    assert words.count("扫一扫，说一句就报修") == 8
    assert all(word in words for word in ("7栋电梯", "锦绣花园", "在公众号里发这几个字母：KMFPX"))


def test_a_long_name_fits_on_its_label() -> None:
    place, community = "12栋甲单元地下二层自行车棚充电桩旁边的门", "很长名字的锦绣花园第三期东区小区"
    says, words = seen_by_a_camera(sheet_of([Label("https://x.cn/q/A", place, community, "KMFPX")]))
    assert says == ["https://x.cn/q/A"]
    assert place in words


def test_pages_of_our_own(printed: Print, wechat: PretendWeChat, tmp_path: Path) -> None:
    out = tmp_path / "s.pdf"
    result = printed("page", "--output", str(out))
    assert (result.exit_code, "2 张贴纸" in result.output) == (0, True)
    says, words = seen_by_a_camera(out.read_bytes())
    assert says == [f"https://wx.example.com/q/{sticker_of('锦绣花园', row)[0]}" for row in (ROWS[1], ROWS[0])]
    assert "3栋2单元电梯" in words
    assert wechat.asked == []


def test_wechats_own_codes_are_made_once(
    printed: Print, wechat: PretendWeChat, database: Database, tmp_path: Path
) -> None:
    out = tmp_path / "s.pdf"
    for _ in range(2):
        assert printed("wechat", "--output", str(out)).exit_code == 0
    assert sorted(wechat.asked) == sorted(sticker_of("锦绣花园", row)[0] for row in ROWS)
    assert seen_by_a_camera(out.read_bytes())[0] == [f"http://weixin.qq.com/q/{scene[:12]}" for scene in wechat.asked]
    with database.reading() as session:
        assert session.scalars(sa.select(Place.qr_until)).all() == [None, None]


def test_what_wechat_refuses_is_told_and_goes_on_later(printed: Print, wechat: PretendWeChat, tmp_path: Path) -> None:
    out = tmp_path / "s.pdf"
    wechat.broken_after = 1
    result = printed("wechat", "--output", str(out))
    assert (result.exit_code, out.exists()) == (1, False)
    assert "已有 1/2 个" in result.stderr
    assert "STICKER_KIND=page" in result.stderr
    wechat.broken_after = 1000
    assert printed("wechat", "--output", str(out)).exit_code == 0
    assert len(wechat.asked) == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("--community", "没有的小区"), "没有的小区"), (("--output", "/nowhere/s.pdf"), "cannot be written")],
)
def test_what_cannot_be_is_one_sentence(printed: Print, arguments: tuple[str, ...], says: str) -> None:
    result = printed("page", *arguments)
    assert (result.exit_code, says in result.stderr, "Traceback" in result.output) == (1, True, False)


def test_without_places_there_is_nothing_to_print(command_app: Flask, database: Database) -> None:
    result = runner_of(command_app)("stickers")
    assert (result.exit_code, "还没有公共部位" in result.stderr) == (1, True)


def test_meters_have_stickers_of_our_own_pages(
    printed: Print, command_app: Flask, database: Database, now: object, tmp_path: Path
) -> None:
    assert "还没有登记水电表" in printed("page", "--meters").output
    with database.transaction() as session:
        community = session.scalars(sa.select(Community)).one()
        session.add(new_meter(None, community.id, "water", now=now, building="3"))  # type: ignore[arg-type]
    output = tmp_path / "meters.pdf"
    result = printed("wechat", "--meters", "--output", str(output))
    assert (result.exit_code, "1 张贴纸" in result.output, output.read_bytes()[:4]) == (0, True, b"%PDF"), result.output
