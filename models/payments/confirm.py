"""What WeChat says of an order becomes true here, once, whoever brings it: the notice, the query, the page, the cashier.

`confirm` settles the bills, promises the receipt and tells staff what a person must look at, in that order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, load_only
from sqlalchemy.orm.attributes import set_committed_value

from models.billing.closed_months import after_closed, last_closed, month_of
from models.billing.queries import open_bills_of
from models.db import Base, insert_what_is_found, plain
from models.errors import AlreadyDone
from models.estate.tables import Community, Company, Home
from models.messaging import conversations, outbox
from models.messaging.grants import opened
from models.messaging.windows import open_by
from models.money import shown
from models.payments import online, order_states
from models.payments.actions import Money, Taken, give_receipt, put_in_books
from models.payments.facts import Expected, Transaction, mismatch, read_transaction
from models.payments.late_fees import accrued
from models.payments.online_tables import OnlineOrder, PayTerms
from models.payments.receipts import number_of
from models.payments.tables import Payment, Purse
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
    asked = {"number": told.number, "month": month_of(now)}
    ordered = _if_free(session, asked) or _when_free(session, asked)
    if ordered is None:
        keep_trouble(
            session, "unknown_order", told.number, "微信说这笔钱付了，我们没有这张单。",
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
        return "unknown"
    order = ordered.order
    wrong = mismatch(told, Expected(order.number, order.fen, merchant.mchid, merchant.appid))
    if wrong:
        keep_trouble(
            session, "mismatch", order.number, f"与我们的单不符：{wrong}", order=order,
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
        return "mismatch"
    if order.state == "paid":
        return _paid_before(session, ordered, told, now)
    return _post(session, ordered, told, now)


@dataclass(frozen=True)
class _Ordered:
    """An order with what its posting will ask for by number; all of it read only when the purse was locked."""

    purse: Purse
    order: OnlineOrder
    home: Home
    terms: PayTerms | None
    community: Community
    company: Company
    closed: str | None  # the last month of the compound that is closed


def _if_free(session: Session, asked: Mapping[str, object]) -> _Ordered | None:
    """The order with its home's purse, both locked, in one statement; None when somebody else has them, or there is nothing."""
    found = session.execute(_ORDER_AND_PURSE, asked).one_or_none()
    return _Ordered(*found) if found is not None else None


def _when_free(session: Session, asked: Mapping[str, object]) -> _Ordered | None:
    """The same, after whoever moves money of this home: then what they left is read anew. None: no such order."""
    purse = _lock_purse(session, str(asked["number"]))
    return _Ordered(purse, *session.execute(_ORDER, asked).one()) if purse is not None else None


def _lock_purse(session: Session, number: str) -> Purse | None:
    """Of the order's home: who moves its money comes one after the other. None: no such order."""
    purse = session.scalars(_PURSE, {"number": number}).one_or_none()
    if purse is None:  # it is made with the home's first payment
        insert_what_is_found(session, Purse, _EMPTY_PURSE, {"number": number})
        purse = session.scalars(_PURSE, {"number": number}).one_or_none()
    return purse


_EMPTY_PURSE = sa.select(plain(OnlineOrder).c.home_id, sa.literal(0).label("held")).where(
    plain(OnlineOrder).c.number == sa.bindparam("number")
)
_PURSE = (
    sa.select(Purse)
    .join(OnlineOrder, OnlineOrder.home_id == Purse.home_id)
    .where(OnlineOrder.number == sa.bindparam("number"))
    .with_for_update(of=Purse)
    .execution_options(populate_existing=True)
)


def _told_with(*locked: type[Base]) -> sa.Select[Any]:
    """Of one order: these rows, and whatever its posting will ask for."""
    read: list[Any] = [*locked, Home, PayTerms, Community, Company, _CLOSED]
    return (
        sa.select(*read)
        .select_from(OnlineOrder)
        .join(Purse, Purse.home_id == OnlineOrder.home_id)
        .join(Home, Home.id == OnlineOrder.home_id)
        .join(Community, Community.id == OnlineOrder.community_id)
        .join(Company, Company.id == OnlineOrder.company_id)
        .outerjoin(PayTerms, PayTerms.community_id == OnlineOrder.community_id)
        .where(OnlineOrder.number == sa.bindparam("number"))
        .options(  # each column costs as much as half a join
            load_only(Home.community_id, Home.building, Home.entrance, Home.room),
            load_only(PayTerms.principal_first),
            load_only(Community.company_id, Community.name),
            load_only(Company.name),
        )
        .execution_options(populate_existing=True)
    )


_CLOSED = last_closed(plain(OnlineOrder).c.community_id).scalar_subquery()
_ORDER = _told_with(OnlineOrder).with_for_update(of=OnlineOrder)
# Whoever would have to wait gets nothing: of what is read beside the locked rows, something might change while they wait.
_ORDER_AND_PURSE = _told_with(Purse, OnlineOrder).with_for_update(of=(Purse, OnlineOrder), skip_locked=True)


def is_posted(session: Session, number: str, transaction_id: str) -> bool:
    """Is this very payment in the books? To be asked in a transaction of its own, after the one that posted it."""
    return session.scalar(_POSTED, {"number": number, "transaction_id": transaction_id}) is not None


_POSTED = (
    sa.select(plain(Payment).c.id)
    .join(plain(OnlineOrder), plain(OnlineOrder).c.payment_id == plain(Payment).c.id)
    .where(
        plain(OnlineOrder).c.number == sa.bindparam("number"),
        plain(OnlineOrder).c.state == "paid",
        plain(OnlineOrder).c.transaction_id == sa.bindparam("transaction_id"),
        plain(Payment).c.reference == sa.bindparam("transaction_id"),
    )
)


def _paid_before(session: Session, ordered: _Ordered, told: Transaction, now: datetime) -> str:
    order = ordered.order
    if order.transaction_id == told.transaction_id:
        return "paid"
    keep_trouble(
        session, "second_payment", order.number, "同一张单付了两次，第二笔没有入账，请核对后退款。", order=order,
        transaction_id=told.transaction_id, fen=told.total, now=now,
    )  # fmt: skip
    return "not_posted"


def _post(session: Session, ordered: _Ordered, told: Transaction, now: datetime) -> str:
    order = ordered.order
    late = order.state == "closed"
    openid = told.openid or order.openid
    money = Money(order.fen, "wechat", told.transaction_id, order.payer, order.account, openid)
    former = _left_meanwhile(session, order, now) if late else None
    try:
        posted = put_in_books(
            session, ordered.home, money, purse=ordered.purse, chosen=() if late else order.chosen,
            beyond=former is not None or not (late or order.hold or order.chosen), former=former,
            principal_first=ordered.terms is not None and ordered.terms.principal_first, by=f"wechat:{order.number}",
            now=after_closed(ordered.closed, now), is_dated=True,
        )  # fmt: skip
    except AlreadyDone:
        keep_trouble(
            session, "not_posted", order.number, "这个微信支付单号已经记在别的单上。", order=order,
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
        return "not_posted"
    _is_paid(session, order, posted.payment, told.transaction_id, now)
    if openid and order.way != online.ENTRUSTED:  # what was taken by a contract is no word of theirs
        _open_window(session, order.account, openid, now)
    if late:
        keep_trouble(
            session, "late_payment", order.number, "单已经关了钱还是到了，先存作预存款，请联系业主。", order=order,
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
    elif order.chosen and not posted.bills:
        keep_trouble(
            session, "second_payment", order.number, "账单已经有人交了，这笔存作预存款，请联系业主。", order=order,
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
    _tell_payer(session, ordered, give_receipt(session, posted), openid, late=late, now=now)
    return "paid"


def _is_paid(session: Session, order: OnlineOrder, payment: Payment, transaction_id: str, now: datetime) -> None:
    """From whatever state it was read in. Raises AlreadyDone: that undoes the posting; whoever was first has posted it."""
    after = {"state": "paid", "transaction_id": transaction_id, "payment_id": payment.id, "ended_at": now}
    moved = session.execute(_MOVE, {"order": order.id, "before": order.state, **after}).first()
    if moved is None:
        raise AlreadyDone("这笔付款刚刚已经入账。")
    for name, value in after.items():
        set_committed_value(order, name, value)


_MOVE = (
    sa.update(plain(OnlineOrder))
    .where(plain(OnlineOrder).c.id == sa.bindparam("order"), plain(OnlineOrder).c.state == sa.bindparam("before"))
    .values({name: sa.bindparam(name) for name in ("state", "transaction_id", "payment_id", "ended_at")})
    .returning(plain(OnlineOrder).c.id)
)


def _left_meanwhile(session: Session, order: OnlineOrder, now: datetime) -> int | None:
    """Whoever was to pay has sold the home since, and still owes that much: it is their money for their debt."""
    owner = owner_at(session, order.home_id, order.made_at)
    if owner is None:
        return None
    lines = open_bills_of(session, [order.home_id], former=owner.id)
    owed = sum(line.open + accrued(session, line.bill, now.date()) for line in lines)
    return owner.id if owed >= order.fen else None


def _tell_payer(session: Session, ordered: _Ordered, taken: Taken, openid: str, *, late: bool, now: datetime) -> None:
    order = ordered.order
    lines = "\n".join(f"{line.words}　{shown(line.fen)}" for line in taken.positions)
    outbox.put(
        session, account=order.account, openid=openid, kind="payment_received",
        data={
            "home": ordered.home.label, "amount": shown(order.fen), "receipt": number_of(taken.receipt), "lines": lines,
            "prepaid": shown(taken.prepaid) if taken.prepaid else "", "late": late, "page": f"/m/receipt/{taken.receipt.id}",
        },
        dedupe_key=f"order:{order.id}", now=now,
    )  # fmt: skip


def _open_window(session: Session, account: str, openid: str, now: datetime) -> None:
    """Whoever pays may be written to for two days."""
    begun = opened({}, "payment", int(now.timestamp()))
    open_by(conversations.lock(session, account, openid, now, windows=begun), "payment", now)
