"""Orders to be paid by WeChat: written down before WeChat hears of them, one at a time for a home, ended before another is made.

Nothing here calls anybody. Who does (a page, a job) asks first what is to be done, does it without holding anything locked, and
says what came of it; what WeChat says of an order always goes through confirm.py.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.db import SHANGHAI, insert_or_ignore, savepoint
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, Home
from models.money import shown
from models.payments import order_states
from models.payments.actions import LARGEST
from models.payments.online_tables import OnlineOrder
from models.payments.tables import Purse

# A way: taken by WeChat under a contract. Nobody can close it, and it is asked for at an address of its own.
ENTRUSTED = "papay"
_NOT_ENDED = OnlineOrder.state.in_(sorted(order_states.OPEN))


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to pay: `fen` for the `chosen` bills, or by the order of the law, or (`hold`) only in advance."""

    fen: int
    chosen: tuple[int, ...] = ()
    hold: bool = False
    way: str = "jsapi"
    account: str = ""
    openid: str = ""
    payer: str = ""
    what: str = "物业费用"


class OtherOrder(Exception):
    """An order of this home for something else must be ended first."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


def open_order_of(session: Session, home_id: int) -> OnlineOrder | None:
    return session.scalars(sa.select(OnlineOrder).where(OnlineOrder.home_id == home_id, _NOT_ENDED)).first()


def find(session: Session, number: str) -> OnlineOrder | None:
    return session.scalars(sa.select(OnlineOrder).where(OnlineOrder.number == number)).first()


def begin(session: Session, home: Home, wanted: Wanted, *, now: datetime) -> OnlineOrder:
    """The home's order for exactly this: the one that is open already, or a new one.

    Raises OtherOrder when one for something else must be ended first, Refusal for a sum that cannot be.
    """
    if not 0 < wanted.fen <= LARGEST:
        raise Refusal("金额要大于0。" if wanted.fen <= 0 else f"{shown(wanted.fen)}太大了，请再核对一遍金额。")
    known = open_order_of(session, home.id)
    if known is not None:
        if _is_same(known, wanted, now):
            return known
        raise OtherOrder(known.number)
    community = session.get_one(Community, home.community_id)
    order = OnlineOrder(
        company_id=community.company_id, community_id=community.id, home_id=home.id, number=_number(now),
        way=wanted.way, account=wanted.account, openid=wanted.openid, payer=wanted.payer, fen=wanted.fen,
        chosen=list(wanted.chosen), hold=wanted.hold, description=f"{wanted.what} {community.name}{home.label}"[:100],
        state="new", made_at=now, expires_at=now + order_states.LIFE,
        next_look_at=order_states.next_look(now, now),
    )  # fmt: skip
    try:
        with savepoint(session):
            session.add(order)
            session.flush()
    except IntegrityError:
        raise AlreadyDone("您家有人正在付款，请过几秒再试。") from None
    insert_or_ignore(session, Purse, {"home_id": home.id, "held": 0})  # now, so that WeChat's notice finds it to lock
    return order


def opened(session: Session, number: str, token: str, *, now: datetime) -> bool:
    """WeChat has the order. False when it was ended or paid meanwhile: the token must not be used."""
    return _move(session, number, order_states.before("open"), state="open", token=token, token_at=now)


def wants_end(session: Session, number: str, *, by: str, now: datetime) -> bool:
    """Nobody shall pay this any more: a job or a page sees to it. False when it has ended already, or is taken by a contract."""
    order = find(session, number)
    if order is None or order.way == ENTRUSTED:
        return False
    return _move(session, number, order_states.before("closing"), state="closing", by=by, next_look_at=now)


def closed(session: Session, number: str, *, now: datetime) -> bool:
    """WeChat takes no money for it any more."""
    return _move(session, number, order_states.before("closed"), state="closed", ended_at=now)


def looked(session: Session, order: OnlineOrder, *, now: datetime) -> None:
    """It is not paid yet; look again later."""
    _move(session, order.number, order_states.OPEN, next_look_at=order_states.next_look(order.made_at, now))


def just_paid(session: Session, home_id: int, *, by: str) -> int:
    """Fen of the orders of a home that this person wanted ended and that were paid all the same; each is told once."""
    rows = session.scalars(
        sa.select(OnlineOrder).where(
            OnlineOrder.home_id == home_id, OnlineOrder.state == "paid", OnlineOrder.by == by, OnlineOrder.by != ""
        )
    ).all()
    for order in rows:
        order.by = ""
    return sum(order.fen for order in rows)


def due(session: Session, now: datetime, *, entrusted: bool = False, limit: int = 200) -> Sequence[str]:
    """Numbers of the orders that are to be looked up: those that somebody pays, or those that are taken by a contract."""
    return session.scalars(
        sa.select(OnlineOrder.number)
        .where(_NOT_ENDED, OnlineOrder.next_look_at <= now, (OnlineOrder.way == ENTRUSTED) == entrusted)
        .order_by(OnlineOrder.next_look_at, OnlineOrder.id)
        .limit(limit)
    ).all()


def _move(session: Session, number: str, olds: frozenset[str], **values: object) -> bool:
    moved = session.execute(
        sa.update(OnlineOrder)
        .where(OnlineOrder.number == number, OnlineOrder.state.in_(sorted(olds)))
        .values(**values)
        .returning(OnlineOrder.id)
        .execution_options(synchronize_session=False)
    ).first()
    session.expire_all()
    return moved is not None


def _is_same(order: OnlineOrder, wanted: Wanted, now: datetime) -> bool:
    return (
        order.state != "closing"
        and not order_states.is_over(order.expires_at, now)
        and (order.way, order.account, order.openid) == (wanted.way, wanted.account, wanted.openid)
        and (order.fen, tuple(order.chosen), order.hold) == (wanted.fen, wanted.chosen, wanted.hold)
    )


def _number(now: datetime) -> str:
    """20 characters, never the same again."""
    return f"L{now.astimezone(SHANGHAI):%Y%m%d%H%M%S}{secrets.token_hex(4).upper()}"
