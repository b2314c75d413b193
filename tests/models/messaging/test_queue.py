import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Database
from models.messaging import contacts, marks, queue, reports
from models.messaging.marks import Mark
from models.messaging.tables import Conversation, Outbox

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


Promise = Callable[..., Outbox]


def take(session: Session, worker: str, now: datetime, limit: int = 50) -> list[int]:
    """The ids of the messages this worker may send now, one a person."""
    return [message.id for group in queue.claim(session, worker, now, limit) for message in group]


def sent(session: Session, message: Outbox, now: datetime, worker: str = "a", platform_id: str = "") -> None:
    channel = "template" if platform_id else "customer"
    kept = {"trail": message.trail or [], "passed": message.passed or ""}
    mark = Mark(message.id, message.account, "sent", now, channel=channel, platform_id=platform_id, **kept)
    marks.note(session, [mark], worker, now)


class TestClaiming:
    def test_what_is_due_is_taken_once(self, session: Session, promise: Promise, now: datetime) -> None:
        first, second = promise("zhang"), promise("li")
        assert take(session, "a", now) == [first.id, second.id]
        assert take(session, "b", now) == []

    def test_it_is_on_its_way_before_anything_leaves(self, session: Session, promise: Promise, now: datetime) -> None:
        message = promise()
        take(session, "a", now)
        session.refresh(message)
        assert (message.state, message.claimed_by, message.attempts) == ("sending", "a", 1)

    def test_what_is_not_due_yet_waits(self, session: Session, promise: Promise, now: datetime) -> None:
        later = promise(due_at=now + SECOND)
        assert take(session, "a", now) == []
        assert take(session, "a", now + SECOND) == [later.id]

    def test_urgent_messages_go_first(self, session: Session, promise: Promise, now: datetime) -> None:
        calm, urgent = promise("zhang"), promise("chen", urgent=True)
        assert take(session, "a", now) == [urgent.id, calm.id]

    def test_no_more_than_asked_for(self, session: Session, promise: Promise, now: datetime) -> None:
        first, _second, _third = promise("a"), promise("b"), promise("c")
        assert take(session, "a", now, limit=1) == [first.id]

    def test_a_person_gets_messages_in_the_order_they_were_promised(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        first, second = promise(), promise()
        assert take(session, "a", now) == [first.id]
        assert take(session, "b", now) == []
        sent(session, first, now)
        assert take(session, "b", now) == [second.id]

    def test_everything_that_may_go_to_a_person_is_offered_together(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        calm, calmer, later = promise(), promise(), promise(due_at=now + MINUTE)
        urgent = promise(urgent=True)
        offered: list[list[int]] = []

        def choose(groups: list[list[Outbox]]) -> list[list[Outbox]]:
            offered.extend([message.id for message in group] for group in groups)
            return []

        assert queue.claim(session, "a", now, choose=choose) == []
        assert offered == [[urgent.id, calm.id, calmer.id]]
        assert later.id not in offered[0]

    def test_a_message_that_must_be_tried_again_is_not_overtaken(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        promise(due_at=now + MINUTE, attempts=1)
        promise()
        assert take(session, "a", now) == []

    def test_one_that_was_promised_for_later_holds_nothing_back(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        promise(due_at=now + MINUTE)
        now_due = promise()
        assert take(session, "a", now) == [now_due.id]

    def test_what_sleeps_until_the_morning_is_in_nobodys_way(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        promise(due_at=now + MINUTE)
        awake = promise()
        assert take(session, "a", now) == [awake.id]

    def test_an_urgent_message_overtakes_what_waits_for_the_same_person(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        promise(due_at=now + MINUTE, attempts=1)
        urgent = promise(urgent=True)
        assert take(session, "a", now) == [urgent.id]

    def test_the_same_openid_at_another_account_is_another_person(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        here, there = promise(), promise(account="gh_2")
        assert take(session, "a", now) == [here.id, there.id]

    def test_only_the_kinds_that_were_asked_for(self, session: Session, promise: Promise, now: datetime) -> None:
        promise("zhang")
        alarm = promise("chen", kind="alarm")
        groups = queue.claim(session, "a", now, kinds=["alarm"])
        assert [[message.id for message in group] for group in groups] == [[alarm.id]]

    def test_finding_the_next_needs_no_look_at_the_finished(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        session.add_all(a_message("zhang", now, state="sent") for _ in range(200))
        message = promise("zhang")
        assert take(session, "a", now) == [message.id]


class TestLeases:
    def test_what_a_dead_sender_left_comes_back_after_a_minute_if_it_may_be_repeated(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        message = promise(repeatable=True)
        take(session, "a", now)
        queue.recover(session, now + MINUTE)
        assert take(session, "b", now + MINUTE) == []
        queue.recover(session, now + MINUTE + SECOND)
        assert take(session, "b", now + MINUTE + SECOND) == [message.id]

    def test_what_must_not_be_repeated_has_failed(self, session: Session, promise: Promise, now: datetime) -> None:
        message = promise(repeatable=False)
        take(session, "a", now)
        queue.recover(session, now + 2 * MINUTE)
        assert take(session, "b", now + 2 * MINUTE) == []
        session.refresh(message)
        assert (message.state, message.outcome) == ("failed", "unknown outcome")

    def test_a_sender_without_the_lease_cannot_put_a_message_back(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        message = promise()
        take(session, "a", now)
        queue.recover(session, now + 2 * MINUTE)
        take(session, "b", now + 2 * MINUTE)
        for state in ("waiting", "failed", "untold"):
            marks.note(session, [Mark(message.id, "gh_1", state, now, outcome="late")], "a", now)
        session.refresh(message)
        assert (message.state, message.claimed_by) == ("sending", "b")

    def test_what_arrived_is_noted_whoever_holds_the_lease(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        message = promise()
        take(session, "a", now)
        queue.recover(session, now + 2 * MINUTE)
        sent(session, message, now + 2 * MINUTE)
        assert take(session, "b", now + 2 * MINUTE) == []


class TestOutcomes:
    def test_a_retry_is_due_when_it_was_asked_for(self, session: Session, promise: Promise, now: datetime) -> None:
        message = promise()
        take(session, "a", now)
        again = Mark(
            message.id, "gh_1", "waiting", now + MINUTE, outcome="-1 BUSY", trail=[["09:30", "template", "-1"]]
        )
        marks.note(session, [again], "a", now)
        assert take(session, "a", now) == []
        assert take(session, "a", now + MINUTE) == [message.id]
        session.refresh(message)
        assert (message.attempts, message.outcome, message.trail) == (2, "-1 BUSY", [["09:30", "template", "-1"]])

    def test_who_unfollowed_gets_nothing_more(self, session: Session, promise: Promise, now: datetime) -> None:
        waiting, parked = promise("zhang"), promise("zhang", state="parked")
        by_hand, other = promise("zhang", state="untold"), promise("li")
        assert queue.cancel_waiting(session, "gh_1", "zhang") == 3
        assert take(session, "a", now) == [other.id]
        for message in (waiting, parked, by_hand):
            session.refresh(message)
            assert (message.state, message.outcome) == ("failed", "unfollowed")

    def test_what_was_parked_until_it_was_worth_nothing_is_looked_at_once_more(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        message = promise(state="parked", due_at=now + MINUTE)
        queue.recover(session, now)
        assert take(session, "a", now) == []
        queue.recover(session, now + MINUTE)
        assert take(session, "a", now + MINUTE) == [message.id]


class TestDeliveryReports:
    @pytest.fixture
    def begun(self, session: Session, promise: Promise, now: datetime) -> Outbox:
        message = promise()
        take(session, "a", now)
        return message

    def sent(self, session: Session, message: Outbox, now: datetime, platform_id: str = "77") -> None:
        sent(session, message, now, platform_id=platform_id)

    def fate(self, session: Session, message: Outbox) -> tuple[str, str]:
        session.refresh(message)
        return message.state, message.outcome

    def test_a_report_is_noted(self, session: Session, begun: Outbox, now: datetime) -> None:
        self.sent(session, begun, now)
        assert self.fate(session, begun) == ("sent", "")
        reports.note_delivery(session, "gh_1", "77", "success", now)
        assert self.fate(session, begun) == ("sent", "success")

    def test_who_blocks_the_account_is_flagged_and_the_next_rung_is_tried(
        self, session: Session, begun: Outbox, now: datetime
    ) -> None:
        session.add(Conversation(account="gh_1", openid="zhang", turned_at=now))
        self.sent(session, begun, now)
        reports.note_delivery(session, "gh_1", "77", "failed:user block", now)
        assert self.fate(session, begun) == ("waiting", "failed:user block")
        assert (begun.passed, begun.channel, begun.platform_id) == ("template", "", "")
        assert [step[1:] for step in begun.trail] == [["template", "failed:user block"]]
        assert contacts.locked(session, [("gh_1", "zhang")])["gh_1", "zhang"].unreachable == "failed:user block"

    def test_wechats_own_trouble_gets_one_more_try_and_then_the_next_rung(
        self, session: Session, begun: Outbox, now: datetime
    ) -> None:
        for platform_id, passed in (("77", ""), ("78", "template")):
            self.sent(session, begun, now, platform_id)
            reports.note_delivery(session, "gh_1", platform_id, "failed: system failed", now)
            assert self.fate(session, begun) == ("waiting", "failed: system failed")
            assert begun.passed == passed
            take(session, "a", now)

    def test_f09_a_report_that_comes_before_our_own_note_is_kept(
        self, session: Session, begun: Outbox, now: datetime
    ) -> None:
        reports.note_delivery(session, "gh_1", "77", "failed:user block", now)
        self.sent(session, begun, now)
        assert self.fate(session, begun) == ("waiting", "failed:user block")

    def test_the_first_report_stands(self, session: Session, begun: Outbox, now: datetime) -> None:
        self.sent(session, begun, now)
        reports.note_delivery(session, "gh_1", "77", "success", now)
        reports.note_delivery(session, "gh_1", "77", "failed: system failed", now)
        assert self.fate(session, begun) == ("sent", "success")

    def test_a_late_failure_does_not_overwrite_the_success_of_another_channel(
        self, session: Session, begun: Outbox, now: datetime
    ) -> None:
        begun.platform_id, begun.channel = "77", "template"
        self.sent(session, begun, now, platform_id="")
        reports.note_delivery(session, "gh_1", "77", "failed: system failed", now)
        reports.note_delivery(session, "gh_1", "77", "failed: system failed", now)
        assert self.fate(session, begun) == ("sent", "")

    def test_another_accounts_report_is_not_ours(self, session: Session, begun: Outbox, now: datetime) -> None:
        self.sent(session, begun, now)
        reports.note_delivery(session, "gh_2", "77", "failed:user block", now)
        assert self.fate(session, begun) == ("sent", "")

    def test_a_subscription_message_is_found_by_person_kind_and_time(
        self, session: Session, promise: Promise, now: datetime
    ) -> None:
        values = {"state": "sent", "channel": "subscription", "sent_at": now}
        early = promise(**{**values, "sent_at": now - timedelta(hours=2)})
        other_person, other_kind = promise("li", **values), promise(kind="bill", **values)
        message = promise(**values)
        reports.note_subscription_delivery(session, "gh_1", "zhang", ["news"], "success", now + SECOND, now + SECOND)
        fates = [self.fate(session, each) for each in (early, other_person, other_kind, message)]
        assert fates == [("sent", "")] * 3 + [("sent", "success")]

    def test_a_report_of_something_we_never_sent_does_no_harm(self, session: Session, now: datetime) -> None:
        reports.note_delivery(session, "gh_1", "4711", "x" * 500, now)
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
                    claimed = take(session, worker, now, limit=3)
                if not claimed:
                    return
                taken.extend(claimed)

        self.together(*(lambda name=name: sender(name) for name in "abcd"))
        assert len(taken) == len(set(taken)) == 120

    @pytest.mark.parametrize("first", ["ours", "theirs"])
    def test_a_report_and_our_note_at_the_same_time_find_each_other(
        self, database: Database, now: datetime, first: str
    ) -> None:
        """One has written and not committed when the other begins: it must wait, then put the two together."""
        self.promise_many(database, now, 1)
        with database.transaction() as session:
            [[message]] = queue.claim(session, "a", now)

        def ours(session: Session) -> None:
            sent(session, message, now, platform_id="77")

        def theirs(session: Session) -> None:
            reports.note_delivery(session, "gh_1", "77", "failed:user block", now)

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
