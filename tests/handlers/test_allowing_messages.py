"""What the pop-up, the settings and WeChat's reports tell, through the real webhook."""

import sqlalchemy as sa

from models.messaging.tables import Consent
from tests.support.world import World

TEMPLATE = "sub-order-news"


def left(world: World) -> list[tuple[int, str]]:
    with world.services.database.reading() as session:
        return [tuple(row) for row in session.execute(sa.select(Consent.left, Consent.answer))]


def test_a_yes_a_no_and_everything_taken_back(world: World) -> None:
    world.platform.answer_consent("demo-zhang", TEMPLATE, accept=True)
    assert left(world) == [(1, "accept")]
    world.platform.answer_consent("demo-zhang", TEMPLATE, accept=False)
    assert left(world) == [(1, "reject")]
    world.platform.take_back_consent("demo-zhang", TEMPLATE)
    assert left(world) == [(0, "reject")]
    world.platform.answer_consent("demo-zhang", TEMPLATE, accept=True)
    world.platform.unfollow("demo-zhang")
    assert left(world) == []
