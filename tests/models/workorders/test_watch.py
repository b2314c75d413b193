"""The ladder: who hears what when, each rung once, and no storm of old warnings after a missed hour."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.messaging.tables import Outbox
from models.people.tables import Staff
from models.workorders import actions
from models.workorders.attachments import Sent
from models.workorders.clock_rules import rules_of
from models.workorders.tables import OrderClock, StormMode, WorkOrder
from models.workorders.watch import look_at, to_look_at
from tests.support.repairs import ACCOUNT, Cast, last_told, story, told


@pytest.fixture
def lead(session: Session, cast: Cast, now: datetime) -> Staff:
    """A shift lead for the whole company."""
    lead = Staff(
        company_id=cast.company_id, name="吴班长", phone="13800000099", role="lead",
        account=ACCOUNT, openid="lead", on_duty=False, joined_at=now,
    )  # fmt: skip
    session.add(lead)
    session.flush()
    return lead


def look(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> int:
    session.flush()
    return look_at(session, order, rules_of(session, cast.company_id, now).of(order.community_id), now=now)


def urgent(session: Session, cast: Cast, now: datetime) -> WorkOrder:
    """A P1 that Chen has taken: 60 minutes to be there."""
    order = cast.report(session, now, "家里停水了").order
    actions.take(session, order, now=now, actor=cast.worker("chen"))
    return order


def test_it_climbs_from_worker_to_lead_to_manager(session: Session, cast: Cast, lead: Staff, now: datetime) -> None:
    order = urgent(session, cast, now)
    heard = {}
    for minutes in (47, 48, 60, 90, 120):
        look(session, cast, order, now + timedelta(minutes=minutes))
        heard[minutes] = {who: told(session, who)[-1:] for who in ("chen", "lead", "zhang", "manager")}
    assert heard[47]["chen"] == ["order_assigned"]
    assert heard[48]["chen"] == ["order_due_soon"]
    assert heard[48]["lead"] == []
    assert (heard[60]["lead"], heard[60]["zhang"]) == (["order_overdue"], ["order_late"])
    assert heard[60]["manager"] == []
    assert heard[90]["manager"] == ["order_overdue"]
    events = [step.split(":")[0] for step in story(session, order)]
    assert [event for event in events if event.startswith(("warned", "late"))] == [
        "warned", "late", "late_manager", "late_next",
    ]  # fmt: skip


def test_the_owner_reads_a_new_time_that_is_still_to_come(session: Session, cast: Cast, now: datetime) -> None:
    order = urgent(session, cast, now)
    look(session, cast, order, now + timedelta(minutes=61))
    data = last_told(session, "zhang")
    assert (data["what"], data["due"], data["promised"]) == ("上门", "今天10:30", "今天11:00")


def test_each_rung_is_told_once_however_often_somebody_looks(session: Session, cast: Cast, now: datetime) -> None:
    order = urgent(session, cast, now)
    for _ in range(3):
        look(session, cast, order, now + timedelta(minutes=61))
    assert told(session, "zhang").count("order_late") == 1
    assert told(session, "manager").count("order_overdue") == 1  # there is no lead: the manager in their place


def test_after_missed_hours_people_hear_the_latest_and_no_old_warnings(
    session: Session, cast: Cast, lead: Staff, now: datetime
) -> None:
    order = urgent(session, cast, now)
    look(session, cast, order, now + timedelta(hours=9))  # arrive and finish are both late, twice over
    assert "order_due_soon" not in told(session, "chen")
    assert told(session, "zhang").count("order_late") == 1
    assert last_told(session, "zhang")["what"] == "修好"
    assert last_told(session, "zhang")["promised"] > "今天18:30"
    assert told(session, "lead") == told(session, "manager") == ["order_overdue"]
    assert look(session, cast, order, now + timedelta(hours=9, minutes=1)) == 0


def test_above_the_compounds_own_manager_stands_the_companys(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(
        session, now, "家里停水了", home_id=cast.far_home, community_id=cast.river,
        actor=cast.resident("wang"), reporter=cast.reporter("wang"),
    ).order  # fmt: skip
    actions.take(session, order, now=now, actor=cast.worker("zhou"))
    look(session, cast, order, now + timedelta(minutes=91))
    assert told(session, "qian").count("order_overdue") == 1  # in the lead's place and as the manager at once
    assert "order_overdue" not in told(session, "manager")
    look(session, cast, order, now + timedelta(minutes=121))
    assert told(session, "manager").count("order_overdue") == 1


def test_two_nudges_have_told_the_manager_already(session: Session, cast: Cast, lead: Staff, now: datetime) -> None:
    order = urgent(session, cast, now)
    for minutes in (5, 40):
        actions.nudge(session, order, now=now + timedelta(minutes=minutes), actor=cast.resident("zhang"))
    look(session, cast, order, now + timedelta(minutes=91))
    assert told(session, "manager") == ["order_impatient"]


def test_a_p0_nobody_takes_is_called_about_after_five_minutes(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(session, now, "厨房水管爆了，水喷得到处都是").order
    look(session, cast, order, now + timedelta(minutes=4, seconds=59))
    assert "order_call" not in told(session, "manager")
    look(session, cast, order, now + timedelta(minutes=5))
    look(session, cast, order, now + timedelta(minutes=5, seconds=30))
    assert told(session, "manager").count("order_call") == 1
    message = session.scalars(sa.select(Outbox).where(Outbox.kind == "order_call")).first()
    assert message is not None
    assert (message.wakes, message.data["worker_phone"]) == (True, cast.staff["chen"].phone)


def test_taken_in_time_nobody_hears_anything(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    actions.take(session, order, now=now + timedelta(minutes=3), actor=cast.worker("chen"))
    assert look(session, cast, order, now + timedelta(minutes=31)) == 0


def test_a_paused_order_is_not_late_until_its_pauses_are_used_up(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    chen = cast.worker("chen")
    actions.take(session, order, now=now, actor=chen)
    actions.pause(session, order, now=now, actor=chen, reason="等配件", until=date(2026, 4, 30))
    assert look(session, cast, order, now + timedelta(days=6)) == 0
    look(session, cast, order, now + timedelta(days=7))
    assert told(session, "manager") == ["order_pause_review"]
    look(session, cast, order, now + timedelta(days=14))
    assert "order_late" in told(session, "zhang")


def test_a_storm_is_told_once_to_whoever_waits_and_moves_the_deadline(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    look(session, cast, order, now)
    before = session.get_one(OrderClock, order.id).finish_due
    session.add(StormMode(company_id=cast.company_id, begins_at=now, ends_at=now + timedelta(hours=8)))
    for minutes in (1, 2):
        look(session, cast, order, now + timedelta(minutes=minutes))
    session.expire_all()
    assert told(session, "zhang") == ["order_storm"]
    assert session.get_one(OrderClock, order.id).finish_due > before + timedelta(days=2)


def test_reopened_the_ladder_is_climbed_anew(session: Session, cast: Cast, now: datetime) -> None:
    order = urgent(session, cast, now)
    look(session, cast, order, now + timedelta(minutes=61))
    actions.arrive(session, order, now=now + timedelta(minutes=62), actor=cast.worker("chen"))
    photo = [Sent("image", media_id="m")]
    actions.finish(
        session, order, now=now + timedelta(minutes=70), actor=cast.worker("chen"), result="好了", photos=photo
    )
    again = now + timedelta(hours=5)
    actions.reopen(session, order, now=again, actor=cast.resident("zhang"))
    assert look(session, cast, order, again + timedelta(minutes=1)) == 0
    look(session, cast, order, again + timedelta(minutes=16))
    assert told(session, "zhang").count("order_late") == 2


def test_only_what_changed_or_came_due_is_looked_at(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    assert to_look_at(session, now) == [order.id]
    look(session, cast, order, now)
    assert to_look_at(session, now + timedelta(minutes=23)) == []
    assert to_look_at(session, now + timedelta(minutes=24)) == [order.id]
    actions.take(session, order, now=now + timedelta(minutes=2), actor=cast.worker("chen"))
    assert to_look_at(session, now + timedelta(minutes=2)) == [order.id]
    look(session, cast, order, now + timedelta(minutes=2))
    actions.change_priority(session, order, "P1", now=now + timedelta(minutes=3), actor=cast.worker("manager"))
    assert to_look_at(session, now + timedelta(minutes=3)) == [order.id]
    actions.cancel(session, order, now=now + timedelta(minutes=4), actor=cast.resident("zhang"))
    assert to_look_at(session, now + timedelta(days=9)) == []


def test_the_time_left_is_working_time(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    """P2: 24 hours of work until Thursday 13:30; four fifths of them are used up on Thursday at 08:42."""
    actions.take(session, order, now=now, actor=cast.worker("chen"))
    look(session, cast, order, now.replace(day=12, hour=8, minute=42))
    data = last_told(session, "chen")
    assert (data["what"], data["due"], data["left"]) == ("上门", "今天13:30", "4小时48分")
