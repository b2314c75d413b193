"""What homes owe and why. Every question takes the homes it may look into."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.explain import Document, price_document
from models.billing.tables import Bill, FeeItem, Tariff, TariffPrice
from models.billing.waiver_tables import WaiverLine
from models.money import Rounding

POSTED = Bill.state == "posted"
# Owed now, or once until it was taken back; the row that took it back says nothing new.
_ONCE_OWED = sa.and_(Bill.state.in_(("posted", "reversed")), Bill.reverses.is_(None))
WAIVED = (
    sa.select(sa.func.coalesce(sa.func.sum(WaiverLine.fen), 0))
    .where(WaiverLine.bill_id == Bill.id, WaiverLine.live.is_(True))
    .scalar_subquery()
)


@dataclass(frozen=True)
class BillLine:
    """A bill with what it is called and how it was rounded; `waived` fen of what it counts as paid were only taken off."""

    bill: Bill
    item: str
    payer: str
    rounding: str
    waived: int = 0

    @property
    def open(self) -> int:
        """Fen still owed."""
        return self.bill.amount - self.bill.paid

    @property
    def paid(self) -> int:
        """Fen that came in for it."""
        return self.bill.paid - self.waived


def bills_of(
    session: Session, home_ids: Collection[int], period: str, *, payer: str | None = None
) -> Sequence[BillLine]:
    """One month of these homes. `payer` "occupant" leaves out what is only the owner's business."""
    return _lines(session, _of(home_ids, payer), Bill.period == period)


def open_bills_of(
    session: Session, home_ids: Collection[int], *, payer: str | None = None, former: int | None = None
) -> Sequence[BillLine]:
    """Everything these homes owe, the oldest first. A former owner's debts are asked for by the number of the ownership."""
    rows = session.execute(
        _open(payer is not None, former is not None),
        {"homes": list(home_ids), "payer": payer, "former": former},
    )
    return [_line(*row) for row in rows]


def newest_period(
    session: Session, home_ids: Collection[int], before: str = "9999-99", *, payer: str | None = None
) -> str | None:
    """The last month before `before` in which these homes were billed anything (that this payer may see)."""
    return session.scalar(
        sa.select(sa.func.max(Bill.period))
        .join(FeeItem, FeeItem.id == Bill.item_id)
        .where(_of(home_ids, payer), POSTED, Bill.period < before)
    )


def periods_of(session: Session, home_ids: Collection[int], *, limit: int = 12) -> list[tuple[str, int, int]]:
    """(month, fen billed, fen open) of these homes, the newest first."""
    rows = session.execute(
        sa.select(Bill.period, sa.func.sum(Bill.amount), sa.func.sum(Bill.amount - Bill.paid))
        .where(_of(home_ids, None), POSTED)
        .group_by(Bill.period)
        .order_by(Bill.period.desc())
        .limit(limit)
    )
    return [(period, int(billed), int(left)) for period, billed, left in rows]


def months_billed(session: Session, home_id: int, *, before: str = "9999-99", limit: int = 6) -> Sequence[str]:
    """The months before `before` in which a home was billed anything, the newest first."""
    return session.scalars(
        sa.select(Bill.period)
        .where(Bill.home_id == home_id, _ONCE_OWED, Bill.period < before)
        .distinct()
        .order_by(Bill.period.desc())
        .limit(limit)
    ).all()


def account_lines(session: Session, home_id: int, periods: Collection[str]) -> Sequence[BillLine]:
    """All that a home was billed in these months, what was taken back again (`reversed`) too."""
    return _lines(session, Bill.home_id == home_id, Bill.period.in_(periods), which=_ONCE_OWED)


def documents_of(session: Session, lines: Collection[BillLine]) -> dict[int, str]:
    """Bill → the paper its price rests on, for many bills at once."""
    numbers = {line.bill.tariff_id for line in lines if line.bill.tariff_id is not None}
    papers: dict[int, list[Document]] = {}
    if numbers:
        rows = session.execute(
            sa.select(TariffPrice.tariff_id, TariffPrice.valid_from, TariffPrice.document)
            .where(TariffPrice.tariff_id.in_(numbers))
            .order_by(TariffPrice.valid_from)
        )
        for tariff, day, document in rows:
            papers.setdefault(tariff, []).append(Document(day, document))
    return {
        bill.id: bill.basis.get("document") or price_document(papers.get(bill.tariff_id or 0, ()), bill.end)
        for bill in (line.bill for line in lines)
    }


def offers_of(session: Session, community_id: int) -> list[tuple[str, dict[str, Any]]]:
    """(item, what is taken off a year paid in advance) of the tariffs in force."""
    rows = session.execute(
        sa.select(FeeItem.name, Tariff.offer)
        .join(FeeItem, FeeItem.id == Tariff.item_id)
        .where(Tariff.community_id == community_id, Tariff.until_day.is_(None))
        .order_by(FeeItem.id)
    )
    return [(name, dict(offer)) for name, offer in rows if offer]


def document_of(session: Session, bill: Bill) -> str:
    """The paper the price of a bill rests on; "" for what is charged by no tariff."""
    if "document" in bill.basis:
        return str(bill.basis["document"])
    rows = session.execute(
        sa.select(TariffPrice.valid_from, TariffPrice.document)
        .where(TariffPrice.tariff_id == bill.tariff_id)
        .order_by(TariffPrice.valid_from)
    )
    return price_document([Document(day, document) for day, document in rows], bill.end)


def _of(
    home_ids: Collection[int] | sa.BindParameter[Any],
    payer: str | sa.BindParameter[Any] | None,
    former: int | sa.BindParameter[Any] | None = None,
) -> sa.ColumnElement[bool]:
    """Bills of these homes and their owners of today (or of one former owner), never of both."""
    mine = sa.and_(Bill.home_id.in_(home_ids), Bill.former_id.is_(None) if former is None else Bill.former_id == former)
    return mine if payer is None else sa.and_(mine, FeeItem.payer == payer)


def _lines(
    session: Session, *conditions: sa.ColumnElement[bool], which: sa.ColumnElement[bool] = POSTED
) -> list[BillLine]:
    return [_line(*row) for row in session.execute(_asked(which, *conditions))]


def _asked(*conditions: sa.ColumnElement[bool]) -> sa.Select[Bill, str, str, str, int]:
    return (
        sa.select(
            Bill, FeeItem.name, FeeItem.payer, sa.func.coalesce(Tariff.rounding, Rounding.FEN_HALF_UP.value), WAIVED
        )
        .join(FeeItem, FeeItem.id == Bill.item_id)
        .outerjoin(Tariff, Tariff.id == Bill.tariff_id)
        .where(*conditions)
        .order_by(Bill.due_on, Bill.home_id, Bill.item_id, Bill.start, Bill.seq)
    )


@cache
def _open(of_payer: bool, of_former: bool) -> sa.Select[Bill, str, str, str, int]:
    """What is open, asked at every payment: built once, as putting it together takes longer than asking."""
    homes: sa.BindParameter[Any] = sa.bindparam("homes", expanding=True)
    payer: sa.BindParameter[Any] | None = sa.bindparam("payer") if of_payer else None
    former: sa.BindParameter[Any] | None = sa.bindparam("former") if of_former else None
    return _asked(POSTED, Bill.amount > Bill.paid, _of(homes, payer, former))


def _line(bill: Bill, name: str, payer: str, rounding: str, waived: int) -> BillLine:
    return BillLine(bill, _called(bill, name), payer, rounding, int(waived))


def _called(bill: Bill, item: str) -> str:
    """A share is called by what it is a share of: a month may have several of one item. What was taken off says so."""
    if bill.amount < 0:
        return f"{item}减免"
    return f"{item}·{bill.basis['name']}" if bill.basis.get("formula") == "share" else item
