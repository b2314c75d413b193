"""Taking money in and giving it back. Everything that follows is done here, in one readable order: the debts that are
settled, what is kept in advance, the ledger, the receipt, and the repair that was waiting to be paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.appropriation import Debt, Settled, appropriate
from models.billing.closed_months import dated
from models.billing.ledger import Account, Side, post
from models.billing.queries import BillLine, open_bills_of
from models.billing.tables import Bill
from models.db import insert_unless_there
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, Home
from models.money import shown
from models.payments import purses
from models.payments.late_fees import accrued_on, bill_late_fee
from models.payments.receipts import CHANNELS, Position, issue, number_of
from models.payments.settling import settle_each
from models.payments.tables import Payment, Purse, Receipt
from models.payments.terms import terms_of
from models.payments.what_follows import paid_off

LARGEST = 100_000_000  # fen: a million yuan for one home is a slip of the finger


@dataclass(frozen=True)
class Money:
    """What came in: `fen` by a channel, with the channel's own number, and who paid."""

    fen: int
    channel: str
    reference: str
    payer: str = ""
    account: str | None = None
    openid: str | None = None


@dataclass(frozen=True)
class Taken:
    """A payment and what it settled; `prepaid` fen are now held for the home."""

    payment: Payment
    receipt: Receipt
    positions: tuple[Position, ...]
    prepaid: int


@dataclass(frozen=True)
class Posted:
    """Money that is in the books and still wants its receipt; `home` as it stands there, `bills` are those that were settled."""

    payment: Payment
    home: str
    positions: tuple[Position, ...]
    prepaid: int
    bills: tuple[Bill, ...]


def take_in(session: Session, home: Home, money: Money, **more: Any) -> Taken:
    """Money for a home, with its receipt: takes and raises what `put_in_books` does."""
    return give_receipt(session, put_in_books(session, home, money, **more))


def give_receipt(session: Session, posted: Posted, number: int | None = None) -> Taken:
    """The last step: the receipts of a company are numbered one after the other, so whoever comes next waits for this commit.
    `number`: taken already (`receipts.take_numbers`)."""
    at = posted.payment.at
    receipt = issue(session, posted.payment, posted.home, posted.positions, number=number, now=at)
    paid_off(session, posted.bills, receipt=number_of(receipt), now=at)
    return Taken(posted.payment, receipt, posted.positions, posted.prepaid)


def put_in_books(
    session: Session,
    home: Home,
    money: Money,
    *,
    purse: Purse | None = None,
    chosen: Sequence[int] = (),
    beyond: bool = True,
    principal_first: bool | None = None,
    former: int | None = None,
    by: str,
    now: datetime,
    is_dated: bool = False,
    owed: Sequence[BillLine] | None = None,
) -> Posted:
    """Money for a home: settles its debts in the order of the law (or `chosen` bills first), keeps the rest in advance.

    Without `beyond` nothing but the chosen bills is settled: what is left after them, or all of it, is kept.
    `principal_first` None is what the compound's contract says. `former`: money of a former owner, for what is still owed from
    then; nothing is kept of it. `purse` is the home's, for who has locked it already;
    `is_dated`: `now` is what `dated` says; `owed`: what the home owes, for who has asked since the purse was locked.

    Raises Refusal for an amount or channel that cannot be, AlreadyDone when this number of this channel was taken before.
    """
    refuse_nonsense(money)
    purse = purse or purses.lock(session, home.id)
    community = session.get_one(Community, home.community_id)
    now = now if is_dated else dated(session, community.id, now)
    payment = write_payment(session, community, home, money, former=former, by=by, now=now)
    if owed is None:
        owed = open_bills_of(session, [home.id], former=former)
    lines = {str(line.bill.id): line for line in owed if beyond or line.bill.id in chosen}
    debts = _debts(session, lines, now)
    if principal_first is None:
        principal_first = terms_of(session, home.community_id).principal_first
    result = appropriate(
        money.fen, debts, now.date(), chosen=[str(bill) for bill in chosen], principal_first=principal_first
    )
    _refuse_left_of_former(former, money.fen, result.left)
    positions: list[Position] = []
    parts: list[tuple[Bill, int]] = []
    for settled in result.settled:
        positions += _settle(session, lines[settled.key], settled, parts, now=now)
    settle_each(session, parts, payment.id, now=now)
    sides = [Side(cast(Account, money.channel), money.fen)]
    sides += [Side("receivable", -fen, bill.item_id) for bill, fen in parts]
    if result.left:
        purses.change(session, purse, result.left, "paid_in", payment_id=payment.id, now=now)
        sides.append(Side("prepayment", -result.left))
        positions.append(Position("预存款", result.left))
    post(
        session, community_id=home.community_id, what="payment", document=f"payment:{payment.id}", sides=sides, by=by,
        now=now, is_dated=True,
    )  # fmt: skip
    record(
        session,
        at=now,
        actor=by,
        action="payment.take",
        subject=f"payment:{payment.id}",
        source="system",
        company_id=community.company_id,
        details={"fen": money.fen, "channel": money.channel, "prepaid": result.left},
    )
    bills = tuple(lines[settled.key].bill for settled in result.settled)
    return Posted(payment, f"{community.name}{home.label}", tuple(positions), result.left, bills)


def preview(
    session: Session, home: Home, fen: int, *, chosen: Sequence[int] = (), former: int | None = None, now: datetime
) -> list[Position]:
    """What this much money would settle now; changes nothing. Raises Refusal as `take_in` does."""
    refuse_nonsense(Money(fen, "cash", ""))
    lines = {str(line.bill.id): line for line in open_bills_of(session, [home.id], former=former)}
    debts = _debts(session, lines, now)
    principal_first = terms_of(session, home.community_id).principal_first
    result = appropriate(fen, debts, now.date(), chosen=[str(bill) for bill in chosen], principal_first=principal_first)
    _refuse_left_of_former(former, fen, result.left)
    positions = []
    for settled in result.settled:
        line = lines[settled.key]
        parts = ((f"{line.item}违约金", settled.late_fee), (words_of(line), settled.principal))
        positions += [Position(words, part) for words, part in parts if part]
    return [*positions, *([Position("预存款", result.left)] if result.left else [])]


def refuse_nonsense(money: Money) -> None:
    if money.channel not in CHANNELS:
        raise Refusal(f"收款方式请写：{'、'.join(CHANNELS.values())}。")
    if money.fen <= 0:
        raise Refusal("金额要大于0。")
    if money.fen > LARGEST:
        raise Refusal(f"{shown(money.fen)}太大了，请再核对一遍金额。")


def _refuse_left_of_former(former: int | None, fen: int, left: int) -> None:
    """The purse is the home's, so nothing of a former owner's is put into it."""
    if former is not None and left:
        raise Refusal(
            f"原业主一共只欠{shown(fen - left)}，收不了这么多。" if fen > left else "原业主没有欠的，不用收。"
        )


def write_payment(
    session: Session,
    community: Community,
    home: Home,
    money: Money,
    *,
    former: int | None = None,
    by: str,
    now: datetime,
) -> Payment:
    payment = Payment(
        company_id=community.company_id, community_id=community.id, home_id=home.id, channel=money.channel,
        reference=money.reference, fen=money.fen, payer=money.payer, account=money.account, openid=money.openid,
        former_id=former, by=by, at=now,
    )  # fmt: skip
    if not insert_unless_there(session, payment):
        raise AlreadyDone(f"{CHANNELS[money.channel]}单号 {money.reference} 已经登记过了。")
    return payment


def _settle(
    session: Session,
    line: BillLine,
    settled: Settled,
    parts: list[tuple[Bill, int]],
    *,
    now: datetime,
) -> list[Position]:
    """Put what was appropriated to one bill, its late fee to a bill of its own, into `parts`; returns the lines of the receipt."""
    positions = []
    if settled.late_fee:
        fee = bill_late_fee(session, line.bill, now=now)
        parts.append((fee, settled.late_fee))
        positions.append(Position(f"{line.item}违约金", settled.late_fee))
    if settled.principal:
        parts.append((line.bill, settled.principal))
        positions.append(Position(words_of(line), settled.principal))
    return positions


def words_of(line: BillLine) -> str:
    """物业费 2026-03-01至2026-03-31."""
    return f"{line.item} {line.bill.start}至{line.bill.end}"


def _debts(session: Session, lines: Mapping[str, BillLine], now: datetime) -> list[Debt]:
    late = accrued_on(session, [line.bill for line in lines.values()], now.date())
    return [Debt(key, line.bill.due_on, line.open, late[line.bill.id]) for key, line in lines.items()]
