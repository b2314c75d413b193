"""Fault 46 and the day after: statements that do not come, trades we never heard of, and what people have closed."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.clock import SHANGHAI
from handlers.commands.audit import violations
from models.audit.log import seal
from models.errors import AlreadyDone, NotFound, Refusal
from models.payments import reconciling
from models.payments.reconcile_tables import Difference, StatementDay
from models.payments.tables import Payment
from scheduler.jobs import reconcile_wechat
from tests.support.paying import Payer
from tests.support.world import World

BILL = "/v3/bill/tradebill"


def to_the_next_morning(world: World, hour: int = 10, minute: int = 10) -> None:
    now = world.clock.now().astimezone(SHANGHAI)
    then = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), SHANGHAI)
    world.move(then.replace(hour=hour, minute=minute) - now)


def run(world: World) -> str:
    said = reconcile_wechat.run(world.services, world.clock.now())
    world.settle()
    return said


def found(world: World) -> list[tuple[str, bool]]:
    with world.services.database.reading() as session:
        rows = session.scalars(sa.select(Difference).order_by(Difference.id)).all()
        return [(row.what, row.closed_at is not None) for row in rows]


def days(world: World) -> list[str]:
    with world.services.database.reading() as session:
        return list(session.scalars(sa.select(StatementDay.state).order_by(StatementDay.day)))


def test_f46_a_payment_nobody_told_us_of_is_found_by_the_statement_and_posted_once(world: World) -> None:
    zhang = Payer(world, "demo-zhang")
    world.platform.faults.add("/wxpay/notify", "lost")
    zhang.pays(zhang.orders())
    to_the_next_morning(world, 9, 50)
    assert run(world) == "0 of 0 days compared, 0 payments found"
    world.move(timedelta(minutes=20))
    assert run(world) == "1 of 1 days compared, 1 payments found"
    assert found(world) == [("not_posted", True)]
    assert any("已收到412.05元" in words for words in world.heard("demo-zhang"))
    assert run(world) == "0 of 0 days compared, 0 payments found"
    to_the_next_morning(world)
    assert run(world) == "1 of 1 days compared, 0 payments found", "yesterday's trade is not missing today"
    assert days(world) == ["done", "empty"]
    assert len(found(world)) == 1
    with world.services.database.transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Payment.by.like("wechat:L%"))) == 1
        seal(session)
        assert list(violations(session)) == []


def test_f46_a_failed_download_is_no_empty_day_and_what_people_closed_stays_closed(world: World) -> None:
    zhang = Payer(world, "demo-zhang")
    zhang.pays(zhang.orders())
    world.settle()
    to_the_next_morning(world)
    world.says("demo-sun", "对账")
    world.platform.faults.add(BILL, "502", times=3)
    for _ in range(3):
        assert run(world) == "0 of 1 days compared, 0 payments found"
        assert run(world) == "0 of 0 days compared, 0 payments found", "not again at once"
        world.move(timedelta(hours=3))
    assert (days(world), found(world)) == (["waiting"], [])
    assert any("微信账单还没有取到" in words for words in world.heard("demo-sun"))
    # The books say that more came in than WeChat has: an order of ours that was never there.
    with world.services.database.transaction() as session:
        row = session.scalars(sa.select(StatementDay)).one()
        reconciling.compare_day(session, row, None, now=world.clock.now())
        [one] = session.scalars(sa.select(Difference)).all()
        assert (one.what, one.theirs, one.ours) == ("empty", 0, 41205)
        scope = {"company_id": row.company_id, "communities": None, "by": "test", "now": world.clock.now()}
        for reason, company, error in (("", row.company_id, Refusal), ("查过了", row.company_id + 1, NotFound)):
            with pytest.raises(error):
                reconciling.close_difference(session, one.id, reason, **{**scope, "company_id": company})
        reconciling.close_difference(session, one.id, "微信客服确认漏了", **scope)
        with pytest.raises(AlreadyDone):
            reconciling.close_difference(session, one.id, "再来一次", **scope)
        reconciling.compare_day(session, row, None, now=world.clock.now())
        session.refresh(one)
        assert (one.reason, one.closed_at is not None) == ("微信客服确认漏了", True)
        row.state = "waiting"
    world.move(timedelta(hours=3))
    assert run(world) == "1 of 1 days compared, 0 payments found"
    assert found(world) == [("empty", True)]
