"""对账 and 月结 at the desk: what does not agree with what to do about it, a month that ties, and who may."""

from datetime import date

import pytest
import sqlalchemy as sa

from models.billing.closed_months import ClosedMonth
from models.estate.tables import Community
from models.payments.online_tables import PayTrouble
from models.payments.reconcile import WHAT_TO_DO, WORDS
from models.payments.reconcile_tables import Difference
from tests.handlers.web.test_desk import CASHIER, MANAGER, ONE_COMPOUND, compound, signed_in
from tests.handlers.web.test_desk_money import clean
from tests.support.repairs import counted
from tests.support.world import World

FEBRUARY = "2026-02"


def test_every_kind_of_difference_says_what_to_do() -> None:
    assert WHAT_TO_DO.keys() == WORDS.keys()


def seed(world: World) -> tuple[int, int, int]:
    """A difference of 锦绣花园, one that is nobody's, and a trouble; their numbers."""
    now, here = world.clock.now(), compound(world, "锦绣花园")
    with world.services.database.transaction() as session:
        company = session.get_one(Community, here).company_id
        rows = [
            Difference(
                company_id=company, community_id=community, day=date(2026, 3, 9), channel="wechat", what="missing",
                number=number, ours=16533, found_at=now,
            )
            for community, number in ((here, "L1"), (None, "<b>L2"))
        ]  # fmt: skip
        trouble = PayTrouble(company_id=company, what="mismatch", number="L9", fen=100, words="金额不一样", at=now)
        session.add_all([*rows, trouble])
        session.flush()
        return rows[0].id, rows[1].id, trouble.id


def test_what_does_not_agree_is_listed_with_what_to_do_and_closed_with_a_reason(world: World) -> None:
    one, _, trouble = seed(world)
    computer = signed_in(world, CASHIER)
    with counted(world.services.database) as statements:
        computer.opens("/desk/reconcile")
    assert len(statements) <= 9
    assert "短款（我们入了账，微信账单里没有）：单号 L1，账上165.33元" in computer.text
    assert WHAT_TO_DO["missing"] in computer.text
    assert "<b>L2" not in computer.page
    computer.presses(f"处理好了 {one}", reason=" ")
    assert "请写上原因" in computer.text
    computer.presses(f"处理好了 {one}", reason="微信第二天才到")
    assert f"编号 {one} 已处理：微信第二天才到" in computer.text
    computer.presses(f"看过了 {trouble}", reason="已退款")
    assert "金额不一样" not in computer.text
    with world.services.database.reading() as session:
        assert session.get_one(Difference, one).reason == "微信第二天才到"
        assert session.get_one(PayTrouble, trouble).settled_at is not None
    # Another compound's manager: neither seen nor touched, and no word on whether it exists.
    other = signed_in(world, ONE_COMPOUND)
    other.opens("/desk/reconcile")
    assert "L1" not in other.page
    assert "金额不一样" not in other.page
    token = other.page.split('name="form_token" value="')[1].split('"')[0]
    for path in (f"/desk/reconcile/{one}", f"/desk/reconcile/trouble/{trouble}", "/desk/reconcile/99999"):
        assert other.posts(path, form_token=token, reason="别的小区").status_code == 404, path
    clean(world)


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_a_month_that_ties_is_closed_as_it_was_looked_at_and_opened_again_with_a_reason(world: World) -> None:
    here = compound(world, "望江苑")
    page = f"/desk/months/{here}/{FEBRUARY}"
    computer = signed_in(world, CASHIER)
    computer.opens("/desk/months")
    assert computer.text.count("还没过完") == 6
    computer.opens(page)
    assert "都对得上" in computer.text
    computer.presses("核对好了，月结", seen="1-2-3-4")
    assert "数字刚刚有变化" in computer.text
    computer.presses("核对好了，月结", seen=computer.page.split('name="seen" value="')[1].split('"')[0])
    assert "月结好了" in computer.text
    assert "孙会计月结" in computer.text
    assert "重开这个月" not in computer.text, "a manager's"
    manager = signed_in(world, MANAGER)
    manager.opens(page)
    manager.presses("重开", reason="漏了一笔转账")
    assert "重开了" in manager.text
    with world.services.database.reading() as session:
        row = session.scalars(sa.select(ClosedMonth).where(ClosedMonth.community_id == here)).one()
    assert (row.period, row.reason) == (FEBRUARY, "漏了一笔转账")
    manager.opens(f"/desk/months/{here}/2026-03")
    assert "下个月1日凌晨1点以后才能月结" in manager.text
    for nothing in (f"/desk/months/{here}/2026-13", f"/desk/months/{here}/x", f"/desk/months/99999/{FEBRUARY}"):
        assert manager.opens(nothing).status_code == 404, nothing
    other = signed_in(world, ONE_COMPOUND)
    assert other.opens(f"/desk/months/{compound(world, '锦绣花园')}/{FEBRUARY}").status_code == 404
    clean(world)
