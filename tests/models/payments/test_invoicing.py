"""An invoice is asked for once, for what was paid off, and goes on step by step."""

import pytest
import sqlalchemy as sa

from models.db import Database
from models.errors import AlreadyDone, NotFound, Refusal
from models.payments import invoice_rules, invoicing
from models.payments.actions import Money, take_in
from models.payments.invariants import violations
from models.payments.invoice_tables import Invoice
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee


def test_one_live_invoice_for_a_bill(database: Database) -> None:
    with database.transaction() as session:
        community = four_homes(session)
        service_fee(session, community)
        bill_month(session, community, "2026-03")
        home = home_of(session, "501")
        payment = take_in(session, home, Money(10_000, "cash", "a"), by="test", now=NOW).payment
        said = {"kind": "plain", "title": "张伟", "tax_number": "", "email": "a@b.cn", "by": "test", "now": NOW}
        with pytest.raises(Refusal):
            invoicing.ask_for(session, payment, **said)  # a part of a bill is not paid off
        rest = take_in(session, home, Money(7_000, "cash", "b"), by="test", now=NOW).payment
        first = invoicing.ask_for(session, rest, **said)
        assert (first.fen, first.state) == (16_533, "asked"), "the bill, and not what is held in advance"
        for again in (payment, rest):
            with pytest.raises(Refusal, match="已经开过"):
                invoicing.ask_for(session, again, **said)
        with pytest.raises(NotFound):
            invoicing.find(session, first.id, company_id=payment.company_id, community_ids={-1})
        stale = Invoice(id=first.id, company_id=first.company_id, state="asked", number="")
        invoicing.go_on(session, first, "issued", number="123", by="test", now=NOW)
        with pytest.raises(AlreadyDone):
            invoicing.go_on(session, stale, "issued", by="test", now=NOW)
        invoicing.go_on(session, first, "sent", by="test", now=NOW)
        assert invoicing.waiting(session, payment.company_id, None) == []
        assert list(violations(session)) == []
        session.execute(sa.update(Invoice).values(state="reversed"))
        assert any("though it is reversed" in one for one in violations(session))
        session.execute(sa.update(Invoice).values(state="sent"))
        session.refresh(first)
        invoicing.go_on(session, first, "reversed", by="test", now=NOW)
        assert invoicing.ask_for(session, payment, **said).fen == 16_533
        assert list(violations(session)) == []


def test_numbers_and_addresses() -> None:
    for good in ("91310000MA1K35X21B", "9131 0000 ma1k 35x2 1b", "310000123456789", "1" * 20):
        assert len(invoice_rules.tax_number(good)) in (15, 18, 20)
    for rule, bads in {
        invoice_rules.tax_number: ("", "1" * 16, "九" * 15, "1" * 17 + "!"),
        invoice_rules.email: ("", "a@b", "a b@c.cn", "a@b.cn\nx", "x" * 99 + "@b.cn"),
        invoice_rules.title: ("", "张", "长" * 61),
    }.items():
        for bad in bads:
            with pytest.raises(Refusal, match="。"):
                rule(bad)
