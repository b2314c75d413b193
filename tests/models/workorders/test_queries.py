"""Who sees which order. An outsider reads the same words as if it did not exist."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.db import Database
from models.errors import NotFound
from models.people.tables import Binding, Person, Staff
from models.workorders import actions
from models.workorders.queries import (
    attachments_of,
    events_of,
    find,
    how_many,
    line_of,
    orders_of_person,
    orders_seen_by,
    speaks_for,
    staff_called,
    tasks_of,
    to_rate,
)
from models.workorders.tables import WorkOrder
from tests.support.repairs import ACCOUNT, Cast, counted, settle


@pytest.mark.parametrize("who", ["zhang", "tenant"])
def test_the_people_of_the_home_see_it(session: Session, cast: Cast, order: WorkOrder, who: str) -> None:
    assert find(session, cast.resident(who), order.id) is order
    assert [line.order.id for line in orders_of_person(session, ACCOUNT, who)] == [order.id]


@pytest.mark.parametrize("who", ["li", "wang"])
def test_an_outsider_reads_what_they_would_read_of_nothing(
    session: Session, cast: Cast, order: WorkOrder, who: str
) -> None:
    with pytest.raises(NotFound) as hidden:
        find(session, cast.resident(who), order.id)
    with pytest.raises(NotFound) as missing:
        find(session, cast.resident(who), order.id + 999)
    assert hidden.value.message.replace(str(order.id), "N") == missing.value.message.replace(str(order.id + 999), "N")
    assert orders_of_person(session, ACCOUNT, who) == []


def test_staff_see_their_compounds_and_what_is_theirs(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    for name in ("chen", "liu", "clerk", "manager"):
        assert find(session, cast.worker(name), order.id) is order
    with pytest.raises(NotFound):
        find(session, cast.worker("zhou"), order.id)
    actions.dispatch_to(session, order, cast.staff["zhou"], now=now, actor=cast.worker("manager"))
    assert find(session, cast.worker("zhou"), order.id) is order


def test_another_company_sees_nothing(session: Session, cast: Cast, order: WorkOrder) -> None:

    stranger = replace(cast.worker("manager"), company_id=cast.company_id + 1, staff_id=10_000, openid="stranger")
    with pytest.raises(NotFound):
        find(session, stranger, order.id)
    assert orders_seen_by(session, stranger) == []
    assert how_many(session, stranger) == 0


def test_what_an_earlier_household_had_mended_stays_unseen(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    later = now + timedelta(days=40)
    newcomer = Person(company_id=cast.company_id, name="新住户", created_at=later)
    session.add(newcomer)
    session.flush()
    session.add(
        Binding(
            account=ACCOUNT,
            openid="new",
            home_id=cast.home,
            person_id=newcomer.id,
            relation="owner",
            proof="code",
            bound_at=later,
        )
    )
    session.flush()
    assert [line.order.id for line in orders_of_person(session, ACCOUNT, "new")] == [
        order.id
    ]  # still open: theirs to know
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="好了")
    assert orders_of_person(session, ACCOUNT, "new") == []


def test_a_line_tells_place_and_worker(session: Session, order: WorkOrder) -> None:
    line = line_of(session, order)
    assert (line.where, line.worker, line.worker_phone) == ("锦绣花园 3栋2单元501", "陈师傅", "13800000000")


def test_the_most_urgent_and_oldest_come_first_page_by_page(session: Session, cast: Cast, now: datetime) -> None:
    problems = ["厨房水管漏水了", "马桶堵了", "家里停水了"]
    ids = [cast.report(session, now + timedelta(hours=25 * n), text).order.id for n, text in enumerate(problems)]
    chen = cast.staff["chen"].id
    assert [line.order.id for line in tasks_of(session, chen)] == [ids[2], ids[0], ids[1]]
    assert [line.order.id for line in tasks_of(session, chen, limit=1, offset=1)] == [ids[0]]
    assert how_many(session, cast.worker("manager")) == 3


def test_a_list_is_one_statement_however_long(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        cast = settle(session, now)
        for number in range(6):
            cast.report(session, now + timedelta(hours=25 * number))
    with database.reading() as session:
        session.connection()
        with counted(database) as statements:
            lines = orders_seen_by(session, cast.worker("manager"), limit=5)
    assert len(lines) == 5
    assert len(statements) == 1


def test_what_waits_for_stars_is_found_for_three_days(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    assert to_rate(session, ACCOUNT, "zhang", now) == []
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="好了")
    assert [line.order.id for line in to_rate(session, ACCOUNT, "zhang", now + timedelta(hours=72))] == [order.id]
    assert to_rate(session, ACCOUNT, "zhang", now + timedelta(hours=73)) == []


def test_the_story_and_what_was_sent_are_told_from_the_beginning(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    actions.add_words(session, order, now=now, actor=cast.resident("zhang"), text="总阀关了")
    assert [event.event for event in events_of(session, order.id)] == ["create", "accept", "dispatch", "added"]
    assert [sent.text for sent in attachments_of(session, order.id)] == ["总阀关了"]


@pytest.mark.parametrize("said", ["陈师傅", "陈", "小陈", "老陈", " 陈师傅 "])
def test_a_worker_is_known_by_every_usual_name(session: Session, cast: Cast, said: str) -> None:
    assert [staff.name for staff in staff_called(session, cast.company_id, said)] == ["陈师傅"]


@pytest.mark.parametrize("said", ["", "师傅", "%", "_", "诸葛"])
def test_a_name_nobody_has_finds_nobody(session: Session, cast: Cast, said: str) -> None:
    assert list(staff_called(session, cast.company_id, said)) == []


def test_two_of_one_name_are_both_offered(session: Session, cast: Cast, now: datetime) -> None:
    session.add(Staff(company_id=cast.company_id, name="陈刚", role="worker", joined_at=now))
    session.flush()
    assert [staff.name for staff in staff_called(session, cast.company_id, "陈")] == ["陈师傅"]
    assert [staff.name for staff in staff_called(session, cast.company_id, "陈刚")] == ["陈刚"]
    assert [staff.name for staff in staff_called(session, cast.company_id, "小陈")] == ["陈师傅"]


def test_the_owner_is_told_before_the_tenant(session: Session, cast: Cast) -> None:
    assert speaks_for(session, cast.home).openid == "zhang"
    assert speaks_for(session, cast.next_door).name == "李娜"
    assert speaks_for(session, 10_000).openid is None
