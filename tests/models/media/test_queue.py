"""Each file is fetched once, whoever fetches."""

import threading
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from models.db import Database
from models.estate.tables import Company
from models.media import queue
from models.media.tables import KEPT, WAITING, Medium

WHO = {"account": "gh_1", "openid": "zhang", "kind": "image"}


@pytest.fixture
def company(database: Database, now: datetime) -> int:
    with database.transaction() as session:
        company = Company(name="安居物业", created_at=now)
        session.add(company)
        session.flush()
        return company.id


def note(database: Database, company: int, media_id: str, now: datetime) -> int:
    with database.transaction() as session:
        return queue.note_received(session, company_id=company, media_id=media_id, now=now, **WHO)


def only(database: Database) -> Medium:
    with database.reading() as session:
        return session.scalars(sa.select(Medium)).one()


def test_the_same_file_is_noted_once_and_rings_once(database: Database, company: int, now: datetime) -> None:
    rung: list[frozenset[str]] = []
    database.after_commit = rung.append
    first = note(database, company, "m1", now)
    assert note(database, company, "m1", now) == first
    assert rung == [frozenset({"media"})]
    assert note(database, company, "m2", now) != first


def test_names_cannot_be_guessed_and_are_never_the_same(database: Database, company: int, now: datetime) -> None:
    for number in range(20):
        note(database, company, f"m{number}", now)
    with database.reading() as session:
        names = session.scalars(sa.select(Medium.name)).all()
    assert len(set(names)) == 20
    assert all(len(name) == 32 and int(name, 16) >= 0 for name in names)


def test_two_who_fetch_at_once_share_the_files(database: Database, company: int, now: datetime) -> None:
    for number in range(6):
        note(database, company, f"m{number}", now)
    claimed: list[int] = []
    together = threading.Barrier(3)

    def fetch() -> None:
        together.wait()
        for _ in range(4):
            with database.transaction() as session:
                claimed.extend(medium.id for medium in queue.claim(session, now, 1))

    threads = [threading.Thread(target=fetch) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 6


def test_without_the_claim_all_would_fetch_the_same(database: Database, company: int, now: datetime) -> None:
    """The negative control: looking alone gives the file to everybody."""
    note(database, company, "m", now)
    seen = []
    for _ in range(2):
        with database.transaction() as session:
            seen += session.scalars(sa.select(Medium.id).where(*queue._due(now))).all()
    assert len(seen) == 2


def test_what_a_dead_fetcher_held_comes_back_after_its_lease(database: Database, company: int, now: datetime) -> None:
    note(database, company, "m", now)
    for later, count in ((timedelta(), 1), (queue.LEASE - timedelta(seconds=1), 0), (queue.LEASE, 1)):
        with database.transaction() as session:
            assert len(queue.claim(session, now + later, 5)) == count
    assert only(database).attempts == 2


def test_whoever_is_late_puts_nothing_off_and_finishes_nothing_twice(
    database: Database, company: int, now: datetime
) -> None:
    medium_id = note(database, company, "m", now)
    for later in (timedelta(), queue.LEASE):
        with database.transaction() as session:
            queue.claim(session, now + later, 1)
    kept = {"content_type": "image/jpeg", "size": 9, "width": 3, "height": 3, "now": now}
    with database.transaction() as session:
        queue.try_later(session, medium_id, 1, due_at=now + timedelta(days=1), reason="the first, too late")
    assert only(database).due_at == now + 2 * queue.LEASE
    with database.transaction() as session:
        assert queue.mark_kept(session, medium_id, **kept)
        assert not queue.mark_kept(session, medium_id, **kept)
        assert not queue.mark_gone(session, medium_id, "too late")
        queue.try_later(session, medium_id, 2, due_at=now, reason="too late")
    assert (only(database).state, only(database).reason) == (KEPT, "")


def test_what_nothing_refers_to_is_loose_and_goes(database: Database, company: int, now: datetime) -> None:
    loose, used = note(database, company, "loose", now), note(database, company, "used", now)
    with database.transaction() as session:
        queue.mark_attached(session, [used])
        assert queue.loose(session, now, 9) == []
        assert [medium.id for medium in queue.loose(session, now + timedelta(seconds=1), 9)] == [loose]
        queue.drop(session, used)
        queue.drop(session, loose)
    assert (only(database).id, only(database).state) == (used, WAITING)


def test_a_sender_who_leaves_is_forgotten_and_the_file_stays(database: Database, company: int, now: datetime) -> None:
    note(database, company, "m", now)
    with database.transaction() as session:
        queue.forget_sender(session, "gh_1", "li")
        queue.forget_sender(session, "gh_2", "zhang")
    assert only(database).openid == "zhang"
    with database.transaction() as session:
        queue.forget_sender(session, "gh_1", "zhang")
    assert only(database).openid is None
