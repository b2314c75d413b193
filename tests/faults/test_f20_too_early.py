"""Fault 20: a notice that comes before our order is committed, for no order of ours, while somebody holds its rows, or into a database
that fails in the middle. It is never answered with success unless a fresh look finds the payment; WeChat's next try ends it, once."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.tables import Home
from models.payments import confirm, online, posting, purses
from models.payments.actions import Money, put_in_books, take_in
from models.payments.online_tables import OnlineOrder, PayTrouble
from tests.support.till import NOTIFY, Holder, Slip, Standing, Till, once, wait_for_waiting
from tests.support.together import at_once

pytestmark = pytest.mark.thorough

FEN = 10_000


def retried(till: Till, slip: Slip) -> int:
    """WeChat's next try, a quarter of a minute later."""
    till.clock.move(timedelta(seconds=15))
    return till.tells(*till.notice(till.told(slip)))


def found(till: Till, slip: Slip) -> int:
    """How often this payment is in the books."""
    return till.standing(slip.home).payments.count(slip.fen)


# --- no order, or none yet ----------------------------------------------------------------------------------------------

EARLY = list(itertools.product((1, 2, 5), ("new", "open", "closed"), (True, False)))


def written(till: Till, slip: Slip, state: str) -> Callable[[Session], Any]:
    """The order is being written down, by whoever is placing it."""

    def act(session: Session) -> None:
        order = online.begin(
            session, session.get_one(Home, slip.home),
            online.Wanted(slip.fen, account=till.account, openid=slip.openid), now=till.clock.now(),
        )  # fmt: skip
        order.number, order.state = slip.number, state

    return act


def test_f20_before_our_commit_it_is_told_again_until_it_is_in_the_books(till: Till) -> None:
    for case, (copies, state, commits) in enumerate(EARLY):
        home = till.home(FEN)
        slip = Slip(f"L-early-{case}", home, FEN, f"payer-{home}-1", f"42{case:026d}")
        holder = Holder(till.database, written(till, slip, state))
        answers: list[int] = []
        told = threading.Thread(target=lambda s=slip, n=copies, a=answers: a.extend(tells(till, s, n)))
        told.start()
        if not till.database.is_sqlite:  # there nobody waits for what they cannot see
            told.join()
            assert set(answers) == {500}, case
            assert found(till, slip) == 0, case
        holder.ends(commits=commits)
        told.join()
        assert (200 in answers) == bool(found(till, slip)), case
        again = retried(till, slip)
        if commits:
            assert again == 200, case
            late = state == "closed"
            standing = till.standing(home)
            assert replace(standing, troubles=()) == once(FEN, paid=0 if late else FEN), case
        else:
            assert again == 500, case
            assert found(till, slip) == 0, case
            with till.database.reading() as session:
                kept = session.scalars(sa.select(PayTrouble.what).where(PayTrouble.number == slip.number)).all()
            assert kept == ["unknown_order"], "however often it is told, a person hears of it once"
    assert till.flaws() == []


def tells(till: Till, slip: Slip, copies: int) -> list[int]:
    return at_once([lambda: till.tells(*till.notice(till.told(slip)))] * copies)


# --- somebody holds it --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """What the other one is doing while the notice comes; the order's state before, and how often the notice comes."""

    who: str
    commits: bool
    state: str
    copies: int


WHO = ("purse", "cash", "opens", "wants_end", "closes", "posts")
HELD = [
    Held(who, commits, state, copies)
    for who, commits, state, copies in itertools.product(WHO, (True, False), ("new", "open", "closing"), (1, 3))
    if not (who == "opens" and state == "closing")
]


def holding(till: Till, slip: Slip, who: str) -> Callable[[Session], Any]:
    def act(session: Session) -> None:
        now = till.clock.now()
        purses.lock(session, slip.home)
        if who == "cash":
            money = Money(FEN + 1, "cash", f"slip {slip.number}")
            take_in(session, session.get_one(Home, slip.home), money, by="test", now=now)
        elif who == "opens":
            assert online.opened(session, slip.number, "wx-new", now=now)
        elif who == "wants_end":
            assert online.wants_end(session, slip.number, by="staff:1", now=now)
        elif who == "closes":
            assert online.closed(session, slip.number, now=now)
        elif who == "posts":
            shop = till.world.platform.payments.merchant
            told = confirm.read_transaction(till.told(slip))
            assert confirm.confirm(session, told, confirm.Merchant(shop.mchid, shop.appid), now=now) == "paid"

    return act


def test_f20_while_somebody_holds_the_row_it_ends_posted_once(till: Till) -> None:
    assert len(EARLY) + len(HELD) >= 40
    for case in HELD:
        home = till.home(FEN)
        slip = till.order(home, FEN, case.state)
        holder = Holder(till.database, holding(till, slip, case.who))
        answers: list[int] = []
        told = threading.Thread(target=lambda s=slip, n=case.copies, a=answers: a.extend(tells(till, s, n)))
        told.start()
        wait_for_waiting(till.database, case.copies)
        holder.ends(commits=case.commits)
        told.join()
        assert set(answers) == {200}, case
        assert retried(till, slip) == 200, case
        expected = once(FEN, paid=FEN)
        if case.commits and case.who == "cash":
            expected = Standing((FEN + 1, FEN), 2, 2, 1, ("paid",), (), FEN, FEN + 1)
        elif case.commits and case.who == "closes":
            expected = once(FEN, paid=0, troubles=("late_payment",))
        assert till.standing(home) == expected, case
    assert till.flaws() == []


# --- 0 rows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["new", "open", "closing", "closed"])
def test_f20_an_order_that_moved_under_our_hands_is_no_success(
    till: Till, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if no row were locked: the update of the order finds 0 rows."""
    other = {"new": "closing", "open": "closing", "closing": "closed", "closed": "open"}[state]
    home = till.home(FEN)
    slip = till.order(home, FEN, state)

    def moved(session: Session, *args: Any, **more: Any) -> Any:
        posted = put_in_books(session, *args, **more)
        change = sa.update(OnlineOrder).where(OnlineOrder.number == slip.number).values(state=other)
        session.execute(change.execution_options(synchronize_session=False))
        return posted

    with monkeypatch.context() as patch:
        patch.setattr(posting, "put_in_books", moved)
        for _ in range(3):
            assert retried(till, slip) == 500
            assert till.standing(home) == Standing(orders=(state,))
    assert retried(till, slip) == 200
    late = state == "closed"
    assert till.standing(home) == once(FEN, paid=0 if late else FEN, troubles=["late_payment"] if late else [])
    assert till.flaws() == []


# --- a database that fails ----------------------------------------------------------------------------------------------


@contextmanager
def failing(till: Till, at: int) -> Iterator[list[int]]:
    """The statement number `at` and all after it fail, as if the connection were gone."""
    count = [0]

    def strike(*_: Any) -> None:
        count[0] += 1
        if count[0] >= at:
            raise sa.exc.OperationalError("", {}, Exception("server closed the connection unexpectedly"))

    sa.event.listen(till.database.engine, "before_cursor_execute", strike)
    try:
        yield count
    finally:
        sa.event.remove(till.database.engine, "before_cursor_execute", strike)


def told_while_failing(till: Till, at: int) -> tuple[int, int, Slip]:
    """The notice of a home's first payment: (how it was answered, statements there were, the order)."""
    slip = till.order(till.home(FEN), FEN)
    notice = till.notice(till.told(slip))
    with failing(till, at) as count:
        status = till.browser().post(NOTIFY, data=notice[1], headers=notice[0]).status_code
    return status, count[0], slip


def test_f20_a_database_that_fails_at_any_statement_is_told_again(till: Till) -> None:
    told_while_failing(till, 1000)  # the company's very first receipt begins a book
    status, whole, _ = told_while_failing(till, 1000)
    assert status == 200
    posted_unseen = 0
    for at in range(1, whole + 1):
        status, _, slip = told_while_failing(till, at)
        assert status == 500, at
        posted_unseen += found(till, slip)  # it failed in the fresh look
        assert retried(till, slip) == 200, at
        assert till.standing(slip.home) == once(FEN, paid=FEN), at
    assert whole >= 16, "locking, reading, posting, the receipt, the fresh look"
    assert posted_unseen >= 1
    assert till.flaws() == []
