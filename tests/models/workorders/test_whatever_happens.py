"""Anybody does anything, in any order: whatever was allowed makes a story the rules allow, and nobody is told half of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy.orm import Session

from models.db import savepoint
from models.errors import Refusal
from models.workorders import actions
from models.workorders.actors import Actor
from models.workorders.attachments import Sent
from models.workorders.path import flaws
from models.workorders.queries import events_of
from models.workorders.states import ACCEPTED, OPEN, WITH_WORKER
from models.workorders.tables import WorkOrder
from tests.support.repairs import Cast

Act = Callable[[Session, WorkOrder, datetime, Actor, Random, Cast], object]

PHOTO = [Sent("image", media_id="m")]
ACTS: dict[str, Act] = {
    "take": lambda s, o, now, who, dice, cast: actions.take(s, o, now=now, actor=who),
    "hand back": lambda s, o, now, who, dice, cast: actions.hand_back(s, o, now=now, actor=who, reason="去不了"),
    "transfer": lambda s, o, now, who, dice, cast: actions.transfer(
        s, o, cast.staff[dice.choice(["chen", "qiang", "liu"])], now=now, actor=who
    ),
    "send": lambda s, o, now, who, dice, cast: actions.dispatch_to(
        s, o, cast.staff[dice.choice(["chen", "qiang"])], now=now, actor=who
    ),
    "arrive": lambda s, o, now, who, dice, cast: actions.arrive(s, o, now=now, actor=who),
    "pause": lambda s, o, now, who, dice, cast: actions.pause(s, o, now=now, actor=who, reason="等配件"),
    "resume": lambda s, o, now, who, dice, cast: actions.resume(s, o, now=now, actor=who),
    "finish": lambda s, o, now, who, dice, cast: actions.finish(
        s, o, now=now, actor=who, result="好了", photos=dice.choice([[], PHOTO])
    ),
    "nudge": lambda s, o, now, who, dice, cast: actions.nudge(s, o, now=now, actor=who),
    "add": lambda s, o, now, who, dice, cast: actions.add_words(s, o, now=now, actor=who, text="补充"),
    "cancel": lambda s, o, now, who, dice, cast: (
        actions.cancel(s, o, now=now, actor=who) if dice.random() < 0.1 else None
    ),
    "rate": lambda s, o, now, who, dice, cast: actions.rate(s, o, now=now, actor=who, stars=dice.randint(0, 6)),
    "reopen": lambda s, o, now, who, dice, cast: actions.reopen(s, o, now=now, actor=who),
    "visit": lambda s, o, now, who, dice, cast: actions.visited(s, o, now=now, actor=who, result="满意"),
    "hurry": lambda s, o, now, who, dice, cast: actions.change_priority(
        s, o, dice.choice(["P0", "P1", "P2", "P3"]), now=now, actor=who
    ),
    "time out": lambda s, o, now, who, dice, cast: actions.dispatch_timed_out(s, o, now=now),
    "close": lambda s, o, now, who, dice, cast: actions.close_unrated(s, o, now=now),
}


@pytest.mark.parametrize("seed", range(4))
def test_every_story_holds_whatever_people_do(session: Session, cast: Cast, now: datetime, seed: int) -> None:
    dice = Random(seed)
    cast.staff["qiang"].on_duty = True
    everybody = [cast.worker(name) for name in ("chen", "qiang", "liu", "zhou", "clerk", "manager")]
    everybody += [cast.resident(name) for name in ("zhang", "zhang", "tenant", "li", "wang")]
    order = cast.report(session, now).order
    done, refusals = 0, []
    for _ in range(150):
        now += timedelta(minutes=dice.choice([1, 11, 31, 200, 4500]))
        name, who = dice.choice(list(ACTS)), dice.choice(everybody)
        before = order.state, order.staff_id, len(events_of(session, order.id))
        try:
            with savepoint(session):
                ACTS[name](session, order, now, who, dice, cast)
            done += 1
        except Refusal as refusal:
            refusals.append(refusal.message)
            assert (order.state, order.staff_id, len(events_of(session, order.id))) == before
        assert list(flaws(order.state, events_of(session, order.id))) == []
        assert (order.staff_id is not None) >= (order.state in WITH_WORKER)
        assert order.staff_id is None or order.state != ACCEPTED
        if order.state not in OPEN and dice.random() < 0.2:
            order = cast.report(session, now).order
    assert done > 20
    assert all(words.endswith("。") for words in refusals)
