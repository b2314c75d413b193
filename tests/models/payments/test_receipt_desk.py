"""A receipt taken back keeps its number, one printed again says so, and nobody reaches another company's book."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.tables import AuditEntry
from models.db import Database
from models.errors import AlreadyDone, NotFound, Refusal
from models.payments import deposits, receipt_desk
from models.payments.actions import Money, take_in
from models.payments.giving_back import refund
from models.payments.invariants import violations
from models.payments.receipts import number_of
from models.payments.tables import Receipt
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee


def test_void_and_reprint_keep_the_book_whole(database: Database) -> None:
    with database.transaction() as session:
        community = four_homes(session)
        service_fee(session, community)
        bill_month(session, community, "2026-03")
        home = home_of(session, "501")
        taken = take_in(session, home, Money(16_533, "cash", "a", "张伟"), by="test", now=NOW)
        company, payment = taken.payment.company_id, taken.payment

        def found(number: int, in_company: int = company, communities: set[int] | None = None) -> Receipt:
            return receipt_desk.find(session, number, company_id=in_company, community_ids=communities)[0]

        assert [receipt_desk.reprint(session, found(1), by="test", now=NOW) for _ in "ab"] == [1, 2]
        with pytest.raises(Refusal, match="为什么作废"):
            receipt_desk.replace(session, found(1), payment, reason=" ", by="test", now=NOW)
        again = receipt_desk.replace(session, found(1), payment, reason="写错了", by="test", now=NOW)
        assert again is not None
        assert (again.number, again.content["capitals"], again.reprints) == (2, "壹佰陆拾伍元叁角叁分", 0)
        session.expire_all()
        assert found(1).void_reason == "写错了"
        for late in (receipt_desk.reprint,):
            with pytest.raises(AlreadyDone):
                late(session, found(1), by="test", now=NOW)
        with pytest.raises(AlreadyDone):
            receipt_desk.replace(session, found(1), payment, reason="再来", by="test", now=NOW)
        for number, in_company, communities in ((3, company, None), (2, company + 1, None), (2, company, {-1})):
            with pytest.raises(NotFound):
                found(number, in_company, communities)
        assert list(violations(session)) == []

        refund(session, payment, 16_533, number="r1", reason="test", by="test", now=NOW)
        session.expire_all()
        assert receipt_desk.replace(session, found(2), payment, reason="全退了", by="test", now=NOW) is None
        assert list(violations(session)) == []
        noted = session.scalars(sa.select(AuditEntry.action).where(AuditEntry.subject.like("receipt:%"))).all()
        assert sorted(noted) == ["receipt.reprint"] * 2 + ["receipt.void"] * 2


def test_a_deposits_receipt_is_of_a_book_of_its_own_and_ends_with_the_deposit(session: Session) -> None:
    community = four_homes(session)
    home = home_of(session, "501")
    held = deposits.take(session, home, Money(300_000, "cash", "a", "张伟"), "RENO_DEP", by="test", now=NOW)
    company, payment = held.payment.company_id, held.payment

    def found(number: int, kind: str = "deposit", communities: set[int] | None = None) -> Receipt:
        return receipt_desk.find(session, number, kind=kind, company_id=company, community_ids=communities)[0]

    assert receipt_desk.reprint(session, found(1), by="test", now=NOW) == 1
    again = receipt_desk.replace(session, found(1), payment, reason="写错了", by="test", now=NOW)
    assert again is not None
    assert number_of(again) == "押0000002"
    for number, kind, communities in ((1, "payment", None), (3, "deposit", None), (2, "deposit", {community + 1})):
        with pytest.raises(NotFound, match="押0000003" if number == 3 else "没有找到"):
            found(number, kind, communities)
    assert list(violations(session)) == []
    deposits.give_back(session, held.deposit, 100_000, "墙面损坏", "surrendered", by="test", now=NOW)
    for late in (
        lambda: receipt_desk.reprint(session, found(2), by="test", now=NOW),
        lambda: receipt_desk.replace(session, found(2), payment, reason="再来", by="test", now=NOW),
    ):
        with pytest.raises(Refusal, match="押0000002 的押金已经退了"):
            late()
    assert list(violations(session)) == []
