import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.db import Database
from models.messaging import windows
from models.messaging.tables import Conversation
from models.messaging.windows import Window, window_after

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize("said", ["text", "image", "voice", "video", "location", "link"])
def test_whatever_a_person_sends_gives_five_messages_for_two_days(said: str, now: datetime) -> None:
    assert window_after(said, now) == Window(5, now + 48 * HOUR)


@pytest.mark.parametrize("event", ["follow", "scan", "menu", "scanned"])
def test_a_touch_gives_three_messages_for_a_minute(event: str, now: datetime) -> None:
    assert window_after(event, now) == Window(3, now + MINUTE)


@pytest.mark.parametrize("event", ["view", "located", "sent", "subscription", "unfollow", "unknown"])
def test_other_events_give_nothing_and_take_nothing(event: str, now: datetime) -> None:
    assert window_after(event, now) == Window()
    assert window_after(event, now, Window(2, now + HOUR)) == Window(2, now + HOUR)


def test_a_click_does_not_shorten_the_two_days_of_a_message(now: datetime) -> None:
    assert window_after("menu", now, Window(2, now + 40 * HOUR)) == Window(2, now + 40 * HOUR)


def test_a_click_helps_when_the_two_days_are_used_up(now: datetime) -> None:
    assert window_after("menu", now, Window(0, now + 40 * HOUR)) == Window(3, now + MINUTE)


def test_a_click_helps_when_the_two_days_are_over(now: datetime) -> None:
    assert window_after("menu", now, Window(4, now - MINUTE)) == Window(3, now + MINUTE)


def test_a_new_message_starts_the_window_again(now: datetime) -> None:
    assert window_after("text", now, Window(1, now + HOUR)) == Window(5, now + 48 * HOUR)


@pytest.fixture
def zhang(session: Session, now: datetime) -> Conversation:
    conversation = Conversation(account="gh_1", openid="zhang", turned_at=now)
    session.add(conversation)
    session.flush()
    return conversation


def test_a_window_is_spent_down_to_nothing(session: Session, zhang: Conversation, now: datetime) -> None:
    windows.open_by(zhang, "follow", now)
    session.flush()
    assert [windows.spend(session, "gh_1", "zhang", now) for _ in range(4)] == [True, True, True, False]


def test_nothing_is_spent_at_the_minute_the_window_ends(session: Session, zhang: Conversation, now: datetime) -> None:
    windows.open_by(zhang, "follow", now)
    session.flush()
    assert not windows.spend(session, "gh_1", "zhang", now + MINUTE)
    assert windows.spend(session, "gh_1", "zhang", now + timedelta(seconds=59))


def test_somebody_who_never_spoke_has_no_window(session: Session, now: datetime) -> None:
    assert not windows.spend(session, "gh_1", "nobody", now)


def test_a_window_belongs_to_one_account_only(session: Session, zhang: Conversation, now: datetime) -> None:
    windows.open_by(zhang, "text", now)
    session.flush()
    assert not windows.spend(session, "gh_2", "zhang", now)


def test_a_window_that_wechat_calls_shut_is_shut_until_the_person_speaks(
    session: Session, zhang: Conversation, now: datetime
) -> None:
    windows.open_by(zhang, "text", now)
    session.flush()
    windows.close(session, "gh_1", "zhang")
    assert not windows.spend(session, "gh_1", "zhang", now)
    session.refresh(zhang)
    windows.open_by(zhang, "text", now)
    session.flush()
    assert windows.spend(session, "gh_1", "zhang", now)


def test_eight_senders_spend_five_messages_five_times(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        session.add(Conversation(account="gh_1", openid="zhang", turned_at=now, window_left=5, window_until=now + HOUR))
    start, spent = threading.Barrier(8), []

    def sender() -> None:
        start.wait()
        with database.transaction() as session:
            spent.append(windows.spend(session, "gh_1", "zhang", now))

    threads = [threading.Thread(target=sender) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(spent) == [False] * 3 + [True] * 5
