"""待认领 in chat: the list with its suggestions, a claim that is looked at before it is written, and what is no fee."""

from datetime import date, timedelta

from models.estate.tables import Company
from models.payments.transfer_sheet import Credit
from models.payments.transfers import enter
from tests.handlers.web.test_desk_money import clean
from tests.support.world import World


def on_the_list(world: World) -> None:
    rows = [
        Credit("x!A1", "S0001", date(2026, 3, 9), 41205, "张伟", "锦绣花园3-2-501物业费"),
        Credit("x!A2", "S0002", date(2026, 3, 9), 123, "某银行", "结息"),
    ]
    with world.services.database.transaction() as session:
        company = session.query(Company).one()
        enter(session, company.id, rows, by="test", now=world.clock.now())


def test_from_the_list_to_the_receipt(world: World) -> None:
    assert "没有待认领的转账" in world.says("demo-sun", "待认领")
    on_the_list(world)
    said = world.says("demo-sun", "待认领")
    assert "待认领 2笔，413.28元" in said
    assert "#1 3月9日 412.05元 张伟，附言「锦绣花园3-2-501物业费」" in said
    assert "像是锦绣花园3栋2单元501（附言写了房号，付款人是这户的，金额正好是欠的）" in said
    assert "! 银行还有2笔转账没认领，413.28元" in world.says("demo-sun", "日清")
    assert "请带上编号和房号" in world.says("demo-sun", "认领")
    assert "没有编号是99的转账" in world.says("demo-sun", "认领 99 锦绣花园3-2-501")
    said = world.says("demo-sun", "认领 1 锦绣花园3-2-501")
    assert "记给锦绣花园3栋2单元501" in said
    assert "对吗" in said
    assert "转账412.05元，收据" in world.says("demo-sun", "1")
    assert "已经认领过了" in world.says("demo-sun", "认领 1 锦绣花园3-2-501")
    assert "请说是什么钱" in world.says("demo-sun", "不认领 2")
    assert "不是物业费：存款利息" in world.says("demo-sun", "不认领 2 存款利息")
    assert "没有待认领的转账" in world.says("demo-sun", "待认领")
    clean(world)


def test_a_day_without_takings_still_tells_of_them(world: World) -> None:
    on_the_list(world)
    world.move(timedelta(days=1))
    said = world.says("demo-sun", "日清")
    assert "今天还没有收款。\n! 银行还有2笔转账没认领，413.28元" in said
    assert "没认领" not in world.says("demo-qian", "日清")


def test_nobody_else_sees_what_came_to_the_account(world: World) -> None:
    on_the_list(world)
    for openid, said in (("demo-zhang", "收费员用的"), ("demo-chen", "收费员用的"), ("demo-qian", "全公司的")):
        answer = world.says(openid, "待认领")
        assert said in answer
        assert "412.05" not in answer
        assert "412.05" not in world.says(openid, "认领 1 锦绣花园3-2-501")
