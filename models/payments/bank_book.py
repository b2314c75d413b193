"""待认领款 in the books: money on the company's bank account that is no compound's yet. It is owed to whoever paid it until somebody has
said what it is. The ledger of a compound (models/billing/ledger.py) has it from the day it is claimed for one of its homes."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.closed_months import ClosedMonth, bounds
from models.db import SHANGHAI
from models.estate.tables import Community
from models.payments.transfer_tables import BankLine, BankTransfer

_NOON = time(12)


def came(session: Session, company_id: int, transfers: Sequence[BankTransfer], *, now: datetime) -> None:
    """Dated with the bank's day; in a month that a compound of the company has closed, with the next one."""
    lines = [
        {**side, "at": _dated(session, company_id, transfer, now)}
        for transfer in transfers
        for side in _sides(transfer, "came", transfer.fen)
    ]
    if lines:
        session.execute(sa.insert(BankLine), lines)


def gone(session: Session, transfer: BankTransfer, what: str, *, now: datetime) -> None:
    """It is no longer nobody's: claimed for a home, or no fee of a home at all."""
    session.execute(sa.insert(BankLine), [{**side, "at": now} for side in _sides(transfer, what, -transfer.fen)])


def _sides(transfer: BankTransfer, what: str, fen: int) -> list[dict[str, object]]:
    entry = {"company_id": transfer.company_id, "transfer_id": transfer.id, "what": what}
    return [{**entry, "account": "transfer", "fen": fen}, {**entry, "account": "unclaimed", "fen": -fen}]


def _dated(session: Session, company_id: int, transfer: BankTransfer, now: datetime) -> datetime:
    moment = min(datetime.combine(transfer.day, _NOON, SHANGHAI), now.astimezone(SHANGHAI))
    last = session.scalar(
        sa.select(sa.func.max(ClosedMonth.period))
        .join(Community, Community.id == ClosedMonth.community_id)
        .where(
            Community.company_id == company_id, ClosedMonth.period >= f"{moment:%Y-%m}", ClosedMonth.reopened_at.is_(None)
        )
    )  # fmt: skip
    return moment if last is None else bounds(last)[1]


def unclaimed_at(session: Session, company_id: int, ended: datetime) -> tuple[int, int]:
    """Fen nobody had claimed at that moment: as the credits themselves say, and as their account says."""
    entered = sa.exists().where(BankLine.transfer_id == BankTransfer.id, BankLine.what == "came", BankLine.at < ended)
    still = sa.or_(BankTransfer.ended_at.is_(None), BankTransfer.ended_at >= ended)
    rows = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(BankTransfer.fen), 0)).where(
            BankTransfer.company_id == company_id, entered, still
        )
    )
    account = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(BankLine.fen), 0)).where(
            BankLine.company_id == company_id, BankLine.account == "unclaimed", BankLine.at < ended
        )
    )
    return int(rows or 0), -int(account or 0)


def flaws(session: Session) -> Iterator[str]:
    """Each entry sums to zero, and a credit is on the account exactly as long as nobody has claimed it."""
    for number, what in session.execute(
        sa.select(BankLine.transfer_id, BankLine.what)
        .group_by(BankLine.transfer_id, BankLine.what)
        .having(sa.func.sum(BankLine.fen) != 0)
        .order_by(BankLine.transfer_id)
    ):
        yield f"bank transfer {number}: its entry {what} does not sum to zero"
    owed = sa.func.coalesce(sa.func.sum(BankLine.fen), 0)
    due = sa.case((BankTransfer.state == "open", -BankTransfer.fen), else_=0)
    for number, found in session.execute(
        sa.select(BankTransfer.id, owed)
        .outerjoin(BankLine, sa.and_(BankLine.transfer_id == BankTransfer.id, BankLine.account == "unclaimed"))
        .group_by(BankTransfer.id, BankTransfer.state, BankTransfer.fen)
        .having(owed != due)
        .order_by(BankTransfer.id)
    ):
        yield f"bank transfer {number}: the account of unclaimed money has {found} fen of it"
