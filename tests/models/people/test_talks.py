"""Talks with a person: one each, taken once, kept word for word; on both databases."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import AlreadyDone, NotFound, Refusal
from models.messaging.tables import Outbox
from models.people.talks import (
    QUIET_FOR,
    UNTAKEN_FOR,
    Talk,
    TalkLine,
    Wanting,
    close,
    forget_words,
    gone_quiet,
    open_talk,
    person_says,
    staff_says,
    still_open,
    take,
    waiting_for,
)
from tests.support.repairs import ACCOUNT, Cast, settle


@pytest.fixture
def cast(session: Session, now: datetime) -> Cast:
    return settle(session, now)


def wants(cast: Cast, openid: str, community_id: int | None = None) -> Wanting:
    return Wanting(cast.company_id, community_id or cast.garden, ACCOUNT, openid, openid, "3栋2单元501")


def told(session: Session) -> list[tuple[str, str]]:
    session.flush()
    return [tuple(row) for row in session.execute(sa.select(Outbox.kind, Outbox.openid).order_by(Outbox.id))]


def test_a_person_has_one_talk_and_every_word_of_it_is_kept(session: Session, cast: Cast, now: datetime) -> None:
    talk = open_talk(session, wants(cast, "zhang"), "人工", now=now)
    assert open_talk(session, wants(cast, "zhang"), "有人吗", now=now).id == talk.id
    assert not person_says(session, talk, "在吗" + "啊" * 600, now=now)
    _, said = take(session, talk.id, cast.staff["manager"], None, now=now)
    assert [line[:4] for line in said] == ["人工", "有人吗", "在吗啊啊"]
    assert person_says(session, talk, "楼上漏水", now=now)
    staff_says(session, talk, "赵经理", "马上来", now=now)
    kept = session.execute(sa.select(TalkLine.side, sa.func.length(TalkLine.words)).order_by(TalkLine.id)).all()
    assert [tuple(row) for row in kept] == [("person", 2), ("person", 3), ("person", 500), ("person", 4), ("staff", 3)]
    manager = cast.staff["manager"].openid
    assert told(session) == [("talk_taken", "zhang"), ("talk_words", manager), ("talk_words", "zhang")]


def test_it_is_taken_once_and_one_at_a_time(session: Session, cast: Cast, now: datetime) -> None:
    talk = open_talk(session, wants(cast, "zhang"), "人工", now=now)
    other = open_talk(session, wants(cast, "li"), "人工", now=now)
    take(session, talk.id, cast.staff["manager"], None, now=now)
    with pytest.raises(AlreadyDone):
        take(session, talk.id, cast.staff["chen"], None, now=now)
    with pytest.raises(Refusal, match="先回复「结束」"):
        take(session, other.id, cast.staff["manager"], None, now=now)
    close(session, talk, "staff", now=now)
    with pytest.raises(AlreadyDone):
        close(session, talk, "person", now=now)
    assert still_open(session, talk.id) is None
    take(session, other.id, cast.staff["manager"], None, now=now)


def test_other_compounds_and_companies_are_not_there(session: Session, cast: Cast, now: datetime) -> None:
    talk = open_talk(session, wants(cast, "zhang"), "人工", now=now)
    assert list(waiting_for(session, cast.company_id, [talk.community_id or 0])) == [talk]
    assert waiting_for(session, cast.company_id, [-1]) == []
    assert waiting_for(session, cast.company_id + 1, None) == []
    for areas, number in (([-1], talk.id), (None, talk.id + 99)):
        with pytest.raises(NotFound):
            take(session, number, cast.staff["chen"], areas, now=now)


def test_time_closes_what_nobody_goes_on_with(session: Session, cast: Cast, now: datetime) -> None:
    taken = open_talk(session, wants(cast, "zhang"), "人工", now=now)
    waiting = open_talk(session, wants(cast, "li"), "人工", now=now)
    take(session, taken.id, cast.staff["manager"], None, now=now)
    assert gone_quiet(session, now + QUIET_FOR) == []
    assert gone_quiet(session, now + QUIET_FOR + timedelta(seconds=1)) == [taken.id]
    assert gone_quiet(session, now + UNTAKEN_FOR + timedelta(seconds=1)) == [taken.id, waiting.id]
    close(session, taken, "time", now=now)
    closed = [openid for kind, openid in told(session) if kind == "talk_closed"]
    assert sorted(closed) == sorted(["zhang", str(cast.staff["manager"].openid)])
    assert session.scalars(sa.select(Talk.state).order_by(Talk.id)).all() == ["closed", "waiting"]


def test_words_are_forgotten_and_the_talk_is_not(session: Session, cast: Cast, now: datetime) -> None:
    talk = open_talk(session, wants(cast, "zhang"), "我家的事", now=now - timedelta(days=31))
    person_says(session, talk, "今天的事", now=now)
    assert forget_words(session, now - timedelta(days=30)) == 1
    assert forget_words(session, now - timedelta(days=30)) == 0
    assert session.scalars(sa.select(TalkLine.words).order_by(TalkLine.id)).all() == ["", "今天的事"]
