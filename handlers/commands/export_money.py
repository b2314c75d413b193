"""Bills, payments and the ledger for a spreadsheet or another program. Amounts are in yuan; the fen behind them are exact."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bot.logs import mask
from handlers.commands.exporting import Export, Row
from models.billing.ledger import LedgerEntry, LedgerLine
from models.billing.tables import Bill, FeeItem
from models.estate.tables import Community, Home
from models.payments.invoice_rules import KINDS, STATES
from models.payments.invoice_tables import Invoice
from models.payments.tables import Payment, Receipt
from models.payments.transfer_tables import BankLine

_SHOWN_OF_A_NAME = 1


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def _where(row: Any) -> str:
    return "-".join(part for part in (row.building, row.entrance, row.room) if part)


def _bill(row: Any) -> Row:
    return (
        row.id, row.community, _where(row), row.item, row.fund, row.period, row.start, row.end, row.due_on,
        _yuan(row.amount), _yuan(row.paid), _yuan(row.amount - row.paid) if row.state == "posted" else _yuan(0),
        row.state, row.reverses, row.late_for,
    )  # fmt: skip


def _payment(row: Any) -> Row:
    payer = row.payer[:_SHOWN_OF_A_NAME] + "*" * len(row.payer[_SHOWN_OF_A_NAME:])
    return _payment_cells(row, payer, mask(row.reference))


def _whole_payment(row: Any) -> Row:
    return _payment_cells(row, row.payer, row.reference)


def _payment_cells(row: Any, payer: str, reference: str) -> Row:
    return (
        row.id, row.community, _where(row), row.at, row.channel, reference, payer, _yuan(row.fen), _yuan(row.refunded),
        row.receipt, mask(row.by),
    )  # fmt: skip


def _side(row: Any) -> Row:
    debit, credit = max(row.fen, 0), max(-row.fen, 0)
    return (
        row.id, row.place, row.community, row.at, row.what, row.document, row.account, row.item, _yuan(debit),
        _yuan(credit), mask(row.by),
    )  # fmt: skip


_HOME = (Community.name.label("community"), Home.building, Home.entrance, Home.room)

BILLS = Export(
    (
        "id", "community", "home", "item", "fund", "period", "from", "to", "due", "amount_yuan", "paid_yuan", "open_yuan",
        "state", "reverses", "late_for",
    ),
    sa.select(
        Bill.id, *_HOME, FeeItem.name.label("item"), FeeItem.fund, Bill.period, Bill.start, Bill.end, Bill.due_on,
        Bill.amount, Bill.paid, Bill.state, Bill.reverses, Bill.late_for,
    )
    .join(Home, Home.id == Bill.home_id)
    .join(Community, Community.id == Bill.community_id)
    .join(FeeItem, FeeItem.id == Bill.item_id)
    .order_by(Bill.id),
    _bill,
    Bill.community_id,
)  # fmt: skip

PAYMENTS = Export(
    (
        "id", "community", "home", "at", "channel", "reference", "payer", "amount_yuan", "refunded_yuan", "receipt",
        "taken_by",
    ),
    sa.select(
        Payment.id, *_HOME, Payment.at, Payment.channel, Payment.reference, Payment.payer, Payment.fen, Payment.refunded,
        Receipt.number.label("receipt"), Payment.by,
    )
    .join(Home, Home.id == Payment.home_id)
    .join(Community, Community.id == Payment.community_id)
    .outerjoin(Receipt, sa.and_(Receipt.payment_id == Payment.id, Receipt.voided_at.is_(None)))
    .order_by(Payment.id),
    _payment,
    Payment.community_id,
    whole=_whole_payment,
)  # fmt: skip


def _invoice(row: Any) -> Row:
    return (
        row.id, row.community, _where(row), row.at, KINDS[row.kind], row.title[:1] + "*", mask(row.tax_number),
        mask(row.email), _yuan(row.fen), STATES[row.state], row.number,
    )  # fmt: skip


def _whole_invoice(row: Any) -> Row:
    return (*_invoice(row)[:5], row.title, row.tax_number, row.email, *_invoice(row)[8:])


INVOICES = Export(
    (
        "id", "community", "home", "at", "kind", "title", "tax_number", "email", "amount_yuan", "state", "number",
    ),
    sa.select(
        Invoice.id, *_HOME, Invoice.at, Invoice.kind, Invoice.title, Invoice.tax_number, Invoice.email, Invoice.fen,
        Invoice.state, Invoice.number,
    )
    .join(Home, Home.id == Invoice.home_id)
    .join(Community, Community.id == Invoice.community_id)
    .order_by(Invoice.id),
    _invoice,
    Invoice.community_id,
    whole=_whole_invoice,
)  # fmt: skip

LEDGER = Export(
    (
        "entry", "side", "community", "at", "what", "document", "account", "item", "debit_yuan", "credit_yuan", "by",
    ),
    sa.select(
        LedgerEntry.id, LedgerLine.place, Community.name.label("community"), LedgerEntry.at, LedgerEntry.what,
        LedgerEntry.document, LedgerLine.account, FeeItem.name.label("item"), LedgerLine.fen, LedgerEntry.by,
    )
    .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
    .join(Community, Community.id == LedgerEntry.community_id)
    .outerjoin(FeeItem, FeeItem.id == LedgerLine.item_id)
    .order_by(LedgerEntry.id, LedgerLine.place),
    _side,
    LedgerEntry.community_id,
)  # fmt: skip

# The company's own small ledger: money on its bank account that is no compound's yet.
BANK_LEDGER = Export(
    ("id", "at", "what", "transfer", "account", "debit_yuan", "credit_yuan"),
    sa.select(
        BankLine.id, BankLine.at, BankLine.what, BankLine.transfer_id, BankLine.account, BankLine.fen
    ).order_by(BankLine.id),
    lambda row: (
        row.id, row.at, row.what, row.transfer_id, row.account, _yuan(max(row.fen, 0)), _yuan(max(-row.fen, 0)),
    ),
)  # fmt: skip
