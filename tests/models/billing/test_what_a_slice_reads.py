"""A slice of a draft reads its own homes, however many other compounds there are: else a month's bills would take the square of it."""

from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.due import due_tariffs
from models.billing.run import begin_run, write_slice
from models.billing.tables import Bill, BillingRun, SkippedHome
from models.billing.tariffs import Agreement, agree, charge_all
from models.db import Database
from models.estate.tables import Community, Company, Home
from tests.support.databases import empty
from tests.support.fees import NOW, PAPER

COMPOUNDS, HOMES, ITEMS = 60, 40, ("PROP", "TRASH")
SINCE = date(2024, 1, 1)


@pytest.fixture
def many(emptied_postgresql: str) -> Iterator[Session]:
    """60 compounds of 40 homes that pay two items: 4,800 charges. PostgreSQL has looked at them, and knows no more of a parameter
    than that it is one, as of any statement that was asked a few times."""
    empty(emptied_postgresql)
    database = Database(emptied_postgresql)
    with database.transaction() as session:
        company = Company(name="安居物业", created_at=NOW)
        session.add(company)
        session.flush()
        for number in range(COMPOUNDS):
            _compound(session, company.id, number)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    with database.transaction() as session:
        session.connection().exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        yield session
    database.close()


def _compound(session: Session, company_id: int, number: int) -> None:
    community = Community(company_id=company_id, name=f"小区{number}", created_at=NOW)
    session.add(community)
    session.flush()
    homes = [
        Home(community_id=community.id, building="1", room=str(room), area=5_000 + room, created_at=NOW)
        for room in range(HOMES)
    ]
    session.add_all(homes)
    session.add(BillingRun(community_id=community.id, period="2026-02", begun_at=NOW, state="published", by="test"))
    session.flush()
    for item in ITEMS:
        terms = Agreement("area" if item == "PROP" else "fixed", 10_000, PAPER, SINCE)
        charge_all(session, agree(session, community.id, item, terms, by="test", now=NOW), SINCE)


def rows_read(session: Session) -> dict[str, tuple[int, int]]:
    """Table → rows read from end to end and by an index, in this transaction so far."""
    read = "SELECT relname, seq_tup_read, coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
    return {name: (whole, found) for name, whole, found in session.execute(sa.text(read))}


@pytest.mark.postgresql
def test_a_slice_reads_its_own_homes_and_looks_up_by_index_what_its_bills_point_to(many: Session) -> None:
    last = many.scalars(sa.select(Community.id).order_by(Community.id.desc())).first()
    assert last is not None
    run = begin_run(many, last, "2026-03", by="test", now=NOW)
    due_ones = due_tariffs(many, last, "2026-03")
    before = rows_read(many)
    after: int | None = write_slice(many, run, due_ones[0], limit=25).after
    assert after is not None
    assert write_slice(many, run, due_ones[0], after=after, limit=25).after is None
    assert write_slice(many, run, due_ones[1]).written == HOMES
    read = {
        name: (whole - before[name][0], found - before[name][1]) for name, (whole, found) in rows_read(many).items()
    }
    assert many.scalar(sa.select(sa.func.count(sa.distinct(Bill.home_id))).where(Bill.run_id == run.id)) == HOMES
    assert many.scalars(sa.select(SkippedHome.charge_id)).all() == []
    # 80 charges; the place where the first slice ended is looked up by its number, and seen again.
    assert read["charges"][0] == 0
    assert read["charges"][1] <= 2 * HOMES + 30
    # 80 bills point to one compound of 60 and to one run of 61; the slice itself asks for its compound and its items.
    assert read["communities"][0] <= 3 * COMPOUNDS
    assert read["billing_runs"][0] == 0
    assert read["tariffs"][0] == 0
