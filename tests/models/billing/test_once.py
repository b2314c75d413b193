"""Bills that no run makes; on both databases."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from models.billing.explain import equation
from models.billing.ledger import balance
from models.billing.once import bill_once, in_words
from models.billing.queries import open_bills_of
from models.billing.tariffs import item_of
from models.errors import Refusal
from models.estate.tables import Community, Home
from models.money import Rounding
from models.payments.actions import Money, take_in
from models.payments.invariants import violations
from tests.support.fees import NOW, four_homes, home_of

DAY = date(2026, 2, 28)


def _bill(session: Session, home: Home, fen: int, *words: str) -> int:
    company = session.get_one(Community, home.community_id).company_id
    bill = bill_once(
        session, home, item_of(session, company, "SPECIAL"), fen, start=DAY, end=DAY, due_on=DAY,
        basis=in_words(*words), by="test", now=NOW,
    )  # fmt: skip
    return bill.id


def test_it_is_owed_at_once_told_in_words_and_paid_like_any_other(session: Session) -> None:
    community = four_homes(session)
    home = home_of(session, "501")
    first, second = _bill(session, home, 3_000, "换角阀30.00元", ""), _bill(session, home, 1_500)
    lines = open_bills_of(session, [home.id])
    assert [(line.bill.id, line.bill.period, line.open) for line in lines] == [
        (first, "2026-02", 3_000),
        (second, "2026-02", 1_500),
    ]
    assert equation(lines[0].bill.basis, 3_000, Rounding(lines[0].rounding)) == ["换角阀30.00元", "应交30.00元"]
    assert balance(session, community, "receivable") == 4_500
    take_in(session, home, Money(4_500, "cash", "1"), by="test", now=NOW)
    assert open_bills_of(session, [home.id]) == []
    assert balance(session, community, "receivable") == 0
    assert list(violations(session)) == []


def test_nothing_is_no_bill(session: Session) -> None:
    four_homes(session)
    with pytest.raises(Refusal, match="大于0"):
        _bill(session, home_of(session, "501"), 0)
