"""微信自动扣款 through the pages, the notices and the jobs: nobody sees it while it is off, and nothing is taken twice."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from models.papay.tables import PapayAttempt, PapayContract
from models.payments.online_tables import OnlineOrder, PayTrouble
from models.payments.tables import Payment
from scheduler.jobs import announce_charges, keep_contracts, take_charges
from tests.handlers.web.test_desk import CASHIER, signed_in
from tests.handlers.web.test_desk_money import clean
from tests.support.pages import Phone
from tests.support.papay import agree, switch_on
from tests.support.paying import Payer
from tests.support.world import World

CHARGE = "/wxpay/papay-notify"


def states(world: World, column: sa.orm.InstrumentedAttribute[str]) -> list[str]:
    with world.services.database.reading() as session:
        return list(session.scalars(sa.select(column)))


def taken(world: World) -> list[int]:
    with world.services.database.reading() as session:
        query = sa.select(Payment.fen).where(Payment.by.like("wechat:L%")).order_by(Payment.id)
        return list(session.scalars(query))


def on_the_due_day(world: World) -> None:
    """Zhang has agreed on the 10th; what is due on the 31st was announced on the 30th."""
    switch_on(world)
    agree(world, "demo-zhang")
    world.settle()
    world.move(timedelta(days=20))
    assert announce_charges.run(world.services, world.clock.now()) == "1 planned, 1 announced"
    assert announce_charges.run(world.services, world.clock.now()) == "0 planned, 0 announced"
    world.move(timedelta(days=1))


def takes(world: World, after: timedelta = timedelta()) -> str:
    world.move(after)
    return take_charges.run(world.services, world.clock.now())


def test_it_exists_for_owners_and_only_while_it_is_on(world: World) -> None:
    zhang, tenant = Phone(world, "demo-zhang").signs_in(), Phone(world, "demo-zhao-tenant").signs_in()
    assert zhang.opens("/m/papay").status_code == 404
    assert "自动扣款" not in zhang.opens("/m/pay").get_data(as_text=True)
    desk = signed_in(world, CASHIER)
    desk.opens("/desk/debit")
    assert "微信自动扣款" not in desk.page
    switch_on(world)
    assert "微信自动扣款" in zhang.opens("/m/pay").get_data(as_text=True)
    page = zhang.opens("/m/papay").get_data(as_text=True)
    assert "提前1天告诉您扣多少" in page
    assert tenant.opens("/m/papay").status_code == 404
    home = re.findall(r'name="home" value="(\d+)"', page)[0]
    for openid in ("demo-wang", "demo-zhao-tenant"):
        other = Phone(world, openid).signs_in()
        assert other.opens(f"/m/papay?home={home}").status_code == 404
    assert other.browser.post("/m/papay", data={"home": home}).status_code in (403, 404)
    agree(world, "demo-zhang")
    assert "微信自动扣款开着" in zhang.opens("/m/papay").get_data(as_text=True), (
        "asked of WeChat before its notice came"
    )
    world.settle()
    assert states(world, PapayContract.state) == ["signed"]
    desk.opens("/desk/debit")
    assert "锦绣花园 1 户" in desk.text
    assert "demo-zhang" not in desk.page
    clean(world)


def test_a_notice_many_times_or_forged_or_with_another_sum(world: World) -> None:
    on_the_due_day(world)
    for body in (b"", b"<xml></xml>", b"<xml><sign>1</sign></xml>", b"x" * (70 << 10)):
        for path in (CHARGE, "/wxpay/contract-notify"):
            assert world.app.test_client().post(path, data=body).status_code in (401, 413)
    world.platform.faults.add(CHARGE, "wrong_amount")
    world.platform.faults.add(CHARGE, "three_times")
    assert takes(world) == "1 begun, 1 asked about"
    world.settle()
    assert taken(world) == []
    assert states(world, PayTrouble.what) == ["mismatch"]
    world.move(timedelta(seconds=20))
    world.settle()  # WeChat says it again, as it should be
    assert taken(world) == [24672]
    notices = world.platform.payments.notices
    notices.add(
        "http://x/wxpay/papay-notify",
        "SUCCESS",
        "xml",
        {"mch_id": notices._merchant.mchid, "out_trade_no": "L0", "result_code": "FAIL"},
    )
    world.settle()
    assert {one.content["out_trade_no"] for one in notices._waiting} == {"L0"}, (
        "success is only said of what is in the books"
    )
    clean(world)


@pytest.mark.parametrize("fault", [pytest.param("timeout_before", marks=pytest.mark.thorough), "timeout_after"])
def test_an_answer_that_does_not_come_is_asked_about_by_the_same_number(world: World, fault: str) -> None:
    on_the_due_day(world)
    world.platform.faults.add("/pay/pappayapply", fault)
    world.platform.faults.add(CHARGE, "lost", times=9)
    takes(world)
    assert takes(world) == "0 begun, 0 asked about", "nobody else asks meanwhile"
    for _ in range(3):
        takes(world, timedelta(minutes=2))
        world.settle()
    assert taken(world) == [24672]
    assert len(world.platform.payments.all_orders()) == 1
    assert states(world, OnlineOrder.state) == ["paid"]
    clean(world)


def test_while_wechat_takes_it_nobody_pays_it_by_hand(world: World) -> None:
    on_the_due_day(world)
    zhang = Payer(world, "demo-zhang")
    assert "sheet" in zhang.orders()
    assert takes(world) == "0 begun, 0 asked about", "who is just paying goes first"
    world.platform.faults.add(CHARGE, "lost")
    world.move(timedelta(minutes=40))
    with world.services.database.transaction() as session:
        session.execute(sa.update(OnlineOrder).values(state="closed", ended_at=world.clock.now()))
    assert takes(world) == "1 begun, 1 asked about"
    assert "正在自动扣" in zhang.orders()["sorry"]
    world.settle()
    assert "已经付好" in zhang.orders()["sorry"]
    assert taken(world) == [24672]


def test_wechat_refuses_or_it_is_switched_off(world: World) -> None:
    on_the_due_day(world)
    world.platform.papay.end(world.platform.papay.newest_of("demo-zhang").code)
    takes(world)
    assert states(world, OnlineOrder.state) == ["closed"]
    assert any("微信没扣成：已经解约" in words for words in _said(world))
    world.settle()
    assert states(world, PapayContract.state) == ["ended"]
    agree(world, "demo-zhang")
    world.settle()
    switch_on(world, on=False)
    assert announce_charges.run(world.services, world.clock.now()) == "nothing is announced now"
    assert takes(world, timedelta(days=30)) == "0 begun, 0 asked about"
    assert keep_contracts.run(world.services, world.clock.now()) == "0 asked about, 0 no longer theirs"
    assert states(world, PapayAttempt.state) == ["asked"]
    clean(world)


def test_a_contract_that_ended_without_our_hearing_is_found_when_it_is_needed(world: World) -> None:
    switch_on(world)
    agree(world, "demo-zhang")
    world.settle()
    world.platform.faults.add("/wxpay/contract-notify", "lost")
    world.platform.papay.end(world.platform.papay.newest_of("demo-zhang").code)
    world.move(timedelta(days=20))
    assert announce_charges.run(world.services, world.clock.now()) == "1 planned, 0 announced"
    assert states(world, PapayContract.state) == ["ended"]
    assert states(world, PapayAttempt.reason) == ["在微信里解约"]
    clean(world)


def on_the_next_day_of_a_failed_charge(world: World) -> None:
    """WeChat had no money on the 31st of March; it was announced again on the 9th of April, and now it is the 10th."""
    on_the_due_day(world)
    world.platform.faults.add("charge", "abnormal")
    takes(world)
    world.settle()
    assert taken(world) == []
    world.move(timedelta(days=9))
    assert announce_charges.run(world.services, world.clock.now()) == "0 planned, 1 announced"
    world.move(timedelta(days=1))


def test_without_money_it_is_tried_once_more_and_then_left_to_its_owner(world: World) -> None:
    on_the_next_day_of_a_failed_charge(world)
    world.platform.faults.add("charge", "abnormal")
    takes(world)
    told = [words for words in _said(world) if "微信没扣成" in words]
    assert len(told) == 2
    assert "余额不足，4月10日再扣" in told[0]
    assert "余额不足，请自己交" in told[1]
    assert takes(world, timedelta(days=10)) == "0 begun, 0 asked about"
    assert announce_charges.run(world.services, world.clock.now()) == "0 planned, 0 announced"
    assert taken(world) == []
    clean(world)


def test_what_is_there_the_second_time_is_taken_once(world: World) -> None:
    on_the_next_day_of_a_failed_charge(world)
    world.platform.faults.add(CHARGE, "three_times")
    takes(world)
    world.settle()
    takes(world, timedelta(minutes=2))
    assert taken(world) == [24672]
    assert states(world, OnlineOrder.state) == ["closed", "paid"]
    clean(world)


@pytest.mark.parametrize("fault", [pytest.param("timeout_before", marks=pytest.mark.thorough), "timeout_after"])
def test_the_second_time_an_answer_does_not_come(world: World, fault: str) -> None:
    on_the_next_day_of_a_failed_charge(world)
    world.platform.faults.add("/pay/pappayapply", fault)
    world.platform.faults.add(CHARGE, "lost", times=9)
    for _ in range(4):
        takes(world, timedelta(minutes=2))
        world.settle()
    assert taken(world) == [24672]
    assert states(world, OnlineOrder.state) == ["closed", "paid"]
    clean(world)


def test_it_is_not_tried_again_before_wechat_has_said_what_came_of_the_first(world: World) -> None:
    on_the_next_day_of_a_failed_charge(world)
    world.platform.faults.add("/pay/paporderquery", "timeout_before")
    assert takes(world) == "0 begun, 0 asked about"
    charges = world.platform.papay._charges
    [first] = charges.all()
    charges.put(first.number, replace(first, state="SUCCESS", transaction_id="4" * 28, why=""))
    assert takes(world, timedelta(minutes=1)) == "0 begun, 0 asked about"
    assert len(list(charges.all())) == 1, "what came late was not taken again"
    assert states(world, PayTrouble.what) == ["late_payment"]
    assert states(world, PapayAttempt.state) == ["asked", "dropped"]
    clean(world)


def _said(world: World) -> list[str]:
    world.settle()
    return world.heard("demo-zhang")
