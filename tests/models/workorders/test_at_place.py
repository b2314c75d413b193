"""Reports at public places: where they land, who else hears of them, and what nobody learns."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Database
from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.place_actions import add_places
from models.estate.place_sheet import PlaceRow
from models.workorders import actions
from models.workorders.followers import follow_order, followed_by, open_at
from models.workorders.leaving import forget_reporter
from models.workorders.queries import find, line_of
from models.workorders.suggest import alike_now, suggest_merge
from models.workorders.tables import OrderFollower, WorkOrder
from tests.support.repairs import ACCOUNT, Cast, counted, last_told, settle, told


@pytest.fixture
def lift(session: Session, cast: Cast, now: datetime) -> int:
    rows = (
        PlaceRow("电梯", ("升降机",), "3", "2"),
        PlaceRow("电梯", (), "3", "1"),
        PlaceRow("垃圾房", ("倒垃圾的地方",)),
    )
    places = [(row, f"{row.entrance or 'X'}CODE", f"{row.entrance or 'X'}TAG") for row in rows]
    return add_places(session, cast.garden, places, now)[0]


@pytest.fixture
def at_lift(session: Session, cast: Cast, lift: int, now: datetime) -> WorkOrder:
    """Zhang scanned the lift."""
    return cast.report(session, now, "按钮失灵", home_id=None, place_id=lift, category="电梯").order


def as_li(cast: Cast) -> dict[str, object]:
    return {"actor": cast.resident("li"), "reporter": cast.reporter("li"), "home_id": None}


def test_a_scanned_place_is_where_the_worker_goes(session: Session, at_lift: WorkOrder, lift: int) -> None:
    assert (at_lift.place_id, at_lift.place, at_lift.public) == (lift, "3栋2单元电梯", True)
    assert line_of(session, at_lift).where == "锦绣花园 3栋2单元电梯"


@pytest.mark.parametrize(
    ("problem", "place"),
    [
        ("电梯不动了", "3栋2单元电梯"),
        ("升降机不动了", "3栋2单元电梯"),
        ("3栋1单元电梯不动了", "3栋1单元电梯"),
        ("倒垃圾的地方灯不亮", "垃圾房"),
        ("我家厨房的水管漏水，别坐升降机来", None),
        ("厨房水管漏水了", None),
    ],
)
@pytest.mark.usefixtures("lift")
def test_a_place_that_is_named_is_where_it_is(
    session: Session, cast: Cast, now: datetime, problem: str, place: str | None
) -> None:
    reported = cast.report(session, now, problem)
    assert reported.order.home_id == cast.home
    assert (reported.order.place_id is not None, reported.place) == (
        place is not None,
        f"锦绣花园{place}" if place else "",
    )
    assert last_told(
        session, "chen" if "水" in problem else "manager" if "电梯" in problem or "升" in problem else "liu"
    )["where"] == (f"锦绣花园 {place}" if place else "锦绣花园 3栋2单元501")


@pytest.mark.usefixtures("lift")
def test_the_places_of_another_compound_are_nobodys(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(
        session,
        now,
        "倒垃圾的地方灯不亮",
        actor=cast.resident("wang"),
        reporter=cast.reporter("wang"),
        community_id=cast.river,
        home_id=cast.far_home,
    ).order
    assert order.place_id is None


def test_a_place_of_another_compound_cannot_be_reported(session: Session, cast: Cast, lift: int, now: datetime) -> None:
    with pytest.raises(NotFound):
        cast.report(session, now, "坏了", home_id=None, community_id=cast.river, place_id=lift)


def test_a_named_place_costs_no_statement_more(database: Database, now: datetime) -> None:
    spent = []
    for problem, at_places in (("厨房水管漏水了", False), ("厨房水管漏水了", True)):
        with database.transaction() as session:
            cast = settle(session, now) if not at_places else cast  # noqa: F821 (set by the first round)
            if at_places:
                add_places(session, cast.garden, [(PlaceRow("电梯", (), "3", "2"), "CODE", "TAG")], now)
                session.execute(sa.update(WorkOrder).values(state="CLOSED"))
        with database.transaction() as session, counted(database) as statements:
            cast.report(session, now, problem)
        spent.append(len(statements))
    assert spent[0] == spent[1]


# --- the same place, other people --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "asked"), [(1, True), (60, True), (61, False)])
def test_the_second_of_an_hour_may_be_the_same(
    session: Session, cast: Cast, at_lift: WorkOrder, lift: int, now: datetime, minutes: int, asked: bool
) -> None:
    second = cast.report(session, now + timedelta(minutes=minutes), "灯坏了", place_id=lift, **as_li(cast))
    assert second.is_new
    assert second.alike == (at_lift.id if asked else None)


def test_the_same_person_at_the_same_place_adds_to_their_own(
    session: Session, cast: Cast, at_lift: WorkOrder, lift: int, now: datetime
) -> None:
    again = cast.report(session, now, "按钮全都失灵", home_id=None, place_id=lift, category="电梯")
    assert (again.is_new, again.order.id) == (False, at_lift.id)


def test_danger_is_never_the_same(session: Session, cast: Cast, lift: int, now: datetime) -> None:
    cast.report(session, now, "有人被困在电梯里", home_id=None, place_id=lift)
    second = cast.report(session, now, "有人被困在电梯里", place_id=lift, **as_li(cast))
    assert (second.is_new, second.alike) == (True, None)


def test_the_reporter_may_say_it_is_the_same(
    session: Session, cast: Cast, at_lift: WorkOrder, lift: int, now: datetime
) -> None:
    second = cast.report(session, now, "灯坏了", place_id=lift, **as_li(cast)).order
    actions.merge(session, second, at_lift, now=now, actor=cast.resident("li"))
    assert (second.state, second.merged_into) == ("MERGED", at_lift.id)
    assert told(session, "liu") == ["order_assigned", "order_cancelled"], "whoever was sent need not go"


def test_nobody_else_may_say_so(session: Session, cast: Cast, at_lift: WorkOrder, lift: int, now: datetime) -> None:
    second = cast.report(session, now, "灯坏了", place_id=lift, **as_li(cast)).order
    with pytest.raises(NotFound):
        actions.merge(session, at_lift, second, now=now, actor=cast.resident("wang"))


# --- following ---------------------------------------------------------------------------------------------------------


def test_who_follows_hears_how_it_goes_on_and_nothing_of_the_reporter(
    session: Session, cast: Cast, now: datetime, lift: int
) -> None:
    order = cast.report(session, now, "我是501张伟，灯坏了", home_id=None, place_id=lift, category="照明").order
    follow_order(session, order.id, now=now, actor=cast.resident("li"))
    actions.take(session, order, now=now, actor=cast.worker("liu"))
    assert (told(session, "li"), told(session, "zhang")) == (["order_followed"], ["order_taken"])
    heard = last_told(session, "li")
    assert (heard["order"], heard["where"], heard["own"]) == (order.id, "锦绣花园 3栋2单元电梯", False)
    assert not [value for value in heard.values() if "张伟" in str(value) or "1390000" in str(value)]


def test_who_follows_what_is_merged_hears_of_the_other(
    session: Session, cast: Cast, at_lift: WorkOrder, lift: int, now: datetime
) -> None:
    second = cast.report(session, now, "灯坏了", place_id=lift, category="照明", **as_li(cast)).order
    follow_order(session, at_lift.id, now=now, actor=cast.resident("wang"))
    actions.merge(session, at_lift, second, now=now, actor=cast.worker("manager"))
    actions.take(session, second, now=now, actor=cast.worker("liu"))
    assert told(session, "wang") == ["order_followed", "order_followed"]


def test_following_has_its_limits(
    session: Session, cast: Cast, at_lift: WorkOrder, order: WorkOrder, now: datetime
) -> None:
    li = cast.resident("li")
    with pytest.raises(AlreadyDone, match="就是您报的"):
        follow_order(session, at_lift.id, now=now, actor=cast.resident("zhang"))
    with pytest.raises(NotFound):
        follow_order(session, order.id, now=now, actor=li)  # Zhang's kitchen is no public place
    follow_order(session, at_lift.id, now=now, actor=li)
    with pytest.raises(AlreadyDone, match="已经在跟进"):
        follow_order(session, at_lift.id, now=now, actor=li)
    actions.cancel(session, at_lift, now=now, actor=cast.worker("manager"))
    with pytest.raises(Refusal, match="已经办完"):
        follow_order(session, at_lift.id, now=now, actor=cast.resident("wang"))


def test_who_follows_may_look_and_nothing_else(session: Session, cast: Cast, at_lift: WorkOrder, now: datetime) -> None:
    follow_order(session, at_lift.id, now=now, actor=cast.resident("li"))
    assert followed_by(session, ACCOUNT, "li", at_lift.id) is at_lift
    assert followed_by(session, ACCOUNT, "wang", at_lift.id) is None
    for deed in (actions.cancel, actions.nudge):
        with pytest.raises(NotFound):
            deed(session, at_lift, now=now, actor=cast.resident("li"))
    with pytest.raises(NotFound):
        find(session, cast.resident("li"), at_lift.id)


def test_who_leaves_follows_nothing(session: Session, cast: Cast, at_lift: WorkOrder, now: datetime) -> None:
    follow_order(session, at_lift.id, now=now, actor=cast.resident("li"))
    forget_reporter(session, ACCOUNT, "li")
    assert session.scalars(sa.select(OrderFollower)).all() == []


def test_what_is_open_at_a_place(session: Session, cast: Cast, at_lift: WorkOrder, lift: int, now: datetime) -> None:
    follow_order(session, at_lift.id, now=now, actor=cast.resident("li"))
    seen = {
        who: [(one.is_own, one.is_followed) for one in open_at(session, cast.resident(who), lift)]
        for who in ("zhang", "li", "wang")
    }
    assert seen == {"zhang": [(True, False)], "li": [(False, True)], "wang": [(False, False)]}
    actions.cancel(session, at_lift, now=now, actor=cast.worker("manager"))
    assert open_at(session, cast.resident("wang"), lift) == []


# --- what the office hears -----------------------------------------------------------------------------------------------


def test_the_office_hears_once_of_what_may_be_one_thing(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    second = cast.report(
        session, now + timedelta(minutes=10), "水管漏水", **{**as_li(cast), "home_id": cast.next_door}
    ).order
    assert alike_now(session, now + timedelta(minutes=11)) == [], "the reporter is asked first"
    then = now + timedelta(minutes=13)
    assert alike_now(session, then) == [(second.id, order.id)]
    for _ in range(2):
        suggest_merge(session, second.id, order.id, now=then)
    assert told(session, "manager") == ["order_alike"]
    assert told(session, "qian") == [], "the manager of another compound"
    data = last_told(session, "manager")
    assert (data["join"], data["into"]) == (second.id, order.id)
    assert alike_now(session, now + timedelta(minutes=23)) == [], "what was not told in time is not told"


def test_what_is_taken_joins_nothing(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    second = cast.report(session, now, "水管漏水", **{**as_li(cast), "home_id": cast.next_door}).order
    actions.take(session, second, now=now, actor=cast.worker("chen"))
    suggest_merge(session, second.id, order.id, now=now)
    assert last_told(session, "manager")["join"] == order.id
    actions.take(session, order, now=now, actor=cast.worker("chen"))
    suggest_merge(session, order.id, second.id, now=now)
    assert last_told(session, "manager")["join"] == 0
