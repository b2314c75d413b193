"""Money that is only kept for somebody, on both databases; the books and the month's ties are added up anew after every test."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.ledger import balance
from models.billing.once import bill_once, in_words
from models.billing.tables import Bill
from models.billing.tariffs import Agreement, agree, item_of
from models.db import savepoint
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community
from models.payments import deposits
from models.payments.actions import Money, take_in
from models.payments.breakdown import close_day
from models.payments.deposits import RENOVATION, Held
from models.payments.giving_back import refund
from models.payments.handover import Change, hand_over
from models.payments.invariants import violations
from models.payments.month_figures import figures_of
from models.payments.month_ties import broken
from models.payments.purses import held_of
from models.payments.receipts import number_of
from models.payments.terms import change_terms
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee

DAY = NOW.date()


@pytest.fixture
def garden(session: Session) -> Iterator[int]:
    community = four_homes(session)
    service_fee(session, community)
    bill_month(session, community, "2026-03")
    yield community
    session.flush()
    assert list(violations(session)) == []
    assert list(broken(figures_of(session, community, "2026-03"))) == []
    assert close_day(session, [community], DAY).ties


def take(session: Session, fen: int = 300_000, slip: str = "1", code: str = RENOVATION, now: datetime = NOW) -> Held:
    return deposits.take(
        session, home_of(session, "501"), Money(fen, "cash", slip, "张伟"), code, by="staff:1", now=now
    )


def test_it_is_no_income_pays_no_bill_and_has_a_receipt_of_its_own_book(session: Session, garden: int) -> None:
    income, owed = balance(session, garden, "income"), balance(session, garden, "receivable")
    first, second = take(session), take(session, 5_000, "2", "CARD_DEP")
    paid = take_in(session, home_of(session, "502"), Money(100, "cash", "3"), by="test", now=NOW)
    assert [number_of(one) for one in (first.receipt, second.receipt, paid.receipt)] == [
        "押0000001",
        "押0000002",
        "0000001",
    ]
    assert first.receipt.content["capitals"] == "叁仟元整"
    assert (balance(session, garden, "income"), balance(session, garden, "receivable")) == (income, owed - 100)
    assert balance(session, garden, "deposit") == -305_000
    assert held_of(session, [home_of(session, "501").id]) == {}
    assert close_day(session, [garden], DAY).numbers == (1, 1), "the two books are not counted together"


def test_all_of_it_goes_back_once(session: Session, garden: int) -> None:
    held = take(session)
    assert deposits.give_back(session, held.deposit, 0, "", "surrendered", by="staff:1", now=NOW) == 300_000
    with pytest.raises(AlreadyDone):
        deposits.give_back(session, held.deposit, 0, "", "lost", by="staff:2", now=NOW)
    assert (balance(session, garden, "deposit"), balance(session, garden, "cash")) == (0, 0)
    assert deposits.held_for(session, [home_of(session, "501").id]) == []


def test_what_is_kept_for_a_damage_pays_a_bill_that_is_passed_on(session: Session, garden: int) -> None:
    income = balance(session, garden, "income")
    held = take(session)
    assert deposits.give_back(session, held.deposit, 20_000, "墙面损坏", "lost", by="staff:1", now=NOW) == 280_000
    bill = session.get_one(Bill, held.deposit.bill_id)
    assert (bill.amount, bill.paid) == (20_000, 20_000)
    assert "墙面损坏" in bill.basis["words"][0]
    assert (balance(session, garden, "income"), balance(session, garden, "agency")) == (income, -20_000)
    assert balance(session, garden, "deposit") == 0


def test_what_cannot_be_is_refused(session: Session, garden: int) -> None:
    held, home = take(session), home_of(session, "501")
    for deduction, reason, words in ((300_001, "坏了", "扣不了"), (-1, "坏了", "扣不了"), (100, " ", "为什么扣")):
        with pytest.raises(Refusal, match=words):
            deposits.give_back(session, held.deposit, deduction, reason, "lost", by="staff:1", now=NOW)
    with pytest.raises(Refusal, match="现金、刷卡或转账"):
        deposits.take(session, home, Money(100, "wechat", "w"), RENOVATION, by="staff:1", now=NOW)
    with pytest.raises(Refusal, match="退押金"):
        refund(session, held.payment, 100, number="r", reason="退", by="test", now=NOW)
    with pytest.raises(AlreadyDone), savepoint(session):
        take(session)
    change_terms(session, session.get_one(Community, garden), by="test", now=NOW, renovation_deposit_allowed=False)
    with pytest.raises(Refusal, match="不收装修押金"):
        take(session, slip="9")
    assert take(session, 1_000, "10", "CARD_DEP").name == "门禁卡押金", "the switch is about renovation alone"


def test_a_deposit_is_never_a_bill(session: Session, garden: int) -> None:
    company = session.get_one(Community, garden).company_id
    item, home = item_of(session, company, RENOVATION), home_of(session, "501")
    with pytest.raises(Refusal, match="收押金"):
        bill_once(session, home, item, 100, start=DAY, end=DAY, due_on=DAY, basis=in_words(""), by="test", now=NOW)
    with pytest.raises(Refusal, match="收押金"):
        agree(session, garden, RENOVATION, Agreement("fixed", 100, "合同", DAY), by="test", now=NOW)


def test_the_deposit_of_a_former_owner_stays_theirs(session: Session, garden: int) -> None:
    held, home = take(session), home_of(session, "501")
    done = hand_over(session, home, Change(DAY, "周涛"), by="staff:1", now=NOW)
    assert (done.back, done.moved) == ({}, 0), "it is no prepayment"
    assert deposits.held_for(session, [home.id], of_today=True) == []
    assert [one.deposit.id for one in deposits.held_for(session, [home.id])] == [held.deposit.id]
    deposits.give_back(session, held.deposit, 1_000, "地漏堵了", "surrendered", by="staff:1", now=NOW)


@pytest.mark.parametrize(
    "harm",
    ["UPDATE deposits SET fen = fen + 1", "UPDATE deposits SET state = 'returned'", "DELETE FROM deposits"],
)
def test_the_audit_sees_what_was_harmed(session: Session, harm: str) -> None:
    service_fee(session, four_homes(session))
    take(session)
    session.flush()
    assert list(violations(session)) == []
    session.execute(sa.text(harm))
    assert list(violations(session)) != []
