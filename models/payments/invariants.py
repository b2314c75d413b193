"""What must hold of money whatever happened, recomputed from the raw rows: one sentence for each place where it does not."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.invariants import violations as metered_and_shared
from models.billing.ledger import LedgerEntry, LedgerLine, unbalanced
from models.billing.tables import Bill, FeeItem
from models.payments import deposits, transfers, waivers
from models.payments.counter_tables import CounterEntry
from models.payments.deposit_tables import Deposit
from models.payments.invoice_tables import Invoice, InvoiceBill
from models.payments.month_close import changed_after_closing
from models.payments.online_tables import OnlineOrder, OnlineRefund
from models.payments.receipts import gaps
from models.payments.tables import Payment, Purse, PurseEntry, Receipt, Refund, Settlement
from models.people.ownership import Ownership
from models.workorders.service_tables import Quote
from models.workorders.states import WAIT_PAY
from models.workorders.tables import WorkOrder


def violations(session: Session) -> Iterator[str]:
    yield from unbalanced(session)
    yield from _bills(session)
    yield from _payments(session)
    yield from _purses(session)
    yield from _receivables(session)
    yield from gaps(session)
    yield from _paid_service(session)
    yield from _invoices(session)
    yield from _counter(session)
    yield from waivers.flaws(session)
    yield from transfers.flaws(session)
    yield from _owners(session)
    yield from deposits.flaws(session)
    yield from _online(session)
    yield from metered_and_shared(session)
    yield from changed_after_closing(session)


def _counter(session: Session) -> Iterator[str]:
    """A sheet of the counter and the payment it was taken with are written together, for one company."""
    rows = session.execute(
        sa.select(CounterEntry.company_id, CounterEntry.key)
        .outerjoin(Payment, Payment.id == CounterEntry.payment_id)
        .where(sa.or_(Payment.id.is_(None), Payment.company_id != CounterEntry.company_id))
    )
    for company, key in rows:
        yield f"sheet {key} of company {company}'s counter: no payment of theirs"


def _bills(session: Session) -> Iterator[str]:
    """What a bill says was paid is what was put to it; never more than it asks for, and nothing on one that was taken back."""
    settled = sa.func.coalesce(sa.func.sum(Settlement.fen), 0)
    rows = session.execute(
        sa.select(Bill.id, Bill.paid, settled)
        .outerjoin(Settlement, Settlement.bill_id == Bill.id)
        .group_by(Bill.id, Bill.paid)
        .having(Bill.paid != settled)
    )
    for bill, paid, put in rows:
        yield f"bill {bill}: says {paid} fen were paid, {put} were put to it"
    taken_off = Bill.amount < 0
    wrong = sa.or_(
        sa.and_(~taken_off, Bill.paid < 0),
        sa.and_(Bill.state == "posted", ~taken_off, Bill.paid > Bill.amount),
        sa.and_(Bill.state == "posted", taken_off, Bill.paid != Bill.amount),
        sa.and_(Bill.state != "posted", Bill.paid != 0),
    )
    for bill in session.scalars(sa.select(Bill.id).where(wrong)):
        yield f"bill {bill}: paid more than it asks for, or paid though it is not owed"


def _payments(session: Session) -> Iterator[str]:
    """A payment is what it settled, what it put by, what is kept as a deposit and what was given back; while any of it is ours it has one valid receipt."""
    settled = _sums(Settlement.payment_id, Settlement.fen)
    held = _sums(PurseEntry.payment_id, PurseEntry.fen)
    refunded = _sums(Refund.payment_id, Refund.fen)
    kept = _sums(Deposit.payment_id, sa.case((Deposit.state == "held", Deposit.fen), else_=0))
    parts = [sa.func.coalesce(part.c.fen, 0) for part in (settled, held, refunded, kept)]
    rows = session.execute(
        sa.select(Payment.id, Payment.fen, sum(parts[1:], parts[0]))
        .outerjoin(settled, settled.c.payment_id == Payment.id)
        .outerjoin(held, held.c.payment_id == Payment.id)
        .outerjoin(refunded, refunded.c.payment_id == Payment.id)
        .outerjoin(kept, kept.c.payment_id == Payment.id)
        .where(sum(parts[1:], parts[0]) != Payment.fen)
    )
    for payment, fen, found in rows:
        yield f"payment {payment}: {fen} fen came in, {found} are accounted for"
    for payment in session.scalars(
        sa.select(Payment.id)
        .outerjoin(refunded, refunded.c.payment_id == Payment.id)
        .where(Payment.refunded != sa.func.coalesce(refunded.c.fen, 0))
    ):
        yield f"payment {payment}: its refunds do not sum to what it says"
    receipts = sa.select(Receipt.payment_id).where(Receipt.voided_at.is_(None))
    for payment in session.scalars(
        sa.select(Payment.id).where(Payment.id.not_in(receipts), Payment.refunded < Payment.fen)
    ):
        yield f"payment {payment}: has no valid receipt"


def _paid_service(session: Session) -> Iterator[str]:
    """An order waits for money exactly as long as its bill is open."""
    open_bills = (
        sa.select(Quote.order_id)
        .join(Bill, Bill.id == Quote.bill_id)
        .where(Quote.state == "billed", Bill.state == "posted", Bill.paid < Bill.amount)
    )
    for order in session.scalars(
        sa.select(WorkOrder.id).where(WorkOrder.state == WAIT_PAY, WorkOrder.id.not_in(open_bills))
    ):
        yield f"order #{order}: waits to be paid, but has no open bill"
    unbilled = sa.and_(Quote.bill_id.is_(None), Quote.state == "billed")
    other = sa.select(Bill.id).where(Bill.id == Quote.bill_id, Bill.amount != Quote.fen).exists()
    for quote in session.scalars(sa.select(Quote.id).where(sa.or_(unbilled, other))):
        yield f"quote {quote}: its bill is not what the home agreed to"


def _invoices(session: Session) -> Iterator[str]:
    """A bill is on at most one live invoice, and on none that was reversed."""
    twice = sa.select(InvoiceBill.bill_id).where(InvoiceBill.live.is_(True))
    for bill in session.scalars(twice.group_by(InvoiceBill.bill_id).having(sa.func.count() > 1)):
        yield f"bill {bill}: is on more than one live invoice"
    kept = sa.select(Invoice.id).join(InvoiceBill, InvoiceBill.invoice_id == Invoice.id)
    for invoice in session.scalars(kept.where((Invoice.state == "reversed") == InvoiceBill.live).distinct()):
        yield f"invoice {invoice}: holds bills though it is reversed, or has let them go though it is not"


def _sums(
    key: sa.orm.InstrumentedAttribute[int | None] | sa.orm.InstrumentedAttribute[int],
    fen: sa.ColumnElement[int] | sa.orm.InstrumentedAttribute[int],
) -> sa.Subquery:
    return sa.select(key.label("payment_id"), sa.func.sum(fen).label("fen")).group_by(key).subquery()


def _purses(session: Session) -> Iterator[str]:
    entries = sa.func.coalesce(sa.func.sum(PurseEntry.fen), 0)
    rows = session.execute(
        sa.select(Purse.home_id, Purse.held, entries)
        .outerjoin(PurseEntry, PurseEntry.home_id == Purse.home_id)
        .group_by(Purse.home_id, Purse.held)
        .having(sa.or_(Purse.held != entries, Purse.held < 0))
    )
    for home, held, found in rows:
        yield f"home {home}: {held} fen are held, its entries sum to {found}"


def _receivables(session: Session) -> Iterator[str]:
    """What the ledger says is owed is what the open bills say, compound by compound and item by item."""
    bills: dict[tuple[int, int | None], int] = dict(
        ((community, item), int(fen))
        for community, item, fen in session.execute(
            sa.select(Bill.community_id, Bill.item_id, sa.func.sum(Bill.amount - Bill.paid))
            .where(Bill.state == "posted")
            .group_by(Bill.community_id, Bill.item_id)
        )
    )
    ledger: dict[tuple[int, int | None], int] = dict(
        ((community, item), int(fen))
        for community, item, fen in session.execute(
            sa.select(LedgerEntry.community_id, LedgerLine.item_id, sa.func.sum(LedgerLine.fen))
            .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
            .where(LedgerLine.account == "receivable")
            .group_by(LedgerEntry.community_id, LedgerLine.item_id)
        )
    )
    for key in sorted({*bills, *ledger}, key=str):
        if bills.get(key, 0) != ledger.get(key, 0):
            yield f"compound {key[0]}, item {key[1]}: the bills leave {bills.get(key, 0)} fen open, the ledger {ledger.get(key, 0)}"


def _online(session: Session) -> Iterator[str]:
    """An order is paid when it has its payment, over its own sum; refunds under way or done are in the books."""
    for number, state in session.execute(
        sa.select(OnlineOrder.number, OnlineOrder.state)
        .outerjoin(Payment, Payment.id == OnlineOrder.payment_id)
        .where(
            sa.or_(
                OnlineOrder.state.not_in(("new", "open", "closing", "closed", "paid")),
                (OnlineOrder.state == "paid") != OnlineOrder.payment_id.is_not(None),
                Payment.fen != OnlineOrder.fen,
                Payment.reference != OnlineOrder.transaction_id,
                Payment.home_id != OnlineOrder.home_id,
            )
        )
    ):
        yield f"online order {number}: is {state} and its payment does not say the same"
    in_books = ("agreed", "under_way", "done", "abnormal", "closed")
    for number in session.scalars(
        sa.select(OnlineRefund.number)
        .outerjoin(Refund, Refund.number == OnlineRefund.number)
        .where(sa.or_(OnlineRefund.state.in_(in_books) != Refund.id.is_not(None), Refund.fen != OnlineRefund.fen))
    ):
        yield f"online refund {number}: the books do not say the same"


def _owners(session: Session) -> Iterator[str]:
    """A former owner's bills end before the next one's day, and what of today's owner began before it was agreed to be theirs."""
    wrong = sa.or_(Ownership.id.is_(None), Ownership.home_id != Bill.home_id, Ownership.until_day.is_(None))
    rows = session.scalars(
        sa.select(Bill.id)
        .outerjoin(Ownership, Ownership.id == Bill.former_id)
        .where(
            Bill.former_id.is_not(None),
            sa.or_(wrong, sa.and_(Bill.late_for.is_(None), Bill.end > Ownership.until_day)),
            ~sa.exists().where(Deposit.bill_id == Bill.id),  # a deposit may be settled long after its owner has left
        )
        .order_by(Bill.id)
    )
    for bill in rows:
        yield f"bill {bill}: belongs to an owner who did not own the home then"
    runs_over = sa.and_(Bill.start <= Ownership.until_day, Bill.end > Ownership.until_day)
    for bill in session.scalars(
        sa.select(Bill.id)
        .join(Ownership, Ownership.home_id == Bill.home_id)
        .join(FeeItem, FeeItem.id == Bill.item_id)
        .where(
            Bill.state == "posted",
            Bill.late_for.is_(None),
            Bill.amount > 0,
            Bill.reverses.is_(None),
            runs_over,
            FeeItem.payer == "owner",
        )
    ):
        yield f"bill {bill}: runs over a change of owner"
