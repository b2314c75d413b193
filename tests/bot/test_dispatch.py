"""One message, one effect, one reply: whatever is delivered twice, at once, or too slowly. Faults F02, F07, F08, F13, F14."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import dispatch, guard
from bot.dispatch import BURST_REPLIES, BURST_WORDS, StillWorking, take_turn
from bot.incoming import Incoming
from models.db import Database
from models.errors import Refusal
from models.messaging import conversations, inbox
from models.messaging.tables import Conversation, Inbox, Outbox
from tests.support.repairs import counted
from tests.support.shop import Shop


@pytest.fixture
def shop(database: Database, now: datetime) -> Shop:
    return Shop(database, now)


def message(shop: Shop, text: str, key: str, openid: str = "zhang") -> Incoming:
    return Incoming("gh_test", openid, "text", key, shop.now, text=text)


def deliver_at_once(shop: Shop, messages: list[Incoming]) -> list[str]:
    """All of them at the same moment, each on a thread of its own."""
    gate = threading.Barrier(len(messages))
    desk = shop.desk()

    def deliver(incoming: Incoming) -> str:
        gate.wait(timeout=5)
        return take_turn(desk, incoming, shop.now)

    with ThreadPoolExecutor(len(messages)) as threads:
        return list(threads.map(deliver, messages))


@contextmanager
def no_registry() -> Iterator[None]:
    """Deliveries to different processes do not see each other's `_at_work`: only the database is between them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dispatch, "_only_one", lambda this: nullcontext())
        yield


# --- F07, F02: the same message again ---------------------------------------------------------------------------------


STORMS = [(messages, times, people) for messages in (1, 2, 4) for times in (2, 3, 4) for people in (1, 2)]


@pytest.mark.parametrize(("messages", "times", "people"), STORMS, ids=lambda number: f"F07-storm-{number}")
def test_a_retry_storm_makes_one_order_each(shop: Shop, messages: int, times: int, people: int) -> None:
    each = [(f"m{number}", f"p{number % people}") for number in range(messages)]
    storm = [message(shop, "下单", key, who) for key, who in each for _ in range(times)]
    with no_registry():
        replies = deliver_at_once(shop, storm)
    assert shop.orders() == messages
    assert len(set(replies)) == messages, "every delivery of a message gets the same reply"
    assert all(reply.startswith("单号") for reply in replies)


@pytest.mark.parametrize("round_", range(3), ids=lambda n: f"F07-refused-{n}")
def test_a_retry_storm_of_what_is_refused_gets_the_refusal_each(shop: Shop, round_: int) -> None:
    """Such a turn is taken twice, and may be overtaken by another delivery while it is taken the second time."""
    storm = [message(shop, "买", f"{round_}-{number}") for number in range(2) for _ in range(4)]
    with no_registry():
        assert deliver_at_once(shop, storm) == ["卖完了"] * 8


def test_without_the_inbox_the_storm_makes_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: it is the inbox row that holds the storm off."""
    monkeypatch.setattr(inbox, "keep", lambda session, **_: True)
    with no_registry():
        deliver_at_once(shop, [message(shop, "下单", str(number)) for number in range(4) for _ in range(3)])
    assert shop.orders() == 12


def test_f02_a_retry_much_later_gets_the_stored_reply(shop: Shop) -> None:
    desk, said = shop.desk(), message(shop, "下单", "1")
    first = take_turn(desk, said, shop.now)
    again = take_turn(desk, said, shop.now + timedelta(minutes=4))
    assert first == again
    assert shop.orders() == 1


def test_f07_a_retry_of_a_slow_message_is_answered_soon_and_the_reply_comes_by_itself(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        entered.set()
        let_go.wait(timeout=5)

    shop.door = hold
    monkeypatch.setattr(dispatch, "RETRY_WAIT", 0.05)
    monkeypatch.setattr(dispatch, "TOO_LATE", 0.0)
    desk, said = shop.desk(), message(shop, "下单", "1")
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(take_turn, desk, said, shop.now)
        assert entered.wait(timeout=5)
        for _ in range(2):
            with pytest.raises(StillWorking):
                take_turn(desk, said, shop.now)
        let_go.set()
        assert slow.result(timeout=5) == ""
    [promised] = shop.rows(Outbox)
    assert (promised.openid, promised.kind) == ("zhang", "late_reply")
    assert promised.data["text"].startswith("单号")
    assert take_turn(desk, said, shop.now) == "", "the reply was sent another way, so a later retry says nothing"
    assert shop.orders() == 1


def test_a_retry_is_recognised_in_one_statement(shop: Shop) -> None:
    desk, said = shop.desk(), message(shop, "下单", "1")
    take_turn(desk, said, shop.now)
    with counted(shop.database) as statements:
        take_turn(desk, said, shop.now)
    assert len([one for one in statements if not one.startswith("BEGIN")]) == 1


def test_a_retry_leaves_the_persons_row_as_it_was(shop: Shop) -> None:
    desk, said = shop.desk(), message(shop, "下单", "1")
    take_turn(desk, said, shop.now)
    for _ in range(3):
        take_turn(desk, said, shop.now + timedelta(seconds=5))
    [conversation] = shop.rows(Conversation)
    assert (conversation.burst_count, conversation.turned_at) == (1, shop.now)


def test_a_retry_does_not_bring_back_the_row_of_somebody_who_is_gone(shop: Shop) -> None:
    desk, said = shop.desk(), message(shop, "下单", "1")
    take_turn(desk, said, shop.now)
    with shop.database.transaction() as session:
        session.execute(sa.delete(Conversation))
    assert take_turn(desk, said, shop.now).startswith("单号")
    assert shop.rows(Conversation) == []


# --- F08: what makes a message the same -------------------------------------------------------------------------------


def test_f08_two_people_with_equal_message_ids_are_both_heard(shop: Shop) -> None:
    deliver_at_once(shop, [message(shop, "下单", "77", openid) for openid in ("zhang", "li")])
    assert shop.orders() == 2


def test_f08_the_same_id_at_another_account_is_another_message(shop: Shop) -> None:
    desk, said = shop.desk(), message(shop, "下单", "77")
    take_turn(desk, said, shop.now)
    take_turn(desk, replace(said, account="gh_other"), shop.now)
    assert shop.orders() == 2


# --- F14: two messages of one person ----------------------------------------------------------------------------------


def both_inside(shop: Shop) -> Callable[[], None]:
    """Each turn waits at the door for the other to come in; if turns are kept apart it never does."""
    meeting = threading.Barrier(2)

    def wait() -> None:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=0.25)

    return wait


@pytest.mark.parametrize("round_", range(4), ids=lambda n: f"F14-{n}")
def test_two_messages_of_one_person_never_interleave(shop: Shop, round_: int) -> None:
    desk = shop.desk()
    take_turn(desk, message(shop, "加", "begin"), shop.now)
    shop.door = both_inside(shop)
    deliver_at_once(shop, [message(shop, "1", "a"), message(shop, "2", "b")])
    assert shop.most_inside == 1
    [conversation] = shop.rows(Conversation)
    assert sorted(conversation.frames[0]["slots"]["numbers"]) == ["1", "2"], "neither answer was lost"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_without_the_lock_they_interleave_and_one_is_lost(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control, on PostgreSQL: SQLite has one writer at a time in any case."""
    desk = shop.desk()
    take_turn(desk, message(shop, "加", "begin"), shop.now)

    def read_without_locking(session: Session, account: str, openid: str, **_: object) -> tuple[Conversation, None]:
        return session.scalars(sa.select(Conversation).where(Conversation.openid == openid)).one(), None

    monkeypatch.setattr(conversations, "open_turn", read_without_locking)
    shop.door = both_inside(shop)
    deliver_at_once(shop, [message(shop, "1", "a"), message(shop, "2", "b")])
    assert shop.most_inside == 2
    [conversation] = shop.rows(Conversation)
    assert len(conversation.frames[0]["slots"]["numbers"]) == 1, "one answer overwrote the other"


def test_people_do_not_wait_for_each_other_on_postgresql(shop: Shop) -> None:
    if shop.database.is_sqlite:
        shop.door = lambda: None
    else:
        shop.door = both_inside(shop)
    deliver_at_once(shop, [message(shop, "下单", "1", "zhang"), message(shop, "下单", "2", "li")])
    assert shop.orders() == 2
    assert shop.database.is_sqlite or shop.most_inside == 2


# --- F13: fifty messages in five seconds ------------------------------------------------------------------------------


def test_f13_everything_is_kept_and_worked_on_but_not_everything_answered(shop: Shop) -> None:
    desk = shop.desk()
    replies = [
        take_turn(desk, message(shop, "下单", str(number)), shop.now + timedelta(milliseconds=100 * number))
        for number in range(50)
    ]
    assert shop.orders() == 50
    assert len(shop.rows(Inbox)) == 50
    assert [reply for reply in replies if reply == BURST_WORDS] == [BURST_WORDS], "told once"
    assert sum(bool(reply) for reply in replies) == BURST_REPLIES + 1
    later = take_turn(desk, message(shop, "下单", "later"), shop.now + timedelta(minutes=1))
    assert later.startswith("单号"), "calm again, answered again"


# --- what a refusal undoes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["买", "买坏的"], ids=["a refusal", "a bug"])
def test_a_step_that_does_not_end_well_leaves_nothing(shop: Shop, said: str) -> None:
    assert take_turn(shop.desk(), message(shop, said, "1"), shop.now) in ("卖完了", dispatch.APOLOGY)
    assert shop.orders() == 0
    [kept] = shop.rows(Inbox)
    assert kept.reply, "the message and its answer stay all the same"


def test_what_an_earlier_step_of_the_same_message_did_stays(shop: Shop) -> None:
    reply = take_turn(shop.desk(), message(shop, "下单，再买一个", "1"), shop.now)
    assert reply.startswith("单号")
    assert reply.endswith("卖完了")
    assert shop.orders() == 1


def test_a_bug_is_logged_once_although_the_turn_is_taken_twice(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    take_turn(shop.desk(), message(shop, "买坏的", "1"), shop.now)
    assert caplog.text.count("a step failed") == 1


def test_without_the_second_try_a_refused_step_would_stay(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a turn that is not careful undoes nothing by itself."""
    monkeypatch.setattr(guard, "Spoiled", Refusal)
    take_turn(shop.desk(), message(shop, "买", "1"), shop.now)
    assert shop.orders() == 1


# --- a database that came back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_turn_whose_connection_was_cut_is_taken_on_another(shop: Shop) -> None:
    desk = shop.desk()
    take_turn(desk, message(shop, "下单", "1"), shop.now)
    other = Database(shop.database.engine.url.render_as_string(hide_password=False))
    with other.transaction() as session:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        session.execute(sa.text(f"{cut} AND pid <> pg_backend_pid()"))
    other.close()
    assert take_turn(desk, message(shop, "下单", "2"), shop.now).startswith("单号")
    assert shop.orders() == 2


# --- a bug does not cost the conversation -----------------------------------------------------------------------------


def test_a_bug_outside_of_a_step_is_apologised_for(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    desk = replace(shop.desk(), understand=lambda text, role, context: 1 / 0)  # type: ignore[arg-type, return-value]
    assert take_turn(desk, message(shop, "下单", "1"), shop.now) == dispatch.APOLOGY
    assert "a turn failed" in caplog.text
    assert take_turn(shop.desk(), message(shop, "下单", "2"), shop.now).startswith("单号")
