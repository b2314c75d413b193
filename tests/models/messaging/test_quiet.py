"""免打扰: what can wait waits for the morning; what wakes people goes; whoever is awake is not woken."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from models.messaging import conversations, kinds, outbox, queue
from models.messaging.kinds import Kind
from models.messaging.quiet import is_quiet, set_quiet_hours
from models.messaging.quiet_hours import quiet_until
from models.messaging.tables import Outbox
from tests.support.kept import kept_database, session

__all__ = ["kept_database", "session"]

KINDS = (Kind("quiet_test"), Kind("quiet_test_awake", to_awake=True), Kind("quiet_test_wakes", wakes=True))

NIGHT = datetime(2026, 3, 10, 23, 30, tzinfo=SHANGHAI)
MORNING = datetime(2026, 3, 11, 8, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def these_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_KINDS", {kind.name: kind for kind in KINDS})


@pytest.mark.parametrize(
    ("clock", "until"),
    [("20:59", None), ("21:00", 11), ("23:59", 11), ("00:00", 10), ("07:59", 10), ("08:00", None), ("12:00", None)],
)
def test_the_night_ends_at_eight(clock: str, until: int | None) -> None:
    hour, minute = map(int, clock.split(":"))
    expected = datetime(2026, 3, until, 8, tzinfo=SHANGHAI) if until else None
    assert quiet_until(datetime(2026, 3, 10, hour, minute, tzinfo=SHANGHAI), 21 * 60, 8 * 60) == expected


def test_the_last_night_of_a_year_ends_in_the_next() -> None:
    late = datetime(2026, 12, 31, 22, tzinfo=SHANGHAI)
    assert quiet_until(late, 21 * 60, 8 * 60) == datetime(2027, 1, 1, 8, tzinfo=SHANGHAI)


def put(session: Session, kind: str = "quiet_test", *, now: datetime = NIGHT, **more: bool) -> Outbox:
    key = f"{kind}{now.isoformat()}{more}"
    outbox.put(session, account="gh_1", openid="zhang", kind=kind, data={}, dedupe_key=key, now=now, **more)
    return session.query(Outbox).order_by(Outbox.id.desc()).first()  # type: ignore[return-value]


def claimed(session: Session, now: datetime) -> list[str]:
    taken: list[Any] = list(queue.claim(session, "a", now))
    taken = [message for each in taken for message in (each if isinstance(each, list) else [each])]
    for message in taken:
        message.state = "sent"
    session.flush()
    session.expire_all()
    return [message.kind for message in taken]


def test_what_can_wait_waits_for_the_morning(session: Session) -> None:
    message = put(session)
    assert claimed(session, NIGHT) == []
    assert message.due_at == MORNING
    assert claimed(session, MORNING - timedelta(seconds=1)) == []
    assert claimed(session, MORNING) == ["quiet_test"]


def test_what_wakes_goes_and_is_not_held_up_by_what_sleeps(session: Session) -> None:
    put(session)
    put(session, "quiet_test_wakes")
    put(session, wakes=True)
    assert claimed(session, NIGHT) == ["quiet_test_wakes"]
    assert claimed(session, NIGHT) == ["quiet_test"]
    assert claimed(session, NIGHT) == []


def test_by_day_nothing_waits(session: Session) -> None:
    put(session, now=NIGHT.replace(hour=12))
    assert claimed(session, NIGHT.replace(hour=12)) == ["quiet_test"]


def test_what_was_promised_by_day_and_comes_due_at_night_waits(session: Session) -> None:
    message = put(session, now=NIGHT.replace(hour=20, minute=59))
    assert claimed(session, NIGHT.replace(hour=21, minute=0)) == []
    assert message.due_at == MORNING


@pytest.mark.parametrize(("minutes", "goes"), [(0, True), (29, True), (30, False)])
def test_news_goes_to_somebody_who_wrote_a_moment_ago(session: Session, minutes: int, goes: bool) -> None:
    conversations.lock(session, "gh_1", "zhang", NIGHT - timedelta(minutes=minutes))
    put(session, "quiet_test_awake")
    assert claimed(session, NIGHT) == (["quiet_test_awake"] if goes else [])


def test_to_be_awake_is_no_reason_for_what_is_not_about_it(session: Session) -> None:
    conversations.lock(session, "gh_1", "zhang", NIGHT)
    put(session)
    assert claimed(session, NIGHT) == []


def test_a_company_has_its_own_hours(session: Session) -> None:
    set_quiet_hours(session, "gh_1", 22 * 60, 7 * 60)
    set_quiet_hours(session, "gh_1", 22 * 60, 6 * 60 + 30)
    early = NIGHT.replace(hour=21, minute=30)
    put(session, now=early)
    assert claimed(session, early) == ["quiet_test"]
    message = put(session)
    assert claimed(session, NIGHT) == []
    assert message.due_at == MORNING.replace(hour=6, minute=30)
    assert [is_quiet(session, "gh_1", moment) for moment in (early, NIGHT)] == [False, True]
    assert is_quiet(session, "gh_2", early)
