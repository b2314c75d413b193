"""Fault 22: refunds that are pressed at once, in many parts, for more than came, while new money comes; calls that time out and
notices that get lost. Never more goes back than came, and WeChat is asked by the same number until it has said what became of it."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.simulator.payments import PayRefund, PayRefusal
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Home
from models.messaging.tables import Outbox
from models.payments import giving_back, refunding
from models.payments.actions import Money, take_in
from models.payments.online_tables import OnlineRefund, PayTrouble
from models.payments.tables import Payment, Purse, Refund
from scheduler.jobs import send_refunds
from tests.support.till import REFUND_NOTIFY, Till
from tests.support.together import at_once

pytestmark = pytest.mark.thorough

FEN = 10_000
CALL = "/v3/refund/domestic/refunds"


def ask(till: Till, payment: int, fen: int, *, manager: bool = True) -> int | None:
    """The number of the refund; None when it was refused."""
    try:
        with till.database.transaction() as session:
            row = session.get_one(Payment, payment)
            return refunding.ask(
                session, row, fen, reason="多交", by="test", is_manager=manager, now=till.clock.now()
            ).id
    except Refusal:
        return None


def decide(till: Till, refund: int, how: Callable[..., Any]) -> bool:
    try:
        with till.database.transaction() as session:
            how(session, refund, by="test", now=till.clock.now())
        return True
    except AlreadyDone:
        return False


def settle(till: Till, looks: int = 6) -> None:
    """The job asks WeChat, again and again as it does; WeChat carries out and tells."""
    for _ in range(looks):
        send_refunds.run(till.world.services, till.clock.now())
        till.platform.notices.deliver_due()
        till.clock.move(timedelta(hours=3, minutes=1))  # longer than the job ever waits


@dataclass(frozen=True)
class Back:
    """Fen of the refunds of one payment: as the books have it, and as WeChat has it. How they stand; messages to the payer."""

    refunded: int
    books: tuple[int, ...]
    states: tuple[str, ...]
    wechat: tuple[int, ...]
    messages: int
    troubles: tuple[str, ...] = ()


def back(till: Till, payment: int) -> Back:
    with till.database.reading() as session:
        row = session.get_one(Payment, payment)
        ours = session.scalars(
            sa.select(OnlineRefund).where(OnlineRefund.payment_id == payment).order_by(OnlineRefund.id)
        ).all()
        books = session.scalars(sa.select(Refund.fen).where(Refund.payment_id == payment).order_by(Refund.id)).all()
        numbers = [refund.number for refund in ours]
        told = sa.or_(
            *(Outbox.dedupe_key.like(f"payment_refunded:refund:{refund.id}:%") for refund in ours), sa.false()
        )
        kept = sa.select(PayTrouble.what).where(PayTrouble.number.in_(numbers)).order_by(PayTrouble.id)
        return Back(
            row.refunded, tuple(books), tuple(refund.state for refund in ours),
            tuple(refund.fen for refund in till.platform.all_refunds() if refund.transaction_id == row.reference),
            session.scalar(sa.select(sa.func.count()).where(told)) or 0, tuple(session.scalars(kept)),
        )  # fmt: skip


def all_done(*fen: int) -> Back:
    return Back(sum(fen), fen, ("done",) * len(fen), fen, len(fen))


# --- pressed at once ----------------------------------------------------------------------------------------------------

PRESSED = list(itertools.product((2, 3, 6), (FEN, 4_000, 1), (True, False)))


def test_f22_however_many_press_at_once_no_more_goes_back_than_came(till: Till) -> None:
    for people, fen, billed in PRESSED:
        payment = till.paid(till.home(*([FEN] if billed else [])), FEN)
        given = at_once([lambda p=payment, f=fen: ask(till, p, f)] * people)
        count = min(people, FEN // fen)
        assert len([refund for refund in given if refund]) == count, (people, fen)
        settle(till, 1)
        assert back(till, payment) == all_done(*[fen] * count), (people, fen)
    assert till.flaws() == []


DECIDED = list(itertools.product(
    (("agree", "agree"), ("agree", "refuse"), ("refuse", "refuse"), ("agree", "agree", "refuse", "refuse")), (FEN, 1)
))  # fmt: skip


def test_f22_a_refund_is_decided_once_whoever_is_asked(till: Till) -> None:
    for ways, fen in DECIDED:
        payment = till.paid(till.home(FEN), FEN)
        wanted = ask(till, payment, fen, manager=False)
        assert wanted is not None
        assert ask(till, payment, FEN, manager=False) is None, "what is asked for already cannot be asked for again"
        acts = [getattr(refunding, way) for way in ways]
        assert sum(at_once([lambda w=wanted, a=act: decide(till, w, a) for act in acts])) == 1, ways
        settle(till, 1)
        found = back(till, payment)
        assert found in (all_done(fen), Back(0, (), ("refused",), (), 0)), ways
    assert till.flaws() == []


@pytest.mark.parametrize("parts", ["diced", "one_by_one"])
def test_f22_fifty_parts_are_the_whole_and_a_fifty_first_is_refused(till: Till, parts: str) -> None:
    chance = random.Random(22)
    cuts = sorted(chance.sample(range(1, FEN), 49))
    fen = [200] * 50 if parts != "diced" else [b - a for a, b in itertools.pairwise([0, *cuts, FEN])]
    payment = till.paid(till.home(FEN // 2, FEN // 4), FEN)
    for part in fen:
        assert ask(till, payment, part) is not None
        if parts == "one_by_one":
            settle(till, 1)
    assert ask(till, payment, 1) is None
    settle(till, 1)
    assert back(till, payment) == all_done(*fen)
    assert till.flaws() == []


# --- more than came -----------------------------------------------------------------------------------------------------

TOO_MUCH = (FEN + 1, 2 * FEN, 10**8, 0, -1, -FEN)


def test_f22_what_never_came_does_not_go_back(till: Till) -> None:
    for fen in TOO_MUCH:
        payment = till.paid(till.home(FEN), FEN)
        assert ask(till, payment, fen) is None, fen
        assert back(till, payment) == Back(0, (), (), (), 0), fen
    half = till.paid(till.home(FEN), FEN)
    assert ask(till, half, 5_000) is not None
    for fen in (5_001, FEN):
        assert ask(till, half, fen) is None, "half of it went back before"
    home = till.home()
    used = till.paid(home, FEN)
    with till.database.transaction() as session:
        other = take_in(
            session, session.get_one(Home, home), Money(FEN, "cash", "slip"), by="test", now=till.clock.now()
        )
        giving_back.refund(session, other.payment, FEN, number="back", reason="多交", by="test", now=till.clock.now())
    assert ask(till, other.payment.id, 1) is None, "cash does not go back by WeChat"
    assert ask(till, used, FEN) is not None
    for payment, refunded in ((used, FEN + 1), (half, -1)):
        with pytest.raises(sa.exc.IntegrityError), till.database.transaction() as session:
            session.execute(sa.update(Payment).where(Payment.id == payment).values(refunded=refunded))
    assert till.flaws() == []


def test_f22_while_new_money_comes_nothing_is_lost_or_given_twice(till: Till) -> None:
    """The payment was put by; while it goes back, cash comes in, the same refund is pressed again, and the next bill takes what is held."""
    chance = random.Random(22)
    for case in range(12):
        home = till.home(*([3_000] if case % 2 else []))
        payment = till.paid(home, FEN, hold=True)
        fen, cash = chance.choice((FEN, 7_000, 1)), chance.choice((1, 3_000, 20_000))

        def comes(number: int = home, amount: int = cash) -> None:
            with till.database.transaction() as session:
                money = Money(amount, "cash", f"slip {number}")
                take_in(session, session.get_one(Home, number), money, by="test", now=till.clock.now())

        def is_used(number: int = home) -> int:
            with till.database.transaction() as session:
                return giving_back.use_held(session, number, now=till.clock.now())

        def goes(number: int = payment, amount: int = fen) -> int | None:
            return ask(till, number, amount)

        _, used, *refunds = at_once([comes, is_used, goes, goes])
        given = len([refund for refund in refunds if refund])
        settle(till, 1)
        found = back(till, payment)
        assert found == all_done(*[fen] * given), case
        standing = till.standing(home)
        assert sum(standing.payments) - found.refunded == standing.held + standing.paid, case
        assert used <= standing.paid, case
    assert till.flaws() == []


# --- calls that fail ----------------------------------------------------------------------------------------------------

WIRE = list(
    itertools.product(("timeout_before", "timeout_after", "502", "unsigned"), ("ask", "look", "both"), (1, 2, 4))
)


def test_f22_a_call_that_fails_is_made_again_by_the_same_number(till: Till) -> None:
    for kind, where, times in WIRE:
        payment = till.paid(till.home(FEN), FEN)
        refund = ask(till, payment, 4_000)
        with till.database.reading() as session:
            number = session.scalars(sa.select(OnlineRefund.number).where(OnlineRefund.id == refund)).one()
        if where in ("ask", "both"):
            till.world.platform.faults.add(CALL, kind, times=times)
        if where in ("look", "both"):
            till.world.platform.faults.add(f"{CALL}/{number}", kind, times=times)
        settle(till, 2 * times + 2)
        till.world.platform.faults.clear()
        assert [each.number for each in till.platform.all_refunds() if each.fen == 4_000][-1] == number, (kind, where)
        assert back(till, payment) == all_done(4_000), (kind, where, times)
    assert till.flaws() == []


REFUSALS = list(itertools.product(
    ((500, "SYSTEM_ERROR"), (429, "FREQUENCY_LIMITED"), (403, "NOT_ENOUGH"), (400, "INVALID_REQUEST")), (True, False), (1, 3)
))  # fmt: skip


def test_f22_a_wechat_in_trouble_is_asked_again_by_the_same_number(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """SYSTEM_ERROR and the like, before it is done and after: what is not known is never tried under another number."""
    accepts = till.platform.refund
    asked: list[str] = []
    left = [0]

    for (status, code), done_before, times in REFUSALS:

        def refuses(body: dict[str, Any], refusal: tuple[int, str, bool] = (status, code, done_before)) -> PayRefund:
            asked.append(body["out_refund_no"])
            if left[0]:
                left[0] -= 1
                if refusal[2]:
                    accepts(body)
                raise PayRefusal(refusal[0], refusal[1])
            return accepts(body)

        monkeypatch.setattr(till.platform, "refund", refuses)
        payment = till.paid(till.home(FEN), FEN)
        asked.clear()
        left[0] = times
        assert ask(till, payment, FEN) is not None
        settle(till, times + 2)
        assert len(set(asked)) == 1, (code, done_before)
        assert back(till, payment) == all_done(FEN), (code, done_before, times)
    assert till.flaws() == []


# --- what WeChat says of it ---------------------------------------------------------------------------------------------

NOTICES = ("lost", "three_times", "late", "old_timestamp", "unknown_serial", "probe")


def test_f22_notices_of_refunds_that_are_lost_late_and_many(till: Till) -> None:
    for fault in NOTICES:
        payment = till.paid(till.home(FEN), FEN)
        assert ask(till, payment, FEN) is not None
        till.world.platform.faults.add(REFUND_NOTIFY, fault)
        settle(till, 3)
        assert back(till, payment) == all_done(FEN), fault
    assert till.flaws() == []


def news(till: Till, payment: int, refund: int, **changed: Any) -> dict[str, Any]:
    """What is inside a notice that a refund is done."""
    with till.database.reading() as session:
        row, wanted = session.get_one(Payment, payment), session.get_one(OnlineRefund, refund)
        amount = {"total": row.fen, "refund": wanted.fen, "payer_total": row.fen, "payer_refund": wanted.fen}
        return {
            "mchid": till.platform.merchant.mchid, "transaction_id": row.reference, "out_refund_no": wanted.number,
            "refund_status": "SUCCESS", "amount": amount, **changed,
        }  # fmt: skip


# What is told of a refund over 40.00 yuan → the answer, how it stands then, what staff are told.
SAID: dict[str, tuple[dict[str, Any], int, str, tuple[str, ...]]] = {
    "done": ({}, 200, "done", ()),
    "under way": ({"refund_status": "PROCESSING"}, 500, "under_way", ()),
    "a word nobody knows": ({"refund_status": "REVERSED"}, 500, "under_way", ()),
    "cannot reach the payer": ({"refund_status": "ABNORMAL"}, 200, "abnormal", ("refund_abnormal",)),
    "ended": ({"refund_status": "CLOSED"}, 200, "closed", ("refund_closed",)),
    "another sum": ({"amount": {"refund": 4_001}}, 500, "under_way", ("mismatch",)),
    "another payment": ({"transaction_id": "42"}, 500, "under_way", ("mismatch",)),
    **{f"the sum {fen!r}": ({"amount": {"refund": fen}}, 500, "under_way", ())
       for fen in ("4000", 40.0, True, 0, -4_000, None, 2**31, 10**30)},
    **{f"the number {number!r}": ({"out_refund_no": number}, 500, "under_way", ())
       for number in ("R-unknown", "", 1, "R\x00", "退" * 3, "R" * 65)},
    **{f"the payment {number!r}": ({"transaction_id": number}, 500, "under_way", ()) for number in ("", None, 4, "4\x00")},
    "no amount": ({"amount": None}, 500, "under_way", ()),
}  # fmt: skip


def test_f22_what_is_said_of_a_refund_is_taken_as_it_stands_or_not_at_all(till: Till) -> None:
    for name, (changed, status, state, troubles) in SAID.items():
        home = till.home(FEN)
        payment = till.paid(home, FEN)
        refund = ask(till, payment, 4_000)
        assert refund is not None
        with till.database.transaction() as session:
            number = session.get_one(OnlineRefund, refund).number
            refunding.asked(session, number, now=till.clock.now())
        for _ in range(2):  # the same again changes nothing more
            headers, body = till.notice(news(till, payment, refund, **changed))
            assert till.tells(headers, body, path=REFUND_NOTIFY) == status, name
        found = replace(back(till, payment), wechat=())
        assert found == Back(4_000, (4_000,), (state,), (), int(state == "done"), troubles), name
        with till.database.reading() as session:
            held = session.scalar(sa.select(Purse.held).where(Purse.home_id == home)) or 0
        assert held == (4_000 if state == "closed" else 0), name
    assert till.flaws() == []


def test_f22_there_are_a_hundred() -> None:
    cases = (PRESSED, DECIDED, TOO_MUCH, range(12), WIRE, REFUSALS, NOTICES, SAID)
    assert sum(map(len, cases)) >= 100
