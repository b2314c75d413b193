"""Faults 17 to 27 of paying by WeChat, through the real pages, the real notices and the pretend WeChat Pay."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from handlers.commands.audit import violations
from models.audit.log import seal
from models.estate.tables import Community, Home
from models.payments.handover import Change, hand_over
from models.payments.online_tables import OnlineOrder, OnlineRefund, PayTrouble
from models.payments.tables import Payment, Purse, Receipt
from models.people.tables import Binding, Person
from scheduler.jobs import query_orders, send_refunds
from tests.support.pages import Phone
from tests.support.paying import Payer
from tests.support.world import World

NOTIFY = "/wxpay/notify"


def paid_online(world: World) -> list[int]:
    with world.services.database.reading() as session:
        return list(session.scalars(sa.select(Payment.fen).where(Payment.by.like("wechat:L%")).order_by(Payment.id)))


def states(world: World) -> list[str]:
    with world.services.database.reading() as session:
        return list(session.scalars(sa.select(OnlineOrder.state).order_by(OnlineOrder.id)))


def troubles(world: World) -> list[str]:
    with world.services.database.reading() as session:
        return list(session.scalars(sa.select(PayTrouble.what).order_by(PayTrouble.id)))


def look(world: World) -> str:
    return query_orders.run(world.services, world.clock.now())


def clean(world: World) -> None:
    with world.services.database.transaction() as session:
        seal(session)
        assert list(violations(session)) == []


def test_f17_the_same_notice_many_times_is_one_payment_one_receipt_one_message(world: World) -> None:
    zhang = Payer(world, "demo-zhang")
    world.platform.faults.add(NOTIFY, "three_times")
    order = zhang.orders()
    zhang.pays(order)
    world.settle()
    look(world)
    assert paid_online(world) == [41205]
    assert "已付 412.05元" in zhang.result(order)
    assert sum("已收到412.05元" in words for words in world.heard("demo-zhang")) == 1
    assert states(world) == ["paid"]
    clean(world)


@pytest.mark.parametrize("fault", ["wrong_amount", "unknown_serial", "old_timestamp", "probe"])
def test_f18_f19_a_wrong_notice_posts_nothing_and_the_money_is_found_all_the_same(world: World, fault: str) -> None:
    zhang = Payer(world, "demo-zhang")
    world.platform.faults.add(NOTIFY, fault)
    zhang.pays(zhang.orders())
    world.platform.deliver_pending()
    assert paid_online(world) == []
    assert troubles(world) == (["mismatch"] if fault == "wrong_amount" else [])
    world.move(timedelta(seconds=20))
    world.settle()  # WeChat tells us again, as it should be
    assert paid_online(world) == [41205]
    clean(world)


def test_f20_a_notice_for_no_order_of_ours_is_never_answered_with_success(world: World) -> None:
    notices = world.platform.payments.notices
    zhang = Payer(world, "demo-zhang")
    order = zhang.orders()
    with world.services.database.transaction() as session:
        session.execute(sa.delete(OnlineOrder))
    zhang.pays(order)
    world.platform.deliver_pending()
    assert [notice.tries for notice in notices._waiting] == [1], "it is told again"
    assert troubles(world) == ["unknown_order"]
    assert world.heard("demo-sun") == []
    world.settle()
    assert "微信付款要核对" in world.heard("demo-sun")[0]


def test_f23_a_lost_notice_is_found_within_three_minutes(world: World) -> None:
    zhang = Payer(world, "demo-zhang")
    world.platform.faults.add(NOTIFY, "lost")
    zhang.orders()
    order = zhang.orders()
    world.move(timedelta(minutes=11))
    look(world)
    zhang.pays(order)
    for _ in range(11):
        world.move(timedelta(seconds=15))
        look(world)
    assert paid_online(world) == [41205]
    world.settle()
    assert "已收到412.05元" in world.heard("demo-zhang")[-1]
    clean(world)


def test_f23_an_order_whose_fate_is_unknown_is_asked_for_again_by_the_same_number(world: World) -> None:
    zhang = Payer(world, "demo-zhang")
    world.platform.wait = lambda _seconds: None
    world.platform.faults.add("/v3/pay/transactions/jsapi", "timeout_after")
    assert "钱没有扣" in zhang.orders()["sorry"]
    zhang.pays(zhang.orders())
    world.settle()
    assert states(world) == ["paid"], "one order and no second one"
    clean(world)


def test_f21_a_closed_order_is_not_paid_and_money_for_one_is_kept_in_advance(world: World) -> None:
    zhang, zhao = Payer(world, "demo-zhang"), Payer(world, "demo-zhao-tenant")
    assert zhao.openid != zhang.openid
    first = zhang.orders()
    second = zhang.orders(amount="100")
    assert first["number"] != second["number"]
    assert states(world) == ["closed", "open"], "the first was ended before the second was made"
    zhang.pays(second)
    world.settle()
    # WeChat takes money for what it had said is closed.
    books = world.platform.payments
    stray = next(each for each in books.all_orders() if each.number == first["number"])
    stray.state = "NOTPAY"
    books.pay(stray.token, "demo-zhang")
    world.settle()
    assert paid_online(world) == [10000, 41205]
    assert troubles(world) == ["late_payment"]
    with world.services.database.reading() as session:
        assert session.scalar(sa.select(sa.func.max(Purse.held)).where(Purse.held == 41205)) == 41205
    assert "先存作预存款" in world.heard("demo-zhang")[-1]
    assert any("微信付款要核对" in words for words in world.heard("demo-sun"))
    clean(world)


def test_f25_part_of_it_by_choice_and_never_more_than_was_chosen(world: World) -> None:
    zhang = Payer(world, "demo-zhang")
    page = zhang.phone.opens("/m/pay").get_data(as_text=True)
    assert "412.05元" in page
    assert "不用交这么多" in zhang.orders(amount="500")["sorry"]
    assert "没看懂" in zhang.orders(amount="一点点")["sorry"]
    assert "先选" in zhang.orders(bills=[])["sorry"]
    assert "有变化" in zhang.orders(bills=["999999"])["sorry"]
    zhang.pays(zhang.orders(amount="65.33"))
    world.settle()
    assert "346.72元" in zhang.phone.opens("/m/pay").get_data(as_text=True)
    clean(world)


def test_the_spouse_or_the_tenant_pays_only_what_is_theirs_and_a_stranger_nothing(world: World) -> None:
    wang, zhang = Payer(world, "demo-wang"), Payer(world, "demo-zhang")
    order = zhang.orders()
    zhang.pays(order)
    world.settle()
    with world.services.database.reading() as session:
        receipt = session.scalar(sa.select(sa.func.max(Receipt.id)))
    pages = (f"/m/paid/{order['number']}", f"/m/receipt/{receipt}")
    for page in pages:
        assert "412.05元" in zhang.phone.opens(page).get_data(as_text=True)
    nothing = wang.phone.opens("/m/paid/L999")
    guest, zhao = Phone(world, "demo-guest").signs_in(), Payer(world, "demo-zhao-tenant")
    for stranger in (wang.phone, zhao.phone, Phone(world, "demo-li").signs_in(), guest):
        for page in (*pages, "/m/receipt/999999999", "/m/bill/1999-01", "/m/bill/..", f"/desk/code/{order['number']}"):
            answer = stranger.opens(page)
            if not page.startswith("/desk/"):
                assert (answer.status_code, answer.data) == (404, nothing.data), page
            assert "412.05" not in answer.get_data(as_text=True)
    assert "412.05" not in zhao.phone.opens("/m/pay").get_data(as_text=True)
    assert "165.33元" in zhang.phone.opens("/m/bill/2026-03").get_data(as_text=True)
    assert "165.33" not in wang.phone.opens("/m/bill/2026-03").get_data(as_text=True)
    assert guest.opens("/m/pay").status_code == 404


def test_what_the_former_owner_paid_is_no_business_of_the_new_one(world: World) -> None:
    payer = Payer(world, "demo-zhang")
    order = payer.orders()
    payer.pays(order)
    world.settle()
    world.move(timedelta(minutes=1))
    with world.services.database.transaction() as session:
        home = session.scalars(
            sa.select(Home)
            .join(Community)
            .where(Community.name == "锦绣花园", Home.building == "3", Home.entrance == "2", Home.room == "501")
        ).one()
        now = world.clock.now()
        hand_over(session, home, Change(now.date(), "周涛"), by="staff:1", now=now)
        person = Person(company_id=1, name="周涛", created_at=now)
        session.add(person)
        session.flush()
        session.add(
            Binding(
                account=world.services.settings.wechat_account, openid="demo-guest", home_id=home.id, person_id=person.id, relation="owner",
                proof="test", bound_at=now,
            )
        )  # fmt: skip
        receipt = session.scalar(sa.select(sa.func.max(Receipt.id)))
    guest, page = Phone(world, "demo-guest").signs_in(), f"/m/paid/{order['number']}"
    assert guest.opens("/m/pay").status_code == 200, "the home is theirs now"
    assert guest.opens(page).status_code == 404
    assert guest.opens(f"/m/receipt/{receipt}").status_code == 404
    assert payer.phone.opens(page).status_code == 200


def test_in_advance_up_to_what_the_contract_says(world: World) -> None:
    li = Payer(world, "demo-li")
    assert "最多预存12个月" in li.orders(query="?hold=1&fen=9999999", bills=[], hold="1", amount="99999")["sorry"]
    li.pays(li.orders(query="?hold=1&fen=50000", bills=[], hold="1", amount="500"))
    world.settle()
    assert "500.00元" in world.heard("demo-li")[-1]
    clean(world)


def test_f27_nobody_pays_after_half_an_hour(world: World) -> None:
    zhang = Payer(world, "demo-zhang")
    zhang.orders()
    world.move(timedelta(minutes=31))
    assert look(world) == "1 looked up, 1 ended"
    assert states(world) == ["closed"]
    assert look(world) == "0 looked up, 0 ended"


def test_f27_a_wechat_that_does_not_answer_leaves_the_order_as_it_is(world: World) -> None:
    zhang = Payer(world, "demo-zhang")
    order = zhang.orders()
    world.move(timedelta(minutes=31))
    world.platform.faults.add(f"/v3/pay/transactions/out-trade-no/{order['number']}", "502", times=2)
    look(world)
    assert states(world) == ["closing"]
    world.move(timedelta(minutes=3))
    world.settle()
    look(world)
    world.move(timedelta(minutes=3))
    look(world)
    assert states(world) == ["closed"]


def test_f22_a_refund_goes_out_once_and_is_settled_when_wechat_says_so(world: World) -> None:
    zhang = Payer(world, "demo-zhang")
    zhang.pays(zhang.orders())
    world.settle()
    receipt = next(words for words in world.heard("demo-zhang") if "收据 " in words).split("收据 ")[1][:7]
    said = world.says("demo-sun", f"退款 {receipt} 100 交重了")
    assert "报给经理" in said
    assert "最多还能退312.05元" in world.says("demo-sun", f"退款 {receipt} 400 交重了")
    wanted = next(words for words in world.heard("demo-zhaomgr") if "同意退款" in words)
    number = wanted.split("同意退款 ")[1].split("？")[0]
    assert "没有找到" in world.says("demo-qian", f"同意退款 {number}")
    assert "会原路退回" in world.says("demo-zhaomgr", f"同意退款 {number}")
    assert "已经有人处理" in world.says("demo-zhaomgr", f"同意退款 {number}")
    world.platform.wait = lambda _seconds: None
    world.platform.faults.add("/v3/refund/domestic/refunds", "timeout_after")
    for _ in range(3):
        send_refunds.run(world.services, world.clock.now())
        world.move(timedelta(minutes=6))
    world.settle()
    assert len(world.platform.payments.all_refunds()) == 1
    with world.services.database.reading() as session:
        assert session.scalars(sa.select(OnlineRefund.state)).all() == ["done"]
    assert "退款100.00元已经原路退回" in world.heard("demo-zhang")[-1]
    clean(world)


def test_without_wechat_pay_the_counter_is_named(world: World) -> None:
    world.services.__dict__["pay"] = None
    assert "收费处" in Payer(world, "demo-zhang").phone.opens("/m/pay").get_data(as_text=True)
    assert "收费处" in Payer(world, "demo-zhang").orders()["sorry"]
    assert world.app.test_client().post(NOTIFY, data=b"{}").status_code == 401
