"""A bill that is wrong, at the desk: what it would come to is shown, what was shown is what is done, once, and only by who may."""

import re

import pytest
import sqlalchemy as sa

from models.billing.tables import Bill, FeeItem
from models.estate.tables import Home
from models.messaging.tables import Outbox
from tests.handlers.web.test_desk import CASHIER, ONE_COMPOUND, signed_in
from tests.handlers.web.test_desk_money import clean, home_number
from tests.support.repairs import counted
from tests.support.world import World

REBILL, DROP = "冲红，按现在登记的重新出账", "冲红，不再收"


def bills(world: World, home: int) -> list[tuple[int, int, str]]:
    """(fen, paid, state) of March's service fee, in the order they were made."""
    with world.services.database.reading() as session:
        rows = session.execute(
            sa.select(Bill.amount, Bill.paid, Bill.state)
            .join(FeeItem, FeeItem.id == Bill.item_id)
            .where(Bill.home_id == home, Bill.period == "2026-03", FeeItem.code == "PROP")
            .order_by(Bill.id)
        )
        return [tuple(row) for row in rows]


def page_of(world: World, home: int) -> str:
    with world.services.database.reading() as session:
        number = session.scalar(
            sa.select(sa.func.min(Bill.id))
            .join(FeeItem, FeeItem.id == Bill.item_id)
            .where(Bill.home_id == home, Bill.period == "2026-03", FeeItem.code == "PROP")
        )
    return f"/desk/bills/{number}"


def put_right(world: World, home: int, area: int) -> None:
    with world.services.database.transaction() as session:
        session.execute(sa.update(Home).where(Home.id == home).values(area=area))


def test_a_bill_is_billed_anew_from_what_was_put_right_and_both_are_told(world: World) -> None:
    home, computer = home_number(world), signed_in(world)
    page = page_of(world, home)
    with counted(world.services.database) as statements:
        computer.opens(page)
    assert len(statements) <= 40
    assert "和这张账单一样" in computer.text
    assert REBILL not in computer.page
    put_right(world, home, 8_000)
    computer.opens(page)
    assert "原来的165.33元冲红，新的一共148.00元" in computer.text
    assert "80平方米 × 1.85元 = 148.00元" in computer.text
    token = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', computer.page))
    # Somebody corrects the area once more before the button is pressed: what was not seen is not done.
    put_right(world, home, 8_100)
    computer.presses(REBILL)
    assert "和您看到的不一样了" in computer.text
    assert bills(world, home) == [(16_533, 0, "posted")]
    put_right(world, home, 8_000)
    computer.opens(page)
    computer.presses(REBILL, words="实测80平方米<b>")
    assert "物业费 2026-03 165.33元冲红了。重新出了一张：物业费 2026-03 现在是148.00元，还要交148.00元" in computer.text
    assert "148.00元 没交" in computer.text
    assert bills(world, home) == [(16_533, 0, "reversed"), (-16_533, 0, "reversed"), (14_800, 0, "posted")]
    # The same form once more, and the way back.
    again = computer.posts(f"{page}/take-back", **token)
    assert again.status_code == 303
    computer.opens(page)
    assert "同一段时间不能收两次" in computer.text
    assert REBILL not in computer.page
    assert len(bills(world, home)) == 3
    with world.services.database.reading() as session:
        told = session.scalars(sa.select(Outbox.data).where(Outbox.kind == "bill_corrected")).all()
    assert {(data["was"], data["now"], data["left"]) for data in told} == {("165.33元", "148.00元", "148.00元")}
    clean(world)


def test_the_right_price_is_tried_before_it_is_used(world: World) -> None:
    home, computer = home_number(world), signed_in(world)
    computer.opens(page_of(world, home))
    for price, paper, words in (
        ("贵", "合同第5条", "单价没看懂"),
        ("0", "合同第5条", "单价没看懂"),
        ("1.80", "", "请写明这个单价的依据"),
    ):
        computer.opens(f"{page_of(world, home)}?price={price}&document={paper}")
        assert words in computer.text, price
        assert REBILL not in computer.page
    computer.presses("算算看", price="1.80", document="合同第5条")
    assert "89.37平方米 × 1.80元 = 160.866元" in computer.text
    computer.presses(REBILL)
    assert bills(world, home)[-1] == (16_087, 0, "posted")
    assert "单价依据：合同第5条" in computer.text
    assert "89.37平方米 × 1.80元 = 160.866元" in world.says("demo-zhang", "为什么 2026-03")
    assert "单价依据：合同第5条" in world.says("demo-zhang", "为什么 2026-03")
    clean(world)


def test_a_bill_is_dropped_and_billed_after_all(world: World) -> None:
    home, computer = home_number(world), signed_in(world)
    page = page_of(world, home)
    computer.opens(page)
    computer.presses(DROP, reason="收重了")
    assert "物业费 2026-03 165.33元冲红了。这段时间不再收，以后出账也不会再算" in computer.text
    assert "165.33元 已冲红" in computer.text
    assert bills(world, home) == [(16_533, 0, "reversed"), (-16_533, 0, "reversed")]
    computer.opens(page)
    computer.presses("重新出账")
    assert "重新出账了：物业费 2026-03 现在是165.33元，还要交165.33元" in computer.text
    assert [row for row in bills(world, home) if row[2] == "posted"] == [(16_533, 0, "posted")]
    clean(world)


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_only_a_manager_of_the_compound_comes_to_a_bill(world: World) -> None:
    home = home_number(world)
    page = page_of(world, home)
    mine = signed_in(world)
    mine.opens(page)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', mine.page))
    cashier, other = signed_in(world, CASHIER), signed_in(world, ONE_COMPOUND)
    cashier.opens(f"/desk/homes/{home}")
    assert "这张算错了" not in cashier.page
    for computer in (cashier, other):
        assert computer.opens(page).status_code == 404
        computer.opens("/desk/")
        for step in ("take-back", "anew"):
            token = computer.page.split('name="form_token" value="')[1].split('"')[0]
            sent = {**fields, "form_token": token, "way": "drop", "seen": "0-0"}
            assert computer.posts(f"{page}/{step}", **sent).status_code == 404
    # A bill there is none of, and a way there is none of.
    assert mine.opens("/desk/bills/999999999").status_code == 404
    mine.opens(page)
    mine.presses(DROP, way="gold")
    assert "请选：重新出账，还是不再收" in mine.text
    assert bills(world, home) == [(16_533, 0, "posted")]
