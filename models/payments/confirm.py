"""What WeChat says of an order becomes true here, once, whoever brings it: the notice, the query, the page, the cashier.

`confirm` settles the bills, promises the receipt and tells staff what a person must look at, in that order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.queries import open_bills_of
from models.errors import AlreadyDone
from models.estate.tables import Home
from models.messaging import conversations, outbox
from models.messaging.windows import open_by
from models.money import shown
from models.payments import online, order_states
from models.payments.actions import Money, Taken, take_in
from models.payments.facts import Expected, Transaction, mismatch, read_transaction
from models.payments.late_fees import accrued
from models.payments.online_tables import OnlineOrder, PayTerms
from models.payments.purses import lock
from models.payments.receipts import number_of
from models.payments.tables import Payment
from models.payments.troubles import keep_trouble
from models.people.ownership import owner_at


@dataclass(frozen=True)
class Merchant:
    """Who we are with WeChat Pay."""

    mchid: str
    appid: str


def take_news(
    session: Session, number: str, told: Mapping[str, Any] | None, merchant: Merchant, *, now: datetime
) -> str:
    """What a query answered about our order; None: WeChat has no such order. Returns how the order stands with us.

    Raises NotReadable for what cannot be read.
    """
    order = online.find(session, number)
    if order is None:
        return "unknown"
    state = "CLOSED" if told is None and order.state == "closing" else str((told or {}).get("trade_state", ""))
    if told is not None and state in order_states.CAME:
        return confirm(session, read_transaction(told), merchant, now=now)
    if state in order_states.GONE:
        online.closed(session, number, now=now)
    elif order.state in order_states.OPEN:
        online.looked(session, order, now=now)
        still_unknown(session, number, now=now)
    session.expire_all()
    again = online.find(session, number)
    return again.state if again is not None else "unknown"


def still_unknown(session: Session, number: str, *, now: datetime) -> None:
    """WeChat did not say what became of an order, or did not answer at all: after two hours a person is told, once."""
    order = online.find(session, number)
    if order is None or order.state not in order_states.OPEN:
        return
    if now - order.made_at >= order_states.UNRESOLVED_AFTER:
        words = "两小时还不知道付没付成，请到商户平台核对。"
        keep_trouble(session, "unresolved", number, words, order=order, fen=order.fen, now=now)


def confirm(session: Session, told: Transaction, merchant: Merchant, *, now: datetime) -> str:
    """Post a payment of WeChat's: "paid" when it is in the books (now or before), "unknown", "mismatch", or "not_posted".

    Only "paid" may be answered with success; and only after a fresh read has found it (`is_posted`).
    """
    seen = online.find(session, told.number)
    if seen is None:
        keep_trouble(
            session, "unknown_order", told.number, "微信说这笔钱付了，我们没有这张单。",
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
        return "unknown"
    lock(session, seen.home_id)  # who moves a home's money comes one after the other
    order = session.scalars(
        sa.select(OnlineOrder)
        .where(OnlineOrder.id == seen.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    wrong = mismatch(told, Expected(order.number, order.fen, merchant.mchid, merchant.appid))
    if wrong:
        keep_trouble(
            session, "mismatch", order.number, f"与我们的单不符：{wrong}", order=order,
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
        return "mismatch"
    if order.state == "paid":
        return _paid_before(session, order, told, now)
    return _post(session, order, told, now)


def is_posted(session: Session, number: str, transaction_id: str) -> bool:
    """Is this very payment in the books? To be asked in a transaction of its own, after the one that posted it."""
    return (
        session.scalar(
            sa.select(Payment.id)
            .join(OnlineOrder, OnlineOrder.payment_id == Payment.id)
            .where(
                OnlineOrder.number == number,
                OnlineOrder.state == "paid",
                OnlineOrder.transaction_id == transaction_id,
                Payment.reference == transaction_id,
            )
        )
        is not None
    )


def _paid_before(session: Session, order: OnlineOrder, told: Transaction, now: datetime) -> str:
    if order.transaction_id == told.transaction_id:
        return "paid"
    keep_trouble(
        session, "second_payment", order.number, "同一张单付了两次，第二笔没有入账，请核对后退款。", order=order,
        transaction_id=told.transaction_id, fen=told.total, now=now,
    )  # fmt: skip
    return "not_posted"


def _post(session: Session, order: OnlineOrder, told: Transaction, now: datetime) -> str:
    late = order.state == "closed"
    home = session.get_one(Home, order.home_id)
    terms = session.get(PayTerms, order.community_id)
    openid = told.openid or order.openid
    money = Money(order.fen, "wechat", told.transaction_id, order.payer, order.account, openid)
    former = _left_meanwhile(session, order, now) if late else None
    still_owed = {line.bill.id for line in open_bills_of(session, [home.id])} & set(order.chosen)
    try:
        taken = take_in(
            session, home, money, chosen=() if late else order.chosen,
            beyond=former is not None or not (late or order.hold or order.chosen), former=former,
            principal_first=terms.principal_first if terms else False, by=f"wechat:{order.number}", now=now,
        )  # fmt: skip
    except AlreadyDone:
        keep_trouble(
            session, "not_posted", order.number, "这个微信支付单号已经记在别的单上。", order=order,
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
        return "not_posted"
    moved = session.execute(
        sa.update(OnlineOrder)
        .where(OnlineOrder.id == order.id, OnlineOrder.state == order.state)
        .values(state="paid", transaction_id=told.transaction_id, payment_id=taken.payment.id, ended_at=now)
        .returning(OnlineOrder.id)
        .execution_options(synchronize_session=False)
    ).first()
    if moved is None:
        raise AlreadyDone("这笔付款刚刚已经入账。")  # undoes all of the above; whoever was first has posted it
    session.expire(order)
    _tell_payer(session, order, taken, openid, late=late, now=now)
    if late:
        keep_trouble(
            session, "late_payment", order.number, "单已经关了钱还是到了，先存作预存款，请联系业主。", order=order,
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
    elif order.chosen and not still_owed:
        keep_trouble(
            session, "second_payment", order.number, "账单已经有人交了，这笔存作预存款，请联系业主。", order=order,
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
    return "paid"


def _left_meanwhile(session: Session, order: OnlineOrder, now: datetime) -> int | None:
    """Whoever was to pay has sold the home since, and still owes that much: it is their money for their debt."""
    owner = owner_at(session, order.home_id, order.made_at)
    if owner is None:
        return None
    lines = open_bills_of(session, [order.home_id], former=owner.id)
    owed = sum(line.open + accrued(session, line.bill, now.date()) for line in lines)
    return owner.id if owed >= order.fen else None


def _tell_payer(session: Session, order: OnlineOrder, taken: Taken, openid: str, *, late: bool, now: datetime) -> None:
    home = session.get_one(Home, order.home_id)
    content = taken.receipt.content
    lines = "\n".join(f"{words}　{shown(fen)}" for words, fen in content["positions"])
    if openid and order.way != online.ENTRUSTED:  # what was taken by a contract is no word of theirs
        _open_window(session, order.account, openid, now)
    outbox.put(
        session, account=order.account, openid=openid, kind="payment_received",
        data={
            "home": home.label, "amount": shown(order.fen), "receipt": number_of(taken.receipt), "lines": lines,
            "prepaid": shown(taken.prepaid) if taken.prepaid else "", "late": late, "page": f"/m/receipt/{taken.receipt.id}",
        },
        dedupe_key=f"order:{order.id}", now=now,
    )  # fmt: skip


def _open_window(session: Session, account: str, openid: str, now: datetime) -> None:
    """Whoever pays may be written to for two days."""
    open_by(conversations.lock(session, account, openid, now), "payment", now)
