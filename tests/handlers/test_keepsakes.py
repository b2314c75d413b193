"""What is sent is fetched at once, before anybody knows what it belongs to, and then belongs to the order that comes of it."""

from datetime import timedelta

import sqlalchemy as sa

from models.media.tables import KEPT, Medium
from models.workorders.tables import Attachment, WorkOrder
from tests.support import files
from tests.support.pages import Phone
from tests.support.world import World

ZHANG, CHEN = "demo-zhang", "demo-chen"


def media(world: World) -> list[Medium]:
    with world.services.database.reading() as session:
        return list(session.scalars(sa.select(Medium).order_by(Medium.id)))


def newest_order(world: World) -> int:
    with world.services.database.reading() as session:
        return session.scalars(sa.select(sa.func.max(WorkOrder.id))).one()


def test_a_photo_and_a_recording_sent_before_the_words_are_the_orders(world: World) -> None:
    world.platform.send_image(ZHANG, files.gps_photo())
    world.platform.send_voice(ZHANG, "听不懂的话")
    world.settle()
    assert [(medium.kind, medium.state, medium.attached) for medium in media(world)] == [
        ("image", KEPT, False),
        ("voice", KEPT, False),
    ]
    world.says(ZHANG, "厨房水管漏水了")
    order = newest_order(world)
    assert all(medium.attached for medium in media(world))
    with world.services.database.reading() as session:
        sent = session.scalars(sa.select(Attachment.medium_id).where(Attachment.order_id == order)).all()
    assert sorted(sent) == [medium.id for medium in media(world)]

    page = Phone(world, CHEN).opens(f"/m/order/{order}")
    assert page.status_code == 200, "whoever repairs it sees and hears it"
    photo, voice = media(world)
    assert f"/m/photo/{photo.name}/small" in page.text
    assert f'src="/m/recording/{voice.name}"' in page.text
    assert Phone(world, "demo-wang").opens(f"/m/order/{order}").status_code == 404
    assert Phone(world, "demo-wang").opens(f"/m/photo/{photo.name}").status_code == 404


def test_the_proof_of_the_work_is_kept_with_it(world: World) -> None:
    world.says(ZHANG, "楼道的灯不亮了")
    order = newest_order(world)
    worker = next(who for who in ("demo-liu", CHEN) if f"#{order}" in "".join(world.heard(who)))
    world.says(worker, f"接单 {order}")
    assert "照片" in world.says(worker, f"完工 {order} 换了灯泡")
    world.platform.send_image(worker, files.picture())
    world.settle()
    (medium,) = media(world)
    assert (medium.state, medium.attached, medium.openid) == (KEPT, True, worker)
    assert "修好后的" in Phone(world, ZHANG).opens(f"/m/order/{order}").text


def test_who_unfollows_leaves_the_photo_and_no_trace_of_themselves(world: World) -> None:
    world.says(ZHANG, "厨房水管漏水了")
    world.platform.send_image(ZHANG, files.picture())
    world.settle()
    phone = Phone(world, ZHANG)
    order = newest_order(world)
    assert phone.opens(f"/m/order/{order}").status_code == 200
    world.platform.unfollow(ZHANG)
    world.settle()
    assert [(medium.state, medium.openid) for medium in media(world)] == [(KEPT, None)]
    assert phone.opens(f"/m/order/{order}").status_code == 404


def test_a_card_of_later_days_opens_the_page(world: World) -> None:
    world.says(ZHANG, "厨房水管漏水了")
    order = newest_order(world)
    world.move(timedelta(hours=49))
    world.says(CHEN, f"接单 {order}")
    cards = [shown for shown in world.platform.chat(ZHANG) if shown["kind"] == "template"]
    assert cards[-1]["url"] == f"{world.services.settings.public_url}/m/order/{order}"
    assert Phone(world, ZHANG).opens(f"/m/order/{order}").status_code == 200
