"""The one way to the database: writers of one process queue, and a connection that was cut is replaced."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.orm import Session

import models.engines
from models.db import Database, insert_at_once, insert_few, insert_unless_there, savepoint
from models.estate.tables import Company
from models.job_runs import JobRun

WRITERS, TIMES = 4, 15


@pytest.fixture
def impatient(tmp_path: Path) -> Database:
    """A SQLite database whose writers do not wait for each other by SQLite's own means."""
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    sa.event.listen(
        database.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=0").close()
    )
    with database.transaction() as session:
        session.execute(sa.text("CREATE TABLE counter (n INTEGER)"))
        session.execute(sa.text("INSERT INTO counter VALUES (0)"))
    return database


def count_up(database: Database) -> None:
    for _ in range(TIMES):
        with database.transaction() as session:
            session.execute(sa.text("UPDATE counter SET n = n + 1"))


def counted(session: Session) -> int:
    return session.execute(sa.text("SELECT n FROM counter")).scalar_one()


def all_at_once(database: Database) -> None:
    with ThreadPoolExecutor(WRITERS) as threads:
        for done in [threads.submit(count_up, database) for _ in range(WRITERS)]:
            done.result()


def test_writers_of_one_process_queue_for_sqlite(impatient: Database) -> None:
    all_at_once(impatient)
    with impatient.reading() as session:
        assert counted(session) == WRITERS * TIMES


def test_without_the_turnstile_they_run_into_each_other(impatient: Database) -> None:
    """The negative control."""
    impatient._turnstile = nullcontext()
    with pytest.raises(OperationalError, match="locked"):
        all_at_once(impatient)


def test_a_transaction_that_failed_lets_the_next_one_through(impatient: Database) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), impatient.transaction():
            raise ZeroDivisionError
    count_up(impatient)


def cut_everybody_off(database: Database, other: Database) -> None:
    with other.transaction() as session:
        session.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_was_idle_is_asked_whether_it_is_still_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Database(database.engine.url.render_as_string(hide_password=False))
    monkeypatch.setattr(models.engines, "ASK_AFTER_IDLE", 0.0)
    for _ in range(2):
        with database.transaction() as session:
            assert session.scalar(sa.select(1)) == 1
        cut_everybody_off(database, other)
    other.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_one_in_use_a_moment_ago_is_not_asked_and_its_user_hears(database: Database) -> None:
    other = Database(database.engine.url.render_as_string(hide_password=False))
    with database.transaction() as session:
        session.execute(sa.select(1))
    cut_everybody_off(database, other)
    with pytest.raises(OperationalError) as cut, database.transaction() as session:
        session.execute(sa.select(1))
    assert cut.value.connection_invalidated
    with database.transaction() as session:
        assert session.scalar(sa.select(1)) == 1, "and the next one gets a new connection"
    other.close()


def test_an_object_written_at_once_is_as_if_it_had_been_added(session: Session, now: datetime) -> None:
    company = Company(name="安居物业", created_at=now)
    statements: list[str] = []
    sa.event.listen(session.get_bind(), "before_cursor_execute", lambda *call: statements.append(call[2]))
    session.connection()  # SQLite says when a transaction begins
    statements.clear()
    insert_at_once(session, company)
    assert company.hotline == "", "the default of the column"
    session.flush()
    assert len(statements) == 1, "nothing is left to write and nothing had to be read"
    company.name = "平安物业"
    session.flush()
    session.expire_all()
    assert session.scalars(sa.select(Company.name)).all() == ["平安物业"]
    assert session.get(Company, company.id) is company


def test_what_was_written_at_once_goes_with_its_savepoint(session: Session, now: datetime) -> None:
    def writes_and_fails() -> None:
        with savepoint(session):
            insert_at_once(session, Company(name="安居物业", created_at=now))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        writes_and_fails()
    assert session.scalars(sa.select(Company.name)).all() == []


def test_a_number_given_out_again_after_a_savepoint_belongs_to_the_new_row(session: Session, now: datetime) -> None:
    """On SQLite it is; whoever still holds the object of the row that went away is in nobody's way."""
    first, second = (Company(name=name, created_at=now) for name in ("安居物业", "平安物业"))
    with suppress(ZeroDivisionError), savepoint(session):
        insert_at_once(session, first)
        raise ZeroDivisionError
    insert_at_once(session, second)
    assert session.get(Company, second.id) is second


def test_a_row_is_there_once_however_often_it_is_inserted(session: Session, now: datetime) -> None:
    rows = [JobRun(task="audit", period="2026-03", started_at=now) for _ in range(2)]
    assert [insert_unless_there(session, row) for row in rows] == [True, False]
    assert session.scalars(sa.select(JobRun)).all() == rows[:1]


def test_a_few_rows_are_written_by_one_statement(session: Session, now: datetime) -> None:
    statements: list[str] = []
    sa.event.listen(session.get_bind(), "before_cursor_execute", lambda *call: statements.append(call[2]))
    rows = [{"name": name, "hotline": "", "created_at": now} for name in ("甲", "乙", "丙")]
    for some in (rows[:1], rows[1:]):
        insert_few(session, Company, some)
    assert [one.split()[0] for one in statements if not one.startswith("BEGIN")] == ["INSERT", "INSERT"]
    assert session.scalars(sa.select(Company.name).order_by(Company.id)).all() == ["甲", "乙", "丙"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_was_prepared_outlives_a_look_and_the_width_of_a_number_is_no_other_statement(database: Database) -> None:
    statement = sa.select(sa.func.count()).where(sa.bindparam("number", type_=sa.BigInteger) > 1)
    for number in (1, 100_000, 10_000_000_000) * 3:
        with database.reading() as session:
            session.execute(statement, {"number": number})
            prepared = session.scalar(
                sa.text("SELECT count(*) FROM pg_prepared_statements WHERE statement ~ 'count[_]1'")
            )
    assert prepared, "it is found prepared the sixth time"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_look_can_write_nothing_on_postgresql(database: Database, now: datetime) -> None:
    with pytest.raises(InternalError, match="read-only"), database.reading() as session:
        insert_at_once(session, Company(name="安居物业", created_at=now))
    with database.transaction() as session:
        insert_at_once(session, Company(name="安居物业", created_at=now))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_glance_begins_nothing_and_leaves_the_connection_as_it_was(database: Database, now: datetime) -> None:
    def state(session: Session) -> TransactionStatus:
        driver: Any = session.connection().connection.dbapi_connection
        found: TransactionStatus = driver.info.transaction_status
        return found

    with database.glance() as session:
        assert session.scalar(sa.select(sa.func.count(Company.id))) == 0
        assert state(session) == TransactionStatus.IDLE
    with suppress(ZeroDivisionError), database.transaction() as session:
        insert_at_once(session, Company(name="安居物业", created_at=now))
        assert state(session) == TransactionStatus.INTRANS
        raise ZeroDivisionError
    with database.glance() as session:
        assert session.scalar(sa.select(sa.func.count(Company.id))) == 0, "rolled back"


def test_a_glance_sees_what_was_committed_a_moment_ago(database: Database, now: datetime) -> None:
    with database.glance() as session:
        assert session.scalar(sa.select(sa.func.count(Company.id))) == 0
        with database.transaction() as writing:
            insert_at_once(writing, Company(name="安居物业", created_at=now))
    with database.glance() as session:
        assert session.scalar(sa.select(sa.func.count(Company.id))) == 1
