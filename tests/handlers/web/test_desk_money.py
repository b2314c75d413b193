"""Money at the desk: a home's account, the counter, a month's bills and receipts; who may, what is refused, and what it costs."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from handlers.commands.audit import violations
from models.audit.log import seal
from models.billing.due import due_tariffs
from models.billing.publish import make_ready
from models.billing.run import begin_run, write_slice
from models.billing.tables import Bill, BillingRun, Tariff
from models.dunning import plans
from models.dunning.tables import Demand, DemandSent
from models.estate.tables import Community, Home
from models.payments.handover import Change, hand_over
from models.payments.tables import Payment, Receipt
from models.people.tables import Staff
from tests.handlers.web.test_desk import CASHIER, MANAGER, ONE_COMPOUND, compound, signed_in
from tests.support.computer import Computer
from tests.support.paying import Payer
from tests.support.repairs import counted
from tests.support.world import World

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_TICK = re.compile(r'name="bill" value="(\d+)" data-fen="(\d+)"')


def home_number(world: World, name: str = "锦绣花园", address: tuple[str, str, str] = ("3", "2", "501")) -> int:
    building, entrance, room = address
    with world.services.database.reading() as session:
        return session.scalars(
            sa.select(Home.id)
            .join(Community, Community.id == Home.community_id)
            .where(Community.name == name, Home.building == building, Home.entrance == entrance, Home.room == room)
        ).one()


def payments(world: World, home: int) -> list[tuple[int, str]]:
    with world.services.database.reading() as session:
        rows = session.execute(
            sa.select(Payment.fen, Payment.channel).where(Payment.home_id == home).order_by(Payment.id)
        )
        return [(fen, channel) for fen, channel in rows]


def clean(world: World) -> None:
    with world.services.database.transaction() as session:
        seal(session)
        assert list(violations(session)) == []


def checks(computer: Computer, home: int, **sheet: str | list[str]) -> dict[str, str | list[str]]:
    """Fill in the counter's sheet and go on to what is to be checked; returns what its button would send."""
    computer.opens(f"/desk/homes/{home}/take")
    key = dict(_HIDDEN.findall(computer.page))["key"]
    filled = {"key": key, "channel": "cash", "bill": [number for number, _ in _TICK.findall(computer.page)], **sheet}
    words = "&".join(
        f"{name}={one}" for name, value in filled.items() for one in ([value] if isinstance(value, str) else value)
    )
    computer.opens(f"/desk/homes/{home}/take?{words}")
    fields: dict[str, str | list[str]] = {}
    for name, value in _HIDDEN.findall(computer.page):
        fields[name] = [*fields.get(name, []), value] if name == "bill" else value
    return fields


# --- the counter ------------------------------------------------------------------------------------------------------


def test_cash_is_taken_once_however_often_the_button_is_pressed(world: World) -> None:
    home, computer = home_number(world), signed_in(world, CASHIER)
    before = len(payments(world, home))
    fields = checks(computer, home)
    assert "现金 412.05元" in computer.text
    assert "物业费" in computer.text
    checking = computer.address
    computer.presses("确认收款，开收据", **fields)
    assert "记好了：412.05元，收据" in computer.text
    receipt = computer.address
    assert "data-print-now" in computer.page
    assert "孙会计" in computer.text
    again = computer.posts(checking.split("?")[0], **fields)
    assert (again.status_code, again.location) == (303, receipt.split("?")[0])
    computer.opens(checking)  # the way back
    assert "刚才已经记过了" in computer.text
    assert payments(world, home)[before:] == [(41205, "cash")]
    # The same sheet with something else on it is neither taken nor taken for the first.
    computer.posts(checking.split("?")[0], **{**fields, "amount": "1.00"})
    computer.opens(f"/desk/homes/{home}")
    assert "这次没有记" in computer.text
    assert payments(world, home)[before:] == [(41205, "cash")]
    assert "0.00元 现在要交" in computer.text
    clean(world)


def test_part_payments_and_money_in_advance_go_where_the_screen_said(world: World) -> None:
    home, computer = home_number(world), signed_in(world, CASHIER)
    computer.opens(f"/desk/homes/{home}/take")
    number, fen = _TICK.findall(computer.page)[0]
    fields = checks(computer, home, bill=[number], amount="100", channel="pos", reference="P-77")
    computer.presses("确认收款，开收据", **fields)
    with world.services.database.reading() as session:
        assert session.get_one(Bill, int(number)).paid == 10_000
    # The slip of the card reader is nobody's second time.
    fields = checks(computer, home, bill=[number], amount="1", channel="pos", reference="P-77")
    computer.presses("确认收款，开收据", **fields)
    assert "刷卡单号 P-77 已经登记过了" in computer.text
    fields = checks(computer, home, bill=[], amount="500")
    assert "预存款" in computer.text
    computer.presses("确认收款，开收据", **fields)
    assert f"多出的{500 - 412.05 + 100:.2f}元存作预存款" in computer.text
    assert int(fen) > 10_000
    clean(world)


NONSENSE: tuple[tuple[dict[str, str | list[str]], str], ...] = (
    ({"amount": "abc"}, "金额没看懂"),
    ({"amount": "-5"}, "金额没看懂"),
    ({"amount": "0.001"}, "金额没看懂"),
    ({"amount": "9999999999"}, "不用交这么多"),
    ({"bill": [], "amount": "99999999"}, "太大了|还能预存"),
    ({"bill": []}, "请先选要交的账单"),
    ({"bill": ["999999999"]}, "账单刚刚有变化"),
    ({"channel": "gold"}, "请选怎么收的"),
)


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_what_cannot_be_meant_is_said_and_nothing_is_written(world: World) -> None:
    home, computer = home_number(world), signed_in(world, CASHIER)
    before = payments(world, home)
    for sheet, words in NONSENSE:
        checks(computer, home, **sheet)
        assert re.search(words, computer.text), (sheet, computer.text)
        assert "确认收款" not in computer.text
    # A form that no page of ours made.
    fields = checks(computer, home)
    for more in ({"key": "x"}, {"seen": ""}, {"seen": "0" * 32}, {"amount": "1e9"}, {"channel": "wechat", "bill": "0"}):
        computer.opens(f"/desk/homes/{home}")
        assert computer.posts(f"/desk/homes/{home}/take", **{**fields, **more}).status_code == 303, more
    assert computer.posts(f"/desk/homes/{home}/take", **{**fields, "form_token": "x"}).status_code == 403
    assert payments(world, home) == before


def test_a_bill_that_was_paid_meanwhile_is_looked_at_again(world: World) -> None:
    home, computer = home_number(world), signed_in(world, CASHIER)
    fields = checks(computer, home, amount="400")
    other = signed_in(world, MANAGER)
    other.presses("确认收款，开收据", **checks(other, home, amount="50"))
    computer.presses("确认收款，开收据", **fields)
    assert "账单刚刚有变化" in computer.text
    assert payments(world, home)[-1] == (5000, "cash")
    clean(world)


@pytest.mark.parametrize("paid", [False, True])
def test_an_open_payment_on_the_phone_is_ended_first_or_has_won(world: World, paid: bool) -> None:
    home, computer = home_number(world), signed_in(world, CASHIER)
    zhang = Payer(world, "demo-zhang")
    fields = checks(computer, home)
    order = zhang.orders()
    if paid:
        world.platform.faults.add("/wxpay/notify", "lost")
        zhang.pays(order)
    computer.presses("确认收款，开收据", **fields)
    world.settle()
    last = payments(world, home)[-1]
    if paid:
        assert "刚刚在微信上付好了412.05元，已经入账，这次没有记" in computer.text
        assert last == (41205, "wechat")
    else:
        assert "记好了" in computer.text
        assert last == (41205, "cash")
        assert "关了" in zhang.result(order) or "没有" in zhang.result(order)
    assert [fen for fen, _ in payments(world, home)].count(41205) == 1
    clean(world)


def test_a_code_for_the_counter_is_paid_and_not_made_twice(world: World) -> None:
    home, computer = home_number(world), signed_in(world, CASHIER)
    fields = checks(computer, home, channel="wechat")
    computer.presses("出付款码", **fields)
    assert computer.address.startswith("/desk/code/L")
    assert "412.05元" in computer.text
    first = computer.address
    assert computer.posts(f"/desk/homes/{home}/take", **fields).location == first
    # Whoever stands there scans it; the page goes on by itself, to a receipt that can be printed.
    world.platform.scan("demo-guest", next(order.token for order in world.platform.payments.all_orders()))
    world.settle()
    computer.opens(first)
    computer.does("看收据、打印")
    assert "微信支付" in computer.text
    assert "412.05元" in computer.text
    clean(world)


# --- the account ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_a_home_is_found_in_every_spelling_and_only_ones_own(world: World) -> None:
    home, computer = home_number(world), signed_in(world, CASHIER)
    for words in ("锦绣花园3-2-501", "锦绣 三栋二单元五〇一", "锦绣花园３－２－５０１", "锦绣花园3%23楼2门501"):
        computer.opens(f"/desk/homes?text={words}")
        assert computer.address == f"/desk/homes/{home}", words
    computer.opens("/desk/homes?text=张伟")
    assert f"/desk/homes/{home}" in computer.address + computer.page
    for words in ("%", "'; --", "<script>alert(1)</script>", "9-9-999", "%00"):
        computer.opens(f"/desk/homes?text={words}")
        assert "没有找到" in computer.text or "写房号" in computer.text
        assert "<script>alert" not in computer.page
    other = signed_in(world, ONE_COMPOUND)
    other.opens("/desk/homes?text=锦绣花园3-2-501")
    assert f"/desk/homes/{home}" not in other.page + other.address


def demanded(world: World, home: int, *, times: int) -> None:
    """So many reminders, each of which reached one phone and not the other."""
    now = world.clock.now()
    with world.services.database.transaction() as session:
        community = session.get_one(Home, home).community_id
        already = session.scalar(sa.select(sa.func.count()).select_from(Demand).where(Demand.home_id == home)) or 0
        for number in range(already, already + times):
            demand = Demand(
                community_id=community, home_id=home, step=1, round=number, due=now.date(), fen=16533, way="chat", by="test",
                at=now,
            )  # fmt: skip
            session.add(demand)
            session.flush()
            session.add_all(
                DemandSent(demand_id=demand.id, key=f"{number}-{state}", state=state, outcome=code)
                for state, code in (("sent", ""), ("failed", "43004"))
            )


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_an_account_tells_everything_and_costs_the_same_for_a_long_one(world: World) -> None:
    with world.services.database.transaction() as session:
        session.execute(sa.update(Tariff).values(late_rate=500))
    world.move(timedelta(days=60))
    home, computer = home_number(world), signed_in(world, CASHIER)
    demanded(world, home, times=2)
    with world.services.database.transaction() as session:
        now = world.clock.now()
        plans.agree(session, session.get_one(Home, home), 3, now.date() + timedelta(days=5), by="test", now=now)
    with counted(world.services.database) as short:
        computer.opens(f"/desk/homes/{home}")
    for words in (
        "锦绣花园3栋2单元501",
        "张伟 138****8001",
        "89.37 平方米",
        "现在要交",
        "过期",
        "单价依据",
        "平方米 ×",
        "说好分3期，一共412.05元",
        "已经交了0.00元",
        "暂停催缴 分期：3期",
        "第一次提醒（微信）",
        "没送到1人（43004）",
    ):
        assert words in computer.text, words
    assert not re.search(r"\d{11}", computer.page)
    # Paid bit by bit over and over: more payments, receipts, entries, and pages of them.
    for number in range(9):
        computer.presses("确认收款，开收据", **checks(computer, home, bill=[], amount=f"1.0{number}"))
    demanded(world, home, times=12)
    with counted(world.services.database) as long:
        computer.opens(f"/desk/homes/{home}")
    assert len(long) == len(short), "more rows, and not one statement more"
    assert len(short) <= 26
    first = re.findall(r"/desk/receipts/(\d+)", computer.page)
    following = re.search(r'href="([^"]*payments=[^"]*)"', computer.page)
    assert following is not None
    computer.opens(following[1].split("#")[0])
    assert set(first).isdisjoint(re.findall(r"/desk/receipts/(\d+)", computer.page))
    first_page = computer.page
    demands = re.search(r'href="([^"]*demands=[^"]*)"', first_page)
    assert demands is not None
    computer.opens(demands[1].split("#")[0])
    assert (first_page.count("没送到1人"), computer.page.count("没送到1人")) == (10, 4)
    months = re.search(r'href="([^"]*months=[^"]*)"', computer.page)
    assert months is not None
    computer.opens(months[1].split("#")[0])
    assert "2025-1" in computer.text


def test_every_home_that_is_late_is_listed_once_page_after_page(world: World) -> None:
    world.move(timedelta(days=40))
    computer = signed_in(world, CASHIER)
    seen: list[tuple[str, str]] = []
    address: str | None = "/desk/debtors"
    while address:
        computer.opens(address)
        seen += re.findall(r'href="/desk/homes/(\d+)".*?class="money">([\d,.]+)元', computer.page.split("<tbody>")[1])
        following = re.search(r'rel="next" href="([^"]*)', computer.page)
        address = following[1].replace("&amp;", "&") if following else None
    homes = re.search(r"过期没交的 (\d+) 户", computer.text)
    assert homes is not None
    assert len(seen) == len({home for home, _ in seen}) == int(homes[1]) > 100
    sums = [float(fen.replace(",", "")) for _, fen in seen]
    assert sums == sorted(sums, reverse=True)
    for nonsense in ("after=x", "after=9-9", f"after={'9' * 18}-{'9' * 18}-{'9' * 18}", "compound=-3"):
        assert computer.opens(f"/desk/debtors?{nonsense}").status_code == 200


def test_what_a_former_owner_owes_is_shown_apart_and_taken_apart(world: World) -> None:
    home, computer = home_number(world), signed_in(world, CASHIER)
    with world.services.database.transaction() as session:
        change = Change(world.clock.now().date(), "周涛")
        hand_over(session, session.get_one(Home, home), change, by="test", now=world.clock.now())
    computer.opens(f"/desk/homes/{home}")
    said = re.search(r"原业主张伟（到2026-03-09）还欠 ([\d.]+)元", computer.text)
    assert said is not None, computer.text
    computer.does("收原业主的")
    assert "和现在的业主没有关系" in computer.text
    assert "微信扫码" not in computer.text
    former = computer.address.split("former=")[1]
    computer.presses("下一步：核对", amount="9999")
    assert "不用交这么多" in computer.text
    computer.opens(f"/desk/homes/{home}/take?former={former}")
    computer.presses("下一步：核对")
    assert "收的是原业主的欠费" in computer.text
    assert "交款人 张伟" in computer.text
    fields = {name: value for name, value in _HIDDEN.findall(computer.page) if name != "bill"}
    computer.presses("确认收款，开收据")
    assert f"记好了：{said[1]}元" in computer.text
    assert computer.posts(f"/desk/homes/{home}/take", **{**fields, "channel": "wechat"}).status_code == 303
    computer.opens(f"/desk/homes/{home}")
    assert "还欠" not in computer.text
    assert "原业主 张伟" in computer.text
    other = home_number(world, address=("3", "2", "502"))
    for path in (f"/desk/homes/{other}/take?former={former}", f"/desk/homes/{home}/take?former=999999"):
        assert computer.opens(path).status_code == 404, path
    clean(world)


# --- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_money_is_the_offices_and_each_sees_only_their_own_compounds(world: World) -> None:
    home, run = home_number(world), ready_run(world, "锦绣花园")
    cashier = signed_in(world, CASHIER)
    cashier.presses("确认收款，开收据", **checks(cashier, home))
    receipt = int(re.findall(r"\d+", cashier.address)[0])
    single = (f"/desk/homes/{home}", f"/desk/homes/{home}/take", f"/desk/runs/{run}", f"/desk/receipts/{receipt}")
    lists = ("/desk/money", "/desk/homes", "/desk/debtors", "/desk/runs", "/desk/receipts")
    manager, other = signed_in(world, MANAGER), signed_in(world, ONE_COMPOUND)
    assert cashier.opens("/desk/homes/99999999").status_code == 404
    nothing = cashier.page
    for path in (*single, *lists):
        assert manager.opens(path).status_code == 200, path
    for path in single:
        for word in ("", "x"):
            assert other.opens(path + word).status_code == 404, path
            assert other.page == nothing, path
    for path in lists:
        other.opens(path)
        assert "锦绣花园" not in other.page, path
    for path in ("/desk/runs", f"/desk/runs/{run}"):
        assert cashier.opens(path).status_code == 404, path
    other.opens("/desk/")
    token = dict(_HIDDEN.findall(other.page))["form_token"]
    sent = (f"/desk/homes/{home}/take", f"/desk/runs/{run}/publish", f"/desk/runs/{run}/anew")
    sent += (f"/desk/receipts/{receipt}/void", f"/desk/receipts/{receipt}/reprint")
    for path in sent:
        answer = other.posts(
            path, form_token=token, channel="cash", amount="1", key="k" * 20, seen="0" * 32, reason="x"
        )
        assert answer.status_code == 404, path
    # A lead looks after orders, and no money at all.
    with world.services.database.transaction() as session:
        session.execute(sa.update(Staff).where(Staff.openid == MANAGER).values(role="lead"))
    for path in (*single, *lists):
        assert manager.opens(path).status_code == 404, path
        assert manager.page == nothing, path
    clean(world)


# --- a month's bills --------------------------------------------------------------------------------------------------


def ready_run(world: World, name: str, period: str = "2026-04") -> int:
    now = world.clock.now()
    with world.services.database.transaction() as session:
        run = begin_run(session, compound(world, name), period, by="test", now=now)
        write_slice(session, run, due_tariffs(session, run.community_id, period)[0], limit=60)
        make_ready(session, run)
        return run.id


def test_a_draft_is_looked_through_and_given_out_once(world: World) -> None:
    run, computer = ready_run(world, "锦绣花园"), signed_in(world)
    computer.opens("/desk/runs")
    assert "等您核对" in computer.text
    with counted(world.services.database) as statements:
        computer.opens(f"/desk/runs/{run}")
    assert len(statements) <= 16
    assert "物业费" in computer.text
    rows: list[str] = []
    address: str | None = f"/desk/runs/{run}"
    while address:
        computer.opens(address)
        rows += re.findall(r'data-name="房屋"><a href="/desk/homes/(\d+)"', computer.page.split('id="rows"')[1])
        following = re.search(r'rel="next" href="([^"#]*)', computer.page)
        address = following[1].replace("&amp;", "&") if following else None
    with world.services.database.reading() as session:
        bills = session.scalars(sa.select(Bill.home_id).where(Bill.run_id == run).order_by(Bill.id)).all()
    assert rows == [str(home) for home in bills], "every bill once, in order"
    label = re.findall(r'data-name="房屋"><a [^>]*>([^<]+)', computer.page)[-1]
    computer.opens(f"/desk/runs/{run}?text={label}")
    assert re.findall(r'data-name="房屋"><a href="/desk/homes/(\d+)"', computer.page.split('id="rows"')[1])
    # Worked out anew behind one's back: what was seen is not given out.
    seen = dict(_HIDDEN.findall(computer.page))["seen"]
    computer.presses("核对好了，发给业主", seen="1-1")
    assert "刚刚重新算过" in computer.text
    computer.presses("核对好了，发给业主", seen=seen)
    assert "马上发给业主" in computer.text
    computer.opens(f"/desk/runs/{run}")
    assert "核对好了" not in computer.text
    with world.services.database.reading() as session:
        assert session.get_one(BillingRun, run).state == "approved"


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_a_draft_is_thrown_away_and_its_page_with_it(world: World) -> None:
    run, computer = ready_run(world, "锦绣花园"), signed_in(world)
    computer.opens(f"/desk/runs/{run}")
    computer.presses("全部丢掉，今天夜里重新算")
    assert "夜里重新算" in computer.text
    assert computer.opens(f"/desk/runs/{run}").status_code == 404


# --- receipts ---------------------------------------------------------------------------------------------------------


def test_a_receipt_is_found_printed_again_and_taken_back(world: World) -> None:
    home, computer = home_number(world), signed_in(world, CASHIER)
    computer.presses("确认收款，开收据", **checks(computer, home, payer="<b>张伟"))
    number = int(re.findall(r"\d+", computer.address)[0])
    assert "<b>张伟" not in computer.page
    with world.services.database.reading() as session:
        receipt = session.scalars(sa.select(Receipt).where(Receipt.number == number)).one()
    pdf = computer.opens(f"/m/receipt/{receipt.id}.pdf")
    assert (pdf.status_code, pdf.mimetype) == (200, "application/pdf")
    computer.opens(f"/desk/receipts?text=No.{number:07d}")
    assert computer.address == f"/desk/receipts/{number}"
    computer.presses("补打一张")
    assert "补打（第1次）" in computer.text
    computer.presses("作废，换开一张", reason=" ")
    assert "为什么作废" in computer.text
    computer.presses("作废，换开一张", reason="抬头写错了")
    assert f"已作废，换开了这一张 {number + 1:07d}" in computer.text
    computer.opens(f"/desk/receipts/{number}")
    assert "作废（2026-03-10，抬头写错了）" in computer.text
    assert "打印" not in computer.text
    computer.opens("/desk/receipts?text=99999")
    assert "没有找到" in computer.text
    clean(world)


# --- the whole --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_the_overview_says_how_each_number_is_made(world: World) -> None:
    computer = signed_in(world, CASHIER)
    with counted(world.services.database) as statements:
        computer.opens("/desk/money")
    assert len(statements) <= 22
    for words in ("当期收缴率", "往期清欠率", "综合收缴率", "交清的户数", "预存的钱抵了账单才算", "欠了多久", "物业费"):
        assert words in computer.text, words
    here = compound(world, "锦绣花园")
    computer.opens(f"/desk/money?compound={here}&month=2026-02")
    assert "2026-02 按楼栋" in computer.text
    for words in ("month=2026-13", "month=<script>", "compound=-1", "compound=x", "month="):
        assert computer.opens(f"/desk/money?{words}").status_code == 200
        assert "2026-03 收费" in computer.text


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_no_page_about_one_thing_reads_a_table_that_grows_from_end_to_end(world: World) -> None:
    """With a hundred thousand homes such a statement takes a second. SQLite tells its plan."""
    home, run, computer = home_number(world), ready_run(world, "锦绣花园"), signed_in(world)
    receipt = payments_receipt(world, home)
    engine = world.services.database.engine
    asked: dict[str, Any] = {}
    sa.event.listen(engine, "before_cursor_execute", lambda *call: asked.setdefault(call[2], call[3]))
    pages = (
        "homes?text=锦绣花园3-2-501",
        "homes?text=张伟",
        f"homes/{home}",
        f"homes/{home}/take",
        f"runs/{run}",
        "receipts",
    )
    for page in (*pages, f"receipts/{receipt}", "reconcile", "tariffs"):
        assert computer.opens(f"/desk/{page}").status_code == 200, page
    computer.presses("确认收款，开收据", **checks(computer, home))
    growing = ("bills", "payments", "receipts", "settlements", "homes", "people", "residents", "demands", "audit")
    statements = {one: values for one, values in asked.items() if one.startswith(("SELECT", "UPDATE", "DELETE"))}
    assert len(statements) > 50
    with engine.connect() as connection:
        for one, values in statements.items():
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", values).all()
            assert [step for *_, step in plan if any(f"SCAN {name} " in f"{step} " for name in growing)] == [], one


def payments_receipt(world: World, home: int) -> int:
    with world.services.database.reading() as session:
        return (
            session.scalars(
                sa.select(Receipt.number).join(Payment, Payment.id == Receipt.payment_id).where(Payment.home_id == home)
            ).first()
            or 0
        )
