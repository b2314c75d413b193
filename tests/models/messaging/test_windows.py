"""The book of free messages on a person's conversation: kept by turns, spent by senders, never twice."""

import threading
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Database
from models.messaging import contacts, grants, windows
from models.messaging.tables import Conversation, Outbox
from models.payments import confirm

WHO = ("gh_1", "zhang")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def conversation(now: datetime, **changes: object) -> Conversation:
    return Conversation(account="gh_1", openid="zhang", turned_at=now, **changes)


@pytest.fixture
def zhang(session: Session, now: datetime) -> Conversation:
    row = conversation(now)
    session.add(row)
    session.flush()
    return row


def left(session: Session, now: datetime) -> int:
    book = contacts.locked(session, [WHO])[WHO].windows
    return grants.left(book, int(now.timestamp()), urgent=True)


def spend(session: Session, now: datetime) -> bool:
    """What a sender does in the transaction in which it takes a message."""
    found = contacts.locked(session, [WHO])
    moment = int(now.timestamp())
    if WHO not in found or grants.left(found[WHO].windows, moment, urgent=True) == 0:
        return False
    found[WHO].windows, found[WHO].changed = grants.spent(found[WHO].windows, moment), True
    contacts.save(session, found)
    return True


def test_a_window_is_opened_by_wechats_time_and_spent_down_to_nothing(
    session: Session, zhang: Conversation, now: datetime
) -> None:
    windows.open_by(zhang, "follow", now - timedelta(seconds=10))
    session.flush()
    assert [spend(session, now) for _ in range(4)] == [True, True, True, False]
    assert not spend(session, now + 48 * timedelta(seconds=1))


def test_whoever_pays_may_be_written_to_and_who_never_spoke_takes_two_statements(
    session: Session, now: datetime
) -> None:
    statements: list[str] = []
    sa.event.listen(session.get_bind(), "before_cursor_execute", lambda *call: statements.append(call[2].split()[0]))
    confirm._open_window(session, *WHO, now)
    session.flush()
    assert [one for one in statements if one != "BEGIN"] == ["SELECT", "INSERT"]
    ends = int(now.timestamp()) + 48 * 3600 - 3
    [contact] = contacts.locked(session, [WHO]).values()
    assert dict(contact.windows) == {"payment": [-1, ends]}


def test_who_spoke_before_keeps_what_that_gave(session: Session, zhang: Conversation, now: datetime) -> None:
    spoke = now - HOUR
    windows.open_by(zhang, "message", spoke)
    session.flush()
    confirm._open_window(session, *WHO, now)
    session.flush()
    session.expire_all()
    stamp, days = int(now.timestamp()), 48 * 3600 - 3
    assert zhang.windows == {"message": [5, stamp - 3600 + days], "payment": [-1, stamp + days]}


def test_somebody_who_never_spoke_is_known_to_have_no_books(session: Session, now: datetime) -> None:
    [contact] = contacts.locked(session, [WHO]).values()
    assert (contact.known, dict(contact.windows)) == (False, {})


def test_what_leaves_while_the_first_event_is_on_its_way_is_taken_off_what_that_event_gives(
    session: Session, now: datetime
) -> None:
    [contact] = contacts.locked(session, [WHO]).values()
    contact.windows, contact.changed = grants.spent(contact.windows, int(now.timestamp())), True
    contacts.save(session, {WHO: contact})
    assert not contacts.locked(session, [WHO])[WHO].known, "that we wrote says nothing about a window"
    windows.open_by(session.get_one(Conversation, WHO), "message", now)
    session.flush()
    assert left(session, now) == 4


def test_whoever_never_spoke_gets_what_was_parked_when_they_do(session: Session, now: datetime) -> None:
    [contact] = contacts.locked(session, [WHO]).values()
    contact.parked = contact.changed = True
    contacts.save(session, {WHO: contact})
    assert session.get_one(Conversation, WHO).parked


def test_a_window_that_wechat_calls_shut_is_a_book_even_if_there_was_none(session: Session, now: datetime) -> None:
    contacts.found_out(session, shut=[WHO], unreachable={})
    contact = contacts.locked(session, [WHO])[WHO]
    assert contact.known
    assert grants.left(contact.windows, int(now.timestamp()), urgent=True) == 0
    assert session.get_one(Conversation, WHO).turned_at < now - 48 * HOUR, "nobody is awake because of our own message"


def test_a_window_belongs_to_one_account_only(session: Session, zhang: Conversation, now: datetime) -> None:
    windows.open_by(zhang, "message", now)
    session.flush()
    assert not contacts.locked(session, [("gh_2", "zhang")])["gh_2", "zhang"].known


def test_what_wechat_found_out_holds_until_the_person_speaks(
    session: Session, zhang: Conversation, now: datetime
) -> None:
    windows.open_by(zhang, "message", now)
    session.flush()
    contacts.found_out(session, shut=[WHO], unreachable={WHO: "43004 require subscribe"})
    assert left(session, now) == 0
    assert contacts.locked(session, [WHO])[WHO].unreachable == "43004 require subscribe"
    windows.open_by(zhang, "message", now + MINUTE)
    windows.heard_of(session, zhang, now + MINUTE)
    session.flush()
    assert left(session, now + MINUTE) == 5
    assert contacts.locked(session, [WHO])[WHO].unreachable == ""


def test_who_speaks_gets_what_was_parked(session: Session, zhang: Conversation, now: datetime) -> None:
    values = {"account": "gh_1", "kind": "news", "data": {}, "state": "parked", "due_at": now + HOUR, "created_at": now}
    session.add_all([Outbox(openid=who, dedupe_key=who, **values) for who in ("zhang", "li")])
    zhang.parked = True
    session.flush()
    windows.heard_of(session, zhang, now)
    rows = session.execute(sa.select(Outbox.openid, Outbox.state, Outbox.due_at).order_by(Outbox.id)).all()
    assert [tuple(row) for row in rows] == [("zhang", "waiting", now), ("li", "parked", now + HOUR)]
    assert not zhang.parked


class TestTogether:
    def test_without_the_lock_two_senders_spend_the_same_message(self, database: Database, now: datetime) -> None:
        with database.transaction() as session:
            session.add(conversation(now, windows=grants.opened({}, "message", int(now.timestamp()))))
        looked, books = threading.Barrier(2), []

        def careless() -> None:
            with database.reading() as session:
                book = session.get_one(Conversation, WHO).windows
            looked.wait()
            with database.transaction() as session:
                session.get_one(Conversation, WHO).windows = grants.spent(book, int(now.timestamp()))
            books.append(book)

        self.run(careless, 2)
        with database.transaction() as session:
            assert left(session, now) == 4  # two were sent, one was counted

    def test_eight_senders_spend_five_messages_five_times(self, database: Database, now: datetime) -> None:
        with database.transaction() as session:
            session.add(conversation(now, windows=grants.opened({}, "message", int(now.timestamp()))))
        start, spent = threading.Barrier(8), []

        def sender() -> None:
            start.wait()
            while True:
                with database.transaction() as session:
                    found = contacts.locked(session, [WHO])
                    if not found:
                        continue  # another one holds the row: it is not waited for, it is looked at again
                    spent.append(spend(session, now))
                return

        self.run(sender, 8)
        assert sorted(spent) == [False] * 3 + [True] * 5

    def test_whoever_is_speaking_is_left_out_and_not_waited_for(self, database: Database, now: datetime) -> None:
        with database.transaction() as session:
            session.add(conversation(now))
        if database.is_sqlite:  # one writer at a time anyway
            return
        with database.transaction() as turn:
            turn.execute(sa.select(Conversation).with_for_update())
            with database.transaction() as sender:
                assert contacts.locked(sender, [WHO, ("gh_1", "li")]).keys() == {("gh_1", "li")}

    def run(self, work: object, times: int) -> None:
        threads = [threading.Thread(target=work) for _ in range(times)]  # type: ignore[arg-type]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
