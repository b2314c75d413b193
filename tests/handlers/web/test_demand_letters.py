"""The page of the letters that are to be delivered: the office's alone, and each sees those of their own compounds."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from models.billing.once import bill_once, in_words
from models.billing.tariffs import item_of
from models.db import Database
from models.dunning.tables import Demand
from models.estate.tables import Community, Home
from tests.support.album import OTHER_ACCOUNT, Album
from tests.support.repairs import ACCOUNT

PAGE = "/m/demand-letters"


@pytest.fixture
def album(database: Database, tmp_path: Path, now: datetime) -> Album:
    return Album(database, tmp_path, now)


def a_letter(album: Album) -> None:
    with album.world.services.database.transaction() as session:
        home = session.get_one(Home, album.cast.home)
        item = item_of(session, session.get_one(Community, home.community_id).company_id, "PROP")
        due = album.now.date() - timedelta(days=40)
        bill_once(
            session, home, item, 16533, start=date(2026, 1, 1), end=due, due_on=due, basis=in_words("旧账"), by="test",
            now=album.now,
        )  # fmt: skip
        session.add(
            Demand(
                community_id=home.community_id, home_id=home.id, step=3, due=due, fen=16533, way="letter", by="test",
                at=album.now,
            )
        )  # fmt: skip


def test_only_the_office_of_that_compound_opens_the_letters(album: Album) -> None:
    nothing = album.browser("zhang").get("/m/order/999999")
    assert album.browser("manager").get(PAGE).status_code == 404, "there is nothing to print"
    a_letter(album)
    for who in ("manager", "clerk"):
        answer = album.browser(who).get(PAGE)
        assert (answer.status_code, answer.data[:4]) == (200, b"%PDF"), who
    for who in ("zhang", "wife", "li", "wang", "tenant", "chen", "zhou", "qian", "guest", "boss"):
        account = OTHER_ACCOUNT if who == "boss" else ACCOUNT
        answer = album.browser(who, account).get(PAGE)
        assert (answer.status_code, answer.data) == (404, nothing.data), who
