"""待认领: a statement is read whole or not at all, nothing is posted by a guess, and each credit is one payment at most."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.closed_months import ClosedMonth, bounds
from models.db import Database
from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.tables import Community, Home
from models.messaging.tables import Outbox
from models.payments import transfers
from models.payments.actions import Money, take_in
from models.payments.bank_book import unclaimed_at
from models.payments.invariants import violations
from models.payments.month_figures import figures_of
from models.payments.month_ties import broken
from models.payments.tables import Payment
from models.payments.telling import tell_taken
from models.payments.transfer_sheet import Credit, StatementSheet, read_statement
from models.payments.transfer_tables import BankLine, BankTransfer
from models.people.tables import Binding, Person, Resident
from models.sheets.files import read_file
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee
from tests.support.races import Race
from tests.support.races import violations as race_violations

HEAD = "某银行对公账户明细,,,,,\n账号,****,,,,\n交易日期,支出金额,收入金额,对方户名,附言,交易流水号\n"
LINES = (
    "2026-03-09 10:11:12,,165.33,张伟,3-2-501物业费,'0001\n"
    "20260309,200.00,,电力公司,电费,0002\n"
    '2026/3/10,,"1,126.73",李娜,物业费,0003\n'
    "合计,200.00,1292.06,,,\n"
)


def read(path: Path, text: str) -> StatementSheet:
    file = path / "流水.csv"
    file.write_text(text, encoding="gbk")
    return read_statement(read_file(file).sheets)


def test_what_came_in_is_read_below_the_banks_own_lines(tmp_path: Path) -> None:
    sheet = read(tmp_path, HEAD + LINES)
    assert sheet.refusals == ()
    assert sheet.passed_over == 1
    found = [(row.serial, row.day, row.fen, row.payer, row.remark) for row in sheet.rows]
    assert found == [
        ("0001", date(2026, 3, 9), 16533, "张伟", "3-2-501物业费"),
        ("0003", date(2026, 3, 10), 112673, "李娜", "物业费"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("日期,钱\n2026-03-09,1\n", "没有找到表头"),
        (HEAD + "明天,,165.33,张伟,x,0001\n", "日期请写成"),
        (HEAD + "2026-03-09,,很多,张伟,x,0001\n", "看不懂这个金额"),
        (HEAD + "2026-03-09,,99999999999.00,张伟,x,0001\n", "这一笔太大了"),
        (HEAD + "2026-03-09,,165.33,张伟,x,\n", "流水号不完整"),
        (HEAD + "2026-03-09,,165.33,张伟,x,1.2E+15\n", "流水号不完整"),
        (HEAD + LINES + "2026-03-09,,1,张伟,x,0003\n", "流水号和"),
    ],
)
def test_a_statement_that_cannot_be_understood_says_where(tmp_path: Path, text: str, said: str) -> None:
    assert said in "\n".join(read(tmp_path, text).refusals)


@pytest.fixture
def company(session: Session) -> int:
    number = four_homes(session)
    service_fee(session, number)
    bill_month(session, number, "2026-03")
    company = session.get_one(Community, number).company_id
    for room, name in (("501", "张伟"), ("502", "李娜")):
        person = Person(company_id=company, name=name, created_at=NOW)
        session.add(person)
        session.flush()
        session.add(Resident(home_id=home_of(session, room).id, person_id=person.id, relation="owner", created_at=NOW))
    session.flush()
    return company


def credit(serial: str = "0001", fen: int = 16533, payer: str = "张伟", remark: str = "3-2-501物业费") -> Credit:
    return Credit("x!A1", serial, date(2026, 3, 9), fen, payer, remark)


def entered(session: Session, company: int, *rows: Credit) -> list[BankTransfer]:
    transfers.enter(session, company, rows, by="command", now=NOW)
    return list(transfers.open_transfers(session, company, 99))


def compounds(session: Session) -> list[int]:
    return list(session.scalars(sa.select(Community.id)))


def test_every_sign_speaks_for_a_home_and_none_posts_anything(session: Session, company: int) -> None:
    first, second, third = entered(
        session, company, credit(), credit("0002", 12673, "李娜", "物业费"), credit("0003", 500, "利息", "")
    )
    (best, *_) = transfers.suggestions(session, first, compounds(session))
    assert (best.home.room, best.why) == ("501", ("附言写了房号", "付款人是这户的", "金额正好是欠的"))
    (best,) = transfers.suggestions(session, second, compounds(session))
    assert (best.home.room, best.why) == ("502", ("付款人是这户的", "金额正好是欠的"))
    assert transfers.suggestions(session, third, compounds(session)) == []
    assert session.scalar(sa.select(sa.func.count()).select_from(Payment)) == 0
    assert transfers.unclaimed(session, company) == (3, 29706)


def test_a_claim_is_a_payment_by_the_banks_number_and_happens_once(session: Session, company: int) -> None:
    (transfer,) = entered(session, company, credit())
    taken = transfers.claim(session, transfer, home_of(session, "501"), by="staff:1", now=NOW)
    assert (taken.payment.channel, taken.payment.reference, taken.payment.payer) == ("transfer", "0001", "张伟")
    assert transfers.unclaimed(session, company) == (0, 0)
    with pytest.raises(AlreadyDone):
        transfers.claim(session, transfer, home_of(session, "502"), by="staff:1", now=NOW)
    with pytest.raises(AlreadyDone, match="认领过了"):
        transfers.one_open(session, transfer.id, company)
    with pytest.raises(NotFound):
        transfers.one_open(session, transfer.id, company + 1)
    assert entered(session, company, credit()) == [], "the same statement again"
    assert list(violations(session)) == []


def test_what_nobody_has_claimed_stands_on_an_account_of_its_own(session: Session, company: int) -> None:
    first, second = entered(session, company, credit(), credit("0002", 500, "利息", ""))
    (community,) = compounds(session)
    march = bounds("2026-03")
    assert figures_of(session, community, "2026-03").unclaimed == 17033
    later = march[1] + timedelta(days=2)
    transfers.claim(session, first, home_of(session, "501"), by="staff:1", now=later)
    transfers.put_aside(session, second, "存款利息", by="staff:1", now=later)
    month = figures_of(session, community, "2026-03")
    assert (month.unclaimed, month.unclaimed_account) == (17033, 17033), "as it stood when the month ended"
    assert list(broken(month)) == []
    assert unclaimed_at(session, company, later + timedelta(days=1)) == (0, 0)
    assert list(broken(replace(month, unclaimed_account=500))) == ["没人认领的转账170.33元，账上的待认领款5.00元"]
    assert list(violations(session)) == []
    undone = session.begin_nested()
    session.execute(sa.delete(BankLine).where(BankLine.what == "claimed", BankLine.account == "unclaimed"))
    assert len([flaw for flaw in violations(session) if flaw.startswith("bank transfer")]) == 2
    undone.rollback()


def test_a_credit_of_a_closed_month_is_dated_in_the_next_one(session: Session, company: int) -> None:
    (community,) = compounds(session)
    session.add(ClosedMonth(community_id=community, period="2026-03", totals={"ledger": {}}, by="t", closed_at=NOW))
    entered(session, company, credit())
    march = bounds("2026-03")[1]
    assert unclaimed_at(session, company, march) == (0, 0)
    assert unclaimed_at(session, company, march + timedelta(seconds=1)) == (16533, 16533)
    session.rollback()


def test_the_household_hears_what_was_taken_in_its_name_and_nothing_of_a_former_owners_money(
    session: Session, company: int
) -> None:
    home, person = home_of(session, "501"), session.scalars(sa.select(Person).where(Person.name == "张伟")).one()
    for openid, relation in (("zhang", "owner"), ("tenant", "tenant")):
        session.add(
            Binding(
                account="gh", openid=openid, home_id=home.id, person_id=person.id, relation=relation, proof="test",
                bound_at=NOW,
            )
        )  # fmt: skip
    (transfer,) = entered(session, company, credit())
    taken = transfers.claim(session, transfer, home, by="staff:1", now=NOW)
    (told,) = session.scalars(sa.select(Outbox).where(Outbox.kind == "money_taken")).all()
    assert (told.openid, told.data["amount"], told.data["way"]) == ("zhang", "165.33元", "转账")
    taken.payment.former_id = 7
    session.execute(sa.delete(Outbox))
    tell_taken(session, home, taken.payment, taken.receipt, taken.positions, now=NOW)
    assert session.scalar(sa.select(sa.func.count()).select_from(Outbox)) == 0
    session.rollback()


def test_what_the_cashier_entered_before_is_not_listed_again(session: Session, company: int) -> None:
    take_in(session, home_of(session, "501"), Money(16533, "transfer", "0001", "张伟"), by="staff:1", now=NOW)
    assert entered(session, company, credit()) == []


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_number_that_stands_for_another_sum_is_not_passed_over(session: Session, company: int, by_hand: bool) -> None:
    if by_hand:
        take_in(session, home_of(session, "501"), Money(16533, "transfer", "0001", "张伟"), by="staff:1", now=NOW)
    else:
        entered(session, company, credit())
    before = transfers.unclaimed(session, company)
    with pytest.raises(Refusal, match=r"以前登记的是165\.33元，这次是999\.00元"):
        entered(session, company, credit("0002", 500), credit("0001", 99900))
    assert transfers.unclaimed(session, company) == before


def test_what_is_no_fee_is_put_aside_with_a_reason(session: Session, company: int) -> None:
    (transfer,) = entered(session, company, credit("0009", 123, "银行", "结息"))
    with pytest.raises(Refusal, match="是什么钱"):
        transfers.put_aside(session, transfer, " ", by="staff:1", now=NOW)
    transfers.put_aside(session, transfer, "存款利息", by="staff:1", now=NOW)
    assert transfers.unclaimed(session, company) == (0, 0)
    assert list(violations(session)) == []


def the_race(database: Database) -> Race:
    """Three cashiers claim one credit for three homes."""
    with database.transaction() as session:
        number = four_homes(session)
        company = session.get_one(Community, number).company_id
        homes = [home_of(session, room).id for room in ("501", "502", "101")]

    def prepare(session: Session, round_number: int) -> int:
        return entered(session, company, credit(f"serial {round_number}"))[-1].id

    def claim(home: int) -> Callable[[Session, BankTransfer], object]:
        def act(session: Session, transfer: BankTransfer) -> object:
            session.add(transfer)
            return transfers.claim(session, transfer, session.get_one(Home, home), by="staff:1", now=NOW)

        return act

    def flaws(session: Session, transfer_id: int) -> list[str]:
        return list(violations(session))

    def look(session: Session, number: int) -> BankTransfer:
        return session.get_one(BankTransfer, number)

    return Race(prepare, [claim(home) for home in homes], look=look, flaws=flaws)


def test_three_cashiers_claim_one_credit(database: Database) -> None:
    assert race_violations(database, the_race(database), 2) == []


def test_without_its_guards_it_would_be_claimed_by_all(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers, "_end", lambda *_, **__: None)
    numbers = iter(range(1000))
    monkeypatch.setattr(
        transfers, "Money", lambda fen, channel, serial, payer: Money(fen, channel, f"{serial}-{next(numbers)}", payer)
    )
    assert race_violations(database, the_race(database), 2) != []
