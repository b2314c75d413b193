"""Races for money that comes by WeChat: whoever brings the news, it is in the books once. Each is run with its guard taken away,
too, and must then go wrong."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Database
from models.estate.tables import Home
from models.payments import actions, confirm, online, refunding
from models.payments.actions import Money, take_in
from models.payments.confirm import Merchant
from models.payments.facts import Transaction
from models.payments.invariants import violations as books
from models.payments.online import Wanted, begin
from models.payments.online_tables import OnlineOrder
from models.payments.tables import Payment, Refund
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee
from tests.support.races import Race, violations

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
    real = actions._write_payment

    def write(session: Session, community: Any, home: Home, money: Money, **more: Any) -> Payment:
        return real(
            session, community, home, Money(money.fen, money.channel, f"{money.reference}/{next(numbers)}"), **more
        )

    patch.setattr(actions, "_write_payment", write)
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


def test_f26_notice_against_cash_settles_every_bill_once(garden: Database) -> None:
    def cash(session: Session, seen: tuple[str, str, int]) -> None:
        take_in(session, home_of(session, "501"), Money(100, "cash", f"C{seen[1]}"), by="test", now=NOW)

    def sums(session: Session, seen: tuple[str, str, int]) -> list[str]:
        return [*once(session, seen), *books(session)]

    assert violations(garden, race_of([posts, cash], flaws=sums, winners=2), ROUNDS) == []


def test_two_tablets_order_for_one_home_and_one_of_them_is_told_to_wait(garden: Database) -> None:
    def prepare(session: Session, number: int) -> int:
        session.execute(sa.update(OnlineOrder).where(OnlineOrder.state == "new").values(state="closed"))
        return number

    def order(openid: str) -> Callable[[Session, int], Any]:
        def act(session: Session, _number: int) -> Any:
            try:
                begin(session, home_of(session, "501"), Wanted(100, openid=openid), now=NOW)
            except online.OtherOrder:
                return False
            return True

        return act

    race = Race(prepare, [order("o1"), order("o2")])
    assert violations(garden, race, ROUNDS) == []


def test_f22_two_refunds_of_one_payment_never_give_back_more_than_came(garden: Database) -> None:
    def prepare(session: Session, number: int) -> int:
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

    assert violations(garden, Race(prepare, [ask, ask], flaws=given), ROUNDS) == []
