"""The third time in thirty days: found once, told once, and on the books until somebody knows why."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.errors import NotFound, Refusal
from models.workorders import actions
from models.workorders.actions_repeat import companies_with_new_orders, look_for_repeats
from models.workorders.follow_up_lists import causes_to_find
from models.workorders.queries import events_of
from models.workorders.repeat_faults import Fault, repeats
from models.workorders.tables import WorkOrder
from tests.support.repairs import Cast, last_told, told

NOON = datetime.fromisoformat("2026-03-30T12:00+08:00")
BASE = Fault(1, 1, 7, "3", "2", "厨房", False, "水", NOON)


def faults(*days_ago: float, **changed: object) -> list[Fault]:
    return [
        replace(BASE, order_id=number, created_at=NOON - timedelta(days=days), **changed)  # type: ignore[arg-type]
        for number, days in enumerate(days_ago, start=1)
    ]


def test_three_in_thirty_days_are_a_repeat_and_two_are_not() -> None:
    assert [repeat.orders for repeat in repeats(faults(29, 10, 0), NOON)] == [(1, 2, 3)]
    assert repeats(faults(10, 0), NOON) == []
    assert repeats(faults(30, 10, 0), NOON) == [], "thirty days ago to the second is outside"


@pytest.mark.parametrize(
    ("other", "same_place"),
    [
        ({"place": "卫生间"}, True),  # one home
        ({"home_id": 8}, False),
        ({"category": "电"}, False),
    ],
)
def test_within_a_home_the_room_does_not_matter(other: dict[str, object], same_place: bool) -> None:
    found = repeats([*faults(9, 5), replace(BASE, order_id=9, **other)], NOON)  # type: ignore[arg-type]
    assert bool(found) is same_place


@pytest.mark.parametrize(
    ("other", "same_place"),
    [
        ({"home_id": 9}, True),  # whoever of the house reports it
        ({"place": "电梯"}, False),
        ({"entrance": "1"}, False),
        ({"building": "4"}, False),
        ({"community_id": 2}, False),
    ],
)
def test_a_public_part_is_the_same_whoever_reports_it(other: dict[str, object], same_place: bool) -> None:
    public = {"public": True, "place": "楼道", "category": "照明"}
    found = repeats([*faults(9, 5, **public), replace(BASE, order_id=9, **{**public, **other})], NOON)  # type: ignore[arg-type]
    assert bool(found) is same_place


def test_a_place_of_the_books_is_one_place_however_it_was_called() -> None:
    at_lift = {"public": True, "category": "电梯", "place_id": 5}
    named = zip(faults(9, 5, 0, **at_lift), ("1号梯", "电梯", ""), (7, None, 9), strict=True)
    assert repeats([replace(one, place=word, home_id=home) for one, word, home in named], NOON)
    assert repeats([*faults(9, 5, **at_lift), *faults(0, **{**at_lift, "place_id": 6})], NOON) == []


def test_nowhere_is_no_place() -> None:
    assert repeats(faults(9, 5, 0, home_id=None, building="", entrance="", place="", public=True), NOON) == []


def report_thrice(session: Session, cast: Cast, now: datetime) -> WorkOrder:
    """The same pipe three times, each mended before the next."""
    for days in (20, 10):
        order = cast.report(session, now - timedelta(days=days)).order
        actions.finish(session, order, now=now - timedelta(days=days), actor=cast.worker("chen"), result="好了")
        actions.rate(session, order, now=now - timedelta(days=days), actor=cast.resident("zhang"), stars=5)
    return cast.report(session, now).order


def test_manager_and_worker_hear_of_it_once(session: Session, cast: Cast, now: datetime) -> None:
    third = report_thrice(session, cast, now)
    assert companies_with_new_orders(session, now) == [cast.company_id]
    assert look_for_repeats(session, cast.company_id, now=now) == 1
    assert look_for_repeats(session, cast.company_id, now=now + timedelta(minutes=10)) == 0
    assert told(session, "manager").count("fault_repeated") == 1
    assert told(session, "chen")[-1] == "order_repeated"
    assert (last_told(session, "chen")["times"], last_told(session, "chen")["order"]) == (3, third.id)
    assert "30天内第3次" in events_of(session, third.id)[-1].reason
    assert "fault_repeated" not in told(session, "qian")


def test_a_fourth_within_the_window_is_known_already_and_a_new_window_begins_anew(
    session: Session, cast: Cast, now: datetime
) -> None:
    found = []
    for day in (0, 2, 4, 6, 33, 34, 36):  # the third is the first hint; by day 36 three new ones have come
        when = now + timedelta(days=day)
        order = cast.report(session, when).order
        found.append(look_for_repeats(session, cast.company_id, now=when))
        actions.finish(session, order, now=when, actor=cast.worker("chen"), result="好了")
    assert found == [0, 0, 1, 0, 0, 1, 0]
    assert told(session, "manager").count("fault_repeated") == 2


@pytest.mark.parametrize("end", ["cancel", "reject"])
def test_what_was_called_off_or_referred_did_not_break(session: Session, cast: Cast, now: datetime, end: str) -> None:
    third = report_thrice(session, cast, now)
    manager = cast.worker("manager")
    if end == "cancel":
        actions.cancel(session, third, now=now, actor=manager)
    else:
        actions.hand_back(session, third, now=now, actor=cast.worker("chen"), reason="不是我们的")
        actions.reject(session, third, now=now, actor=manager, reason="归水司", refer_to="96116")
    assert look_for_repeats(session, cast.company_id, now=now) == 0


def test_the_cause_is_written_down_by_the_office_and_nobody_else(session: Session, cast: Cast, now: datetime) -> None:
    third = report_thrice(session, cast, now)
    look_for_repeats(session, cast.company_id, now=now)
    manager = cast.worker("manager")
    [one] = causes_to_find(session, manager)
    assert one.order.id == third.id
    with pytest.raises(Refusal, match="什么原因"):
        actions.cause_found(session, third, now=now, actor=manager, cause=" ")
    for actor in (cast.worker("chen"), cast.resident("zhang"), replace(manager, community_ids=frozenset({cast.river}))):
        with pytest.raises(NotFound):
            actions.cause_found(session, third, now=now, actor=actor, cause="老化")
    actions.cause_found(session, third, now=now, actor=manager, cause="立管老化，已换")
    assert causes_to_find(session, manager) == []
    assert events_of(session, third.id)[-1].reason == "立管老化，已换"
    with pytest.raises(Refusal, match="没有等着查"):
        actions.cause_found(session, third, now=now, actor=manager, cause="又想到一个")
