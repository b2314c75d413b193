"""代扣 in chat: what an owner sees and ends, with the card masked."""

from models.debit.mandates import in_force
from models.debit.tables import Mandate
from tests.handlers.web.test_desk_debit import CARD, signed
from tests.handlers.web.test_desk_money import home_number
from tests.support.world import World


def mandate(world: World) -> Mandate | None:
    with world.services.database.reading() as session:
        return in_force(session, home_number(world))


def test_an_owner_sees_the_card_masked_and_ends_it_by_saying_so_twice(world: World) -> None:
    signed(world)
    said = world.says("demo-zhang", "代扣")
    assert "****2222（*伟）" in said
    assert CARD not in said
    assert "没有签" in world.says("demo-zhao-tenant", "代扣"), "a tenant does not see the owner's card"
    assert "以后要自己交费" in world.says("demo-zhang", "取消代扣")
    assert "不办了" in world.says("demo-zhang", "2")
    assert mandate(world) is not None
    world.says("demo-zhang", "取消代扣")
    assert "以后不再代扣" in world.says("demo-zhang", "1")
    assert mandate(world) is None
