"""A sheet of the counter is written once, also when two presses arrive at the same moment; the race is run without its key, too."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Database
from models.errors import Refusal
from models.estate.tables import Community
from models.payments import counter
from models.payments.actions import Money, preview, take_in
from models.payments.counter import CHANGED, Entry, enter, mark_of
from models.payments.counter_tables import CounterEntry
from models.payments.invariants import violations as books
from models.payments.online import OtherOrder, Wanted, begin
from models.payments.tables import Payment
from models.payments.terms import change_terms
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee
from tests.support.races import Race, violations

ROUNDS = 4


@pytest.fixture
def garden(database: Database) -> Database:
    with database.transaction() as session:
        community = four_homes(session)
        service_fee(session, community)
        bill_month(session, community, "2026-01")
    return database


def sheet(session: Session, number: int, **more: Any) -> Entry:
    """A sheet over 1.00 yuan of 501, as it is confirmed now."""
    seen = mark_of(preview(session, home_of(session, "501"), 100, now=NOW))
    return Entry(**{
        "key": f"sheet-of-the-counter-{number}", "fen": 100, "channel": "cash", "reference": "", "payer": "张伟",
        "chosen": (), "seen": seen, **more,
    })  # fmt: skip


def press(session: Session, entry: Entry) -> bool:
    """True for the press that wrote it."""
    return enter(session, home_of(session, "501"), entry, by="test", now=NOW).first


def once(session: Session, entry: Entry) -> list[str]:
    count = session.scalar(sa.select(sa.func.count(Payment.id)).where(Payment.reference.like(f"desk-{entry.key}%")))
    return [] if count == 1 else [f"{count} payments"]


def test_two_presses_at_the_same_moment_are_one_payment(garden: Database) -> None:
    race = Race(sheet, [press] * 3, flaws=once)
    assert violations(garden, race, ROUNDS) == []
    with garden.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(CounterEntry)) == ROUNDS
        assert list(books(session)) == []


def test_without_the_key_every_press_is_a_payment(garden: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter(range(10_000))
    real = counter.enter

    def own_key(session: Session, entry: Entry) -> bool:
        other = Entry(f"{entry.key}/{next(numbers)}", *list(vars(entry).values())[1:])
        return real(session, home_of(session, "501"), other, by="test", now=NOW).first

    assert len(violations(garden, Race(sheet, [own_key] * 3, flaws=once), ROUNDS)) > 0


def test_nothing_is_written_but_what_was_confirmed(garden: Database) -> None:
    with garden.transaction() as session:
        entry = sheet(session, 1)
        home = home_of(session, "501")
        for wrong, words in (
            (sheet(session, 2, seen="0" * 32), CHANGED),
            (sheet(session, 3, channel="wechat"), "请选怎么收的"),
            (sheet(session, 4, channel="debit"), "请选怎么收的"),
        ):
            with pytest.raises(Refusal, match=words), session.begin_nested():
                press(session, wrong)
        assert press(session, entry) is True
        assert press(session, entry) is False
        assert list(books(session)) == []
        with pytest.raises(Refusal, match="这一页刚才已经收过"):
            press(session, Entry(entry.key, 200, *list(vars(entry).values())[2:]))
        order = begin(session, home, Wanted(100), now=NOW)
        with pytest.raises(OtherOrder) as other:
            press(session, sheet(session, 5))
        assert other.value.number == order.number
        session.execute(sa.update(CounterEntry).values(payment_id=None))
        assert any("no payment of theirs" in flaw for flaw in books(session))


def test_the_order_of_the_contract_holds_at_the_counter_and_in_the_chat(database: Database) -> None:
    with database.transaction() as session:
        number = four_homes(session)
        service_fee(session, number, late_rate=500)
        bill_month(session, number, "2026-01")
        later, home = NOW + timedelta(days=40), home_of(session, "501")
        usual = [line.words for line in preview(session, home, 100, now=later)]
        change_terms(session, session.get_one(Community, number), by="test", now=NOW, principal_first=True)
        agreed = [line.words for line in preview(session, home, 100, now=later)]
        taken = take_in(session, home, Money(100, "cash", "1"), by="test", now=later)
    assert usual == ["物业费违约金"]
    assert agreed == ["物业费 2026-01-01至2026-01-31"] == [line.words for line in taken.positions]
