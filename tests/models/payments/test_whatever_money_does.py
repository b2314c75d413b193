"""Anybody bills, pays, orders by WeChat and lets it end, notifies twice and at once, refunds, takes back and spends what is held, in
any order: after every step the raw rows keep every promise of `audit`, and a few figures kept by hand agree."""

from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from models.billing.ledger import balance
from models.billing.once import bill_once, in_words
from models.billing.publish import reverse
from models.billing.queries import open_bills_of
from models.billing.tables import Bill
from models.billing.tariffs import item_of
from models.billing.waiver_tables import Waiver, WaiverLine
from models.db import Database, savepoint
from models.errors import Refusal
from models.estate.tables import Community, Home
from models.payments import deposits, online, rebilling, waivers
from models.payments.actions import Money, take_in
from models.payments.confirm import Merchant, confirm, confirm_together
from models.payments.deposit_tables import Deposit
from models.payments.facts import Transaction
from models.payments.giving_back import refund, use_held
from models.payments.handover import Change, after_publishing, hand_over
from models.payments.invariants import violations
from models.payments.late_fees import accrued_on
from models.payments.tables import Payment, Purse
from models.payments.waivers import Wish
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee

ROOMS = ("501", "502", "101")
SHOP = Merchant("1900000109", "wx1")
CHANNELS = ("cash", "pos", "transfer", "wechat", "debit")
room = st.sampled_from(ROOMS)
fen = st.one_of(st.integers(1, 60_000), st.sampled_from([1, 16_533, 33_066, 12_673]))
numbers = st.integers(0, 10_000)


def machine(database: Database) -> Callable[[], RuleBasedStateMachine]:
    """The machine on this database. Each run is one transaction, and goes when it is over."""

    class Office(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self._opened = database._write()
            self.session: Session = self._opened.__enter__()
            self.now: datetime = NOW
            self.months = 0
            self.owners = 0
            self.references: list[tuple[str, str, int, str]] = []  # what has come in: channel, number, fen, room
            self.given: list[tuple[str, int]] = []  # number and fen of each refund
            self.cash_in = dict.fromkeys(ROOMS, 0)
            self.orders: dict[str, tuple[str, int]] = {}  # by WeChat: number → room, fen
            self.paid: set[str] = set()  # those of them WeChat has told us of
            self.taken_off = 0  # fen that people agreed to waive

        @initialize()
        def open_the_books(self) -> None:
            self.community = four_homes(self.session)
            service_fee(self.session, self.community, late_rate=500, late_cap=100)
            self.homes: dict[str, Home] = {name: home_of(self.session, name) for name in ROOMS}

        # --- what people and time do ----------------------------------------------------------------------------------

        @rule(days=st.integers(1, 40))
        def wait(self, days: int) -> None:
            self.now += timedelta(days=days)

        @rule()
        def bill_the_next_month(self) -> None:
            if self.months < 9:
                self.months += 1
                run = bill_month(self.session, self.community, f"2026-{2 + self.months:02}", limit=3)
                after_publishing(self.session, run.id, by="test", now=self.now)
            self.agree()

        @rule(room=room, fen=fen)
        def bill_once(self, room: str, fen: int) -> None:
            company = self.session.get_one(Community, self.community).company_id
            day = self.now.date()
            bill_once(
                self.session, self.homes[room], item_of(self.session, company, "SPECIAL"), fen, start=day, end=day,
                due_on=day + timedelta(days=7), basis=in_words("换角阀"), by="test", now=self.now,
            )  # fmt: skip
            self.agree()

        @rule(room=room, fen=fen, channel=st.sampled_from(CHANNELS), principal_first=st.booleans())
        def pay(self, room: str, fen: int, channel: str, principal_first: bool) -> None:
            number = f"{len(self.references)}"
            take_in(
                self.session, self.homes[room], Money(fen, channel, number), principal_first=principal_first, by="test",
                now=self.now,
            )  # fmt: skip
            self.references.append((channel, number, fen, room))
            self.cash_in[room] += fen
            self.agree()

        @rule(which=numbers)
        def be_notified_again(self, which: int) -> None:
            if self.references:
                channel, number, fen, room = self.references[which % len(self.references)]
                with self.refused():
                    take_in(self.session, self.homes[room], Money(fen, channel, number), by="test", now=self.now)
                    raise AssertionError("the same money was taken twice")
            self.agree()

        @rule(room=room, fen=fen, hold=st.booleans(), chosen=st.booleans())
        def ask_to_pay_by_phone(self, room: str, fen: int, hold: bool, chosen: bool) -> None:
            lines = open_bills_of(self.session, [self.homes[room].id])
            some = tuple(line.bill.id for line in lines[:2]) if chosen and not hold else ()
            wanted = online.Wanted(fen, some, hold, account="gh", openid=f"o{room}")
            with suppress(online.OtherOrder), self.refused():
                order = online.begin(self.session, self.homes[room], wanted, now=self.now)
                self.orders.setdefault(order.number, (room, order.fen))
            self.agree()

        @rule(which=numbers)
        def let_an_order_end(self, which: int) -> None:
            if self.orders:
                number = list(self.orders)[which % len(self.orders)]
                online.wants_end(self.session, number, by="", now=self.now)
                online.closed(self.session, number, now=self.now)
            self.agree()

        @rule(which=st.lists(numbers, min_size=1, max_size=5), at_once=st.booleans())
        def be_told_by_wechat(self, which: list[int], at_once: bool) -> None:
            """Of some orders, some of them more than once, in whatever state they are; each may come alone."""
            told = [self.told(list(self.orders)[one % len(self.orders)]) for one in which if self.orders]
            if at_once and told:
                confirm_together(self.session, told, SHOP, now=self.now)
            for news in told:
                assert confirm(self.session, news, SHOP, now=self.now) == "paid"
                if news.number not in self.paid:
                    self.paid.add(news.number)
                    room, fen = self.orders[news.number]
                    self.cash_in[room] += fen
            self.agree()

        @rule(which=numbers)
        def be_told_of_a_second_payment(self, which: int) -> None:
            if self.paid:
                other = replace(self.told(sorted(self.paid)[which % len(self.paid)]), transaction_id="another")
                confirm_together(self.session, [other], SHOP, now=self.now)
                assert confirm(self.session, other, SHOP, now=self.now) == "not_posted"
            self.agree()

        def told(self, number: str) -> Transaction:
            room, fen = self.orders[number]
            return Transaction(number, "SUCCESS", f"T{number}", fen, "CNY", SHOP.mchid, SHOP.appid, f"o{room}")

        @rule(which=numbers, fen=fen)
        def give_back(self, which: int, fen: int) -> None:
            payments = self.payments()
            if payments:
                payment = payments[which % len(payments)]
                room = next(name for name, home in self.homes.items() if home.id == payment.home_id)
                number = f"r{len(self.given)}"
                with self.refused():
                    refund(self.session, payment, fen, number=number, reason="多交", by="test", now=self.now)
                    self.given.append((number, fen))
                    self.cash_in[room] -= fen
            self.agree()

        @rule(which=numbers)
        def give_back_again(self, which: int) -> None:
            payments = self.payments()
            if self.given and payments:
                number, fen = self.given[which % len(self.given)]
                with self.refused():
                    refund(self.session, payments[0], fen, number=number, reason="多交", by="test", now=self.now)
                    raise AssertionError("the same refund was made twice")
            self.agree()

        @rule(which=numbers)
        def take_a_bill_back(self, which: int) -> None:
            bills = self.session.scalars(sa.select(Bill).where(Bill.state == "posted").order_by(Bill.id)).all()
            if bills:
                with self.refused():
                    reverse(self.session, bills[which % len(bills)], reason="面积错了", by="test", now=self.now)
            self.agree()

        @rule(which=numbers, area=st.integers(1, 20_000), anew=st.booleans())
        def put_a_bill_right(self, which: int, area: int, anew: bool) -> None:
            bills = self.session.scalars(sa.select(Bill).where(Bill.state == "posted").order_by(Bill.id)).all()
            if bills:
                bill = bills[which % len(bills)]
                home = self.session.get_one(Home, bill.home_id)
                home.area = area
                self.session.flush()
                with self.refused():
                    wish = rebilling.Wish("面积错了", anew=anew)
                    rebilling.take_back(self.session, home, bill, wish, by="test", now=self.now)
            self.agree()

        @rule(which=numbers)
        def bill_it_after_all(self, which: int) -> None:
            gone = sa.select(Bill).where(Bill.state == "reversed", Bill.reverses.is_(None)).order_by(Bill.id)
            bills = self.session.scalars(gone).all()
            if bills:
                bill = bills[which % len(bills)]
                with self.refused():
                    home = self.session.get_one(Home, bill.home_id)
                    rebilling.bill_anew(self.session, home, bill, by="test", now=self.now)
            self.agree()

        @rule(room=room, fen=fen, item=st.sampled_from(("", "物业费", "违约金")))
        def take_something_off(self, room: str, fen: int, item: str) -> None:
            with self.refused():
                wish = Wish(min(fen, 20_000), "error", "", item)
                asked = waivers.ask(self.session, self.homes[room], wish, by="staff:1", now=self.now)
                self.taken_off += asked.fen if asked.state == "done" else 0
            self.agree()

        @rule(which=numbers)
        def agree_to_a_waiver(self, which: int) -> None:
            waiting = self.session.scalars(sa.select(Waiver).where(Waiver.state == "wanted").order_by(Waiver.id)).all()
            if waiting:
                waiver = waiting[which % len(waiting)]
                with self.refused():
                    waivers.agree(self.session, waiver, by="staff:2", now=self.now)
                    self.taken_off += waiver.fen
            self.agree()

        @rule(room=room, days_ago=st.integers(0, 40), moved=st.booleans(), stay=st.booleans())
        def sell(self, room: str, days_ago: int, moved: bool, stay: bool) -> None:
            day = self.now.date() - timedelta(days=days_ago)
            self.owners += 1
            wanted = Change(day, f"周{self.owners}", "", "move" if moved else "refund", stay)
            late, waived = self.late_fees(room), self.waived(room)
            with self.refused():
                done = hand_over(self.session, self.homes[room], wanted, by="staff:1", now=self.now)
                self.cash_in[room] -= sum(done.back.values())
            self.agree()
            assert self.late_fees(room) <= late, "a sale makes nobody late for days that are over"
            assert self.waived(room) <= waived, "a sale waives nothing"

        @rule(room=room, fen=fen)
        def take_a_deposit(self, room: str, fen: int) -> None:
            number = f"d{sum(self.cash_in.values())}-{self.now:%d%m}-{len(self.given)}"
            with self.refused():
                deposits.take(
                    self.session, self.homes[room], Money(fen, "cash", number), "RENO_DEP", by="t", now=self.now
                )
                self.cash_in[room] += fen
            self.agree()

        @rule(which=numbers, kept=st.integers(0, 5_000))
        def give_a_deposit_back(self, which: int, kept: int) -> None:
            held = self.session.scalars(sa.select(Deposit).where(Deposit.state == "held").order_by(Deposit.id)).all()
            if held:
                one = held[which % len(held)]
                room = next(name for name, home in self.homes.items() if home.id == one.home_id)
                with self.refused():
                    back = deposits.give_back(self.session, one, kept, "墙坏了", "lost", by="t", now=self.now)
                    self.cash_in[room] -= back
            self.agree()

        @rule(room=room)
        def spend_what_is_held(self, room: str) -> None:
            use_held(self.session, self.homes[room].id, now=self.now)
            self.agree()

        # --- what must hold -------------------------------------------------------------------------------------------

        def agree(self) -> None:
            self.session.flush()
            assert list(violations(self.session)) == []
            for room, home in self.homes.items():
                paid = self.session.scalar(sa.select(sa.func.sum(Bill.paid)).where(Bill.home_id == home.id)) or 0
                held = self.session.scalar(sa.select(Purse.held).where(Purse.home_id == home.id)) or 0
                ours = sa.select(sa.func.sum(Deposit.fen)).where(Deposit.home_id == home.id, Deposit.state == "held")
                assert int(paid) + held + int(self.session.scalar(ours) or 0) == self.cash_in[room]
            by_tariff = sa.and_(
                Bill.state == "posted", Bill.tariff_id.is_not(None), Bill.late_for.is_(None), Bill.amount > 0
            )
            other = sa.orm.aliased(Bill)
            twice = sa.select(Bill.id).join(
                other,
                sa.and_(
                    other.home_id == Bill.home_id, other.item_id == Bill.item_id, other.id > Bill.id,
                    other.state == "posted", other.amount > 0, other.late_for.is_(None),
                    other.start <= Bill.end, other.end >= Bill.start,
                ),
            )  # fmt: skip
            assert self.session.scalars(twice.where(by_tariff)).all() == [], "a day is owed twice"
            assert sum(self.waived(room) for room in ROOMS) <= self.taken_off, "more is waived than was agreed to"
            kept = sum(balance(self.session, self.community, channel) for channel in CHANNELS)  # type: ignore[arg-type]
            assert kept == sum(self.cash_in.values())

        def late_fees(self, room: str) -> int:
            """Fen that run up on all that was ever billed to a home."""
            bills = self.session.scalars(
                sa.select(Bill).where(Bill.home_id == self.homes[room].id, Bill.state == "posted", Bill.amount > 0)
            ).all()
            return sum(accrued_on(self.session, bills, self.now.date()).values())

        def waived(self, room: str) -> int:
            """Fen that are taken off what a home was billed."""
            live = (
                sa.select(sa.func.coalesce(sa.func.sum(WaiverLine.fen), 0))
                .join(Bill, Bill.id == WaiverLine.bill_id)
                .where(Bill.home_id == self.homes[room].id, WaiverLine.live.is_(True))
            )
            return int(self.session.scalar(live) or 0)

        def payments(self) -> list[Payment]:
            return list(self.session.scalars(sa.select(Payment).order_by(Payment.id)))

        @contextmanager
        def refused(self) -> Any:
            """What is refused leaves nothing behind."""
            try:
                with savepoint(self.session):
                    yield
            except Refusal:
                pass

        def teardown(self) -> None:
            self.session.rollback()
            self._opened.__exit__(None, None, None)

    return Office


def _run(database: Database, *, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        machine(database),
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_every_step_keeps_the_books(database: Database) -> None:
    _run(database, examples=4, steps=20)


def test_a_walk_that_chance_seldom_takes(database: Database) -> None:
    """A waiver over two months and a payment that came late, and then the home is sold: the machine looks at each step."""
    state: Any = machine(database)()
    try:
        state.open_the_books()
        for _ in range(2):
            state.bill_the_next_month()
        state.take_something_off(room="501", fen=20_000, item="")  # all of March, and of April what is left of it
        state.wait(days=40)
        state.wait(days=25)
        state.pay(room="501", fen=12_000, channel="cash", principal_first=True)
        state.wait(days=20)
        state.sell(room="501", days_ago=40, moved=False, stay=True)
    finally:
        state.teardown()


def test_a_home_sold_twice_in_one_moment_keeps_the_books(session: Session) -> None:
    """Found by the machine: what had been taken off a bill twice was written down under one name."""
    community = four_homes(session)
    home = home_of(session, "502")
    take_in(session, home, Money(3, "cash", "1"), by="test", now=NOW)
    item = item_of(session, session.get_one(Community, community).company_id, "SPECIAL")
    day = NOW.date()
    bill_once(session, home, item, 3, start=day, end=day, due_on=day, basis=in_words("换角阀"), by="test", now=NOW)
    use_held(session, home.id, now=NOW)
    for days_ago, owner in ((15, "周一"), (2, "周二")):
        change = Change(
            day - timedelta(days=days_ago), owner, "", "move" if days_ago == 2 else "refund", days_ago == 15
        )
        hand_over(session, home, change, by="staff:1", now=NOW)
    session.flush()
    assert list(violations(session)) == []


@pytest.mark.long
def test_fifty_thousand_steps_keep_the_books(database: Database) -> None:
    _run(database, examples=1_000, steps=50)


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE bills SET paid = paid + 1 WHERE id = (SELECT min(id) FROM bills WHERE paid > 0)",
        "UPDATE purses SET held = held + 1",
        "UPDATE payments SET refunded = refunded + 1",
        "UPDATE waivers SET agreed_by = by, needs_another = true",
        "UPDATE waiver_lines SET fen = fen + 1",
        "DELETE FROM settlements WHERE id = (SELECT min(id) FROM settlements)",
        "UPDATE ledger_lines SET fen = fen + 1 WHERE entry_id = 1 AND place = 0",
        "UPDATE receipts SET number = number + 1",
    ],
)
def test_the_audit_sees_what_was_harmed(session: Session, harm: str) -> None:
    community = four_homes(session)
    service_fee(session, community)
    bill_month(session, community, "2026-03")
    take_in(session, home_of(session, "501"), Money(20_000, "cash", "1"), by="test", now=NOW)
    waivers.ask(session, home_of(session, "502"), Wish(100, "error"), by="staff:1", now=NOW)
    session.flush()
    assert list(violations(session)) == []
    session.execute(sa.text(harm))
    assert list(violations(session)) != []
