import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Database
from models.messaging import queue
from models.messaging.tables import Outbox

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def promise(session: Session, now: datetime) -> Callable[..., Outbox]:
    """Puts a message into the outbox as models.messaging.outbox would; says which."""

    def promise(openid: str = "zhang", **changes: object) -> Outbox:
        message = a_message(openid, now, **changes)
        session.add(message)
        session.flush()
        return message

    return promise


_numbers = iter(range(1_000_000))


def a_message(openid: str, now: datetime, **changes: object) -> Outbox:
    values: dict[str, object] = {
        "account": "gh_1",
        "openid": openid,
        "kind": "news",
        "data": {},
        "dedupe_key": f"news:{next(_numbers)}",
        "due_at": now,
        "created_at": now,
    }
    return Outbox(**{**values, **changes})


def ids(messages: list[Outbox]) -> list[int]:
    return [message.id for message in messages]


Promise = Callable[..., Outbox]


class TestClaiming:
    def test_what_is_due_is_taken_once(self, session: Session, promise: Promise, now: datetime) -> None:
        first, second = promise("zhang"), promise("li")
        assert ids(queue.claim(session, "a", now)) == [first.id, second.id]
        assert queue.claim(session, "b", now) == []

    def test_what_is_not_due_yet_waits(self, session: Session, promise: Promise, now: datetime) -> None:
        later = promise(due_at=now + SECOND)
        assert queue.claim(session, "a", now) == []
        assert ids(queue.claim(session, "a", now + SECOND)) == [later.id]

    def test_urgent_messages_go_first(self, session: Session, promise: Promise, now: datetime) -> None:
        calm, urgent = promise("zhang"), promise("chen", urgent=True)
        assert ids(queue.claim(session, "a", now)) == [urgent.id, calm.id]

    def test_no_more_than_asked_for(self, session: Session, promise: Promise, now: datetime) -> None:
        first, _second, _third = promise("a"), promise("b"), promise("c")
        assert ids(queue.claim(session, "a", now, limit=1)) == [first.id]

    def test_a_person_gets_messages_in_the_order_they_were_promised(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        first, second = promise(), promise()
        assert ids(queue.claim(session, "a", now)) == [first.id]
        assert queue.claim(session, "b", now) == []
        queue.begin(session, first.id, "a", now)
        assert queue.claim(session, "b", now) == []
        queue.mark_sent(session, first.id, account="gh_1", channel="customer", platform_id="", now=now)
        assert ids(queue.claim(session, "b", now)) == [second.id]

    def test_a_message_that_must_be_tried_again_is_not_overtaken(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        promise(due_at=now + MINUTE, attempts=1)
        promise()
        assert queue.claim(session, "a", now) == []

    def test_an_urgent_message_overtakes_what_waits_for_the_same_person(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        promise(due_at=now + MINUTE)
        urgent = promise(urgent=True)
        assert ids(queue.claim(session, "a", now)) == [urgent.id]

    def test_the_same_openid_at_another_account_is_another_person(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        here, there = promise(), promise(account="gh_2")
        assert ids(queue.claim(session, "a", now)) == [here.id, there.id]


class TestLeases:
    def test_a_claim_that_was_never_begun_comes_back_after_a_minute(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        message = promise(repeatable=False)
        queue.claim(session, "a", now)
        assert queue.claim(session, "b", now + MINUTE) == []
        assert ids(queue.claim(session, "b", now + MINUTE + SECOND)) == [message.id]

    def test_who_lost_the_lease_does_not_begin(self, session: Session, promise: Promise, now: datetime) -> None:
        message = promise()
        queue.claim(session, "a", now)
        queue.claim(session, "b", now + 2 * MINUTE)
        assert not queue.begin(session, message.id, "a", now)
        assert queue.begin(session, message.id, "b", now)
        assert not queue.begin(session, message.id, "b", now)

    def test_a_begun_message_that_may_be_repeated_is_sent_again_after_a_crash(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        message = promise(repeatable=True)
        queue.claim(session, "a", now)
        queue.begin(session, message.id, "a", now)
        assert queue.claim(session, "b", now + MINUTE) == []
        assert ids(queue.claim(session, "b", now + 2 * MINUTE)) == [message.id]

    def test_a_begun_message_that_must_not_be_repeated_has_failed_after_a_crash(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        message = promise(repeatable=False)
        queue.claim(session, "a", now)
        queue.begin(session, message.id, "a", now)
        assert queue.claim(session, "b", now + 2 * MINUTE) == []
        session.refresh(message)
        assert (message.state, message.outcome) == ("failed", "unknown outcome")

    def test_what_was_given_back_is_free_at_once(self, session: Session, promise: Promise, now: datetime) -> None:
        begun, not_begun = promise("zhang"), promise("li")
        queue.claim(session, "a", now)
        queue.begin(session, begun.id, "a", now)
        queue.release(session, "a")
        assert ids(queue.claim(session, "b", now)) == [not_begun.id]

    def test_a_sender_without_the_lease_cannot_put_a_message_back(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        message = promise()
        queue.claim(session, "a", now)
        queue.begin(session, message.id, "a", now)
        queue.claim(session, "b", now + 2 * MINUTE)
        queue.begin(session, message.id, "b", now + 2 * MINUTE)
        queue.mark_retry(session, message.id, "a", due_at=now, why="late")
        queue.mark_failed(session, message.id, "a", why="late")
        session.refresh(message)
        assert (message.state, message.claimed_by) == ("sending", "b")


class TestOutcomes:
    def test_a_retry_is_due_when_it_was_asked_for(self, session: Session, promise: Promise, now: datetime) -> None:
        message = promise()
        queue.claim(session, "a", now)
        queue.begin(session, message.id, "a", now)
        queue.mark_retry(session, message.id, "a", due_at=now + MINUTE, why="-1 BUSY")
        assert queue.claim(session, "a", now) == []
        assert ids(queue.claim(session, "a", now + MINUTE)) == [message.id]
        session.refresh(message)
        assert (message.attempts, message.outcome) == (1, "-1 BUSY")

    def test_who_unfollowed_gets_nothing_more_not_even_what_was_claimed(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        claimed, waiting, other = promise("zhang"), promise("zhang"), promise("li")
        queue.claim(session, "a", now)
        assert queue.cancel_waiting(session, "gh_1", "zhang") == 2
        assert not queue.begin(session, claimed.id, "a", now)
        assert queue.begin(session, other.id, "a", now)
        session.refresh(waiting)
        assert (waiting.state, waiting.outcome) == ("failed", "unfollowed")


class TestDeliveryReports:
    @pytest.fixture
    def begun(self, session: Session, promise: Promise, now: datetime) -> Outbox:
        message = promise()
        queue.claim(session, "a", now)
        queue.begin(session, message.id, "a", now)
        return message

    def sent(self, session: Session, message: Outbox, now: datetime, platform_id: str = "77") -> None:
        channel = "template" if platform_id else "customer"
        queue.mark_sent(session, message.id, account="gh_1", channel=channel, platform_id=platform_id, now=now)

    def fate(self, session: Session, message: Outbox) -> tuple[str, str]:
        session.refresh(message)
        return message.state, message.outcome

    def test_a_report_is_noted(self, session: Session, begun: Outbox, now: datetime) -> None:
        self.sent(session, begun, now)
        assert self.fate(session, begun) == ("sent", "")
        queue.note_delivery(session, "gh_1", "77", "success", now)
        assert self.fate(session, begun) == ("sent", "success")

    def test_a_report_of_failure_is_noted(self, session: Session, begun: Outbox, now: datetime) -> None:
        self.sent(session, begun, now)
        queue.note_delivery(session, "gh_1", "77", "failed:user block", now)
        assert self.fate(session, begun) == ("failed", "failed:user block")

    def test_f09_a_report_that_comes_before_our_own_note_is_kept(
        self, session: Session, begun: Outbox, now: datetime
    ) -> None:
        queue.note_delivery(session, "gh_1", "77", "failed:user block", now)
        self.sent(session, begun, now)
        assert self.fate(session, begun) == ("failed", "failed:user block")

    def test_the_first_report_stands(self, session: Session, begun: Outbox, now: datetime) -> None:
        self.sent(session, begun, now)
        queue.note_delivery(session, "gh_1", "77", "success", now)
        queue.note_delivery(session, "gh_1", "77", "failed: system failed", now)
        assert self.fate(session, begun) == ("sent", "success")

    def test_a_late_failure_does_not_overwrite_the_success_of_another_channel(
        self, session: Session, begun: Outbox, now: datetime
    ) -> None:
        begun.platform_id, begun.channel = "77", "template"
        self.sent(session, begun, now, platform_id="")
        queue.note_delivery(session, "gh_1", "77", "failed: system failed", now)
        queue.note_delivery(session, "gh_1", "77", "failed: system failed", now)
        assert self.fate(session, begun) == ("sent", "")

    def test_another_accounts_report_is_not_ours(self, session: Session, begun: Outbox, now: datetime) -> None:
        self.sent(session, begun, now)
        queue.note_delivery(session, "gh_2", "77", "failed:user block", now)
        assert self.fate(session, begun) == ("sent", "")

    def test_a_report_of_something_we_never_sent_does_no_harm(self, session: Session, now: datetime) -> None:
        queue.note_delivery(session, "gh_1", "4711", "x" * 500, now)
        assert session.scalar(sa.select(sa.func.count()).select_from(Outbox)) == 0


class TestRaces:
    """Two of everything at once, with the guard off to see that the race is real, then with it on."""

    def promise_many(self, database: Database, now: datetime, count: int) -> None:
        with database.transaction() as session:
            session.add_all(a_message(f"person-{number}", now) for number in range(count))

    def together(self, *work: Callable[[], None]) -> None:
        threads = [threading.Thread(target=one) for one in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def test_without_a_claim_two_senders_take_the_same_messages(self, database: Database, now: datetime) -> None:
        self.promise_many(database, now, 20)
        looked, taken = threading.Barrier(2), []

        def careless() -> None:
            with database.reading() as session:
                due = list(session.scalars(sa.select(Outbox.id).where(Outbox.state == "waiting")))
            looked.wait()
            with database.transaction() as session:
                session.execute(sa.update(Outbox).where(Outbox.id.in_(due)).values(state="claimed"))
            taken.extend(due)

        self.together(careless, careless)
        assert len(taken) == 40

    def test_two_senders_never_claim_the_same_message(self, database: Database, now: datetime) -> None:
        self.promise_many(database, now, 120)
        start, taken = threading.Barrier(4), []

        def sender(worker: str) -> None:
            start.wait()
            while True:
                with database.transaction() as session:
                    claimed = queue.claim(session, worker, now, limit=3)
                if not claimed:
                    return
                taken.extend(ids(claimed))

        self.together(*(lambda name=name: sender(name) for name in "abcd"))
        assert len(taken) == len(set(taken)) == 120

    @pytest.mark.parametrize("first", ["ours", "theirs"])
    def test_a_report_and_our_note_at_the_same_time_find_each_other(
        self, database: Database, now: datetime, first: str
    ) -> None:
        """One has written and not committed when the other begins: it must wait, then put the two together."""
        self.promise_many(database, now, 1)
        with database.transaction() as session:
            [message] = queue.claim(session, "a", now)
            queue.begin(session, message.id, "a", now)

        def ours(session: Session) -> None:
            queue.mark_sent(session, message.id, account="gh_1", channel="template", platform_id="77", now=now)

        def theirs(session: Session) -> None:
            queue.note_delivery(session, "gh_1", "77", "failed:user block", now)

        begin, end = (ours, theirs) if first == "ours" else (theirs, ours)
        second_is_waiting = threading.Event()

        def second() -> None:
            second_is_waiting.set()
            with database.transaction() as session:
                end(session)

        with database.transaction() as session:
            begin(session)
            thread = threading.Thread(target=second)
            thread.start()
            second_is_waiting.wait()
        thread.join()
        with database.reading() as session:
            assert session.get_one(Outbox, message.id).outcome == "failed:user block"
