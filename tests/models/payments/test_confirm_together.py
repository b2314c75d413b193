"""Payments whose notices come at the same time are posted by one commit, and nobody can tell from the books that they were."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from handlers.web import payment_callback
from models.audit.tables import AuditEntry
from models.billing.ledger import LedgerEntry, LedgerLine
from models.db import Database, gathering, insert_few, savepoint
from models.errors import AlreadyDone
from models.estate.tables import Home
from models.messaging import conversations
from models.messaging.tables import Conversation, Outbox
from models.payments import purses
from models.payments.actions import Money, take_in
from models.payments.confirm import Merchant, confirm_together, those_posted
from models.payments.facts import read_transaction
from models.payments.online_tables import OnlineOrder
from models.payments.tables import Payment, Receipt, Settlement
from tests.support.demo import MORNING
from tests.support.repairs import counted
from tests.support.till import Holder, Slip, Standing, Till, once
from tests.support.together import at_once, wait_for_line
from tests.support.world import open_world

FEN = 10_000


@pytest.fixture
def till(database: Database, tmp_path: Path) -> Till:
    return Till(open_world(database, tmp_path, MORNING))


def ordered(till: Till, count: int, *owed: int) -> list[Slip]:
    return [till.order(home, sum(owed)) for home in (till.home(*owed) for _ in range(count))]


def shop(till: Till) -> Merchant:
    merchant = till.world.platform.payments.merchant
    return Merchant(merchant.mchid, merchant.appid)


def together(till: Till, *contents: dict[str, Any]) -> set[str]:
    """Orders that are in the books after all this was told in one go."""
    told = [read_transaction(content) for content in contents]
    with till.database.transaction() as session:
        confirm_together(session, told, shop(till), now=till.clock.now())
    with till.database.reading() as session:
        return {number for number, _ in those_posted(session, [each.number for each in told])}


def test_all_of_them_are_posted_and_each_has_all_that_one_alone_would_have(till: Till) -> None:
    slips = [*ordered(till, 3, 7_000, 3_000), till.order(till.home(4_000), FEN)]
    assert together(till, *(till.told(slip) for slip in slips)) == {slip.number for slip in slips}
    assert [till.standing(slip.home) for slip in slips] == [once(FEN, paid=FEN)] * 3 + [once(FEN, paid=4_000)]
    with till.database.reading() as session:
        assert session.scalars(sa.select(Receipt.number).order_by(Receipt.number)).all() == [1, 2, 3, 4]
        assert session.scalar(sa.select(sa.func.count(Settlement.id))) == 7
        assert session.scalar(sa.select(sa.func.count()).where(AuditEntry.action == "payment.take")) == 4
        windows = session.execute(sa.select(Conversation.openid, Conversation.windows)).all()
        ends = int(till.clock.now().timestamp()) + 48 * 3600 - 3
        assert dict(windows.__iter__()) == {slip.openid: {"payment": [-1, ends]} for slip in slips}  # type: ignore[arg-type]
        said = session.scalars(sa.select(Outbox.data).where(Outbox.kind == "payment_received")).all()
        assert sorted(words["receipt"] for words in said) == ["0000001", "0000002", "0000003", "0000004"]
        sums = sa.select(LedgerEntry.document, LedgerLine.account, sa.func.sum(LedgerLine.fen)).join(LedgerEntry)
        last = session.scalar(sa.select(sa.func.max(Payment.id)))
        lines = session.execute(
            sums.where(LedgerEntry.document == f"payment:{last}").group_by(LedgerEntry.document, LedgerLine.account)
        ).all()
        assert {account: fen for _, account, fen in lines} == {
            "wechat": FEN,
            "receivable": -4_000,
            "prepayment": -6_000,
        }
    assert till.flaws() == []


def test_whoever_spoke_before_keeps_what_that_gave_and_pays_for_two_homes(till: Till) -> None:
    first, second = ordered(till, 2, FEN)
    with till.database.transaction() as session:
        conversations.lock(session, till.account, first.openid, till.clock.now(), windows={"message": [5, 1]})
    told = [till.told(first), till.told(second, payer={"openid": first.openid})]
    assert together(till, *told) == {first.number, second.number}
    with till.database.reading() as session:
        [spoken] = session.scalars(sa.select(Conversation)).all()
        assert (spoken.openid, spoken.windows["message"], spoken.windows["payment"][0]) == (first.openid, [5, 1], -1)
    assert till.flaws() == []


def changed(till: Till, what: str, slip: Slip) -> dict[str, Any]:
    return {
        "unknown": till.told(replace(slip, number="L-nobody-knows")),
        "mismatch": till.told(replace(slip, fen=slip.fen + 1)),
        "merchant": till.told(slip, mchid="1900000999"),
        "nobody": till.told(replace(slip, openid=""), payer={}),
    }[what]


@pytest.mark.parametrize("what", ["unknown", "mismatch", "merchant"])
def test_what_is_not_as_it_should_be_is_left_alone_and_the_others_are_posted(till: Till, what: str) -> None:
    good, odd = ordered(till, 2, FEN)
    assert together(till, till.told(good), changed(till, what, odd)) == {good.number}
    assert till.standing(good.home) == once(FEN, paid=FEN)
    assert till.standing(odd.home) == Standing(orders=("open",)), (
        "not even a trouble: that is for who looks at it alone"
    )
    assert till.flaws() == []


@pytest.mark.parametrize("state", ["closing", "closed"])
def test_an_order_that_is_being_closed_is_posted_and_one_that_is_closed_left_alone(till: Till, state: str) -> None:
    good, other = ordered(till, 1, FEN)[0], till.order(till.home(FEN), FEN, state)
    posted = together(till, till.told(good), till.told(other))
    assert posted == ({good.number, other.number} if state == "closing" else {good.number})
    assert till.standing(other.home) == (once(FEN, paid=FEN) if state == "closing" else Standing(orders=("closed",)))


def test_told_twice_in_one_go_and_once_more_it_is_posted_once(till: Till) -> None:
    first, second = ordered(till, 2, FEN)
    again = [till.told(first), till.told(second), till.told(first)]
    for _ in range(2):
        assert together(till, *again) == {first.number, second.number}
    assert till.standing(first.home) == till.standing(second.home) == once(FEN, paid=FEN)
    assert till.flaws() == []


def test_a_number_of_wechats_that_is_in_the_books_of_another_order_undoes_all_of_it(till: Till) -> None:
    taken, good, odd = ordered(till, 3, FEN)
    assert together(till, till.told(taken)) == {taken.number}
    before = till.rows()
    with pytest.raises(AlreadyDone):
        together(till, till.told(good), till.told(odd, transaction_id=taken.transaction))
    assert till.rows() == before
    assert till.standing(good.home) == till.standing(odd.home) == Standing(orders=("open",))
    assert till.flaws() == []


def test_bills_that_somebody_paid_meanwhile_are_not_paid_again(till: Till) -> None:
    good, late = ordered(till, 1, FEN)[0], till.home(FEN)
    slip = till.order(late, FEN, chosen=tuple(till.bills(late)))
    with till.database.transaction() as session:
        take_in(session, session.get_one(Home, late), Money(FEN, "cash", "1"), by="test", now=till.clock.now())
    assert together(till, till.told(good), till.told(slip)) == {good.number, slip.number}
    assert till.standing(late) == Standing((FEN, FEN), 2, 2, 1, ("paid",), ("second_payment",), FEN, FEN)
    assert till.flaws() == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("held", ["home", "payer"])
def test_nobody_is_waited_for(till: Till, held: str) -> None:
    good, other = ordered(till, 2, FEN)
    if held == "payer":
        with till.database.transaction() as session:
            conversations.lock(session, till.account, other.openid, till.clock.now())

    def holds(session: Any) -> None:
        if held == "home":
            purses.lock(session, other.home)
        else:
            conversations.lock(session, till.account, other.openid, till.clock.now())

    holder = Holder(till.database, holds)
    assert together(till, till.told(good), till.told(other)) == {good.number}
    holder.ends(commits=True)
    assert till.standing(other.home) == Standing(orders=("open",))
    assert together(till, till.told(good), till.told(other)) == {good.number, other.number}
    assert till.flaws() == []


def test_eight_take_few_statements_more_than_one(till: Till) -> None:
    ordered_first = ordered(till, 1, FEN)[0]
    together(till, till.told(ordered_first))  # the company's first receipt begins a book
    needed = {}
    for count in (1, 8):
        contents = [till.told(slip) for slip in ordered(till, count, 3_000, 3_000, 4_000)]
        told = [read_transaction(content) for content in contents]
        with counted(till.database) as statements, till.database.transaction() as session:
            confirm_together(session, told, shop(till), now=till.clock.now())
        needed[count] = len([each for each in statements if not each.startswith(("BEGIN", "COMMIT"))])
    each = 6  # the payment, its bills, whether one of them is a repair's, its entry, its order, its receipt
    at_once = 9  # what is read, and rows of one kind
    assert needed[1] <= each + at_once
    assert needed[8] <= 8 * each + at_once + 3, "rows of a kind are written sixteen at a time"


def test_whom_we_know_by_no_account_of_ours_is_promised_no_message(till: Till) -> None:
    slip, *others = ordered(till, 2, FEN)
    with till.database.transaction() as session:
        session.execute(sa.update(OnlineOrder).where(OnlineOrder.number == slip.number).values(account=""))
    assert together(till, *(till.told(each) for each in (slip, *others))) == {slip.number, others[0].number}
    assert till.standing(slip.home) == once(FEN, paid=FEN, messages=0)
    assert till.standing(others[0].home) == once(FEN, paid=FEN)


# --- through the webhook ------------------------------------------------------------------------------------------------


class Goes:
    """How many notices were posted in one go, in the order of the goes; the first go lasts until `others` stand in line."""

    def __init__(self, till: Till, monkeypatch: pytest.MonkeyPatch, *, others: int) -> None:
        self.sizes: list[int] = []
        self._line = till.world.app.extensions["pay_notices"]._line
        self._others = others
        self._real = payment_callback.confirm_together
        monkeypatch.setattr(payment_callback, "confirm_together", self._posts)

    def _posts(self, session: Any, told: Any, *rest: Any, **more: Any) -> None:
        self.sizes.append(len(told))
        if len(self.sizes) == 1:
            wait_for_line(self._line, self._others)
        self._real(session, told, *rest, **more)


def answers(till: Till, slips: Sequence[Slip], **changed: Any) -> list[int]:
    """What WeChat hears of each, all told at the same time; what is `changed` is changed of the last."""
    notices = [till.notice(till.told(slip, **(changed if slip is slips[-1] else {}))) for slip in slips]
    return at_once([lambda notice=notice: till.tells(*notice) for notice in notices])


def test_notices_that_come_while_one_is_being_posted_share_a_commit(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    slips = ordered(till, 4, FEN)
    goes = Goes(till, monkeypatch, others=3)
    assert answers(till, slips) == [200] * 4
    assert goes.sizes == [1, 3]
    assert [till.standing(slip.home) for slip in slips] == [once(FEN, paid=FEN)] * 4
    assert till.flaws() == []


def test_one_that_is_left_alone_is_looked_at_alone(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    *slips, odd = ordered(till, 3, FEN)
    Goes(till, monkeypatch, others=2)
    amount = {"total": FEN - 1, "payer_total": FEN - 1, "currency": "CNY", "payer_currency": "CNY"}
    assert answers(till, [*slips, odd], amount=amount) == [200, 200, 500]
    assert [till.standing(slip.home) for slip in slips] == [once(FEN, paid=FEN)] * 2
    assert till.standing(odd.home) == Standing(orders=("open",), troubles=("mismatch",))
    assert till.flaws() == []


def test_one_that_spoils_it_for_all_is_answered_alone(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, *slips = ordered(till, 4, FEN)
    together(till, till.told(taken))
    goes = Goes(till, monkeypatch, others=2)
    assert answers(till, slips, transaction_id=taken.transaction) == [200, 200, 500]
    assert sum(goes.sizes) == 3
    good, same, odd = (till.standing(slip.home) for slip in slips)
    assert good == same == once(FEN, paid=FEN)
    assert odd == Standing(orders=("open",), troubles=("not_posted",))
    assert till.flaws() == []


# --- rows that are gathered -----------------------------------------------------------------------------------------------


def audit_row(till: Till, what: str) -> dict[str, Any]:
    return {
        "at": till.clock.now(), "company_id": None, "actor": "test", "action": what, "subject": "x", "details": {},
        "source": "system",
    }  # fmt: skip


def test_gathered_rows_are_written_where_the_block_ends_and_those_of_a_savepoint_that_went_are_not(till: Till) -> None:
    def written() -> list[str]:
        return list(
            session.scalars(sa.select(AuditEntry.action).where(AuditEntry.actor == "test").order_by(AuditEntry.id))
        )

    with till.database.transaction() as session:
        with gathering(session):
            insert_few(session, AuditEntry, [audit_row(till, "first")])
            with suppress(AlreadyDone), savepoint(session):
                insert_few(session, AuditEntry, [audit_row(till, "undone")])
                insert_few(session, Settlement, [{"bill_id": 0, "payment_id": None, "fen": 1, "at": till.clock.now()}])
                raise AlreadyDone("")
            insert_few(session, AuditEntry, [audit_row(till, f"{number}") for number in range(20)])
            assert written() == []
        assert written() == ["first", *(f"{number}" for number in range(20))]
        with suppress(AlreadyDone), gathering(session):
            insert_few(session, AuditEntry, [audit_row(till, "left")])
            raise AlreadyDone("")
        insert_few(session, AuditEntry, [audit_row(till, "at once")])
        assert written()[21:] == ["at once"]
