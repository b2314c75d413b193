from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from models.people.duty import on_night_duty
from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import Cast, told


def test_somebody_is_put_on_the_roster_of_tonight(session: Session, cast: Cast, talk: Talking) -> None:
    assert "03月10日18:00到03月11日08:00" in talk.says("manager", "值班 刘师傅 今晚")
    night = talk.now.replace(hour=23)
    assert [one.name for one in on_night_duty(session, cast.company_id, cast.garden, night)] == ["刘师傅"]
    assert "03-10 18:00到03-11 08:00 刘师傅" in talk.says("chen", "值班表")


def test_a_new_name_takes_the_place_of_the_old(session: Session, cast: Cast, talk: Talking) -> None:
    talk.says("manager", "值班 刘师傅 今晚")
    talk.says("manager", "值班 陈师傅 今晚")
    night = talk.now.replace(hour=23)
    assert [one.name for one in on_night_duty(session, cast.company_id, cast.garden, night)] == ["陈师傅"]


def test_who_is_asked_for_and_another_night_may_be_named(session: Session, cast: Cast, talk: Talking) -> None:
    assert "谁值班" in talk.says("manager", "值班")
    assert "已排陈师傅值班" in talk.says("manager", "陈师傅")
    assert "03月11日18:00" in talk.says("manager", "值班 陈师傅 明晚")


def test_for_one_compound(session: Session, cast: Cast, talk: Talking) -> None:
    assert "（望江苑）" in talk.says("manager", "值班 周师傅 今晚 望江苑")
    night = talk.now.replace(hour=23)
    assert on_night_duty(session, cast.company_id, cast.garden, night) == []
    assert [one.name for one in on_night_duty(session, cast.company_id, cast.river, night)] == ["周师傅"]


def test_managers_are_called_anyway_and_are_not_on_the_roster(talk: Talking) -> None:
    assert "值班请排师傅或班长" in talk.says("manager", "值班 赵经理 今晚")


def test_others_may_look_or_not_even_that(talk: Talking) -> None:
    assert "值班由经理来排" in talk.says("chen", "值班 刘师傅 今晚")
    assert "还没有排值班" in talk.says("chen", "值班表")
    assert "值班表是员工用的" in talk.says("zhang", "值班表")


@pytest.mark.parametrize(("problem", "woken"), [("家里停水了", True), ("客厅的水龙头坏了", False)])
def test_at_night_the_roster_gets_what_is_urgent_and_nothing_else(
    session: Session, cast: Cast, talk: Talking, problem: str, woken: bool
) -> None:
    talk.says("manager", "值班 刘师傅 今晚")
    for worker in ("chen", "liu", "zhou"):
        cast.staff[worker].on_duty = False
    session.flush()
    order: WorkOrder = cast.report(session, talk.now + timedelta(hours=13), problem).order
    assert (order.staff_id == cast.staff["liu"].id) == woken
    assert told(session, "liu") == (["order_assigned"] if woken else [])
