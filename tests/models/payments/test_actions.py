"""Money comes in and is given back, on both databases; the books are added up anew after every test."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.ledger import balance
from models.billing.queries import open_bills_of
from models.billing.tables import Bill
from models.errors import AlreadyDone, Refusal
from models.payments import purses
from models.payments.actions import Money, Taken, take_in
from models.payments.giving_back import homes_with_something_held, refund, use_held
from models.payments.invariants import violations
from models.payments.purses import held_of
from models.payments.receipts import number_of, reissue, void
from models.payments.tables import Payment, Purse, Receipt, Settlement
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee


@pytest.fixture
def garden(session: Session) -> Iterator[int]:
    """Two months are billed: 165.33 each for 3-2-501."""
    community = four_homes(session)
    service_fee(session, community)
    for period in ("2026-01", "2026-02"):
        bill_month(session, community, period)
    yield community
    assert list(violations(session)) == []


def pay(
    session: Session, fen: int, reference: str = "1", channel: str = "cash", room: str = "501", **more: Any
) -> Taken:
    at: datetime = more.pop("now", NOW)
    return take_in(session, home_of(session, room), Money(fen, channel, reference, "张伟"), by="test", now=at, **more)


def owed(session: Session, room: str = "501") -> list[int]:
    return [line.open for line in open_bills_of(session, [home_of(session, room).id])]


def test_money_settles_the_oldest_month_first(session: Session, garden: int) -> None:
    taken = pay(session, 20000)
    assert owed(session) == [33066 - 20000]
    assert [(position.words, position.fen) for position in taken.positions] == [
        ("物业费 2026-01-01至2026-01-31", 16533),
        ("物业费 2026-02-01至2026-02-28", 3467),
    ]
    assert balance(session, garden, "cash") == 20000


def test_the_payer_may_choose_the_newer_month(session: Session, garden: int) -> None:
    newer = open_bills_of(session, [home_of(session, "501").id])[1].bill
    pay(session, 16533, chosen=[newer.id])
    assert [line.bill.period for line in open_bills_of(session, [home_of(session, "501").id])] == ["2026-01"]


def test_what_is_too_much_is_kept_for_the_home(session: Session, garden: int) -> None:
    taken = pay(session, 40000)
    home = home_of(session, "501").id
    assert taken.prepaid == 40000 - 33066
    assert held_of(session, [home]) == {home: 6934}
    assert balance(session, garden, "prepayment") == -6934
    assert owed(session, "502") == [12673, 12673], "a neighbour's bills are not touched"


def test_a_purse_gives_what_it_holds_and_not_a_fen_more(session: Session, garden: int) -> None:
    take_in(session, home_of(session, "101"), Money(100_000, "cash", "1"), by="test", now=NOW)
    purse = purses.lock(session, home_of(session, "101").id)
    held = purse.held
    assert held > 0
    with pytest.raises(Refusal, match="预存款不够"):
        purses.change(session, purse, -held - 1, "used", now=NOW)
    assert purse.held == held
    purses.change(session, purse, -held, "used", now=NOW)
    assert purse.held == 0


def test_the_next_bill_is_paid_out_of_what_is_held(session: Session, garden: int) -> None:
    pay(session, 40000)
    bill_month(session, garden, "2026-03")
    home = home_of(session, "501").id
    assert homes_with_something_held(session, garden, "2026-03") == [home]
    assert use_held(session, home, now=NOW) == 6934
    assert owed(session) == [16533 - 6934]
    assert use_held(session, home, now=NOW) == 0
    assert homes_with_something_held(session, garden, "2026-03") == []


def test_the_same_number_of_a_channel_is_taken_once(session: Session, garden: int) -> None:
    pay(session, 16533, "slip 7", "pos")
    with pytest.raises(AlreadyDone, match="刷卡单号 slip 7 已经登记过了"):
        pay(session, 16533, "slip 7", "pos")
    pay(session, 100, "slip 7", "cash")
    assert session.scalar(sa.select(sa.func.count()).select_from(Payment)) == 2


@pytest.mark.parametrize(
    ("fen", "channel", "words"),
    [(0, "cash", "大于0"), (-5, "cash", "大于0"), (100, "支票", "收款方式"), (100_000_001, "cash", "太大了")],
)
def test_nonsense_is_refused_and_changes_nothing(
    session: Session, garden: int, fen: int, channel: str, words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        pay(session, fen, channel=channel)
    assert owed(session) == [16533, 16533]
    assert session.scalar(sa.select(sa.func.count()).select_from(Payment)) == 0


def test_receipts_are_numbered_without_a_gap_and_say_everything(session: Session, garden: int) -> None:
    taken = [pay(session, 100, "1"), pay(session, 40000, "2"), pay(session, 100, "3", room="502")]
    assert [number_of(each.receipt) for each in taken] == ["0000001", "0000002", "0000003"]
    content = taken[1].receipt.content
    assert (content["home"], content["payer"], content["channel"]) == ("锦绣花园3栋2单元501", "张伟", "现金")
    assert (content["shown"], content["capitals"]) == ("400.00元", "肆佰元整")
    assert sum(fen for _, fen in content["positions"]) == 40000


def test_a_void_receipt_keeps_its_number(session: Session, garden: int) -> None:
    first = pay(session, 100).receipt
    second = reissue(session, first, reason="抬头写错", now=NOW)
    assert (second.number, second.content) == (2, first.content)
    with pytest.raises(AlreadyDone):
        void(session, first.id, reason="再作废", now=NOW)


def test_a_missing_number_and_a_changed_sum_are_found(session: Session, garden: int) -> None:
    """The negative control of the fixture: what it checks can be seen when it is broken."""
    payment = pay(session, 100).payment
    bill = session.scalars(sa.select(Bill).where(Bill.paid > 0)).one()
    for break_it, said, mend_it in (
        (sa.update(Bill).where(Bill.id == bill.id).values(paid=99), "says 99 fen were paid", {"paid": 100}),
        (sa.update(Bill).where(Bill.id == bill.id).values(amount=1), "paid more than it asks for", {"amount": 16533}),
    ):
        session.execute(break_it)
        assert any(said in found for found in violations(session))
        session.execute(sa.update(Bill).where(Bill.id == bill.id).values(**mend_it))
    session.execute(sa.update(Receipt).values(voided_at=NOW))
    assert list(violations(session)) == [f"payment {payment.id}: has no valid receipt"]
    session.execute(sa.update(Receipt).values(voided_at=None))


def test_money_is_given_back_off_the_newest_bill_first(session: Session, garden: int) -> None:
    payment = pay(session, 33066).payment
    refund(session, payment, 10000, number="r1", reason="多收", by="test", now=NOW)
    assert owed(session) == [10000]
    assert open_bills_of(session, [home_of(session, "501").id])[0].bill.period == "2026-02"
    assert balance(session, garden, "cash") == 23066


def test_what_is_held_is_given_back_before_a_bill_is_opened_again(session: Session, garden: int) -> None:
    payment = pay(session, 40000).payment
    refund(session, payment, 6934, number="r1", reason="退预存", by="test", now=NOW)
    assert owed(session) == []
    assert held_of(session, [payment.home_id]) == {}
    refund(session, payment, 33066, number="r2", reason="全退", by="test", now=NOW)
    assert owed(session) == [16533, 16533]


def test_no_more_is_given_back_than_came_in_and_a_number_counts_once(session: Session, garden: int) -> None:
    payment = pay(session, 16533).payment
    refund(session, payment, 6533, number="r1", reason="多收", by="test", now=NOW)
    with pytest.raises(AlreadyDone):
        refund(session, payment, 6533, number="r1", reason="多收", by="test", now=NOW)
    with pytest.raises(Refusal, match=r"最多还能退100\.00元"):
        refund(session, payment, 10001, number="r2", reason="多收", by="test", now=NOW)
    with pytest.raises(Refusal, match="大于0"):
        refund(session, payment, 0, number="r3", reason="多收", by="test", now=NOW)


def test_what_was_used_out_of_the_purse_is_not_given_back_twice(session: Session, garden: int) -> None:
    payment = pay(session, 40000).payment
    bill_month(session, garden, "2026-03")
    use_held(session, payment.home_id, now=NOW)
    with pytest.raises(Refusal, match="已经用掉了"), session.begin_nested():
        refund(session, payment, 40000, number="r1", reason="全退", by="test", now=NOW)
    session.expire_all()
    refund(session, payment, 33066, number="r2", reason="退账单部分", by="test", now=NOW)


def test_a_late_fee_runs_up_becomes_a_bill_and_is_paid_before_the_month(session: Session) -> None:
    community = four_homes(session)
    service_fee(session, community, late_rate=500)
    bill_month(session, community, "2026-01")
    # due on 31 January, 60 days late: 16533 × 0.0005 × 60 = 495.99
    sixty_days_late = datetime(2026, 4, 1, 9, 0, tzinfo=NOW.tzinfo)
    taken = pay(session, 1000, now=sixty_days_late)
    assert [(position.words, position.fen) for position in taken.positions] == [
        ("物业费违约金", 496),
        ("物业费 2026-01-01至2026-01-31", 504),
    ]
    # ten more days on what is left: 16029 × 0.0005 × 10 = 80.145
    taken = pay(session, 20000, "2", now=sixty_days_late + timedelta(days=10))
    assert taken.positions[0].fen == 80
    assert taken.prepaid == 20000 - 80 - 16029
    assert owed(session) == []
    assert list(violations(session)) == []


def test_two_who_pay_the_same_bill_never_pay_it_twice(session: Session, garden: int) -> None:
    pay(session, 33066, "1")
    taken = pay(session, 33066, "2", "wechat")
    assert taken.prepaid == 33066, "the second payment is kept for the home"
    assert session.scalar(sa.select(sa.func.sum(Settlement.fen))) == 33066
    assert session.scalars(sa.select(Purse.held)).one() == 33066
