"""/q/<code>: what a printed sticker opens, for everybody who may come by."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
import zxingcpp
from PIL import Image

from handlers.commands.cast import ZHANG_HOME
from handlers.commands.demo_stickers import PlaceRow, sticker_of, sticker_of_meter
from handlers.web.stickers import UNKNOWN
from models.estate.tables import Community, Company, OfficialAccount, Place
from models.messaging.tables import Conversation
from models.workorders.tables import WorkOrder
from tests.support.pages import Phone
from tests.support.world import World

LIFT = sticker_of("锦绣花园", PlaceRow("电梯", (), "3", "2"))[0]
PAGE = f"/q/{LIFT}"


def place_of_newest_order(world: World) -> str:
    with world.services.database.reading() as session:
        return session.scalars(sa.select(WorkOrder).order_by(WorkOrder.id.desc()).limit(1)).one().place


def test_who_follows_is_known_and_goes_on_in_the_chat(world: World) -> None:
    answer = Phone(world, "demo-zhang").opens(PAGE)
    assert answer.status_code == 200
    assert "现在是锦绣花园3栋2单元电梯" in answer.text
    assert "回到公众号的对话" in answer.text
    assert "锦绣花园3栋2单元电梯" in world.says("demo-zhang", "里面的灯一闪一闪的")
    assert place_of_newest_order(world) == "3栋2单元电梯"


def test_opening_it_again_shows_the_same_and_opens_no_message_window(world: World) -> None:
    phone = Phone(world, "demo-li")
    assert phone.opens(PAGE).text == phone.opens(PAGE).text
    with world.services.database.reading() as session:
        talk = session.scalars(sa.select(Conversation).where(Conversation.openid == "demo-li")).one()
    assert not talk.windows
    assert len(talk.frames) == 1


def test_the_second_to_open_it_hears_what_was_reported(world: World) -> None:
    Phone(world, "demo-zhang").opens(PAGE)
    world.says("demo-zhang", "里面的灯一闪一闪的")
    answer = Phone(world, "demo-li").opens(PAGE)
    assert "已报，处理中" in answer.text
    assert "一闪一闪" not in answer.text
    assert "有进展就告诉您" in world.says("demo-li", "1")


def test_who_does_not_follow_is_shown_a_code_that_leads_here(world: World) -> None:
    world.platform.unfollow("demo-guest")
    phone = Phone(world, "demo-guest")
    answer = phone.opens(PAGE)
    assert (answer.status_code, f'src="{PAGE}/follow.png"' in answer.text) == (200, True)
    picture = phone.browser.get(f"{PAGE}/follow.png")
    assert picture.mimetype == "image/png"
    code = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.data)).convert("L"))[0].text
    world.platform.scan("demo-guest", code)
    assert "现在是锦绣花园3栋2单元电梯" in world.heard("demo-guest")[-1]
    assert phone.browser.get(f"{PAGE}/follow.png").data == picture.data, "one code serves for a month"
    world.move(timedelta(days=29, hours=1))
    assert phone.browser.get(f"{PAGE}/follow.png").data != picture.data


def test_without_wechat_the_code_is_missing_and_the_page_still_there(world: World) -> None:
    world.platform.faults.add("/cgi-bin/qrcode/create", "45009", 10, 0)
    assert world.app.test_client().get(f"{PAGE}/follow.png").status_code == 503


@pytest.mark.parametrize(
    "code",
    [
        "A" * 16,
        "a",
        "K" * 4000,
        "' OR 1=1; --",
        "%00",
        "..%2F..%2Fetc%2Fpasswd",
        "<script>alert(1)</script>",
        LIFT.lower(),
        f"{LIFT}x",
    ],
)
def test_an_unknown_sticker_is_one_sentence_and_nothing_else(world: World, code: str) -> None:
    for path in (f"/q/{code}", f"/q/{code}/follow.png"):
        answer = world.app.test_client().get(path)
        assert answer.status_code == 404
        if answer.mimetype == "text/html" and UNKNOWN in answer.text:
            assert "script>" not in answer.text.replace("</script>", "")


def test_the_sticker_of_another_company_is_unknown(world: World) -> None:
    with world.services.database.transaction() as session:
        company = Company(name="别家物业", created_at=world.clock.now())
        session.add(company)
        session.flush()
        session.add(OfficialAccount(account="gh_other", company_id=company.id))
        community = Community(company_id=company.id, name="别的小区", created_at=world.clock.now())
        session.add(community)
        session.flush()
        session.add(
            Place(community_id=community.id, name="电梯", code="K" * 16, tag="KKKKK", created_at=world.clock.now())
        )
    theirs, nobodys = (Phone(world, "demo-zhang").opens(f"/q/{letter * 16}") for letter in "KQ")
    assert (theirs.status_code, theirs.data) == (404, nobodys.data)
    world.platform.scan("demo-zhang", "K" * 16)
    assert "没认出这张贴纸" in world.heard("demo-zhang")[-1]
    assert "没认出这张贴纸" in world.says("demo-zhang", "KKKKK")


def test_browsers_are_told_what_they_may_do(world: World) -> None:
    headers = world.app.test_client().get(f"/q/{'A' * 16}").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_sticker_of_a_meter_opens_reading_it_for_who_works_there_alone(world: World) -> None:
    page = f"/q/{sticker_of_meter(*ZHANG_HOME)[0]}"
    assert "表上的数字是多少" in Phone(world, "demo-chen").opens(page).text
    assert "记好了：3栋2单元501水表 430" in world.says("demo-chen", "430")
    assert "抄表的师傅用的" in Phone(world, "demo-zhang").opens(page).text
    assert "没认出这张贴纸" in Phone(world, "demo-zhou").opens(page).text
