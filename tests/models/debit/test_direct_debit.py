"""Direct debit as rows: what is asked for, what came, what came twice, and nothing by halves."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.tables import Bill
from models.db import Database
from models.debit import batches, invariants, returns
from models.debit.agreements import Agreement
from models.debit.bank_files import Wanted, write_list
from models.debit.mandates import in_force, revoke, sign
from models.debit.profiles import BankProfile
from models.debit.tables import DebitBatch, DebitLine
from models.dunning.actions import stop
from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.tables import Community
from models.messaging.tables import Outbox
from models.payments.actions import Money, take_in
from models.payments.handover import Change, hand_over
from models.payments.invariants import violations
from models.payments.purses import held_of
from models.payments.tables import Payment
from models.payments.troubles import open_troubles
from models.people.tables import Binding, Person
from models.vault import Vault
from tests.models.debit.test_bank_files import BANKS
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee
from tests.support.races import Race
from tests.support.races import violations as race_violations

PIPE = BANKS["pipe"]
VAULT = Vault(["a secret of the tests"])
ZHANG, LI = "6222000011112222", "6222000033334444"
TENTH = NOW + timedelta(days=9)


@pytest.fixture
def community(session: Session) -> Iterator[Community]:
    """501 owes 165.33, 502 126.73, 101 104.19; the first two have signed."""
    number = four_homes(session)
    service_fee(session, number)
    bill_month(session, number, "2026-03")
    for room, account, holder in (("501", ZHANG, "张伟"), ("502", LI, "李娜")):
        sign(
            session,
            home_of(session, room),
            Agreement(account, holder, f"A{room}", date(2026, 1, 1)),
            VAULT,
            by="t",
            now=NOW,
        )
    yield session.get_one(Community, number)
    assert list(invariants.flaws(session)) == []
    assert list(violations(session)) == []


def the_list(session: Session, community: Community) -> DebitBatch:
    return batches.make_list(session, community, PIPE, VAULT, by="staff:1", now=TENTH)


def answered(session: Session, batch: DebitBatch, codes: dict[int, str], profile: BankProfile = PIPE) -> bytes:
    """What the bank would answer: a code for each line, 0000 unless told."""
    rows, paid = [], []
    for line in session.scalars(sa.select(DebitLine).where(DebitLine.batch_id == batch.id).order_by(DebitLine.seq)):
        code = codes.get(line.seq, "0000")
        account = ZHANG if line.seq == 1 else LI
        rows.append(f"{line.seq}|{account}|某|{line.fen}|x|物业费|{code}||20260311|S{line.seq}")
        paid += [line.fen] if code == "0000" else []
    head = f"{batch.number}|20260311|{batch.count}|{batch.total}|{len(paid)}|{sum(paid)}"
    return "\r\n".join([head, *rows]).encode(profile.encoding)


def take(session: Session, batch: DebitBatch, content: bytes) -> returns.Outcome:
    return returns.take_return(session, content, PIPE, VAULT, [batch.community_id], by="staff:1", now=TENTH)


def test_a_list_holds_what_everybody_who_signed_owes(session: Session, community: Community) -> None:
    batch = the_list(session, community)
    lines = session.execute(sa.select(DebitLine.seq, DebitLine.fen).order_by(DebitLine.seq)).all()
    assert [tuple(line) for line in lines] == [(1, 16533), (2, 12673)]
    assert (batch.count, batch.total, batch.state) == (2, 29206, "sent")
    content = batches.content_of(session, batch, PIPE, VAULT)
    wanted = [Wanted(1, ZHANG, "张伟", 16533, "3栋2单元501"), Wanted(2, LI, "李娜", 12673, "3栋2单元502")]
    assert content == write_list(PIPE, batch.number, date(2026, 3, 10), wanted)
    with pytest.raises(AlreadyDone, match="还在银行处理"):
        the_list(session, community)
    batches.drop_list(session, batch, company_id=community.company_id, by="staff:1", now=TENTH)
    assert the_list(session, community).number != batch.number


def test_what_came_is_posted_once_and_what_did_not_stays_owed(session: Session, community: Community) -> None:
    batch = the_list(session, community)
    content = answered(session, batch, {2: "E001"})
    outcome = take(session, batch, content)
    assert (outcome.paid, outcome.fen, dict(outcome.refused)) == (1, 16533, {"余额不足": 1})
    payment = session.scalars(sa.select(Payment)).one()
    assert (payment.fen, payment.channel, payment.reference) == (16533, "debit", f"{batch.number}-1")
    assert [due.fen for due in batches.due_of(session, community.id, TENTH)] == [12673]
    with pytest.raises(AlreadyDone, match="用这份文件"):
        take(session, batch, content)
    with pytest.raises(AlreadyDone, match="已经入过账"):
        take(session, batch, answered(session, batch, {}))
    assert session.scalar(sa.select(sa.func.count()).select_from(Payment)) == 1


def test_what_was_paid_meanwhile_is_kept_in_advance(session: Session, community: Community) -> None:
    batch, home = the_list(session, community), home_of(session, "501")
    take_in(session, home, Money(16533, "cash", "slip 1"), by="staff:1", now=TENTH)
    outcome = take(session, batch, answered(session, batch, {}))
    assert (outcome.paid, outcome.twice) == (2, 16533)
    assert held_of(session, [home.id]) == {home.id: 16533}


def test_money_of_somebody_who_sold_the_home_is_for_their_debt_or_for_a_person_to_look_at(
    session: Session, community: Community
) -> None:
    batch, home = the_list(session, community), home_of(session, "501")
    hand_over(session, home, Change(date(2026, 4, 1), "周涛"), by="staff:1", now=TENTH + timedelta(days=22))
    other = home_of(session, "502")
    take_in(session, other, Money(12673, "cash", "slip"), by="staff:1", now=TENTH)
    hand_over(session, other, Change(date(2026, 4, 1), "吴用"), by="staff:1", now=TENTH + timedelta(days=22))
    assert in_force(session, home.id) is None, "the new owner sees nothing of the card"
    content = answered(session, batch, {})
    outcome = returns.take_return(
        session, content, PIPE, VAULT, [community.id], by="staff:1", now=TENTH + timedelta(days=23)
    )  # fmt: skip
    assert (outcome.paid, outcome.fen, outcome.to_look_at) == (1, 16533, ["3栋2单元502"])
    (trouble,) = open_troubles(session, community.company_id, None)
    assert (trouble.number, trouble.fen) == (f"{batch.number}-2", 12673)
    assert "3栋2单元502代扣到了钱但入不了账" in trouble.words
    assert session.scalars(sa.select(Payment.former_id).where(Payment.channel == "debit")).one() is not None


def test_what_was_paid_in_part_meanwhile_is_told_too(session: Session, community: Community) -> None:
    batch, home = the_list(session, community), home_of(session, "501")
    take_in(session, home, Money(6533, "cash", "slip"), by="staff:1", now=TENTH)
    assert take(session, batch, answered(session, batch, {})).twice == 6533
    assert held_of(session, [home.id]) == {home.id: 6533}


def test_a_new_owner_hears_nothing_of_the_former_ones_card(session: Session, community: Community) -> None:
    batch, home = the_list(session, community), home_of(session, "501")
    later = TENTH + timedelta(days=22)
    hand_over(session, home, Change(date(2026, 4, 1), "周涛"), by="staff:1", now=later)
    person = Person(company_id=community.company_id, name="周涛", created_at=later)
    session.add(person)
    session.flush()
    session.add(
        Binding(
            account="gh", openid="new-owner", home_id=home.id, person_id=person.id, relation="owner", proof="test",
            bound_at=later,
        )
    )  # fmt: skip
    content = answered(session, batch, {1: "E001"})
    returns.take_return(session, content, PIPE, VAULT, [community.id], by="staff:1", now=later + timedelta(days=1))
    kinds = session.scalars(sa.select(Outbox.kind).where(Outbox.openid == "new-owner")).all()
    assert [kind for kind in kinds if kind.startswith("debit")] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((f"|{ZHANG}|", "|6222999999999999|"), "3栋2单元501这一行的账号或金额"),
        (("\r\n2|", "\r\n3|"), "笔数或金额和送出去的"),
        (("2026031", "2025031"), "没有批次号"),
    ],
)
def test_a_file_that_is_not_the_answer_to_our_list_changes_nothing(
    session: Session, community: Community, change: tuple[str, str], said: str
) -> None:
    batch = the_list(session, community)
    content = answered(session, batch, {}).decode("gbk").replace(*change, 1).encode("gbk")
    with pytest.raises((Refusal, NotFound), match=said):
        take(session, batch, content)
    assert session.scalar(sa.select(sa.func.count()).select_from(Payment)) == 0
    session.refresh(batch)
    assert batch.state == "sent"


def test_who_disputes_has_ended_it_or_whose_time_is_over_is_not_asked(session: Session, community: Community) -> None:
    stop(session, home_of(session, "501"), "dispute", "账单有争议", by="staff:1", now=NOW)
    assert [due.fen for due in batches.due_of(session, community.id, TENTH)] == [12673]
    revoke(session, home_of(session, "502").id, "业主取消", by="wechat", now=NOW)
    with pytest.raises(Refusal, match="没有要代扣的"):
        the_list(session, community)
    over = Agreement(LI, "李娜", "A1", date(2026, 1, 1), date(2026, 3, 9))
    sign(session, home_of(session, "502"), over, VAULT, by="t", now=NOW)
    assert batches.due_of(session, community.id, TENTH) == []


def test_an_agreement_signed_again_takes_the_place_of_the_first(session: Session, community: Community) -> None:
    home = home_of(session, "501")
    same = Agreement(ZHANG, "张伟", "A501", date(2026, 1, 1))
    assert sign(session, home, same, VAULT, by="t", now=NOW) is None
    assert (
        sign(session, home, Agreement("6222555566667777", "张伟", "B1", date(2026, 2, 1)), VAULT, by="t", now=NOW)
        is not None
    )
    mandate = in_force(session, home.id)
    assert mandate is not None
    assert VAULT.open(mandate.sealed) == "6222555566667777"
    with pytest.raises(Refusal, match="8到32位数字"):
        Agreement("6222-abc", "张伟", "B1", date(2026, 2, 1))
    assert community.id == home.community_id


def test_an_account_number_never_lies_in_the_database_in_plain(session: Session, community: Community) -> None:
    raw = session.execute(sa.text("SELECT * FROM mandates ORDER BY id")).all()
    assert [row.tail for row in raw] == ["2222", "4444"]
    assert [VAULT.open(row.sealed) for row in raw] == [ZHANG, LI]
    lying = session.execute(sa.text("SELECT details FROM audit")).all()
    for account in (ZHANG, LI):
        assert account not in str(raw) + str(lying)
    batch = the_list(session, community)
    with pytest.raises(Refusal, match="打不开"):
        batches.content_of(session, batch, PIPE, Vault(["another secret of the tests"]))
    undone = session.begin_nested()
    session.execute(sa.text(f"UPDATE mandates SET sealed = '{ZHANG}' WHERE tail = '2222'"))
    assert len(list(invariants.flaws(session))) == 1
    undone.rollback()


def test_a_bill_that_was_paid_in_part_is_asked_for_the_rest(session: Session, community: Community) -> None:
    take_in(session, home_of(session, "501"), Money(6533, "cash", "slip"), by="staff:1", now=NOW)
    assert [due.fen for due in batches.due_of(session, community.id, TENTH)] == [10000, 12673]
    assert session.scalar(sa.select(sa.func.count()).select_from(Bill)) == 3


def test_money_of_no_list_is_found(session: Session, community: Community) -> None:
    home = home_of(session, "501")
    undone = session.begin_nested()
    take_in(session, home, Money(16533, "debit", "nowhere-1", "张伟"), by="staff:1", now=NOW)
    assert [flaw.partition(": ")[2] for flaw in invariants.flaws(session)] == ["stands for 0 lines of debit lists"]
    undone.rollback()
    assert community.id == home.community_id


# --- two at the same moment -------------------------------------------------------------------------------------------


def the_race(database: Database) -> Race:
    """Two cashiers bring back the same answer: it is taken once."""
    with database.transaction() as session:
        number = four_homes(session)
        service_fee(session, number)
        bill_month(session, number, "2026-03")
        sign(session, home_of(session, "501"), Agreement(ZHANG, "张伟", "A", date(2026, 1, 1)), VAULT, by="t", now=NOW)
        batch = the_list(session, session.get_one(Community, number))
        content = answered(session, batch, {})

    def bring(session: Session, subject: int) -> object:
        return returns.take_return(session, content, PIPE, VAULT, [subject], by="staff:1", now=TENTH)

    def flaws(session: Session, subject: int) -> list[str]:
        paid = session.scalars(sa.select(Payment.fen).where(Payment.channel == "debit")).all()
        return [] if list(paid) == [16533] else [f"posted {list(paid)}"]

    return Race(lambda session, round_number: number, [bring] * 3, flaws=flaws)


def test_two_cashiers_bring_the_same_answer(database: Database) -> None:
    assert race_violations(database, the_race(database), 1) == []


def test_without_its_guards_it_would_be_taken_twice(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returns, "close", lambda *_, **__: True)
    numbers = iter(range(100))
    monkeypatch.setattr(
        returns,
        "Money",
        lambda fen, channel, reference, payer: Money(fen, channel, f"{reference}-{next(numbers)}", payer),
    )
    assert race_violations(database, the_race(database), 1) != []
