"""待认领: credits of the bank's statement, the homes they may be for, and a person who says which. Nothing is posted by a guess
(domain rules 1.14)."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.tables import Bill
from models.db import insert_or_ignore
from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.queries import find_homes, said_homes
from models.estate.tables import Community, Home
from models.money import shown
from models.payments import bank_book
from models.payments.actions import Money, Taken, take_in
from models.payments.tables import Payment
from models.payments.telling import tell_taken
from models.payments.transfer_sheet import Credit
from models.payments.transfer_tables import BankTransfer
from models.people.queries import homes_of_name, residents_of

MOST = 3  # suggestions


@dataclass(frozen=True)
class Suggestion:
    """A home that a credit may be for, and why: 附言里的房号, 付款人是住户, 金额正好是欠的."""

    home: Home
    why: tuple[str, ...]


def enter(session: Session, company_id: int, rows: Iterable[Credit], *, by: str, now: datetime) -> int:
    """Put credits on the list; those that are on it already are left as they stand. Returns how many are new.

    Raises Refusal, and nothing is entered, when a number of the bank stands for another sum here: money would be lost silently.
    """
    rows, new = list(rows), list[str]()
    serials = [row.serial for row in rows]
    by_hand = _taken_by_hand(session, company_id, serials)
    _must_be_the_same(rows, _entered_before(session, company_id, serials) | by_hand)
    for row in rows:
        if row.serial in by_hand:
            continue
        values = {
            "company_id": company_id, "serial": row.serial, "day": row.day, "fen": row.fen, "payer": row.payer,
            "remark": row.remark, "by": by, "at": now, "state": "open", "reason": "", "ended_by": "",
        }  # fmt: skip
        new += [row.serial] if insert_or_ignore(session, BankTransfer, values) else []
    for at in range(0, len(new), 500):
        entered = session.scalars(
            sa.select(BankTransfer).where(
                BankTransfer.company_id == company_id, BankTransfer.serial.in_(new[at : at + 500])
            )
        )
        bank_book.came(session, company_id, entered.all(), now=now)
    record(
        session, at=now, actor=by, action="transfer.enter", subject=f"company:{company_id}", source="system",
        company_id=company_id, details={"new": len(new)},
    )  # fmt: skip
    return len(new)


def _taken_by_hand(session: Session, company_id: int, serials: Sequence[str]) -> dict[str, int]:
    """Fen of those that the cashier has entered with their numbers before the statement came."""
    found: dict[str, int] = {}
    for at in range(0, len(serials), 500):
        rows = session.execute(
            sa.select(Payment.reference, Payment.fen).where(
                Payment.company_id == company_id, Payment.channel == "transfer",
                Payment.reference.in_(serials[at : at + 500]),
            )
        )  # fmt: skip
        found |= {serial: fen for serial, fen in rows}
    return found


def _entered_before(session: Session, company_id: int, serials: Sequence[str]) -> dict[str, int]:
    """Fen of those that are on the list, or were."""
    found: dict[str, int] = {}
    for at in range(0, len(serials), 500):
        rows = session.execute(
            sa.select(BankTransfer.serial, BankTransfer.fen).where(
                BankTransfer.company_id == company_id, BankTransfer.serial.in_(serials[at : at + 500])
            )
        )
        found |= {serial: fen for serial, fen in rows}
    return found


def _must_be_the_same(rows: Sequence[Credit], known: dict[str, int]) -> None:
    """Raises Refusal for the first that is not."""
    for row in rows:
        if known.get(row.serial, row.fen) != row.fen:
            raise Refusal(
                f"{row.where}：流水号{row.serial}以前登记的是{shown(known[row.serial])}，这次是{shown(row.fen)}，请核对。什么也没有写入。"
            )


def suggestions(session: Session, transfer: BankTransfer, community_ids: Collection[int]) -> list[Suggestion]:
    """The likeliest homes first, by how many of the three signs speak for each."""
    why: dict[int, list[str]] = {}
    homes: dict[int, Home] = {}
    for words in said_homes(transfer.remark):
        for home in find_homes(session, words, community_ids=community_ids, limit=MOST * 2):
            homes[home.id] = home
            why.setdefault(home.id, []).append("附言写了房号")
    company = transfer.company_id
    for home in homes_of_name(session, transfer.payer, company_id=company, community_ids=community_ids, limit=MOST * 2):
        homes[home.id] = home
        why.setdefault(home.id, []).append("付款人是这户的")
    owed = _owed(session, list(homes))
    for number, fen in owed.items():
        if fen == transfer.fen:
            why[number].append("金额正好是欠的")
    best = sorted(homes, key=lambda number: (-len(why[number]), number))[:MOST]
    return [Suggestion(homes[number], tuple(dict.fromkeys(why[number]))) for number in best]


def _owed(session: Session, home_ids: list[int]) -> dict[int, int]:
    rows = session.execute(
        sa.select(Bill.home_id, sa.func.sum(Bill.amount - Bill.paid))
        .where(Bill.home_id.in_(home_ids), Bill.state == "posted", Bill.paid < Bill.amount, Bill.former_id.is_(None))
        .group_by(Bill.home_id)
    )
    return {home: int(fen) for home, fen in rows}


def open_transfers(session: Session, company_id: int, limit: int) -> Sequence[BankTransfer]:
    """The oldest first."""
    return session.scalars(
        sa.select(BankTransfer)
        .where(BankTransfer.company_id == company_id, BankTransfer.state == "open")
        .order_by(BankTransfer.id)
        .limit(limit)
    ).all()


def unclaimed(session: Session, company_id: int) -> tuple[int, int]:
    """(how many, fen) nobody has claimed."""
    count, fen = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(BankTransfer.fen), 0)).where(
            BankTransfer.company_id == company_id, BankTransfer.state == "open"
        )
    ).one()
    return int(count), int(fen)


def one_open(session: Session, number: int, company_id: int) -> BankTransfer:
    """Raises NotFound for what is not theirs, AlreadyDone for what is no longer open."""
    found = session.get(BankTransfer, number)
    if found is None or found.company_id != company_id:
        raise NotFound(f"没有编号是{number}的转账。回复「待认领」看清单。")
    if found.state != "open":
        raise AlreadyDone(f"编号{number}的转账已经{'认领' if found.state == 'claimed' else '处理'}过了。")
    return found


def claim(session: Session, transfer: BankTransfer, home: Home, *, by: str, now: datetime) -> Taken:
    """The money is this home's. Raises AlreadyDone when somebody was first."""
    if session.get_one(Community, home.community_id).company_id != transfer.company_id:
        raise Refusal("这户不是这家公司的。")
    _end(session, transfer, "claimed", "", by=by, now=now)
    owners = residents_of(session, home.id)
    payer = transfer.payer or (owners[0][0].name if owners else "")
    taken = take_in(session, home, Money(transfer.fen, "transfer", transfer.serial, payer), by=by, now=now)
    tell_taken(session, home, taken.payment, taken.receipt, taken.positions, now=now)
    session.execute(
        sa.update(BankTransfer).where(BankTransfer.id == transfer.id).values(payment_id=taken.payment.id)
    )  # fmt: skip
    session.expire(transfer)
    return taken


def put_aside(session: Session, transfer: BankTransfer, reason: str, *, by: str, now: datetime) -> None:
    """It is no fee of a home: interest, a refund of a supplier. Raises Refusal without a reason, AlreadyDone."""
    if len(reason.strip()) < 2:
        raise Refusal("请说是什么钱，比如「不认领 7 存款利息」。")
    _end(session, transfer, "other", reason.strip()[:100], by=by, now=now)


def _end(session: Session, transfer: BankTransfer, state: str, reason: str, *, by: str, now: datetime) -> None:
    changed = session.execute(
        sa.update(BankTransfer)
        .where(BankTransfer.id == transfer.id, BankTransfer.state == "open")
        .values(state=state, reason=reason, ended_at=now, ended_by=by)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise AlreadyDone("这笔转账刚刚有人处理过了。")
    session.expire(transfer)
    bank_book.gone(session, transfer, state, now=now)
    record(
        session, at=now, actor=by, action=f"transfer.{state}", subject=f"transfer:{transfer.id}", source="system",
        company_id=transfer.company_id, details={"fen": transfer.fen},
    )  # fmt: skip


def flaws(session: Session) -> Iterator[str]:
    """What was claimed is a payment of just that much by transfer under the bank's number, and nothing else is."""
    wrong = sa.or_(
        Payment.id.is_(None), Payment.fen != BankTransfer.fen, Payment.channel != "transfer",
        Payment.reference != BankTransfer.serial, Payment.company_id != BankTransfer.company_id,
    )  # fmt: skip
    claimed = BankTransfer.state == "claimed"
    for number in session.scalars(
        sa.select(BankTransfer.id)
        .outerjoin(Payment, Payment.id == BankTransfer.payment_id)
        .where(sa.or_(sa.and_(claimed, wrong), sa.and_(~claimed, BankTransfer.payment_id.is_not(None))))
        .order_by(BankTransfer.id)
    ):
        yield f"bank transfer {number}: does not stand as its payment does"
    yield from bank_book.flaws(session)
