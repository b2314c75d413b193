"""押金: taken with a receipt of its own book, kept apart from all income, and given back against that receipt (domain rules 1.2, 1.12).

What is kept of it for a damage pays a bill that is passed on to whoever mends it (代收), and is told with its reason.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.closed_months import dated
from models.billing.ledger import Account, LedgerEntry, LedgerLine, Side, post
from models.billing.once import bill_once, in_words
from models.billing.tables import FeeItem
from models.billing.tariffs import ITEMS, item_of
from models.db import SHANGHAI
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, Home
from models.money import shown
from models.payments import purses
from models.payments.actions import Money, refuse_nonsense, write_payment
from models.payments.deposit_tables import Deposit
from models.payments.receipts import Position, issue
from models.payments.settling import settle
from models.payments.tables import Payment, Receipt, Refund
from models.payments.telling import tell_taken
from models.payments.terms import terms_of

RENOVATION = "RENO_DEP"
KINDS = {code: item.name for code, item in ITEMS.items() if item.fund == "deposit"}
CHANNELS = ("cash", "pos", "transfer")  # it goes back the way it came
Paper = Literal["surrendered", "lost"]


@dataclass(frozen=True)
class Held:
    """A deposit with what it is called, and its payment and receipt."""

    deposit: Deposit
    name: str
    payment: Payment
    receipt: Receipt


def take(session: Session, home: Home, money: Money, code: str, *, by: str, now: datetime) -> Held:
    """Raises Refusal where the city or the compound allows no such deposit, and as `take_in` does."""
    refuse_nonsense(money)
    if money.channel not in CHANNELS:
        raise Refusal("押金请收现金、刷卡或转账，退的时候原样退。")
    community = session.get_one(Community, home.community_id)
    if code == RENOVATION and not terms_of(session, community.id).renovation_deposit_allowed:
        raise Refusal(f"{community.name}不收装修押金（当地规定或管理规约不允许）。")
    purses.lock(session, home.id)
    taken_at, now = now, dated(session, community.id, now)
    payment = write_payment(session, community, home, money, by=by, now=now)
    item = item_of(session, community.company_id, code)
    deposit = Deposit(
        company_id=community.company_id, community_id=community.id, home_id=home.id, item_id=item.id,
        payment_id=payment.id, fen=money.fen,
    )  # fmt: skip
    session.add(deposit)
    session.flush()
    sides = [Side(cast(Account, money.channel), money.fen), Side("deposit", -money.fen, item.id)]
    document = f"deposit:{deposit.id}"
    post(session, community_id=community.id, what="deposit", document=document, sides=sides, by=by, now=now)
    _note(session, deposit, "deposit.take", by, now, {"fen": money.fen, "what": code})
    position = Position(item.name, money.fen)
    receipt = issue(session, payment, f"{community.name}{home.label}", [position], kind="deposit", now=now)
    tell_taken(session, home, payment, receipt, [position], now=taken_at)
    return Held(deposit, item.name, payment, receipt)


def give_back(
    session: Session, deposit: Deposit, deduction: int, reason: str, paper: Paper, *, by: str, now: datetime
) -> int:
    """Give back all but `deduction` fen; returns what goes back. Raises Refusal for a deduction that is too large or has no
    reason, AlreadyDone when it went back before."""
    if not 0 <= deduction <= deposit.fen:
        raise Refusal(f"押金是{shown(deposit.fen)}，扣不了{shown(deduction)}。")
    if deduction and len(reason.strip()) < 2:
        raise Refusal("为什么扣？请写一句，比如「扣 200 墙面损坏」。")
    purses.lock(session, deposit.home_id)
    at = dated(session, deposit.community_id, now)
    back = deposit.fen - deduction
    ended = session.execute(
        sa.update(Deposit)
        .where(Deposit.id == deposit.id, Deposit.state == "held")
        .values(
            state="returned", returned=back, deducted=deduction, reason=reason.strip()[:100] if deduction else "",
            receipt=paper, ended_at=at, ended_by=by,
        )
        .returning(Deposit.id)
        .execution_options(synchronize_session=False)
    ).first()  # fmt: skip
    if ended is None:
        raise AlreadyDone("这笔押金已经退过了。")
    session.refresh(deposit)
    payment = session.get_one(Payment, deposit.payment_id)
    sides = [Side("deposit", back, deposit.item_id), Side(cast(Account, payment.channel), -back)]
    if back:
        payment.refunded += back
        session.add(
            Refund(payment_id=payment.id, number=f"deposit:{deposit.id}", fen=back, reason="退押金", by=by, at=at)
        )
        document = f"deposit:{deposit.id}"
        post(session, community_id=deposit.community_id, what="refund", document=document, sides=sides, by=by, now=at)
    if deduction:
        _keep(session, deposit, payment, deduction, by=by, now=at)
    _note(session, deposit, "deposit.return", by, now, {"back": back, "deducted": deduction, "receipt": paper})
    return back


def _keep(session: Session, deposit: Deposit, payment: Payment, fen: int, *, by: str, now: datetime) -> None:
    home = session.get_one(Home, deposit.home_id)
    item = item_of(session, deposit.company_id, "DAMAGE")
    day = now.astimezone(SHANGHAI).date()
    name = session.get_one(FeeItem, deposit.item_id).name
    bill = bill_once(
        session, home, item, fen, start=day, end=day, due_on=day, by=by, now=now,
        basis=in_words(f"从{name}{shown(deposit.fen)}里扣下：{deposit.reason}。"),
    )  # fmt: skip
    bill.former_id = payment.former_id
    session.flush()
    settle(session, bill, fen, payment.id, now=now)
    deposit.bill_id = bill.id
    sides = [Side("deposit", fen, deposit.item_id), Side("receivable", -fen, item.id)]
    document = f"deposit:{deposit.id}"
    post(session, community_id=home.community_id, what="deduction", document=document, sides=sides, by=by, now=now)


def held_for(session: Session, home_ids: Collection[int], *, of_today: bool = False) -> Sequence[Held]:
    """What is held for these homes, the oldest first; `of_today`: only what today's owners gave."""
    return _read(session, Deposit.home_id.in_(home_ids), Payment.former_id.is_(None) if of_today else sa.true())


def held_in(session: Session, community_ids: Collection[int], *, limit: int = 20) -> tuple[Sequence[Held], int, int]:
    """(the oldest of what is held in these compounds, how many there are, fen in all)."""
    ours = sa.and_(Deposit.community_id.in_(community_ids), Deposit.state == "held")
    count, fen = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Deposit.fen), 0)).where(ours)
    ).one()
    return _read(session, Deposit.community_id.in_(community_ids), sa.true(), limit=limit), int(count), int(fen)


def _read(session: Session, *which: sa.ColumnElement[bool], limit: int = 50) -> list[Held]:
    rows = session.execute(
        sa.select(Deposit, FeeItem.name, Payment, Receipt)
        .join(FeeItem, FeeItem.id == Deposit.item_id)
        .join(Payment, Payment.id == Deposit.payment_id)
        .join(Receipt, sa.and_(Receipt.payment_id == Payment.id, Receipt.voided_at.is_(None)))
        .where(Deposit.state == "held", *which)
        .order_by(Deposit.id)
        .limit(limit)
    )
    return [Held(*row) for row in rows]


def deposit_of(session: Session, payment_id: int) -> Deposit | None:
    return session.scalars(sa.select(Deposit).where(Deposit.payment_id == payment_id)).one_or_none()


def _note(session: Session, deposit: Deposit, action: str, by: str, now: datetime, details: dict[str, object]) -> None:
    record(
        session, at=now, actor=by, action=action, subject=f"deposit:{deposit.id}", source="chat",
        company_id=deposit.company_id, details=details,
    )  # fmt: skip


def flaws(session: Session) -> Iterator[str]:
    """What is held of each kind is what the ledger says; what ended went back or paid its bill, to the fen."""
    held: dict[tuple[int, int | None], int] = {
        (community, item): int(fen)
        for community, item, fen in session.execute(
            sa.select(Deposit.community_id, Deposit.item_id, sa.func.sum(Deposit.fen))
            .where(Deposit.state == "held")
            .group_by(Deposit.community_id, Deposit.item_id)
        )
    }
    ledger: dict[tuple[int, int | None], int] = {
        (community, item): -int(fen)
        for community, item, fen in session.execute(
            sa.select(LedgerEntry.community_id, LedgerLine.item_id, sa.func.sum(LedgerLine.fen))
            .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
            .where(LedgerLine.account == "deposit")
            .group_by(LedgerEntry.community_id, LedgerLine.item_id)
        )
    }
    for key in sorted({*held, *ledger}, key=str):
        if held.get(key, 0) != ledger.get(key, 0):
            yield f"compound {key[0]}, item {key[1]}: deposits of {held.get(key, 0)} fen are held, the ledger says {ledger.get(key, 0)}"
    ended = sa.case((Deposit.state == "held", 0), else_=Deposit.fen)
    wrong = sa.or_(Deposit.returned + Deposit.deducted != ended, (Deposit.deducted > 0) != Deposit.bill_id.is_not(None))
    for deposit in session.scalars(sa.select(Deposit.id).where(wrong)):
        yield f"deposit {deposit}: what went back and what was kept do not sum to it"
