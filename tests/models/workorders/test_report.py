"""One sentence becomes an order, and somebody is on the way, in the same transaction."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.tables import AuditEntry
from models.db import Database
from models.errors import NotFound, Refusal
from models.messaging.kinds import all_kinds
from models.people.tables import StaffTrade
from models.workorders.attachments import Sent
from models.workorders.tables import Attachment, Category, WorkOrder
from tests.support.repairs import Cast, counted, last_told, settle, story, told


def test_a_report_is_accepted_and_dispatched_at_once(session: Session, cast: Cast, now: datetime) -> None:
    reported = cast.report(session, now)
    assert (reported.is_new, reported.worker_name, reported.order.state) == (True, "陈师傅", "DISPATCHED")
    assert story(session, reported.order) == ["create:NEW", "accept:ACCEPTED", "dispatch:DISPATCHED"]


def test_the_worker_reads_number_place_and_the_owners_words(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(session, now).order
    task = last_told(session, "chen")
    assert (task["order"], task["where"], task["problem"]) == (order.id, "锦绣花园 3栋2单元501", "厨房水管漏水了")
    assert (task["name"], task["phone"], task["priority"]) == ("张伟", "13900000000", "P2")


def test_nobody_else_hears_of_an_ordinary_report(session: Session, cast: Cast, now: datetime) -> None:
    cast.report(session, now)
    assert [told(session, who) for who in ("zhang", "li", "wang", "zhou", "manager", "qiang")] == [[]] * 6


def test_every_step_is_in_the_log(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(session, now).order
    entry = session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.subject) == ("order.create", f"order:{order.id}")
    assert entry.details["steps"] == ["create", "accept", "dispatch"]
    assert entry.actor == f"resident:{cast.people['zhang'].id}"


def test_the_same_trouble_of_the_same_home_is_one_order(session: Session, cast: Cast, now: datetime) -> None:
    first = cast.report(session, now)
    again = cast.report(session, now + timedelta(hours=2), "厨房水管漏得更厉害了", actor=cast.resident("tenant"))
    assert (again.is_new, again.order.id, again.worker_name) == (False, first.order.id, "陈师傅")
    assert session.scalars(sa.select(Attachment.text)).all() == ["厨房水管漏得更厉害了"]
    assert last_told(session, "chen")["words"] == "厨房水管漏得更厉害了"
    assert told(session, "chen") == ["order_assigned", "order_added"]


@pytest.mark.parametrize(
    ("problem", "hours"),
    [("楼上的灯坏了，家里停电", 1), ("厨房水管漏水了", 25), ("厨房水管爆了，水喷得到处都是", 1)],
    ids=["another trouble", "a day later", "danger is never merged"],
)
def test_what_is_another_matter_is_another_order(
    session: Session, cast: Cast, now: datetime, problem: str, hours: int
) -> None:
    first = cast.report(session, now).order
    again = cast.report(session, now + timedelta(hours=hours), problem)
    assert again.is_new
    assert again.order.id != first.id


def test_a_neighbours_same_trouble_is_their_own_order(session: Session, cast: Cast, now: datetime) -> None:
    cast.report(session, now)
    theirs = cast.report(session, now, actor=cast.resident("li"), reporter=cast.reporter("li"), home_id=cast.next_door)
    assert theirs.is_new


def test_danger_reaches_the_manager_in_the_same_transaction(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(session, now, "厨房水管爆了，水喷得到处都是").order
    assert (order.priority, order.danger, order.state) == ("P0", True, "DISPATCHED")
    assert told(session, "manager") == ["order_urgent"]
    assert told(session, "chen") == ["order_assigned"]
    assert told(session, "qian") == []  # manages another compound only


def test_in_danger_at_night_somebody_from_another_compound_is_sent(session: Session, cast: Cast, now: datetime) -> None:
    cast.staff["chen"].on_duty = False
    session.flush()
    night = now.replace(hour=2)
    assert cast.report(session, night, "厨房水管爆了，水喷得到处都是").worker_name == "周师傅"


def test_in_danger_with_nobody_to_send_everybody_on_duty_hears_of_it(
    session: Session, cast: Cast, now: datetime
) -> None:
    reported = cast.report(session, now, "电梯里有人被困住了", home_id=None, place="电梯")
    assert (reported.order.priority, reported.order.state, reported.worker_name) == ("P0", "ACCEPTED", "")
    assert [told(session, who) for who in ("manager", "chen", "liu")] == [["order_urgent"]] * 3
    assert told(session, "qiang") == []  # not on duty
    assert "电梯维保" in last_told(session, "manager")["why"]


def test_nobody_to_send_is_told_to_the_office_with_the_reasons(session: Session, cast: Cast, now: datetime) -> None:
    cast.staff["chen"].on_duty = False
    session.flush()
    reported = cast.report(session, now)
    assert (reported.order.state, reported.worker_name) == ("ACCEPTED", "")
    assert told(session, "manager") == ["order_unassigned"]
    why = last_told(session, "manager")["why"]
    assert "陈师傅不在班" in why
    assert "周师傅" not in why, "he looks after another compound"


def test_an_ordinary_report_at_night_waits_for_the_morning_and_wakes_nobody(
    session: Session, cast: Cast, now: datetime
) -> None:
    reported = cast.report(session, now.replace(hour=23))
    assert (reported.order.state, reported.waits_for_morning) == ("ACCEPTED", True)
    assert [told(session, who) for who in ("chen", "manager")] == [[], []]


def test_an_electrician_with_an_expired_certificate_is_not_sent(session: Session, cast: Cast, now: datetime) -> None:
    session.execute(
        sa.update(StaffTrade).where(StaffTrade.trade == "电工").values(certified_until=now.date() - timedelta(days=1))
    )
    assert cast.report(session, now, "客厅插座没电").order.state == "ACCEPTED"


def test_a_company_may_send_another_trade(session: Session, cast: Cast, now: datetime) -> None:
    session.add(
        Category(
            company_id=cast.company_id, code="电", trade="综合", scope="inside", priority="P1", answer="先看总闸。"
        )
    )
    session.flush()
    reported = cast.report(session, now, "客厅插座没电")
    assert (reported.worker_name, reported.order.priority, reported.answer) == ("陈师傅", "P1", "先看总闸。")


def test_photos_stay_with_the_order(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(session, now, attachments=[Sent("image", media_id="m1")]).order
    rows = session.execute(sa.select(Attachment.order_id, Attachment.media_id, Attachment.stage, Attachment.by)).all()
    assert rows == [(order.id, "m1", "report", "张伟")]


def test_a_public_place_needs_no_home(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(session, now, "3栋楼道灯坏了", home_id=None, place="3栋楼道").order
    assert (order.public, order.category, last_told(session, "liu")["where"]) == (True, "照明", "锦绣花园 3栋楼道")


@pytest.mark.parametrize("wrong", ["home of another compound", "compound of another company"])
def test_an_address_outside_the_company_is_not_found(session: Session, cast: Cast, now: datetime, wrong: str) -> None:
    changed = {"home_id": cast.far_home} if wrong.startswith("home") else {"company_id": cast.company_id + 1}
    with pytest.raises(NotFound):
        cast.report(session, now, **changed)
    assert session.scalar(sa.select(sa.func.count()).select_from(WorkOrder)) == 0


def test_an_empty_report_is_refused(session: Session, cast: Cast, now: datetime) -> None:
    with pytest.raises(Refusal, match="哪里坏了"):
        cast.report(session, now, "  ")


def test_two_equal_workers_take_turns(session: Session, cast: Cast, now: datetime) -> None:
    cast.staff["qiang"].on_duty = True
    session.flush()
    first = cast.report(session, now)
    second = cast.report(session, now, home_id=cast.next_door)
    assert {first.worker_name, second.worker_name} == {"陈师傅", "强师傅"}


def test_a_report_with_everything_it_entails_takes_few_statements(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        cast = settle(session, now)
    with database.transaction() as session:
        session.connection()  # BEGIN is the turn's own
        with counted(database) as statements:
            cast.report(session, now)
            session.flush()
    assert len(statements) <= 9, "\n\n".join(statements)


def test_every_message_has_its_words() -> None:
    words = {path.stem for path in Path("templates/messages").glob("order_*.txt")}
    assert words == {kind.name for kind in all_kinds() if kind.name.startswith("order_")}
