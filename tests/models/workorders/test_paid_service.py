"""Paid service from the quote to the money, on both databases; the books are added up after every test."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.queries import open_bills_of
from models.billing.tables import Bill
from models.db import Database
from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.tables import Home
from models.messaging.tables import Outbox
from models.payments.actions import Money, take_in
from models.payments.giving_back import use_held
from models.payments.invariants import violations
from models.workorders import charging, quoting
from models.workorders.actions import arrive, finish, reopen, take
from models.workorders.actions_time import close_unrated, unrated
from models.workorders.path import flaws
from models.workorders.price_settings import add_prices, changed_by, held, prices_of
from models.workorders.price_sheet import PriceRow
from models.workorders.prices import DEMO, Price
from models.workorders.service_tables import Quote
from models.workorders.tables import OrderEvent, WorkOrder
from tests.support.repairs import Cast, settle

TEXT = "换龙头 30 材料 15"


@pytest.fixture
def cast(session: Session, now: datetime) -> Iterator[Cast]:
    cast = settle(session, now)
    add_prices(session, cast.company_id, [PriceRow(price, "公示", True) for price in DEMO], by="test", now=now)
    yield cast
    assert list(violations(session)) == []
    for order in session.scalars(sa.select(WorkOrder)):
        events = session.scalars(
            sa.select(OrderEvent).where(OrderEvent.order_id == order.id).order_by(OrderEvent.id)
        ).all()
        assert list(flaws(order.state, events)) == []


def in_hand(session: Session, cast: Cast, now: datetime) -> WorkOrder:
    order = cast.report(session, now).order
    take(session, order, now=now, actor=cast.worker("chen"))
    arrive(session, order, now=now, actor=cast.worker("chen"))
    return order


def waiting_to_be_paid(session: Session, cast: Cast, now: datetime) -> WorkOrder:
    order = in_hand(session, cast, now)
    quoting.quote(session, order, now=now, actor=cast.worker("chen"), text=TEXT)
    quoting.agree(session, order, now=now, actor=cast.resident("zhang"))
    finish(session, order, now=now, actor=cast.worker("chen"), result="换了龙头")
    assert order.state == "WAIT_PAY"
    return order


def pay(session: Session, cast: Cast, fen: int, reference: str, now: datetime) -> None:
    home = session.get_one(Home, cast.home)
    take_in(session, home, Money(fen, "cash", reference, "张伟"), by="test", now=now)


def test_nothing_is_charged_that_was_not_agreed_to(session: Session, cast: Cast, now: datetime) -> None:
    order = in_hand(session, cast, now)
    chen, zhang, zhao = cast.worker("chen"), cast.resident("zhang"), cast.worker("manager")
    for actor, refused in ((cast.worker("liu"), Refusal), (cast.worker("zhou"), NotFound), (zhang, NotFound)):
        with pytest.raises(refused):
            quoting.quote(session, order, now=now, actor=actor, text=TEXT)
    first = quoting.quote(session, order, now=now, actor=chen, text=TEXT)
    assert (first.state, first.fen) == ("offered", 4500)
    with pytest.raises(Refusal, match="住户还没有答复"):
        finish(session, order, now=now, actor=chen, result="好了")
    for actor in (cast.resident("li"), cast.resident("wang"), chen, zhao):
        with pytest.raises(Refusal, match="自己来答复"):
            quoting.agree(session, order, now=now, actor=actor)
    quoting.agree(session, order, now=now, actor=cast.resident("tenant"))
    with pytest.raises(AlreadyDone):
        quoting.agree(session, order, now=now, actor=zhang)
    # More than was agreed on needs a new agreement; what is off the list needs the manager before it.
    dearer = quoting.quote(session, order, now=now, actor=chen, text="换龙头 31")
    session.refresh(first)
    assert (first.state, dearer.state) == ("withdrawn", "checking")
    for actor in (zhang, chen):
        with pytest.raises(Refusal):
            quoting.approve(session, order, now=now, actor=actor)
    with pytest.raises(Refusal):
        quoting.agree(session, order, now=now, actor=zhang)
    assert quoting.approve(session, order, now=now, actor=zhao).state == "offered"
    quoting.refuse(session, order, now=now, actor=zhang, reason="贵")
    finish(session, order, now=now, actor=chen, result="好了")
    assert (order.state, session.scalars(sa.select(Bill)).all()) == ("WAIT_CONFIRM", [])


def test_public_parts_are_free_and_the_home_must_be_reached(session: Session, cast: Cast, now: datetime) -> None:
    order = in_hand(session, cast, now)
    order.public = True
    with pytest.raises(Refusal, match="不向住户收费"):
        quoting.quote(session, order, now=now, actor=cast.worker("chen"), text=TEXT)
    order.public, order.home_id = False, None
    with pytest.raises(Refusal, match="哪一户"):
        quoting.quote(session, order, now=now, actor=cast.worker("chen"), text=TEXT)
    order.home_id = cast.next_door
    made = quoting.quote(session, order, now=now, actor=cast.worker("manager"), text="砌墙 300")
    assert (made.state, bool(made.approved_by)) == ("offered", True), "the manager's own word is enough"
    told = session.scalars(sa.select(Outbox.openid).where(Outbox.kind == "quote_offered")).all()
    assert list(told) == ["li"], "whoever lives there decides, not whoever reported it"
    quoting.withdraw(session, order, now=now, actor=cast.worker("chen"))
    assert quoting.live_quote(session, order.id) is None


def test_paying_moves_the_order_on_however_it_is_paid(session: Session, cast: Cast, now: datetime) -> None:
    order = waiting_to_be_paid(session, cast, now)
    pay(session, cast, 2000, "part", now)
    assert order.state == "WAIT_PAY", "a part is not the whole"
    pay(session, cast, 3000, "rest", now)
    assert order.state == "WAIT_CONFIRM"
    told = session.scalars(sa.select(Outbox).where(Outbox.kind == "order_fee")).all()
    assert [(one.openid, one.data["how"], one.data["receipt"]) for one in told] == [("zhang", "paid", "0000002")]
    # Mended again and charged again; 5 yuan are held already, and 40 more come.
    reopen(session, order, now=now, actor=cast.resident("zhang"), reason="又漏了")
    take(session, order, now=now, actor=cast.worker("chen")) if order.state == "DISPATCHED" else None
    quoting.quote(session, order, now=now, actor=cast.worker("chen"), text="换角阀 20")
    quoting.agree(session, order, now=now, actor=cast.resident("zhang"))
    order.priority = "P2"  # mended twice, it is urgent and would need a photo
    finish(session, order, now=now, actor=cast.worker("chen"), result="换了角阀")
    assert use_held(session, cast.home, now=now) == 500
    assert order.state == "WAIT_PAY"
    pay(session, cast, 1500, "again", now)
    assert order.state == "WAIT_CONFIRM"
    # Three days to rate it begin when it was paid, not when it was done.
    assert unrated(session, now + timedelta(hours=71)) == []
    close_unrated(session, order, now=now + timedelta(hours=73))


def test_the_manager_waives_and_three_days_make_it_a_debt(session: Session, cast: Cast, now: datetime) -> None:
    order = waiting_to_be_paid(session, cast, now)
    zhao, zhang = cast.worker("manager"), cast.resident("zhang")
    for actor in (zhang, cast.worker("chen"), cast.worker("zhou")):
        with pytest.raises((Refusal, NotFound)):
            charging.waive(session, order, now=now, actor=actor, reason="不想交")
    with pytest.raises(NotFound):
        charging.dispute(session, order, now=now, actor=cast.resident("li"), reason="x")
    later = now + timedelta(hours=71)
    charging.dispute(session, order, now=later, actor=zhang, reason="没换软管")
    assert charging.unpaid_too_long(session, now + timedelta(hours=73)) == [], "a dispute begins the time anew"
    with pytest.raises(Refusal):
        charging.left_unpaid(session, order, now=now + timedelta(hours=73))
    charging.waive(session, order, now=later, actor=zhao, reason="没换")
    assert (order.state, open_bills_of(session, [cast.home])) == ("WAIT_CONFIRM", [])

    second = waiting_to_be_paid(session, cast, now)
    pay(session, cast, 1000, "part", now)
    with pytest.raises(Refusal, match="已经收了"):
        charging.waive(session, second, now=now, actor=zhao, reason="不收了")
    end = now + timedelta(hours=72)
    assert charging.unpaid_too_long(session, end) == [second.id]
    charging.left_unpaid(session, second, now=end)
    assert [line.open for line in open_bills_of(session, [cast.home])] == [3500]
    pay(session, cast, 3500, "late", end)
    assert second.state == "WAIT_CONFIRM", "paid after it went on: nothing moves twice"


def test_audit_sees_an_order_that_waits_for_nothing(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        cast = settle(session, now)
        order = waiting_to_be_paid_at(session, cast, now)
        session.execute(sa.update(Quote).values(fen=1))
        session.execute(sa.update(Bill).values(paid=Bill.amount))
        found = "\n".join(violations(session))
        assert f"order #{order.id}: waits to be paid" in found
        assert "is not what the home agreed to" in found
        session.rollback()


def waiting_to_be_paid_at(session: Session, cast: Cast, now: datetime) -> WorkOrder:
    add_prices(session, cast.company_id, [PriceRow(price, "公示", True) for price in DEMO], by="test", now=now)
    return waiting_to_be_paid(session, cast, now)


def test_a_newer_price_takes_the_place_of_the_older_one(session: Session, cast: Cast, now: datetime) -> None:
    dearer = PriceRow(Price("换龙头", "个", 2500, 3500), "2027年公示", True)
    gone = PriceRow(Price("钻孔", "个", 1000, 1000), "2027年公示", False)
    later = now + timedelta(days=1)
    assert changed_by(session, cast.company_id, [dearer, gone], now.date()) == [dearer, gone]
    add_prices(session, cast.company_id, [dearer, gone], by="test", now=later)
    assert len(prices_of(session, cast.company_id, now.date())) == len(DEMO)
    then = {price.name: price for price in prices_of(session, cast.company_id, later.date())}
    assert (then["换龙头"].high, "钻孔" in then) == (3500, False)
    assert changed_by(session, cast.company_id, [dearer, gone], later.date()) == []
    assert [row.active for row in held(session, cast.company_id) if row.price.name == "钻孔"] == [False]
