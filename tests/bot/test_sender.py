import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy.exc import OperationalError

from bot.config_sending import Sending
from bot.sender import Sender, SenderLoop
from bot.wakeup import Wakeup
from bot.wechat.client import WeChatClient
from bot.wechat.errors import WeChatError
from models.db import Database
from models.messaging import outbox, queue
from models.messaging.kinds import Kind
from tests.support.fake_wechat import no_answer
from tests.support.post import Post
from tests.support.words import ALARM, DEMAND, NEWS, small_kinds, small_renderer

__all__ = ["small_kinds"]

pytestmark = pytest.mark.usefixtures("small_kinds")

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class Killed(BaseException):
    """The process ends here; nothing after it runs."""


@pytest.fixture
def post(database: Database, tmp_path: Path, now: datetime) -> Post:
    return Post(database, small_renderer(tmp_path / "templates"), now)


def test_a_promise_is_kept_once(post: Post) -> None:
    post.open_window()
    post.promise()
    assert post.send() == 1
    assert post.send() == 0
    assert len(post.wechat.texts) == 1
    assert (post.row().state, post.row().channel, post.row().sent_at) == ("sent", "customer", post.clock.now())


def test_several_messages_to_one_person_are_one_text(post: Post) -> None:
    post.open_window(left=5)
    for key in "123":
        post.promise(key=key, problem=f"第{key}件")
    post.promise("zhang", kind=ALARM.name, key="4", problem="急")
    assert post.send() == 4
    [(_, text)] = post.wechat.texts
    assert [line for line in text.splitlines() if "报修" in line] == [
        "您的报修 #1024 急",
        "您的报修 #1024 第1件",
        "您的报修 #1024 第2件",
        "您的报修 #1024 第3件",
    ]
    assert post.left() == 4
    first = post.rows()[3]
    assert [(row.state, row.channel, row.sent_with) for row in post.rows()] == [
        *[("sent", "customer", first.id)] * 3,
        ("sent", "customer", None),
    ]


def test_one_text_never_grows_beyond_what_wechat_takes(post: Post) -> None:
    post.open_window(left=5)
    for key in "123":
        post.promise(key=key, problem="很长" * 150)  # 900 bytes and a little each
    assert post.send() == 3
    assert [len(text.encode()) < 2000 for _, text in post.wechat.texts] == [True, True]
    assert post.left() == 3


def test_the_last_free_message_is_kept_for_what_is_urgent(post: Post) -> None:
    post.open_window(left=2)
    for key in "123":
        post.promise(key=key)
        post.send()
    assert (len(post.wechat.texts), len(post.wechat.templates)) == (1, 2)
    post.promise(kind=ALARM.name, key="4")
    post.send()
    assert [row.channel for row in post.rows()] == ["customer", "template", "template", "customer"]
    assert [row.platform_id for row in post.rows()] == ["", "9001", "9002", ""]


def test_45015_falls_to_the_template_and_closes_the_window(post: Post) -> None:
    post.open_window()
    post.wechat.text_errors = [WeChatError(45015, "out of time")]
    post.promise()
    assert post.send() == 1
    assert post.row().channel == "template"
    assert post.left() == 0


def test_no_transaction_is_open_while_wechat_is_called(post: Post) -> None:
    """On SQLite a transaction held by the sender would make this write wait four seconds and fail."""
    post.wechat.during = lambda: post.promise("li")
    post.promise("zhang")
    assert post.send() == 2


def test_waits_grow_from_seconds_to_ten_minutes(post: Post) -> None:
    post.promise()
    post.wechat.template_errors = [WeChatError(-1, "busy") for _ in range(6)]
    waits = []
    for _ in range(6):
        begun = post.clock.now()
        assert post.send() == 0
        waits.append((post.row().due_at - begun).total_seconds())
        post.clock.move(post.row().due_at - begun)
    assert waits == [5, 20, 80, 320, 600, 600]
    assert post.send() == 1


def test_wechats_own_waiting_time_is_kept(post: Post) -> None:
    post.promise()
    post.wechat.template_errors = [WeChatError(45011, "api minute-quota reach limit")]
    post.send()
    post.clock.move(59 * SECOND)
    assert post.send() == 0
    post.clock.move(17 * SECOND)  # and a little, so that not all senders come back in the same second
    assert post.send() == 1


def test_an_hour_without_wechat_loses_nothing(post: Post) -> None:
    for person in ("zhang", "li"):
        post.promise(person)
    post.wechat.template_errors = [no_answer() for _ in range(100)]
    for _ in range(60):
        post.send()
        post.clock.move(MINUTE)
    post.wechat.template_errors.clear()
    post.clock.move(10 * MINUTE)
    assert post.send() == 2


def test_news_of_yesterday_is_given_up(post: Post) -> None:
    post.promise()
    post.clock.move(timedelta(hours=24, seconds=1))
    assert post.send() == 0
    assert post.row().state == "failed"
    assert post.wechat.templates == []


def test_a_person_who_cannot_be_reached_is_not_tried_again(post: Post) -> None:
    post.promise()
    post.wechat.template_errors = [WeChatError(43004, "require subscribe")]
    post.send()
    post.clock.move(24 * HOUR)
    assert post.send() == 0
    assert (post.row().state, post.row().outcome) == ("failed", "43004 GONE: require subscribe")


def test_who_unfollows_between_claim_and_sending_hears_nothing(post: Post) -> None:
    def unfollow() -> None:
        with post.database.transaction() as session:
            queue.cancel_waiting(session, "gh_1", "zhang")

    post.promise("li")
    post.promise("zhang")
    post.wechat.during = unfollow
    assert post.send() == 1
    assert [openid for openid, *_ in post.wechat.templates] == ["li"]


class Refusing40001Once:
    """The platform's side of a token that was replaced meanwhile: both the HTTP session and the token provider."""

    def __init__(self) -> None:
        self.token, self.renewals, self.accepted = "old", 0, 0

    def current(self) -> str:
        return self.token

    def renew(self, stale: str) -> str:
        self.token, self.renewals = "new", self.renewals + 1
        return self.token

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        fresh = options["params"]["access_token"] == "new"
        self.accepted += fresh
        answer = requests.Response()
        answer.status_code = 200
        answer._content = b'{"errcode":0,"msgid":77}' if fresh else b'{"errcode":40001,"errmsg":"invalid credential"}'
        return answer


def test_a_token_refused_with_40001_is_renewed_and_nobody_notices(post: Post) -> None:
    platform = Refusing40001Once()
    post.wechat = WeChatClient("wx1", "secret", platform, "https://wechat.example", http=platform)
    post.open_window("zhang")
    post.promise("zhang")
    post.promise("li")
    assert post.send() == 2
    assert [(row.state, row.channel, row.attempts) for row in post.rows()] == [
        ("sent", "customer", 1),
        ("sent", "template", 1),
    ]
    assert (platform.renewals, platform.accepted) == (1, 2)


class TestBugs:
    def test_words_that_fail_stop_only_their_own_message(self, post: Post) -> None:
        with post.database.transaction() as session:
            outbox.put(
                session, account="gh_1", openid="li", kind=NEWS.name, data={}, dedupe_key="x", now=post.clock.now()
            )
        post.promise("zhang")
        assert post.send() == 1
        assert [row.state for row in post.rows()] == ["failed", "sent"]

    def test_an_unexpected_exception_is_borne_five_times(self, post: Post) -> None:
        post.promise()
        post.wechat.template_errors = [RuntimeError("secret words of 张伟") for _ in range(9)]
        for _ in range(9):
            post.send()
            post.clock.move(HOUR)
        assert (post.row().state, post.row().attempts, post.row().outcome) == ("failed", 6, "RuntimeError")

    def test_an_unexpected_exception_never_repeats_a_demand(self, post: Post) -> None:
        post.promise(kind=DEMAND.name)
        post.wechat.template_errors = [RuntimeError("?")]
        post.send()
        post.clock.move(HOUR)
        assert post.send() == 0
        assert post.row().state == "failed"


class TestCrashes:
    def crash(self, post: Post) -> None:
        """The process dies after WeChat has the message and before that is written down."""

        def die() -> None:
            raise Killed

        post.wechat.during = die
        with pytest.raises(Killed):
            post.send("dead")
        post.wechat.during = lambda: None

    def test_news_is_sent_again_so_that_none_is_lost(self, post: Post) -> None:
        post.promise(kind=NEWS.name)
        self.crash(post)
        post.clock.move(2 * MINUTE)
        assert post.send("alive") == 1
        assert [client_msg_id for *_, client_msg_id in post.wechat.templates] == [f"outbox-{post.row().id}"] * 2

    def test_a_demand_is_not_sent_again_and_is_listed(self, post: Post) -> None:
        post.promise(kind=DEMAND.name)
        self.crash(post)
        post.clock.move(2 * MINUTE)
        assert post.send("alive") == 0
        assert len(post.wechat.templates) == 1
        assert (post.row().state, post.row().outcome) == ("failed", "unknown outcome")


class TestTheDatabaseIsAway:
    """What has arrived is noted as soon as the database takes it again, and is not sent twice meanwhile."""

    @pytest.mark.parametrize("failures", [1, 3])
    @pytest.mark.parametrize("kind", [NEWS, DEMAND])
    def test_nothing_is_forgotten(self, post: Post, monkeypatch: pytest.MonkeyPatch, failures: int, kind: Kind) -> None:
        for number in range(3):
            post.promise(f"p{number}", kind.name)
        whole, calls = post.database.transaction, iter(range(100))

        def transaction() -> Any:
            if 1 <= next(calls) <= failures:  # after the messages were taken
                raise OperationalError("BEGIN", {}, Exception("database is locked"))
            return whole()

        monkeypatch.setattr(post.database, "transaction", transaction)
        assert post.sender(in_flight=3).send_due() == 3
        assert post.states() == ["sent"] * 3
        assert len(post.wechat.templates) == 3

    def test_a_sender_with_nothing_in_hand_says_so(self, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
        def transaction() -> Any:
            raise OperationalError("BEGIN", {}, Exception("database is locked"))

        monkeypatch.setattr(post.database, "transaction", transaction)
        with pytest.raises(OperationalError):
            post.sender().send_due()


class TestStopping:
    def test_the_message_in_hand_is_finished_and_the_others_are_given_back(self, post: Post) -> None:
        stopping = threading.Event()
        post.wechat.during = stopping.set
        post.promise("zhang")
        post.promise("li")
        assert post.sender().send_due(stopping.is_set) == 1
        assert [row.state for row in post.rows()] == ["sent", "waiting"]

    def test_a_loop_sends_when_it_is_woken_and_ends_when_it_is_told(self, post: Post) -> None:
        wakeup, sent = Wakeup(), threading.Event()
        post.wechat.during = sent.set
        loop = SenderLoop(post.sender(), wakeup)
        loop.start()
        post.promise()
        wakeup.ring()
        assert sent.wait(5)
        loop.stop()
        assert not loop.is_alive()
        assert post.row().state == "sent"

    def test_a_loop_outlives_a_database_that_is_away(self, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
        sender, looked_again = post.sender(), threading.Event()
        answers: list[Callable[[], int]] = [lambda: 1 // 0, lambda: looked_again.set() or 0]
        monkeypatch.setattr(sender, "send_due", lambda stopping: answers.pop(0)() if answers else 0)
        wakeup = Wakeup()
        wakeup.ring()
        loop = SenderLoop(sender, wakeup)
        loop.start()
        assert looked_again.wait(5)
        loop.stop()


@pytest.mark.parametrize("in_flight", [1, 4])
def test_two_senders_send_everything_once(post: Post, in_flight: int) -> None:
    for number in range(40):
        post.promise(f"person-{number}")
    start = threading.Barrier(2)

    def work(worker: str) -> None:
        start.wait()
        post.sender(worker, in_flight).send_due()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(openid for openid, *_ in post.wechat.templates) == sorted(f"person-{n}" for n in range(40))
    assert {row.state for row in post.rows()} == {"sent"}


def test_messages_to_one_person_stay_in_order_with_many_in_flight(post: Post) -> None:
    for number in range(12):
        post.promise(key=str(number), problem=f"第{number}条")
    post.sender(in_flight=6).send_due()
    assert [form["thing2"][-3:] for _, _, form, _ in post.wechat.templates] == [f"第{n}条"[-3:] for n in range(12)]


def test_no_more_than_agreed_of_what_wechat_would_not_recognise_twice(post: Post) -> None:
    """Text messages carry no id: so many may arrive twice when the machine dies, and no more."""
    on_their_way, most, lock = 0, 0, threading.Lock()
    gate = threading.Event()

    def during() -> None:
        nonlocal on_their_way, most
        with lock:
            on_their_way += 1
            most = max(most, on_their_way)
            if most == 3:
                gate.set()
        gate.wait(0.2)
        with lock:
            on_their_way -= 1

    post.wechat.during = during
    for number in range(12):
        post.open_window(f"person-{number}")
        post.promise(f"person-{number}")
    sending = Sending(unnamed_in_flight=3)
    sender = Sender(
        post.database, post.wechat, post.renderer, post.clock.now, worker="a", in_flight=12, sending=sending
    )
    assert sender.send_due() == 12
    assert most == 3
