"""Fault 25: money that is less or more than what is owed, one transfer for several bills, statements and return files that come twice,
for another list, with wrong sums and with rows that failed. What is put where is checked against the rule worked out by hand."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.once import bill_once, in_words
from models.billing.tables import Bill
from models.billing.tariffs import item_of
from models.debit import batches, returns
from models.debit import invariants as debit
from models.debit.agreements import Agreement
from models.debit.mandates import sign
from models.debit.profiles import REASONS, BankProfile
from models.debit.tables import DebitBatch, DebitLine
from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.tables import Community, Home
from models.payments import transfers
from models.payments.actions import LARGEST, Money, take_in
from models.payments.invariants import violations
from models.payments.purses import held_of
from models.payments.tables import Payment, Receipt
from models.payments.transfer_sheet import Credit, read_statement
from models.payments.transfer_tables import BankTransfer
from models.sheets.files import read_file
from models.vault import Vault
from tests.models.debit.test_bank_files import BANKS
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee

pytestmark = pytest.mark.thorough

VAULT = Vault(["a secret of the tests"])


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """One case: nothing of it is left for the next."""
    case = session.begin_nested()
    yield
    session.flush()
    assert list(violations(session)) == []
    assert list(debit.flaws(session)) == []
    case.rollback()
    session.expire_all()


# --- part of it, and more ----------------------------------------------------------------------------------------------

AMOUNTS = range(30)


def owing(session: Session, chance: random.Random) -> tuple[Home, dict[int, int]]:
    """A home with two to five bills, each due on a day of its own; what each is over, the oldest first."""
    home = home_of(session, "501")
    item = item_of(session, session.get_one(Community, home.community_id).company_id, "SPECIAL")
    bills = {}
    for number in range(chance.randrange(2, 6)):
        day = date(2025, 6, 1) + timedelta(days=30 * number + chance.randrange(20))
        fen = chance.choice((1, 99, 100, 1_961, 16_533, chance.randrange(1, 100_000)))
        bill = bill_once(
            session, home, item, fen, start=day, end=day, due_on=day, basis=in_words("换角阀"), by="test", now=NOW
        )
        bills[bill.id] = fen
    return home, bills


def put(fen: int, owed: dict[int, int], chosen: list[int]) -> tuple[dict[int, int], int]:
    """By hand: what was chosen in the payer's order, then the oldest; what is left is held."""
    got = {}
    for bill in [*chosen, *(bill for bill in owed if bill not in chosen)]:
        got[bill] = min(fen, owed[bill])
        fen -= got[bill]
    return got, fen


def test_f25_part_of_it_and_more_of_it_go_where_the_rule_says(session: Session) -> None:
    four_homes(session)
    for seed in AMOUNTS:
        chance = random.Random(seed)
        with undone(session):
            home, owed = owing(session, chance)
            held = 0
            for slip in range(chance.randrange(1, 5)):
                whole = sum(owed.values())
                fen = chance.choice((1, whole, whole + 1, max(1, whole // 2), chance.randrange(1, 200_000)))
                fen = max(1, fen)
                open_ones = [bill for bill in owed if owed[bill]]
                chosen = chance.sample(open_ones, chance.randrange(len(open_ones) + 1))
                taken = take_in(
                    session, home, Money(fen, chance.choice(("transfer", "cash", "pos")), f"{seed}-{slip}"), chosen=chosen, by="test", now=NOW
                )  # fmt: skip
                got, left = put(fen, owed, chosen)
                assert taken.prepaid == left, (seed, slip)
                assert sum(position.fen for position in taken.positions) == fen
                owed = {bill: owed[bill] - got[bill] for bill in owed}
                held += left
                rest = session.execute(
                    sa.select(Bill.id, Bill.amount - Bill.paid).where(Bill.home_id == home.id)
                ).all()  # fmt: skip
                assert {bill: open_fen for bill, open_fen in rest} == owed, (seed, slip)
                assert held_of(session, [home.id]).get(home.id, 0) == held, (seed, slip)


# --- the bank's statement -----------------------------------------------------------------------------------------------

HEAD = "账号,****,,,,\n交易日期,支出金额,收入金额,对方户名,附言,交易流水号\n"
FIRST = "2026-03-09,,165.33,张伟,3-2-501物业费,0001\n"
SECOND = "2026-03-10,,126.73,李娜,物业费,0002\n"

# What is brought after a statement with both of the above; how many credits are new, or the words of the refusal.
STATEMENTS: dict[str, tuple[str, int | str]] = {
    "the same again": (FIRST + SECOND, 0),
    "turned round": (SECOND + FIRST, 0),
    "one of it": (SECOND, 0),
    "one more": (FIRST + SECOND + "2026-03-11,,5,王强,x,0003\n", 1),
    "nothing but what went out": ("2026-03-09,200.00,,电力公司,电费,0009\n", 0),
    "the number of one over another sum": (FIRST.replace("165.33", "165.34"), "以前登记的是"),
    "a hundred times as much": (SECOND.replace("126.73", "12673"), "以前登记的是"),
    "a new one and a wrong one": ("2026-03-11,,5,王强,x,0003\n" + FIRST.replace("165.33", "1"), "以前登记的是"),
    "one number twice": ("2026-03-11,,5,王强,x,0003\n" * 2, "流水号和"),
    "a number written as a power": ("2026-03-11,,5,王强,x,1.2E+15\n", "流水号不完整"),
    "no number": ("2026-03-11,,5,王强,x,\n", "流水号不完整"),
    "a number of a hundred digits": (f"2026-03-11,,5,王强,x,{'7' * 100}\n", "流水号不完整"),
    "no day": (",,5,王强,x,0003\n", "日期请写成"),
    "the thirtieth of February": ("2026-02-30,,5,王强,x,0003\n", "日期请写成"),
    "no amount that can be read": ("2026-03-11,,五六七,王强,x,0003\n", "看不懂这个金额"),
    "three decimals": ("2026-03-11,,5.001,王强,x,0003\n", "两位小数"),
    "an amount with an e": ("2026-03-11,,1e400,王强,x,0003\n", "看不懂这个金额"),
    "more than anybody owes": ("2026-03-11,,99999999999.00,王强,x,0003\n", "太大"),
    "full-width digits": ("2026-03-11,,１２.５０,王强,x,0003\n", 1),
    "a minus": ("2026-03-11,,-5,王强,x,0003\n", 0),
    "a total below": (FIRST + "合计,,165.33,,,\n", 0),
    "a nameless payer": ("2026-03-11,,5,,,0003\n", 1),
    "a formula for a remark": ("2026-03-11,,5,=1+1,@x,0003\n", 1),
    "a name of a thousand letters": (f"2026-03-11,,5,{'张' * 1000},{'物' * 1000},0003\n", 1),
}


def test_f25_a_statement_is_taken_once_and_as_a_whole(session: Session, tmp_path: Path) -> None:
    number = four_homes(session)
    company = session.get_one(Community, number).company_id

    def bring(text: str) -> int:
        file = tmp_path / "流水.csv"
        file.write_text(HEAD + text, encoding="gb18030")
        sheet = read_statement(read_file(file).sheets)
        if sheet.refusals:
            raise Refusal(sheet.refusals[0])
        return transfers.enter(session, company, sheet.rows, by="command", now=NOW)

    for name, (text, expected) in STATEMENTS.items():
        with undone(session):
            assert bring(FIRST + SECOND) == 2
            if isinstance(expected, int):
                assert bring(text) == expected, name
                assert bring(text) == 0, name
            else:
                with pytest.raises(Refusal, match=expected):
                    bring(text)
            count = session.scalar(sa.select(sa.func.count()).select_from(BankTransfer))
            assert count == 2 + (expected if isinstance(expected, int) else 0), name


CLAIMS = ("twice", "by two", "put aside then claimed", "claimed then put aside", "entered by hand", "too much")


def test_f25_a_credit_is_one_payment_at_most(session: Session) -> None:
    number = four_homes(session)
    service_fee(session, number)
    for period in ("2026-01", "2026-02", "2026-03"):
        bill_month(session, number, period)
    company, home = session.get_one(Community, number).company_id, home_of(session, "501")
    credit = Credit("x!A1", "0001", date(2026, 3, 9), 40_000, "张伟", "三个月物业费")

    def claim(transfer: BankTransfer, room: str = "501") -> None:
        transfers.claim(session, transfer, home_of(session, room), by="staff:1", now=NOW)

    def put_aside(transfer: BankTransfer) -> None:
        transfers.put_aside(session, transfer, "存款利息", by="staff:1", now=NOW)

    for how in CLAIMS:
        with undone(session):
            if how == "entered by hand":
                take_in(session, home, Money(40_000, "transfer", "0001", "张伟"), by="staff:1", now=NOW)
            if how == "too much":
                credit_of = Credit("x!A1", "0001", date(2026, 3, 9), LARGEST + 1, "张伟", "")
                transfers.enter(session, company, [credit_of], by="command", now=NOW)
                (transfer,) = transfers.open_transfers(session, company, 9)
                with pytest.raises(Refusal, match="太大"), session.begin_nested():
                    claim(transfer)
                assert transfers.unclaimed(session, company) == (1, LARGEST + 1)
                continue
            transfers.enter(session, company, [credit], by="command", now=NOW)
            found = transfers.open_transfers(session, company, 9)
            assert len(found) == (0 if how == "entered by hand" else 1), how
            if found:
                first, then = (
                    (put_aside, claim) if how.startswith("put") else (claim, put_aside if "put" in how else claim)
                )
                first(found[0])
                with pytest.raises(AlreadyDone), session.begin_nested():
                    then(found[0])
            payments = session.scalars(sa.select(Payment)).all()
            assert len(payments) == (0 if how.startswith("put") else 1), how
            if payments:  # two months and a part of the third
                rest = session.scalars(
                    sa.select(Bill.amount - Bill.paid).where(Bill.home_id == home.id).order_by(Bill.due_on)
                ).all()  # fmt: skip
                assert list(rest) == [0, 0, 3 * 16_533 - 40_000], how
            assert session.scalar(sa.select(sa.func.count()).select_from(Receipt)) == len(payments)


# --- the bank's answer to a list ----------------------------------------------------------------------------------------

ZHANG, LI = "6222000011112222", "6222000033334444"
TENTH = NOW + timedelta(days=9)
Edit = Callable[[list[str]], list[str]]


def answer(session: Session, batch: DebitBatch, bank: BankProfile, codes: dict[int, str]) -> list[str]:
    """The lines of the bank's answer: a status for each, what means paid unless told."""
    money = (lambda fen: f"{fen // 100}.{fen % 100:02d}") if bank.in_yuan else str
    rows, came = [], []
    for line in session.scalars(sa.select(DebitLine).where(DebitLine.batch_id == batch.id).order_by(DebitLine.seq)):
        code = codes.get(line.seq, min(bank.paid))
        came += [line.fen] if code in bank.paid else []
        said = {
            "seq": str(line.seq), "account": ZHANG if line.seq == 1 else LI, "holder": "某", "fen": money(line.fen),
            "home": "x", "summary": "物业费", "code": code, "reason": "", "paid_on": "20260311", "serial": f"S{line.seq}",
        }  # fmt: skip
        rows.append(written(bank, bank.return_detail, said))
    head = {
        "batch": batch.number, "date": "20260311", "count": str(batch.count), "total": money(batch.total),
        "paid_count": str(len(came)), "paid_total": money(sum(came)),
    }  # fmt: skip
    return [written(bank, bank.return_header, head), *rows]


def written(bank: BankProfile, parts: tuple[object, ...], said: dict[str, str]) -> str:
    def part(each: object) -> str:
        words = said[each.name]
        return words + " " * (each.width - len(words.encode(bank.encoding)))

    return bank.separator.join(part(each) for each in parts)


def changed(line: int, old: str, new: str) -> Edit:
    """`old` in one line is `new`, as long as it was; both lines of the list end in 0000 or 00."""

    def edit(lines: list[str]) -> list[str]:
        assert old in lines[line], (lines[line], old)
        return [each.replace(old, new, 1) if place == line else each for place, each in enumerate(lines)]

    return edit


# What is wrong with the answer, in a way that is the same for every bank.
WRONG: dict[str, Edit] = {
    "another account": changed(1, ZHANG, "6222000011112223"),
    "two accounts changed round": lambda lines: [
        lines[0], lines[1].replace(ZHANG, "?" * 16).replace(LI, ZHANG).replace("?" * 16, LI), lines[2].replace(LI, ZHANG)
    ],
    "another batch": lambda lines: [lines[0].replace("2026", "2025", 1), *lines[1:]],
    "a row less": lambda lines: lines[:-1],
    "a row twice": lambda lines: [*lines, lines[-1]],
    "no rows": lambda lines: lines[:1],
    "no header": lambda lines: lines[1:],
    "nothing": lambda lines: [],
    "the header twice": lambda lines: [lines[0], *lines],
    "a row cut short": lambda lines: [*lines[:-1], lines[-1][:-30]],
    "a row too long": lambda lines: [*lines[:-1], lines[-1] + "||"],
    "a number of a row nobody sent": lambda lines: [*lines[:-1], "9" + lines[-1][1:]],
    "both rows with one number": lambda lines: [*lines[:-1], "1" + lines[-1][1:]],
    "the list as we sent it": lambda lines: [lines[0], *(line[: len(line) // 2] for line in lines[1:])],
    "a letter for a number": lambda lines: [*lines[:-1], "x" + lines[-1][1:]],
    "a day that is none": lambda lines: [*lines[:-1], lines[-1].replace("20260311", "20260231")],
}  # fmt: skip
SUMS = {"pipe": (("16533", "16534"), ("29206", "29207"), ("|2|", "|3|")),
        "fixed": (("165.33", "165.34"), ("292.06", "292.07"), ("2     ", "3     "))}  # fmt: skip


@pytest.fixture
def community(session: Session) -> Community:
    """501 owes 165.33, 502 126.73; both have signed."""
    number = four_homes(session)
    service_fee(session, number)
    bill_month(session, number, "2026-03")
    for room, account, holder in (("501", ZHANG, "张伟"), ("502", LI, "李娜")):
        agreement = Agreement(account, holder, f"A{room}", date(2026, 1, 1))
        sign(session, home_of(session, room), agreement, VAULT, by="t", now=NOW)
    return session.get_one(Community, number)


def sent(session: Session, community: Community, bank: BankProfile) -> DebitBatch:
    return batches.make_list(session, community, bank, VAULT, by="staff:1", now=TENTH)


def take(session: Session, community: Community, bank: BankProfile, lines: list[str]) -> returns.Outcome:
    content = "\r\n".join(lines).encode(bank.encoding)
    with session.begin_nested():
        return returns.take_return(session, content, bank, VAULT, [community.id], by="staff:1", now=TENTH)


def posted(session: Session) -> list[int]:
    return list(session.scalars(sa.select(Payment.fen).where(Payment.channel == "debit").order_by(Payment.fen)))


@pytest.mark.parametrize("name", sorted(BANKS))
def test_f25_an_answer_that_is_not_to_our_list_posts_nothing(session: Session, community: Community, name: str) -> None:
    bank = BANKS[name]
    wrong = {**WRONG}
    for place, (old, new) in enumerate(SUMS[name]):
        wrong[f"sum {place} of the header, or of a row"] = lambda lines, o=old, n=new: [
            line.replace(o, n, 1) if o in line and at == (0 if o not in lines[1] else 1) else line
            for at, line in enumerate(lines)
        ]
    assert len(wrong) >= 19
    for what, edit in wrong.items():
        with undone(session):
            batch = sent(session, community, bank)
            lines = answer(session, batch, bank, {})
            edited = edit(lines)
            assert edited != lines, what
            with pytest.raises((Refusal, NotFound)):
                take(session, community, bank, edited)
            assert posted(session) == [], what
            session.refresh(batch)
            assert batch.state == "sent", what
            assert take(session, community, bank, lines).fen == 29_206, f"the right one is taken after {what}"


@pytest.mark.parametrize("name", sorted(BANKS))
def test_f25_rows_that_failed_stay_owed_and_no_file_counts_twice(
    session: Session, community: Community, name: str
) -> None:
    bank = BANKS[name]
    assert sorted(bank.refused.values()) == sorted(REASONS)
    for place, code in enumerate(sorted(bank.refused)):
        failed = ((1,), (2,), (1, 2))[place % 3]
        with undone(session):
            batch = sent(session, community, bank)
            lines = answer(session, batch, bank, dict.fromkeys(failed, code))
            outcome = take(session, community, bank, lines)
            came = [fen for seq, fen in ((2, 12_673), (1, 16_533)) if seq not in failed]
            assert posted(session) == came, (code, failed)
            assert dict(outcome.refused) == {bank.refused[code]: len(failed)}
            others = (lines, answer(session, batch, bank, {}), [*lines, ""], lines[:1] + lines[:0:-1])
            for again in others:
                with pytest.raises(AlreadyDone):
                    take(session, community, bank, again)
            assert posted(session) == came, (code, failed)
            assert sum(due.fen for due in batches.due_of(session, community.id, TENTH)) == 29_206 - sum(came)


def test_f25_there_are_more_than_sixty() -> None:
    assert len(AMOUNTS) + len(STATEMENTS) + len(CLAIMS) + len(BANKS) * (len(WRONG) + 3) + len(REASONS) >= 60
