"""Messages a person allowed once: spent when one leaves, gone when WeChat says so."""

from datetime import datetime
from pathlib import Path

import pytest

from bot.rendering import Granted, Renderer
from bot.wechat.errors import WeChatError
from models.db import Database
from models.messaging import consents
from models.messaging.tables import Consent
from tests.support.post import Post
from tests.support.words import URGENT_EVERY_WAY, small_kinds, write_words

__all__ = ["small_kinds"]

pytestmark = pytest.mark.usefixtures("small_kinds")


@pytest.fixture
def post(database: Database, tmp_path: Path, now: datetime) -> Post:
    """A company with a subscription template and nothing else, and a person who allowed one message."""
    post = Post(database, Renderer(Granted({}, {"test_form": "SID"}), write_words(tmp_path / "templates")), now)
    post.open_window(left=0)
    with database.transaction() as session:
        consents.answered(session, "gh_1", "zhang", "SID", "accept", now)
    return post


def left(post: Post) -> int:
    with post.database.reading() as session:
        return session.get_one(Consent, ("gh_1", "zhang", "SID")).left


def test_one_yes_is_one_message(post: Post) -> None:
    for key in "12":
        post.promise(kind=URGENT_EVERY_WAY.name, key=key)
        post.send()
    assert [(row.state, row.channel) for row in post.rows()] == [("sent", "subscription"), ("untold", "")]
    assert (len(post.wechat.subscriptions), left(post)) == (1, 0)


def test_43101_sets_the_ledger_to_nothing(post: Post) -> None:
    with post.database.transaction() as session:
        consents.answered(session, "gh_1", "zhang", "SID", "accept", post.clock.now())
    post.wechat.subscription_errors = [WeChatError(43101, "user refuse to accept the msg")]
    post.promise(kind=URGENT_EVERY_WAY.name)
    post.send()
    assert (post.states(), left(post)) == (["untold"], 0)
