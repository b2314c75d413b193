"""Fault 27: orders that are to be closed and were paid, closed before or made a moment ago, at a WeChat that fails in the middle. What
was paid is posted as paid, what is closed already is closed without an alarm, and what is not known stays open until it is."""

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.simulator.payments import PayRefusal
from handlers.paying import end, place
from models.errors import Refusal
from models.payments import online
from scheduler.jobs import query_orders
from tests.support.till import NOTIFY, SCANS, Slip, Standing, Till, once
from tests.support.together import at_once

pytestmark = pytest.mark.thorough

FEN = 10_000
ASK = "/v3/pay/transactions/out-trade-no"
CLOSED = Standing(orders=("closed",))


def ordered(till: Till) -> tuple[int, str, str]:
    """A home that owes, the number of its order, and WeChat's token."""
    home = till.home(FEN)
    placed = place(till.world.services, home, till.by_code(FEN))
    return home, placed.number, placed.token


def looks(till: Till, minutes: int = 2) -> None:
    till.clock.move(timedelta(minutes=minutes))
    query_orders.run(till.world.services, till.clock.now())


# --- who closes it ------------------------------------------------------------------------------------------------------


def by_another_order(till: Till, home: int, number: str) -> None:
    """The payer chooses another sum: the first order must be ended before."""
    with pytest.raises(Refusal, match="已经付好"):
        place(till.world.services, home, till.by_code(FEN - 1))


def by_the_cashier(till: Till, home: int, number: str) -> None:
    """In the chat: wanted now, done by the job."""
    with till.database.transaction() as session:
        online.wants_end(session, number, by="staff:1", now=till.clock.now())
    looks(till)


def by_the_desk(till: Till, home: int, number: str) -> None:
    assert end(till.world.services, number) == "paid"


def by_time(till: Till, home: int, number: str) -> None:
    looks(till, 31)


def by_all(till: Till, home: int, number: str) -> None:
    at_once([lambda: end(till.world.services, number)] * 3)


CLOSERS: tuple[Callable[[Till, int, str], None], ...] = (by_another_order, by_the_cashier, by_the_desk, by_time, by_all)
PAID = list(itertools.product(CLOSERS, ("lost", "late", "three_times")))


def test_f27_what_was_paid_is_posted_and_not_closed(till: Till) -> None:
    for closer, fault in PAID:
        home, number, token = ordered(till)
        till.world.platform.faults.add(NOTIFY, fault)
        till.platform.pay(token, SCANS)
        closer(till, home, number)
        assert till.standing(home) == once(FEN, paid=FEN), (closer, fault)
        till.clock.move(timedelta(minutes=6))
        till.platform.notices.deliver_due()
        assert till.standing(home) == once(FEN, paid=FEN), (closer, fault)
    assert till.flaws() == []


# --- paid in the very moment --------------------------------------------------------------------------------------------

SPELLINGS = ("ORDERPAID", "ORDER_PAID")


def test_f27_paid_between_the_question_and_the_closing(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    for code, lost in itertools.product(SPELLINGS, (True, False)):
        home, number, token = ordered(till)
        if lost:
            till.world.platform.faults.add(NOTIFY, "lost")

        def paid_just_now(_number: str, pays: str = token, says: str = code) -> None:
            till.platform.pay(pays, SCANS)
            raise PayRefusal(400, says, "该订单已支付")

        with monkeypatch.context() as patch:
            patch.setattr(till.platform, "end", paid_just_now)
            assert end(till.world.services, number) == "paid"
        till.platform.notices.deliver_due()
        assert till.standing(home) == once(FEN, paid=FEN), (code, lost)
    assert till.flaws() == []


# --- closed before ------------------------------------------------------------------------------------------------------

BEFORE = list(
    itertools.product(("with_wechat", "by_time", "twice", "never_there"), ("ORDERCLOSED", "ORDER_CLOSED", ""))
)


def test_f27_what_is_closed_already_is_closed_without_an_alarm(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    for how, code in BEFORE:
        home, number, _ = ordered(till)
        if how == "with_wechat":
            till.platform.end(number)
        elif how == "by_time":
            till.clock.move(timedelta(minutes=45))
        elif how == "twice":
            assert end(till.world.services, number) == "closed"
        else:
            home = till.home(FEN)
            number = till.order(home, FEN, "new").number
        with monkeypatch.context() as patch:
            if code and how != "never_there":
                known = till.platform.find(number)
                patch.setattr(known, "state", "NOTPAY")  # the question is answered by a copy that lags behind
                patch.setattr(known, "expires_at", known.expires_at + timedelta(days=1))

                def refuses(_number: str, says: str = code) -> None:
                    raise PayRefusal(400, says, "订单已关闭")

                patch.setattr(till.platform, "end", refuses)
            assert end(till.world.services, number) == "closed", (how, code)
            assert end(till.world.services, number) == "closed", (how, code)
        assert till.standing(home) == CLOSED, (how, code)
    assert till.flaws() == []


# --- made a moment ago --------------------------------------------------------------------------------------------------

YOUNG = (0, 60, 290)  # seconds


def test_f27_an_order_wechat_will_not_close_yet_stays_in_the_way_until_it_does(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within five minutes WeChat may refuse: nobody pays something else meanwhile, and nothing is taken at the counter."""
    ends = till.platform.end
    for age, paid in itertools.product(YOUNG, (True, False)):
        home, number, token = ordered(till)
        made = till.clock.now()

        def not_yet(asked: str, since: timedelta = timedelta(minutes=5), made_at: object = made) -> None:
            if till.clock.now() - made_at < since:
                raise PayRefusal(400, "INVALID_REQUEST", "订单生成后不能马上调用关单接口")
            ends(asked)

        monkeypatch.setattr(till.platform, "end", not_yet)
        till.clock.move(timedelta(seconds=age))
        with pytest.raises(Refusal, match="还没关好"):
            place(till.world.services, home, till.by_code(FEN - 1))
        assert till.standing(home) == Standing(orders=("closing",)), age
        if paid:
            till.platform.pay(token, SCANS)
        for _ in range(4):
            looks(till)
        till.platform.notices.deliver_due()
        assert till.standing(home) == (once(FEN, paid=FEN) if paid else CLOSED), (age, paid)
        if not paid:
            again = place(till.world.services, home, till.by_code(FEN - 1))
            assert again.number != number
    assert till.flaws() == []


# --- a WeChat that fails ------------------------------------------------------------------------------------------------

FAILS = list(itertools.product(
    ("timeout_before", "timeout_after", "502", "unsigned"), ("asking", "closing"), (1, 3), (True, False)
))  # fmt: skip


def test_f27_a_wechat_that_fails_in_the_middle_is_asked_again(till: Till) -> None:
    for kind, where, times, paid in FAILS:
        home, number, token = ordered(till)
        if paid:
            till.world.platform.faults.add(NOTIFY, "lost")
            till.platform.pay(token, SCANS)
        path = f"{ASK}/{number}" if where == "asking" else f"{ASK}/{number}/close"
        till.world.platform.faults.add(path, kind, times=times)
        first = end(till.world.services, number)
        if where == "closing":
            assert first == ("paid" if paid else "closing"), (kind, where)
        else:
            assert first == "closing", (kind, where)
            assert till.standing(home) == Standing(orders=("closing",)), (kind, where)
        for _ in range(times + 1):
            looks(till)
        till.world.platform.faults.clear()
        assert till.standing(home) == (once(FEN, paid=FEN) if paid else CLOSED), (kind, where, times, paid)
    assert till.flaws() == []


LATE = list(itertools.product(("closing", "closed"), (1, 3), (True, False)))


def test_f27_money_for_a_closed_order_is_kept_and_told(till: Till) -> None:
    """WeChat takes money for what it had said is closed; and when it is told many times, it is in the books once."""
    for state, copies, hold in LATE:
        home = till.home(FEN)
        slip: Slip = till.order(home, FEN, state, hold=hold)
        for _ in range(copies):
            assert till.tells(*till.notice(till.told(slip))) == 200
        late = state == "closed"
        paid = 0 if late or hold else FEN
        assert till.standing(home) == once(FEN, paid=paid, troubles=["late_payment"] if late else []), (state, hold)
        with till.database.transaction() as session:
            assert not online.closed(session, slip.number, now=till.clock.now()), "what is paid is not closed any more"
    assert till.flaws() == []


def test_f27_there_are_more_than_twenty() -> None:
    assert len(PAID) + 2 * len(SPELLINGS) + len(BEFORE) + 2 * len(YOUNG) + len(FAILS) + len(LATE) >= 20
