"""退款 by WeChat: asked for by staff, agreed to by a manager above what the contract leaves free, taken out of the books, and then
asked of WeChat under one and the same number until it is settled."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import SHANGHAI
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Home
from models.messaging import outbox
from models.money import shown
from models.payments.actions import Money, take_in
from models.payments.facts import RefundNews
from models.payments.giving_back import refund
from models.payments.online_tables import OnlineRefund, PayTerms
from models.payments.purses import lock
from models.payments.tables import Payment
from models.payments.troubles import keep_trouble
from models.people.queries import managers_of

_UNDER_WAY = ("agreed", "under_way")
_SETTLED = ("done", "abnormal", "closed")
_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
_THEN = timedelta(hours=3)


def ask(
    session: Session, payment: Payment, fen: int, *, reason: str, by: str, is_manager: bool, now: datetime
) -> OnlineRefund:
    """Write a refund down; it is agreed at once if it may be. Raises Refusal for more than is left of the payment."""
    if payment.channel != "wechat":
        raise Refusal("只有微信付的钱能原路退回，别的方式请在柜台退。")
    if fen <= 0:
        raise Refusal("退款金额要大于0。")
    lock(session, payment.home_id)
    session.refresh(payment)
    left = payment.fen - payment.refunded - _waiting(session, payment.id)
    if fen > left:
        raise Refusal(f"这笔缴费最多还能退{shown(left)}。")
    terms = session.get(PayTerms, payment.community_id)
    wanted = OnlineRefund(
        company_id=payment.company_id, community_id=payment.community_id, payment_id=payment.id,
        number=f"R{now.astimezone(SHANGHAI):%Y%m%d%H%M%S}{secrets.token_hex(4).upper()}", fen=fen, reason=reason[:80],
        state="wanted", by=by, made_at=now, next_look_at=now,
    )  # fmt: skip
    session.add(wanted)
    session.flush()
    if is_manager or fen <= (terms.refund_free if terms else 0):
        agree(session, wanted.id, by=by, now=now)
        session.refresh(wanted)
    else:
        _tell_managers(session, wanted, payment, now)
    return wanted


def agree(session: Session, refund_id: int, *, by: str, now: datetime) -> OnlineRefund:
    """Into the books now, so that what goes back can be spent by nobody; WeChat is asked by the job. Raises AlreadyDone."""
    wanted = session.get_one(OnlineRefund, refund_id)
    payment = session.get_one(Payment, wanted.payment_id)
    lock(session, payment.home_id)
    _move(session, wanted, ("wanted",), state="agreed", agreed_by=by, next_look_at=now)
    refund(session, payment, wanted.fen, number=wanted.number, reason=wanted.reason, by=by, now=now)
    return wanted


def refuse(session: Session, refund_id: int, *, by: str, now: datetime) -> OnlineRefund:
    """Raises AlreadyDone."""
    wanted = session.get_one(OnlineRefund, refund_id)
    _move(session, wanted, ("wanted",), state="refused", agreed_by=by, ended_at=now)
    return wanted


def refund_in_scope(
    session: Session, refund_id: int, company_id: int, *, community_ids: Collection[int] | None
) -> OnlineRefund | None:
    """A refund of the compounds one may look into (None: the company's)."""
    query = sa.select(OnlineRefund).where(OnlineRefund.id == refund_id, OnlineRefund.company_id == company_id)
    if community_ids is not None:
        query = query.where(OnlineRefund.community_id.in_(community_ids))
    return session.scalars(query).first()


def due_refunds(session: Session, now: datetime, *, limit: int = 100) -> Sequence[tuple[OnlineRefund, Payment]]:
    """Refunds that WeChat is to be asked for, or about."""
    rows = session.execute(
        sa.select(OnlineRefund, Payment)
        .join(Payment, Payment.id == OnlineRefund.payment_id)
        .where(OnlineRefund.state.in_(_UNDER_WAY), OnlineRefund.next_look_at <= now)
        .order_by(OnlineRefund.next_look_at, OnlineRefund.id)
        .limit(limit)
    )
    return [(wanted, payment) for wanted, payment in rows]


def asked(session: Session, number: str, *, now: datetime) -> None:
    """WeChat is being asked: whatever comes of it, the next time it is asked is later, by the same number."""
    wanted = session.scalars(sa.select(OnlineRefund).where(OnlineRefund.number == number)).one()
    wait = _WAITS[wanted.looks] if wanted.looks < len(_WAITS) else _THEN
    session.execute(
        sa.update(OnlineRefund)
        .where(OnlineRefund.number == number, OnlineRefund.state.in_(_UNDER_WAY))
        .values(state="under_way", looks=OnlineRefund.looks + 1, next_look_at=now + wait)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def take_refund_news(session: Session, told: RefundNews, *, now: datetime) -> str:
    """What WeChat says of a refund; returns how it stands with us, "unknown" for a number that is not ours."""
    wanted = session.scalars(sa.select(OnlineRefund).where(OnlineRefund.number == told.number)).first()
    if wanted is None:
        keep_trouble(
            session, "unknown_refund", told.number, "微信说这笔退款了，我们没有这张退款单。",
            transaction_id=told.transaction_id, fen=told.fen, now=now,
        )  # fmt: skip
        return "unknown"
    payment = session.get_one(Payment, wanted.payment_id)
    lock(session, payment.home_id)
    ends = {"SUCCESS": "done", "ABNORMAL": "abnormal", "CLOSED": "closed"}.get(told.state)
    if ends is None:
        return wanted.state
    if told.fen != wanted.fen or told.transaction_id != payment.reference:
        keep_trouble(
            session, "mismatch", told.number, "退款的金额或单号与我们的不符。", company_id=wanted.company_id,
            transaction_id=told.transaction_id, fen=told.fen, now=now,
        )  # fmt: skip
        return wanted.state
    olds = (*_UNDER_WAY, "abnormal") if ends == "done" else _UNDER_WAY
    try:
        _move(session, wanted, olds, state=ends, ended_at=now)
    except AlreadyDone:
        return wanted.state
    _follow(session, wanted, payment, ends, now)
    return ends


def is_settled(session: Session, number: str) -> bool:
    return (
        session.scalar(
            sa.select(OnlineRefund.id).where(OnlineRefund.number == number, OnlineRefund.state.in_(_SETTLED))
        )
        is not None
    )


def _follow(session: Session, wanted: OnlineRefund, payment: Payment, ends: str, now: datetime) -> None:
    if ends == "done":
        home = session.get_one(Home, payment.home_id)
        outbox.put(
            session, account=payment.account, openid=payment.openid, kind="payment_refunded",
            data={"home": home.label, "amount": shown(wanted.fen), "reason": wanted.reason, "page": ""},
            dedupe_key=f"refund:{wanted.id}", now=now,
        )  # fmt: skip
        return
    words = "微信退不到付款人的账户，请到商户平台处理异常退款。"
    if ends == "closed":
        # The money stays with us after all: it is held for the home, whatever the bills say meanwhile.
        words = "微信没有退成，钱还在我们这里，已存作该户预存款。"
        home = session.get_one(Home, payment.home_id)
        money = Money(wanted.fen, "wechat", f"{wanted.number}-closed", payment.payer, payment.account, payment.openid)
        take_in(session, home, money, beyond=False, by="system", now=now)
    keep_trouble(
        session, f"refund_{ends}", wanted.number, words, company_id=wanted.company_id, fen=wanted.fen, now=now
    )  # fmt: skip


def _waiting(session: Session, payment_id: int) -> int:
    """Fen that are asked for and not in the books yet."""
    waiting = sa.select(sa.func.sum(OnlineRefund.fen)).where(
        OnlineRefund.payment_id == payment_id, OnlineRefund.state == "wanted"
    )
    return int(session.scalar(waiting) or 0)


def _move(session: Session, wanted: OnlineRefund, olds: Sequence[str], **values: object) -> None:
    moved = session.execute(
        sa.update(OnlineRefund)
        .where(OnlineRefund.id == wanted.id, OnlineRefund.state.in_(olds))
        .values(**values)
        .returning(OnlineRefund.id)
        .execution_options(synchronize_session=False)
    ).first()
    session.refresh(wanted)
    if moved is None:
        raise AlreadyDone("这笔退款已经有人处理了。")


def _tell_managers(session: Session, wanted: OnlineRefund, payment: Payment, now: datetime) -> None:
    home = session.get_one(Home, payment.home_id)
    for manager in managers_of(session, wanted.company_id, wanted.community_id):
        outbox.put(
            session, account=manager.account, openid=manager.openid, kind="refund_wanted",
            data={"number": wanted.id, "home": home.label, "amount": shown(wanted.fen), "reason": wanted.reason},
            dedupe_key=f"refund:{wanted.id}", now=now,
        )  # fmt: skip
