"""发票 are collected here and made elsewhere: who wants one for which payment, and how far it is."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.tables import Bill, FeeItem
from models.db import savepoint
from models.errors import AlreadyDone, NotFound, Refusal
from models.payments.invoice_rules import must_follow
from models.payments.invoice_tables import Invoice, InvoiceBill
from models.payments.tables import Payment, Settlement


def bills_to_invoice(session: Session, payment_id: int) -> Sequence[Bill]:
    """The bills a payment paid off that are on no live invoice. A deposit is no income and gets none."""
    live = sa.select(InvoiceBill.bill_id).where(InvoiceBill.bill_id == Bill.id, InvoiceBill.live.is_(True)).exists()
    paid = sa.select(Settlement.bill_id).where(Settlement.payment_id == payment_id)
    return session.scalars(
        sa.select(Bill)
        .join(FeeItem, FeeItem.id == Bill.item_id)
        .where(
            Bill.id.in_(paid.group_by(Settlement.bill_id).having(sa.func.sum(Settlement.fen) > 0)),
            Bill.state == "posted",
            Bill.paid == Bill.amount,
            FeeItem.fund != "deposit",
            ~live,
        )
        .order_by(Bill.id)
    ).all()


def ask_for(
    session: Session, payment: Payment, *, kind: str, title: str, tax_number: str, email: str, by: str, now: datetime
) -> Invoice:
    """A request for everything of a payment that can be invoiced. Raises Refusal when there is nothing, AlreadyDone in a race."""
    bills = bills_to_invoice(session, payment.id)
    if not bills:
        raise Refusal("这笔缴费已经开过发票，或者没有可以开票的项目。")
    invoice = Invoice(
        company_id=payment.company_id, community_id=payment.community_id, home_id=payment.home_id, kind=kind, title=title,
        tax_number=tax_number, email=email, fen=sum(bill.amount for bill in bills), state="asked", by=by, at=now,
    )  # fmt: skip
    try:
        with savepoint(session):
            session.add(invoice)
            session.flush()
            session.add_all(InvoiceBill(invoice_id=invoice.id, bill_id=bill.id) for bill in bills)
            session.flush()
    except IntegrityError:
        raise AlreadyDone("这笔缴费刚刚已经有人申请了发票。") from None
    _note(session, invoice, by, now)
    return invoice


def find(session: Session, number: int, *, company_id: int, community_ids: Collection[int] | None) -> Invoice:
    """Raises NotFound, also outside the scope."""
    scope = sa.true() if community_ids is None else Invoice.community_id.in_(community_ids)
    found = session.scalars(
        sa.select(Invoice).where(Invoice.id == number, Invoice.company_id == company_id, scope)
    ).first()
    if found is None:
        raise NotFound(f"没有找到 {number} 号发票申请，请核对一下号码。")
    return found


def waiting(
    session: Session, company_id: int, community_ids: Collection[int] | None, *, limit: int = 10
) -> Sequence[Invoice]:
    """What is still to be made or sent, the oldest first."""
    scope = sa.true() if community_ids is None else Invoice.community_id.in_(community_ids)
    open_ones = (Invoice.company_id == company_id, Invoice.state.in_(("asked", "issued")), scope)
    return session.scalars(sa.select(Invoice).where(*open_ones).order_by(Invoice.id).limit(limit)).all()


def go_on(session: Session, invoice: Invoice, state: str, *, number: str = "", by: str, now: datetime) -> None:
    """The next step. A reversed invoice lets its bills go, so that they can be invoiced anew. Raises Refusal, AlreadyDone."""
    before = invoice.state
    must_follow(before, state)
    hit = session.execute(
        sa.update(Invoice)
        .where(Invoice.id == invoice.id, Invoice.state == before)
        .values(state=state, number=number or invoice.number)
        .returning(Invoice.id)
        .execution_options(synchronize_session=False)
    ).first()
    if hit is None:
        raise AlreadyDone("这张发票刚刚已经有人处理了。")
    if state == "reversed":
        session.execute(sa.update(InvoiceBill).where(InvoiceBill.invoice_id == invoice.id).values(live=False))
    session.refresh(invoice)
    _note(session, invoice, by, now)


def _note(session: Session, invoice: Invoice, by: str, now: datetime) -> None:
    record(
        session, at=now, actor=by, action=f"invoice.{invoice.state}", subject=f"invoice:{invoice.id}", source="chat",
        company_id=invoice.company_id, details={"fen": invoice.fen, "number": invoice.number},
    )  # fmt: skip
