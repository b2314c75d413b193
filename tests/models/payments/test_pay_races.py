"""Races for money that comes by WeChat: whoever brings the news, it is in the books once. Each is run with its guard taken away,
too, and must then go wrong."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.tables import Bill
from models.db import Database, insert_or_ignore, plain
from models.estate.tables import Home
from models.payments import actions, confirm, online, purses, refunding
from models.payments import ordered as ordered_locks
from models.payments.actions import Money, take_in
from models.payments.confirm import Merchant
from models.payments.facts import Transaction
from models.payments.invariants import violations as books
from models.payments.online import Wanted, begin
from models.payments.online_tables import OnlineOrder, PayTrouble
from models.payments.tables import Payment, Purse, Refund, Settlement
from tests.models.payments.test_money_races import home_that_owes
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee
from tests.support.races import Race, goes_wrong, violations

ROUNDS = 4
SHOP = Merchant("1900000109", "wx1")
TakeAway = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture
def garden(database: Database) -> Database:
    with database.transaction() as session:
        community = four_homes(session)
        service_fee(session, community)
        bill_month(session, community, "2026-01")
    return database


def ordered(session: Session, number: int) -> tuple[str, str, int]:
    """A new order of 501 over 1.00 yuan; what was open before is ended."""
    session.execute(sa.update(OnlineOrder).where(OnlineOrder.state == "new").values(state="closed"))
    order = begin(session, home_of(session, "501"), Wanted(100), now=NOW)
    return order.number, f"T{number}", order.id


def told(seen: tuple[str, str, int]) -> Transaction:
    return Transaction(seen[0], "SUCCESS", seen[1], 100, "CNY", SHOP.mchid, SHOP.appid, "o1")


def posts(session: Session, seen: tuple[str, str, int]) -> Any:
    """The notice, or the query: both end here. True for whoever posted it."""
    before = session.scalar(sa.select(OnlineOrder.state).where(OnlineOrder.number == seen[0]))
    assert before is not None
    confirm.confirm(session, told(seen), SHOP, now=NOW)


def once(session: Session, seen: tuple[str, str, int]) -> list[str]:
    count = session.scalar(sa.select(sa.func.count(Payment.id)).where(Payment.reference == seen[1]))
    state = session.scalar(sa.select(OnlineOrder.state).where(OnlineOrder.number == seen[0]))
    return [] if (count, state) == (1, "paid") else [f"{count} payments, the order is {state}"]


def no_lock_and_no_key(patch: pytest.MonkeyPatch) -> None:
    """As if nothing were locked, the order had been read before, and the channel's number were free text."""
    numbers = iter(range(10_000))
    real = actions.write_payment

    def write(session: Session, community: Any, home: Home, money: Money, **more: Any) -> Payment:
        return real(
            session, community, home, Money(money.fen, money.channel, f"{money.reference}/{next(numbers)}"), **more
        )

    patch.setattr(actions, "write_payment", write)
    patch.setattr(confirm, "_paid_before", confirm._post)


def race_of(acts: list[Callable[[Session, Any], Any]], **more: Any) -> Race:
    return Race(ordered, acts, **more)


def many(session: Session, seen: tuple[str, str, int]) -> list[str]:
    found = session.scalars(sa.select(Payment.reference).where(Payment.reference.like(f"{seen[1]}%"))).all()
    state = session.scalar(sa.select(OnlineOrder.state).where(OnlineOrder.number == seen[0]))
    return [] if (len(found), state) == (1, "paid") else [f"{len(found)} payments, the order is {state}"]


def test_f17_notice_against_notice_and_query_posts_once(garden: Database) -> None:
    """All may say that it is paid, for it is: there is one payment."""
    assert violations(garden, race_of([posts, posts, posts], flaws=many, winners=3), ROUNDS) == []


def test_f17_without_the_state_and_the_number_it_is_posted_again(
    garden: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_lock_and_no_key(monkeypatch)
    assert violations(garden, race_of([posts, posts], flaws=many, winners=2), ROUNDS) != []


# --- cash against the phone --------------------------------------------------------------------------------------------


def owing(session: Session, number: int) -> tuple[str, str, int]:
    """A home that owes 1.00 yuan and has an order open over just that."""
    community = home_of(session, "501").community_id
    home = session.get_one(Home, home_that_owes(session, community, number, 100))
    order = begin(session, home, Wanted(100), now=NOW)
    return order.number, f"T{number}", home.id


def cash(session: Session, seen: tuple[str, str, int]) -> None:
    take_in(session, session.get_one(Home, seen[2]), Money(100, "cash", f"C{seen[1]}"), by="test", now=NOW)


def paid_and_put_by(session: Session, seen: tuple[str, str, int]) -> list[str]:
    """Whoever is second is kept in advance; not a fen is lost or settles twice."""
    bill = session.scalars(sa.select(Bill).where(Bill.home_id == seen[2])).one()
    held = session.get_one(Purse, seen[2]).held
    fine = (bill.paid, held) == (100, 100)
    return [*once(session, seen), *books(session), *([] if fine else [f"{bill.paid} paid, {held} held"])]


CASH = Race(owing, [posts, cash], flaws=paid_and_put_by, winners=2)


def test_f26_notice_against_cash_settles_every_bill_once(garden: Database) -> None:
    assert violations(garden, CASH, ROUNDS) == []


def test_f17_a_second_payment_of_a_paid_order_is_for_a_person_to_look_at(garden: Database) -> None:
    with garden.transaction() as session:
        seen = ordered(session, 1)
        posts(session, seen)
        assert confirm.confirm(session, told(seen), SHOP, now=NOW) == "paid", "the same news again"
        other = replace(told(seen), transaction_id="T-other")
        assert confirm.confirm(session, other, SHOP, now=NOW) == "not_posted"
        assert session.scalars(sa.select(PayTrouble.what)).all() == ["second_payment"]
        assert once(session, seen) == list(books(session)) == []


def test_an_order_brings_the_purse_that_its_notice_locks_and_one_that_lost_it_is_posted_all_the_same(
    garden: Database,
) -> None:
    with garden.transaction() as session:
        seen = ordered(session, 1)
        assert session.scalars(sa.select(Purse.held)).all() == [0]
        session.execute(sa.delete(Purse))
        assert confirm.confirm(session, told(seen), SHOP, now=NOW) == "paid"
        assert session.scalars(sa.select(Purse.held)).all() == [0]
        assert once(session, seen) == list(books(session)) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_f26_what_somebody_else_has_locked_is_not_read_but_waited_for(garden: Database) -> None:
    """A snapshot from before the waiting would be posted with what was true then."""
    with garden.transaction() as session:
        number, *_ = ordered(session, 1)
    with garden.transaction() as cashier, garden.transaction() as notice:
        purses.lock(cashier, home_of(cashier, "501").id)
        assert ordered_locks.those_free(notice, [number], NOW) == []
        cashier.commit()
        [found] = ordered_locks.those_free(notice, [number], NOW)
        assert (found.order.number, found.home.room, found.purse.held) == (number, "501", 0)


@pytest.mark.thorough
def test_f26_without_the_purse_as_a_lock_a_bill_is_paid_twice(
    garden: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if garden.is_sqlite:  # there the beginning of a transaction is the lock
        return
    nothing_is_locked(monkeypatch)
    monkeypatch.setattr(actions, "settle_each", settled_unseen)
    assert broken(garden, CASH)


def nothing_is_locked(patch: pytest.MonkeyPatch) -> None:
    def look(session: Session, home_id: int) -> Purse:
        insert_or_ignore(session, Purse, {"home_id": home_id, "held": 0})
        return session.scalars(sa.select(Purse).where(Purse.home_id == home_id)).one()

    for module in (purses, refunding):
        patch.setattr(module, "lock", look)
    patch.setattr(confirm, "those_free", lambda session, numbers, now: [])
    patch.setattr(ordered_locks, "_lock_purse", lambda session, number: look(session, home_of_order(session, number)))


def home_of_order(session: Session, number: str) -> int:
    return session.scalars(sa.select(OnlineOrder.home_id).where(OnlineOrder.number == number)).one()


def settled_unseen(session: Session, parts: Sequence[tuple[Bill, int]], payment_id: int | None, **_: Any) -> None:
    """A bill takes what it is given, whatever it asks for."""
    for bill, fen in parts:
        session.execute(sa.update(Bill).where(Bill.id == bill.id).values(paid=Bill.paid + fen))
        session.add(Settlement(bill_id=bill.id, payment_id=payment_id, fen=fen, at=NOW))


def broken(garden: Database, race: Race) -> bool:
    """Does it go wrong in one of twenty rounds? The database's own keys, the last to notice, count, too."""
    try:
        return goes_wrong(garden, race, 20)
    except sa.exc.SQLAlchemyError:
        return True


# --- two tablets -------------------------------------------------------------------------------------------------------


def order(openid: str) -> Callable[[Session, int], Any]:
    def act(session: Session, home_id: int) -> Any:
        try:
            begin(session, session.get_one(Home, home_id), Wanted(100, openid=openid), now=NOW)
        except online.OtherOrder:
            return False
        return True

    return act


def one_home(session: Session, number: int) -> int:
    return home_that_owes(session, home_of(session, "501").community_id, number, 100)


TABLETS = Race(one_home, [order("o1"), order("o2")])


def test_two_tablets_order_for_one_home_and_one_of_them_is_told_to_wait(garden: Database) -> None:
    assert violations(garden, TABLETS, ROUNDS) == []


@pytest.mark.thorough
def test_without_the_key_both_tablets_may_pay_the_same_bills(garden: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(online, "open_order_of", lambda *_: None)  # as if both had looked before either wrote
    key = next(index for index in plain(OnlineOrder).indexes if index.name == "uq_online_orders_open")
    with garden.engine.begin() as connection:
        key.drop(connection)
    try:
        assert broken(garden, TABLETS)
    finally:  # the next test gets the same database, emptied
        with garden.engine.begin() as connection:
            connection.execute(sa.delete(OnlineOrder))
            key.create(connection)


# --- money back --------------------------------------------------------------------------------------------------------


def paid_by_phone(session: Session, number: int) -> int:
    seen = ordered(session, number)
    confirm.confirm(session, told(seen), SHOP, now=NOW)
    return session.scalars(sa.select(Payment.id).where(Payment.reference == seen[1])).one()


def ask(session: Session, payment: int) -> None:
    refunding.ask(
        session, session.get_one(Payment, payment), 60, reason="多交", by="test", is_manager=True, now=NOW
    )  # fmt: skip


def given(session: Session, payment: int) -> list[str]:
    back = session.scalar(sa.select(sa.func.sum(Refund.fen)).where(Refund.payment_id == payment))
    return [] if back == 60 else [f"{back} fen were given back"]


REFUNDS = Race(paid_by_phone, [ask, ask], flaws=given)


def test_f22_two_refunds_of_one_payment_never_give_back_more_than_came(garden: Database) -> None:
    assert violations(garden, REFUNDS, ROUNDS) == []


@pytest.mark.thorough
def test_f22_without_the_lock_and_the_limit_more_goes_back_than_came(
    garden: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if garden.is_sqlite:  # there the beginning of a transaction is the lock
        return

    def anyway(session: Session, payment: Payment, fen: int, **more: Any) -> Refund:
        back = Refund(payment_id=payment.id, fen=fen, at=NOW, **{k: v for k, v in more.items() if k != "now"})
        session.add(back)
        session.flush()
        return back

    nothing_is_locked(monkeypatch)
    monkeypatch.setattr(refunding, "refund", anyway)
    assert broken(garden, REFUNDS)
