"""What WeChat says of an order becomes true here, once, whoever brings it: the notice, the query, the page, the cashier.

`confirm` settles the bills, promises the receipt and tells staff what a person must look at, in that order.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.queries import BillLine, open_bills_of
from models.db import gathering, plain
from models.errors import AlreadyDone
from models.messaging import conversations, outbox
from models.messaging.grants import opened
from models.messaging.outbox import Promise
from models.messaging.windows import open_by, open_those_free
from models.payments import online, order_states
from models.payments.facts import Expected, Transaction, mismatch, read_transaction
from models.payments.late_fees import accrued
from models.payments.online_tables import OnlineOrder
from models.payments.ordered import Ordered, those_free, when_free
from models.payments.posting import finish, is_paid, may_be_written_to, payer_of, put
from models.payments.receipts import take_numbers
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
    ordered = next(iter(those_free(session, [told.number], now)), None) or when_free(session, told.number, now)
    if ordered is None:
        keep_trouble(
            session, "unknown_order", told.number, "微信说这笔钱付了，我们没有这张单。",
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
        return "unknown"
    order = ordered.order
    wrong = differs(order, told, merchant)
    if wrong:
        keep_trouble(
            session, "mismatch", order.number, f"与我们的单不符：{wrong}", order=order,
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
        return "mismatch"
    if order.state == "paid":
        return _paid_before(session, ordered, told, now)
    return _post(session, ordered, told, now)


def confirm_together(session: Session, told: Sequence[Transaction], merchant: Merchant, *, now: datetime) -> None:
    """Post what has come at the same time, in one go: of each home one payment, where all is as it should be and nobody has to be
    waited for. The others are left alone: `those_posted` tells which, and `confirm` is for them.

    Raises AlreadyDone when a number of WeChat's was taken before: then nothing of it may be kept.
    """
    ready = _those_ready(session, told, merchant, now)
    owed = _owed_by(session, [one.home.id for one, _ in ready])
    with gathering(session):
        posted = []
        for one, word in ready:
            posted.append(put(session, one, word, owed=owed[one.home.id], now=now))
            is_paid(session, one.order, posted[-1].payment, word.transaction_id, now)
    numbers = _receipt_numbers(session, [one.order.company_id for one, _ in ready])
    promises: list[Promise] = []
    for (one, word), booked in zip(ready, posted, strict=True):
        promises += finish(session, one, word, booked, number=next(numbers[one.order.company_id]), now=now)
    outbox.put_each(session, promises, now)


def _those_ready(
    session: Session, told: Sequence[Transaction], merchant: Merchant, now: datetime
) -> list[tuple[Ordered, Transaction]]:
    """What nothing speaks against, in the order in which it was told: locked, and its payers may be written to from now on."""
    news = {each.number: each for each in told}
    found = {one.order.number: one for one in those_free(session, list(news), now)}
    usual = [(found[number], word) for number, word in news.items() if number in found]
    usual = [(one, word) for one, word in usual if _is_usual(one.order, word, merchant)]
    payers = {(one.order.account, payer_of(one.order, word)) for one, word in usual}
    free = open_those_free(session, payers, "payment", now) if payers else set()
    return [(one, word) for one, word in usual if (one.order.account, payer_of(one.order, word)) in free]


def _is_usual(order: OnlineOrder, told: Transaction, merchant: Merchant) -> bool:
    return order.state in order_states.OPEN and may_be_written_to(order, told) and not differs(order, told, merchant)


def _owed_by(session: Session, homes: Sequence[int]) -> dict[int, list[BillLine]]:
    owed: dict[int, list[BillLine]] = {home: [] for home in homes}
    for line in open_bills_of(session, homes) if homes else ():
        owed[line.bill.home_id].append(line)
    return owed


def _receipt_numbers(session: Session, companies: Sequence[int]) -> dict[int, Iterator[int]]:
    """Of each company so many numbers as it stands here; whoever takes several companies' takes them in the same order."""
    wanted = sorted(Counter(companies).items())
    return {company: iter(take_numbers(session, company, "payment", count)) for company, count in wanted}


def differs(order: OnlineOrder, told: Transaction, merchant: Merchant) -> str:
    """In what WeChat's word is not what we ordered; "" when it is."""
    return mismatch(told, Expected(order.number, order.fen, merchant.mchid, merchant.appid))


def is_posted(session: Session, number: str, transaction_id: str) -> bool:
    """Is this very payment in the books? To be asked in a transaction of its own, after the one that posted it."""
    return (number, transaction_id) in those_posted(session, [number])


def those_posted(session: Session, numbers: Sequence[str]) -> set[tuple[str, str]]:
    """The same of several: (number, transaction_id) of the orders that are paid by a payment in the books."""
    return {(number, transaction) for number, transaction in session.execute(_POSTED, {"numbers": numbers})}


_POSTED = (
    sa.select(plain(OnlineOrder).c.number, plain(OnlineOrder).c.transaction_id)
    .join(plain(Payment), plain(Payment).c.id == plain(OnlineOrder).c.payment_id)
    .where(
        plain(OnlineOrder).c.number.in_(sa.bindparam("numbers", expanding=True)),
        plain(OnlineOrder).c.state == "paid",
        plain(Payment).c.reference == plain(OnlineOrder).c.transaction_id,
    )
)


def _paid_before(session: Session, ordered: Ordered, told: Transaction, now: datetime) -> str:
    order = ordered.order
    if order.transaction_id == told.transaction_id:
        return "paid"
    keep_trouble(
        session, "second_payment", order.number, "同一张单付了两次，第二笔没有入账，请核对后退款。", order=order,
        transaction_id=told.transaction_id, fen=told.total, now=now,
    )  # fmt: skip
    return "not_posted"


def _post(session: Session, ordered: Ordered, told: Transaction, now: datetime) -> str:
    order = ordered.order
    late = order.state == "closed"
    former = _left_meanwhile(session, order, now) if late else None
    try:
        posted = put(session, ordered, told, late=late, former=former, now=now)
    except AlreadyDone:
        keep_trouble(
            session, "not_posted", order.number, "这个微信支付单号已经记在别的单上。", order=order,
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
        return "not_posted"
    is_paid(session, order, posted.payment, told.transaction_id, now)
    if may_be_written_to(order, told):
        _open_window(session, order.account, payer_of(order, told), now)
    outbox.put_each(session, finish(session, ordered, told, posted, late=late, now=now), now)
    return "paid"


def _left_meanwhile(session: Session, order: OnlineOrder, now: datetime) -> int | None:
    """Whoever was to pay has sold the home since, and still owes that much: it is their money for their debt."""
    owner = owner_at(session, order.home_id, order.made_at)
    if owner is None:
        return None
    lines = open_bills_of(session, [order.home_id], former=owner.id)
    owed = sum(line.open + accrued(session, line.bill, now.date()) for line in lines)
    return owner.id if owed >= order.fen else None


def _open_window(session: Session, account: str, openid: str, now: datetime) -> None:
    """Whoever pays may be written to for two days."""
    open_by(conversations.lock(session, account, openid, now, windows=_begun(now)), "payment", now)


def _begun(now: datetime) -> dict[str, Any]:
    return opened({}, "payment", int(now.timestamp()))
