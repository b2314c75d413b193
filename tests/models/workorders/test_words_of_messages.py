"""Every message about an order, as it is read: no gap, no leftover mark, and always what to say next."""

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.rendering import Renderer
from models.messaging.kinds import all_kinds, kind_named
from models.messaging.tables import Outbox
from models.workorders import actions, charging, quoting
from models.workorders.actions_repeat import look_for_repeats
from models.workorders.attachments import Sent
from models.workorders.clock_rules import rules_of
from models.workorders.price_settings import add_prices
from models.workorders.price_sheet import PriceRow
from models.workorders.prices import DEMO
from models.workorders.suggest import suggest_merge
from models.workorders.tables import StormMode
from models.workorders.watch import look_at
from tests.support.repairs import Cast


def _everything_that_can_be_told(session: Session, cast: Cast, now: datetime) -> None:
    chen, zhang, manager = cast.worker("chen"), cast.resident("zhang"), cast.worker("manager")
    photos = [Sent("image", media_id="m")]
    order = cast.report(session, now, "厨房水管爆了，水喷得到处都是").order
    actions.add_words(session, order, now=now, actor=zhang, text="总阀关了")
    actions.arrive(session, order, now=now, actor=chen)
    actions.nudge(session, order, now=now, actor=zhang)
    actions.nudge(session, order, now=now + timedelta(hours=1), actor=zhang)
    actions.pause(session, order, now=now, actor=chen, reason="等配件", until=date(2026, 3, 13))
    actions.resume(session, order, now=now, actor=manager)
    actions.finish(session, order, now=now, actor=chen, result="换了角阀", photos=photos)
    actions.rate(session, order, now=now, actor=zhang, stars=1, text="还在滴")
    actions.reopen(session, order, now=now, actor=zhang, reason="还在滴")
    actions.cancel(session, order, now=now, actor=manager, reason="误报")
    second = cast.report(session, now, "马桶堵了").order
    actions.change_priority(session, second, "P1", now=now, actor=manager)
    actions.transfer(session, second, cast.staff["qiang"], now=now, actor=manager)
    actions.hand_back(session, second, now=now, actor=cast.worker("qiang"), reason="没有工具")
    actions.dispatch_timed_out(session, second, now=now + timedelta(hours=1))
    li = {"actor": cast.resident("li"), "reporter": cast.reporter("li"), "home_id": cast.next_door}
    third = cast.report(session, now, "客厅灯坏了", **li).order
    actions.hand_back(session, third, now=now, actor=cast.worker("liu"), reason="去不了")
    suggest_merge(session, third.id, second.id, now=now)
    actions.merge(session, third, second, now=now, actor=manager)
    actions.take(session, second, now=now, actor=chen)
    actions.hand_back(session, second, now=now, actor=chen, reason="没有工具")
    actions.reject(session, second, now=now, actor=manager, reason="自己的马桶", refer_to="028-7777")
    fourth = cast.report(session, now + timedelta(days=2), "家里停水了", actor=manager, on_behalf=True).order
    actions.finish(session, fourth, now=now, actor=chen, result="修好了", photos=photos)
    cast.report(session, now, actor=cast.worker("clerk"), on_behalf=True)
    actions.close_unrated(session, fourth, now=now + timedelta(days=4))
    actions.visited(session, fourth, now=now, actor=manager, result="满意")
    for days in (20, 25, 30):
        cast.report(session, now + timedelta(days=days), "暖气不热", **li)
    look_for_repeats(session, cast.company_id, now=now + timedelta(days=30))


def _everything_a_clock_tells(session: Session, cast: Cast, now: datetime) -> None:
    """A P0 nobody takes, a P2 that is late and paused too long, and a storm."""
    session.add(StormMode(company_id=cast.company_id, begins_at=now, ends_at=now + timedelta(hours=9)))
    urgent = cast.report(session, now, "厨房水管爆了，水喷得到处都是").order
    slow = cast.report(session, now, "客厅灯坏了", home_id=cast.next_door).order
    session.flush()
    for minutes in (0, 6, 40, 60):
        later = now + timedelta(minutes=minutes)
        rules = rules_of(session, cast.company_id, later).of(cast.garden)
        for order in (urgent, slow):
            look_at(session, order, rules, now=later)
    actions.take(session, slow, now=now, actor=cast.worker("liu"))
    actions.pause(session, slow, now=now, actor=cast.worker("liu"), reason="等配件")
    later = now + timedelta(days=8)
    look_at(session, slow, rules_of(session, cast.company_id, later).of(cast.garden), now=later)


def _everything_paid_service_tells(session: Session, cast: Cast, now: datetime) -> None:
    add_prices(session, cast.company_id, [PriceRow(price, "公示", True) for price in DEMO], by="test", now=now)
    chen, zhang, manager = cast.worker("chen"), cast.resident("zhang"), cast.worker("manager")
    order = cast.report(session, now, "厨房龙头坏了").order
    actions.take(session, order, now=now, actor=chen)
    actions.arrive(session, order, now=now, actor=chen)
    quoting.quote(session, order, now=now, actor=chen, text="换龙头 30 材料 15")
    quoting.agree(session, order, now=now, actor=zhang)
    actions.finish(session, order, now=now, actor=chen, result="换了龙头", photos=[Sent("image", media_id="m")])
    charging.dispute(session, order, now=now, actor=zhang, reason="太贵")
    charging.uphold(session, order, now=now, actor=manager, reason="按价目")
    charging.waive(session, order, now=now, actor=manager, reason="老人")


def test_every_kind_reads_well(session: Session, cast: Cast, now: datetime) -> None:
    _everything_a_clock_tells(session, cast, now - timedelta(days=20))
    _everything_paid_service_tells(session, cast, now - timedelta(days=40))
    _everything_that_can_be_told(session, cast, now)
    session.flush()
    renderer = Renderer({"order_news": "t1", "order_task": "t2", "alarm": "t3"})
    told = session.scalars(sa.select(Outbox).where(Outbox.kind.startswith("order_"))).all()
    for message in told:
        words = renderer.text(message.kind, message.data)
        assert f"#{message.data['order']}" in words
        assert "  " not in words
        assert "\n\n" not in words
        assert "None" not in words
        assert words.endswith("。") or "：" in words.splitlines()[-1]
        assert renderer.template_message(kind_named(message.kind), message.data, now).data
    assert {message.kind for message in told} == {kind.name for kind in all_kinds() if kind.name.startswith("order_")}
