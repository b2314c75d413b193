"""F09: follow and unfollow arrive in any order and end as if they had come in the order they happened."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.people.following import follow, unfollow
from models.people.tables import Binding, Follower
from tests.support.books import ACCOUNT, Books

WHO = {"account": ACCOUNT, "openid": "zhang"}
# What happened, minute by minute: + follows, - leaves.
HISTORIES = ("+-", "+-+", "+-+-", "-+", "--")
ORDERS = [
    pytest.param(history, order, id=f"F09-{history}-{''.join(map(str, order))}")
    for history in HISTORIES
    for order in permutations(range(len(history)))
]


def arrive(session: Session, history: str, order: tuple[int, ...], now: datetime) -> None:
    """The events of a history, delivered in this order; each carries the time at which it happened."""
    for late, minute in enumerate(order):
        at = now + timedelta(minutes=minute)
        if history[minute] == "+":
            follow(session, **WHO, at=at)
        else:
            unfollow(session, **WHO, at=at, open_orders=0, now=now + timedelta(minutes=10 + late))


@pytest.mark.parametrize(("history", "order"), ORDERS)
def test_f09_the_last_that_happened_decides_and_not_the_last_that_came(
    session: Session, now: datetime, history: str, order: tuple[int, ...]
) -> None:
    arrive(session, history, order, now)
    assert (session.scalar(sa.select(Follower.openid)) is not None) == (history[-1] == "+")


def test_f09_a_late_follow_is_told_from_a_new_one(session: Session, now: datetime) -> None:
    unfollow(session, **WHO, at=now, open_orders=0, now=now)
    assert not follow(session, **WHO, at=now - timedelta(minutes=1))
    assert follow(session, **WHO, at=now + timedelta(minutes=1))


def test_f09_a_late_unfollow_takes_no_home_away(books: Books, session: Session, now: datetime) -> None:
    follow(session, **WHO, at=now)
    books.bind("张伟", "zhang")
    assert not unfollow(session, **WHO, at=now - timedelta(minutes=1), open_orders=0, now=now)
    assert session.scalars(sa.select(Binding.openid)).all() == ["zhang"]
