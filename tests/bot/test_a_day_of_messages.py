"""A day of messages against the pretend platform's own books: never one too many, and hardly one too few."""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.simulator.errors import ApiError
from bot.simulator.store import Store
from bot.simulator.windows import Windows
from bot.wechat.errors import WeChatError
from models.db import Database
from models.messaging import conversations, grants, outbox, windows
from models.messaging.kinds import Kind
from models.messaging.tables import Outbox
from tests.support.post import Post
from tests.support.words import ALARM, CHAT_ONLY, DEMAND, NEWS, every_way_renderer, small_kinds

__all__ = ["small_kinds"]

pytestmark = [pytest.mark.usefixtures("small_kinds"), pytest.mark.thorough]

SECOND = timedelta(seconds=1)
KINDS = (NEWS, NEWS, ALARM, CHAT_ONLY, DEMAND)
TRIGGERS = ("message",) * 6 + ("menu", "scan", "follow", "payment")


class Platform:
    """Sends whatever its books allow and counts what they do not. `slow`: how long its events take to reach us, in seconds."""

    def __init__(self, post: Post, slow: int) -> None:
        self.books, self.post, self.slow = Windows(Store(None)), post, slow
        self.overdrawn: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        self.on_the_way: list[tuple[datetime, datetime, str, str]] = []

    def send_text(self, openid: str, text: str) -> None:
        try:
            self.books.spend(openid, self.post.clock.now())
        except ApiError as refused:
            self.overdrawn[str(refused.code)] += 1
            raise WeChatError(refused.code, "") from None
        self.taken["customer"] += 1

    def send_template(
        self, openid: str, template_id: str, data: Mapping[str, str], url: str = "", client_msg_id: str = ""
    ) -> str:
        self.taken["template"] += 1
        return str(self.taken["template"])

    def send_subscription(self, openid: str, template_id: str, data: Mapping[str, str], page: str = "") -> None:
        raise AssertionError("nobody allowed any")

    def happens(self, openid: str, trigger: str, dice: random.Random) -> None:
        now = self.post.clock.now()
        self.books.open(openid, trigger, now)
        at = now.replace(microsecond=0)  # CreateTime has no more
        self.on_the_way.append((now + dice.randint(0, self.slow) * SECOND, at, openid, trigger))

    def reaches_us(self) -> None:
        """What a turn does with it, in whatever order events arrive."""
        now = self.post.clock.now()
        arrived = sorted(each for each in self.on_the_way if each[0] <= now)
        self.on_the_way = [each for each in self.on_the_way if each[0] > now]
        for _, at, openid, trigger in arrived:
            with self.post.database.transaction() as session:
                conversation = conversations.lock(session, "gh_1", openid, now)
                windows.open_by(conversation, trigger, at, self.post.sending.grants)
                windows.heard_of(session, conversation, now)


def promise(post: Post, wanted: list[tuple[int, str, Kind]]) -> None:
    with post.database.transaction() as session:
        for number, openid, kind in wanted:
            outbox.put(
                session,
                account="gh_1",
                openid=openid,
                kind=kind.name,
                data={"order": number, "problem": "漏水"},
                dedupe_key=str(number),
                now=post.clock.now(),
            )


def a_day(
    database: Database, folder: Path, now: datetime, *, messages: int, people: int, slow: int, longest: int = 61
) -> Platform:
    post = Post(
        database, every_way_renderer(folder / "templates"), now.replace(hour=8, minute=30)
    )  # the night is quiet
    platform = Platform(post, slow)
    post.wechat = platform  # type: ignore[assignment]
    dice, promised = random.Random(20261125), 0
    for number in range(
        people
    ):  # everybody has spoken with us before: of others there are no books, and WeChat is asked
        platform.happens(f"p{number}", "message", dice)
    while promised < messages:
        some = dice.randint(1, max(people // 2, 2))
        promise(post, [(promised + n, f"p{dice.randrange(people)}", dice.choice(KINDS)) for n in range(some)])
        promised += some
        for _ in range(dice.randint(0, max(people // 12, 1))):
            platform.happens(f"p{dice.randrange(people)}", dice.choice(TRIGGERS), dice)
        platform.reaches_us()
        post.sender(in_flight=16).send_due()
        post.clock.move(dice.choice((1, 5, 20, 40, 61, longest)) * SECOND)
    platform.on_the_way = [(post.clock.now(), *rest) for _, *rest in platform.on_the_way]
    platform.reaches_us()
    post.sender().send_due()
    return platform


def could_have_gone(platform: Platform) -> int:
    """Messages that wait for a person whose window, by the platform's own books, is open beyond the reserve."""
    post, now = platform.post, platform.post.clock.now()
    with post.database.reading() as session:
        waiting = session.scalars(sa.select(Outbox.openid).where(Outbox.state.in_(("waiting", "parked")))).all()
    return sum(platform.books.left(openid, now) not in (0, 1) for openid in waiting)


def test_some_hundred_messages_never_overdraw_the_platforms_books(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    platform = a_day(database, tmp_path, now, messages=100, people=6, slow=4)
    assert platform.overdrawn == {}
    assert platform.taken["customer"] > 15
    assert could_have_gone(platform) == 0


@pytest.mark.long
def test_a_day_of_twenty_thousand_messages_never_overdraws(database: Database, tmp_path: Path, now: datetime) -> None:
    platform = a_day(database, tmp_path, now, messages=20_000, people=400, slow=8, longest=1000)
    assert platform.overdrawn == {}
    assert platform.taken["customer"] > 2_000
    assert could_have_gone(platform) <= 20  # one in a thousand


def test_without_the_care_for_late_events_the_books_are_overdrawn(
    database: Database, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: an event renews the window in full, whatever left in the meantime."""

    def careless(book: Mapping[str, object], trigger: str, at: int, rules: grants.GrantRules) -> dict[str, object]:
        grant = rules.grants[trigger]
        return {**book, trigger: [grant.messages, at + grant.seconds]}

    monkeypatch.setattr(grants, "opened", careless)
    platform = a_day(database, tmp_path, now, messages=150, people=4, slow=60)
    assert sum(platform.overdrawn.values()) > 0
