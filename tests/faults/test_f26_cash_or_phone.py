"""Fault 26: the cashier takes money while an order is open on somebody's phone, in every order of events, with a number of a slip that
is entered again. Either the phone wins or the counter does; nothing is taken twice, and the books say which."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from bot.simulator.errors import NotPossible
from handlers.paying import end, place
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Home
from models.payments.actions import Money, preview, take_in
from models.payments.counter import Entry, enter, mark_of
from models.payments.online import OtherOrder
from scheduler.jobs import query_orders
from tests.support.till import SCANS, Standing, Till
from tests.support.together import at_once

pytestmark = pytest.mark.thorough

FEN = 10_000


@dataclass(frozen=True)
class Case:
    """`events`: the payer pays, WeChat's notice arrives, the cashier has the order ended, the cashier presses the button. `again`:
    what the cashier does when all is over: sends the same sheet, or enters the slip on a new one."""

    events: tuple[str, ...]
    channel: str
    again: str


EVENTS = [
    order
    for order in itertools.permutations(("pays", "notice", "ends", "enters"))
    if order.index("pays") < order.index("notice")
]
CASES = [Case(*case) for case in itertools.product(EVENTS, ("cash", "pos"), ("same_sheet", "same_slip"))]
TOGETHER = [
    acts for acts in itertools.product(("notice", "query", "ends"), ("enters",), ("enters", "notice", "ends"))
]  # fmt: skip


@dataclass
class Counter:
    """A counter with its sheet filled in, and a phone with a code to be paid."""

    till: Till
    home: int
    channel: str

    def __post_init__(self) -> None:
        self.order = place(self.till.world.services, self.home, self.till.by_code(FEN))
        self.sheet = self.fresh("a")

    def fresh(self, name: str) -> Entry:
        """A sheet over what is owed, as it stands now; every sheet of this counter is for the same slip."""
        with self.till.database.reading() as session:
            home = session.get_one(Home, self.home)
            seen = mark_of(preview(session, home, FEN, now=self.till.clock.now()))
        return Entry(f"sheet-{name}-of-home-{self.home}", FEN, self.channel, f"slip {self.home}", "张伟", (), seen)

    def enters(self, sheet: Entry | None = None) -> str:
        try:
            with self.till.database.transaction() as session:
                home = session.get_one(Home, self.home)
                entered = enter(session, home, sheet or self.sheet, by="staff:1", now=self.till.clock.now())
                return "taken" if entered.first else "taken before"
        except OtherOrder:
            return "somebody is paying"
        except AlreadyDone:
            return "slip taken before"
        except Refusal:
            return "changed"

    def pays(self) -> str:
        try:
            self.till.platform.pay(self.order.token, SCANS)
        except NotPossible:
            return "too late"
        return "paid"

    def notice(self) -> str:
        self.till.platform.notices.deliver_due()
        return ""

    def query(self) -> str:
        query_orders.run(self.till.world.services, self.till.clock.now())
        return ""

    def ends(self) -> str:
        return end(self.till.world.services, self.order.number)

    def does(self, what: str) -> str:
        return str(getattr(self, what)())


def would_be(events: Sequence[str], again: str) -> tuple[str, str, Standing]:
    """Who wins, by hand: (what the first press is answered, what the last is, what the books say)."""
    at = {event: place for place, event in enumerate(events)}
    phone = at["pays"] < at["ends"]
    known = min(at["notice"], at["ends"]) if phone else at["ends"]  # when the order is no longer open with us
    first = "changed" if phone else "taken"
    if at["enters"] < known:
        first = "somebody is paying"
    counter = first == "taken"
    of_sheet = "taken before" if counter else "changed" if phone else "taken"
    # A new sheet shows what is owed now: nothing, once the phone has paid. What is taken then is held.
    of_slip = "slip taken before" if counter else "taken"
    last = of_sheet if again == "same_sheet" else of_slip
    counter = counter or last == "taken"
    payments = (FEN,) * (phone + counter)
    whole = len(payments)
    return (
        first,
        last,
        Standing(payments, whole, whole, int(phone), ("paid" if phone else "closed",), (), FEN, (whole - 1) * FEN),
    )


def test_f26_the_phone_wins_or_the_counter_does_in_every_order_of_events(till: Till) -> None:
    assert len(CASES) >= 40
    for number, case in enumerate(CASES):
        counter = Counter(till, till.home(FEN), case.channel)
        said = {event: counter.does(event) for event in case.events}
        counter.query()
        counter.notice()
        last = counter.enters(counter.sheet if case.again == "same_sheet" else counter.fresh("b"))
        found = (said["enters"], last, till.standing(counter.home))
        assert found == would_be(case.events, case.again), case
        assert counter.enters() in ("taken before", "changed"), case
        assert till.standing(counter.home) == found[2], case
        if number % 10 == 0:
            assert till.flaws() == [], case
    assert till.flaws() == []


def test_f26_at_the_same_moment_it_is_still_one_or_the_other(till: Till) -> None:
    for acts in TOGETHER:
        counter = Counter(till, till.home(FEN), "cash")
        counter.pays()
        answers = at_once([lambda what=act, c=counter: c.does(what) for act in acts])
        counter.query()
        counter.notice()
        entered = [answer for act, answer in zip(acts, answers, strict=True) if act == "enters"]
        assert set(entered) <= {"somebody is paying", "changed"}, (acts, answers)
        assert till.standing(counter.home) == Standing((FEN,), 1, 1, 1, ("paid",), (), FEN, 0), acts
    assert till.flaws() == []


SLIPS = list(itertools.product(("cash", "pos", "transfer"), ("same_home", "neighbour", "other_channel", "other_sum")))


def test_f26_a_slip_is_taken_once_whoever_brings_it(till: Till) -> None:
    for channel, where in SLIPS:
        home, neighbour = till.home(FEN), till.home(FEN)
        slip = f"{channel}-{home}"
        with till.database.transaction() as session:
            take_in(session, session.get_one(Home, home), Money(FEN, channel, slip), by="test", now=till.clock.now())
        other = "pos" if channel != "pos" else "cash"
        money = Money(FEN + 1 if where == "other_sum" else FEN, other if where == "other_channel" else channel, slip)
        target = neighbour if where == "neighbour" else home

        def bring(number: int = target, what: Money = money) -> bool:
            try:
                with till.database.transaction() as session:
                    take_in(session, session.get_one(Home, number), what, by="test", now=till.clock.now())
                return True
            except AlreadyDone:
                return False

        taken = sum(at_once([bring] * 3))
        assert taken == (where == "other_channel"), (
            channel,
            where,
        )  # a slip of the reader and one of the bank may be called alike
        standing = till.standing(home)
        assert standing == replace(Standing((FEN,) * (1 + taken), 1 + taken, 1 + taken, paid=FEN), held=FEN * taken), (
            where
        )
        assert till.standing(neighbour) == Standing(), where
    assert till.flaws() == []
