"""The demo company: what the contract promises of it, always the same, once."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import models.tables
from bot.config import Settings
from handlers.commands.cast import simulator_settings
from handlers.commands.demo import load
from models.audit.log import broken_links
from models.audit.tables import AuditEntry
from models.db import Database
from models.estate.tables import Community, Company, Home, OfficialAccount
from models.job_runs import JobRun
from models.people.tables import Binding, Follower, Person, Staff, StaffArea
from models.workorders.tables import OrderEvent, WorkOrder
from scheduler.timetable import TIMETABLE
from tests.handlers.commands.conftest import Run
from tests.support.demo import load_demo


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(sa.select(table).order_by(*table.primary_key))]
            for table in models.tables.metadata.sorted_tables
        }


def at_home(session: Session, openid: str) -> list[tuple[str, str, str, str]]:
    return [
        tuple(row)
        for row in session.execute(
            sa.select(
                Person.name, Binding.relation, Community.name, Home.building + "-" + Home.entrance + "-" + Home.room
            )
            .join(Binding, Binding.person_id == Person.id)
            .join(Home, Home.id == Binding.home_id)
            .join(Community, Community.id == Home.community_id)
            .where(Binding.openid == openid)
        )
    ]


def test_it_is_one_company_of_six_compounds_1200_homes_and_14_staff(demo_database: Database) -> None:
    with demo_database.reading() as session:
        assert session.scalars(sa.select(Company.name)).all() == ["安居物业"]
        sizes = session.execute(sa.select(Community.name, sa.func.count()).join(Home).group_by(Community.name)).all()
        assert len(sizes) == 6
        assert sum(size for _, size in sizes) == 1200
        assert session.scalar(sa.select(sa.func.count()).select_from(Staff)) == 14
        assert session.scalars(sa.select(OfficialAccount.account)).all() == ["gh_linli_demo"]


def test_the_cast_is_who_the_contract_says(demo_database: Database) -> None:
    with demo_database.reading() as session:
        assert at_home(session, "demo-zhang") == [("张伟", "owner", "锦绣花园", "3-2-501")]
        assert at_home(session, "demo-li") == [("李娜", "owner", "锦绣花园", "3-2-502")]
        assert at_home(session, "demo-wang") == [("王强", "owner", "望江苑", "1-1-101")]
        assert at_home(session, "demo-zhao-tenant") == [("赵敏", "tenant", "锦绣花园", "3-2-501")]
        assert at_home(session, "demo-guest") == []
        staff = {
            openid: (name, role)
            for openid, name, role in session.execute(sa.select(Staff.openid, Staff.name, Staff.role))
        }
        assert staff["demo-chen"] == ("陈师傅", "worker")
        assert staff["demo-sun"] == ("孙会计", "cashier")
        assert staff["demo-zhaomgr"] == ("赵经理", "manager")
        areas = session.execute(sa.select(Staff.name, Community.name).join_from(Staff, StaffArea).join(Community)).all()
        assert [area for name, area in areas if name == "钱主任"] == ["望江苑"]
        assert [area for name, area in areas if name == "赵经理"] == []  # no area: the whole company
        followers = set(session.scalars(sa.select(Follower.openid)))
        assert len(followers) == 11
        assert "demo-guest" in followers


def test_zhang_has_two_earlier_repairs_and_nobody_else_has_his(demo_database: Database) -> None:
    with demo_database.reading() as session:
        his = session.execute(sa.select(WorkOrder.openid, WorkOrder.rating).where(WorkOrder.openid.is_not(None))).all()
    assert sorted(his) == [("demo-zhang", 4), ("demo-zhang", 5)]


def test_a_year_of_repairs_is_behind_it_and_all_of_it_is_over(demo_database: Database, now: datetime) -> None:
    with demo_database.reading() as session:
        orders = session.scalars(sa.select(WorkOrder)).all()
        events = session.scalar(sa.select(sa.func.count()).select_from(OrderEvent))
    assert len(orders) == 900
    assert events is not None
    assert events > 5 * 900
    assert set(Counter(order.state for order in orders)) == {"CLOSED", "CANCELLED"}
    first, last = min(order.created_at for order in orders), max(order.moved_at for order in orders)
    assert last - first > timedelta(days=330)
    assert last < now - timedelta(hours=72)  # nothing waits for a rating any more
    done = [(order.created_at, order.done_at - order.created_at) for order in orders if order.done_at]
    done.sort()
    early, late = done[: len(done) // 4], done[-len(done) // 4 :]
    assert sum((took for _, took in late), timedelta()) < sum((took for _, took in early), timedelta())


def test_every_story_of_it_is_one_the_rules_allow(run_on_demo: Run) -> None:
    result = run_on_demo("audit")
    assert result.exit_code == 0, result.stdout
    assert "clean" in result.stdout


def test_its_log_is_sealed(demo_database: Database) -> None:
    with demo_database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).where(AuditEntry.place.is_(None))) == 0
        assert list(broken_links(session)) == []


@pytest.fixture
def a_month_of_fees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough where the command itself is tried, and loaded in a moment."""
    assert load.__kwdefaults__ is not None
    monkeypatch.setitem(load.__kwdefaults__, "months_of_fees", 1)


@pytest.mark.usefixtures("a_month_of_fees")
def test_the_second_time_it_says_so_and_changes_nothing(run: Run, database: Database) -> None:
    run("demo")
    before = rows(database)
    again = run("demo")
    assert again.exit_code == 0
    assert "there already" in again.stdout
    assert rows(database) == before


@pytest.mark.parametrize(
    "demo_database",
    [pytest.param("sqlite", marks=pytest.mark.thorough), pytest.param("postgresql", marks=pytest.mark.postgresql)],
    indirect=True,
)
def test_the_same_seed_gives_the_same_rows_on_either_database(
    demo_database: Database, sqlite_template: Path, tmp_path: Path
) -> None:
    (tmp_path / "again.db").write_bytes(sqlite_template.read_bytes())
    again = Database(f"sqlite:///{tmp_path / 'again.db'}")
    load_demo(again, tmp_path)
    assert rows(again) == rows(demo_database)
    again.close()


@pytest.mark.usefixtures("a_month_of_fees")
def test_who_tries_it_out_is_not_reminded_of_bills_that_day(run: Run, database: Database, now: datetime) -> None:
    run("demo")
    with database.reading() as session:
        put_down = set(session.scalars(sa.select(JobRun.task).where(JobRun.period == f"{now:%Y-%m-%d}")))
    assert put_down == {"remind_before_due", "tell_about_money"} <= {task.name for task in TIMETABLE}


def test_a_database_with_a_company_in_it_is_not_empty(run: Run, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        session.add(Company(name="别的物业", hotline="", created_at=now))
    result = run("demo", "--if-empty")
    assert result.exit_code == 0
    assert "in use" in result.stdout
    with database.reading() as session:
        assert session.scalars(sa.select(Company.name)).all() == ["别的物业"]


def test_an_account_of_another_company_is_never_taken_over(run: Run, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        other = Company(name="别的物业", hotline="", created_at=now)
        session.add(other)
        session.flush()
        session.add(OfficialAccount(account="gh_linli_demo", company_id=other.id))
    result = run("demo")
    assert result.exit_code == 1
    assert result.stderr == "Error: WECHAT_ACCOUNT gh_linli_demo belongs to another company already\n"


@pytest.mark.usefixtures("a_month_of_fees")
def test_it_loads_without_the_simulator_too(command_app: Flask, database: Database) -> None:
    services = command_app.extensions["services"]
    services.settings = replace(services.settings, simulator=False, wechat_account="gh_of_their_own")
    result = command_app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 0
    with database.reading() as session:
        assert session.scalars(sa.select(OfficialAccount.account)).all() == ["gh_of_their_own"]


def test_every_phone_of_the_pretend_wechat_belongs_to_somebody_of_the_demo(
    demo_database: Database, settings: Settings
) -> None:
    pretend = simulator_settings(settings)
    with demo_database.reading() as session:
        assert {person.openid for person in pretend.people} == set(session.scalars(sa.select(Follower.openid)))
    assert all(person.name and person.note for person in pretend.people)
    assert {openid for openid, _ in pretend.examples} == {person.openid for person in pretend.people}
    assert {template.template_id for template in pretend.templates} >= {
        "tmpl-order-news",
        "tmpl-order-task",
        "tmpl-alarm",
    }
