"""Figures read from real stories: whose work it was, from when, and what is left out."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.tables import CompanySetting
from models.workorders import actions
from models.workorders.attachments import Sent
from models.workorders.figures import Figures, Share
from models.workorders.quarters import Quarter
from models.workorders.queries import events_of
from models.workorders.rounds import rounds_of
from models.workorders.tables import WorkOrder
from models.workorders.worker_figures import figures_by_worker
from tests.support.repairs import Cast

PHOTO = [Sent("image", media_id="m")]
Q1 = Quarter(2026, 1)


@pytest.fixture(autouse=True)
def nobody_is_sampled(session: Session, cast: Cast) -> None:
    session.add(CompanySetting(company_id=cast.company_id, name="visit_sample_percent", value=0))
    session.flush()


def figures(session: Session, cast: Cast, who: str, now: datetime, **only: object) -> Figures:
    staff = cast.staff[who].id
    [found] = figures_by_worker(session, cast.company_id, Q1, now=now, staff_id=staff, **only)  # type: ignore[arg-type]
    return found.figures


def finish(session: Session, cast: Cast, order: WorkOrder, who: str, at: datetime) -> None:
    actions.finish(session, order, now=at, actor=cast.worker(who), result="好了", photos=PHOTO)


def test_an_order_in_time_and_rated(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    finish(session, cast, order, "chen", now + timedelta(minutes=20))
    actions.rate(session, order, now=now + timedelta(hours=1), actor=cast.resident("zhang"), stars=5)
    found = figures(session, cast, "chen", now + timedelta(hours=2))
    assert (found.finished, found.good, found.rated) == (Share(1, 1),) * 3
    assert set(found.in_time.values()) == {Share(1, 1)}
    assert (found.median_seconds, found.p90_seconds) == (1200, 1200)


def test_what_is_still_in_hand_counts_only_when_it_is_late(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    actions.take(session, order, now=now, actor=cast.worker("chen"))
    assert figures(session, cast, "chen", now + timedelta(hours=1)).in_time["finish"] == Share(0, 0)
    late = figures(session, cast, "chen", now + timedelta(days=20))
    assert (late.in_time["finish"], late.in_time["response"], late.finished) == (Share(0, 1), Share(1, 1), Share(0, 1))


def test_pauses_are_taken_out(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    chen = cast.worker("chen")
    actions.arrive(session, order, now=now, actor=chen)
    actions.pause(session, order, now=now, actor=chen, reason="等配件")
    actions.resume(session, order, now=now + timedelta(days=5), actor=chen)
    finish(session, cast, order, "chen", now + timedelta(days=5, hours=1))
    found = figures(session, cast, "chen", now + timedelta(days=6))
    assert (found.in_time["finish"], found.median_seconds) == (Share(1, 1), 3600)


def test_an_order_that_was_passed_on_counts_for_whoever_did_it_from_when_they_got_it(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    later = now + timedelta(days=9)  # the first one let it lie far beyond any limit
    actions.transfer(session, order, cast.staff["qiang"], now=later, actor=cast.worker("chen"))
    finish(session, cast, order, "qiang", later + timedelta(minutes=10))
    assert figures(session, cast, "chen", later).finished == Share(0, 0)
    found = figures(session, cast, "qiang", later + timedelta(hours=1))
    assert (found.finished, found.in_time["finish"], found.median_seconds) == (Share(1, 1), Share(1, 1), 600)


def test_each_keeps_the_rating_of_their_own_work(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    cast.staff["qiang"].on_duty = True
    session.flush()
    zhang = cast.resident("zhang")
    finish(session, cast, order, "chen", now)
    actions.rate(session, order, now=now, actor=zhang, stars=1)
    actions.reopen(session, order, now=now, actor=zhang, reason="还在漏")
    finish(session, cast, order, "qiang", now + timedelta(hours=1))
    actions.rate(session, order, now=now + timedelta(hours=1), actor=zhang, stars=5)
    chen, qiang = (figures(session, cast, who, now + timedelta(hours=2)) for who in ("chen", "qiang"))
    assert (chen.good, chen.fixed_at_once, chen.finished) == (Share(0, 1), Share(0, 1), Share(0, 1))
    assert (qiang.good, qiang.fixed_at_once, qiang.finished) == (Share(1, 1),) * 3
    [first, second] = rounds_of(order.priority, events_of(session, order.id))
    assert (first.priority, second.priority, first.reopened) == ("P2", "P1", "blamed")


def test_a_reopening_the_office_explains_is_not_held_against_them(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    finish(session, cast, order, "chen", now)
    actions.reopen(session, order, now=now, actor=cast.worker("manager"), reason="配件质量问题，不怪师傅")
    finish(session, cast, order, "chen", now + timedelta(hours=1))
    found = figures(session, cast, "chen", now + timedelta(hours=2))
    assert (found.fixed_at_once, found.reopened_not_theirs) == (Share(1, 1), 1)


@pytest.mark.parametrize("end", ["cancel", "merge"])
def test_what_was_called_off_or_reported_twice_is_nobodys_work(
    session: Session, cast: Cast, order: WorkOrder, now: datetime, end: str
) -> None:
    if end == "cancel":
        actions.cancel(session, order, now=now, actor=cast.worker("manager"))
    else:
        session.execute(sa.update(WorkOrder).where(WorkOrder.id == order.id).values(state="MERGED"))
    assert figures(session, cast, "chen", now + timedelta(days=30)).finished == Share(0, 0)


def test_the_quarter_is_that_of_the_report(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    finish(session, cast, order, "chen", now)
    for quarter, whole in ((Quarter(2025, 4), 0), (Q1, 1), (Quarter(2026, 2), 0)):
        [one] = figures_by_worker(session, cast.company_id, quarter, now=now, staff_id=cast.staff["chen"].id)
        assert one.figures.finished.whole == whole


def test_a_manager_counts_only_their_compounds_and_a_company_only_its_own(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    finish(session, cast, order, "chen", now)
    everybody = figures_by_worker(session, cast.company_id, Q1, now=now)
    assert [one.name for one in everybody] == ["陈师傅"]
    assert figures_by_worker(session, cast.company_id, Q1, now=now, communities={cast.river}) == []
    assert figures_by_worker(session, cast.company_id + 1, Q1, now=now) == []
