"""对账 with rows: which days are due, what we know of a day, what was found, and closing it with a reason.

Nothing here calls WeChat: the job downloads, and says what came. A day may be compared as often as one likes: what people have
closed stays closed, and what has come right meanwhile is closed by itself.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.db import SHANGHAI, insert_or_ignore
from models.errors import AlreadyDone, NotFound, Refusal
from models.payments.online_tables import OnlineOrder, OnlineRefund
from models.payments.reconcile import Books, Found, OurRefund, Ours, compare
from models.payments.reconcile_tables import Difference, StatementDay, StatementMatch
from models.payments.tables import Payment, Refund
from models.payments.trade_bill import Statement, sums_of

OUT_AT = time(10)  # of the day after: WeChat's statements are there by then
BACK_DAYS = 60  # WeChat keeps them for three months
_NEAR_MIDNIGHT = timedelta(minutes=15)  # a refund agreed just before midnight is sent after it
_AT_ONCE = 500
RIGHT_NOW = "重新核对后已经相符"


def due_days(session: Session, merchant: str, now: datetime) -> list[StatementDay]:
    """The days whose statement should be there and was not compared yet, the oldest first; makes their rows.

    A day that failed is tried again after ten minutes, then twice that, at most every two hours.
    """
    first = session.execute(
        sa.select(OnlineOrder.made_at, OnlineOrder.company_id).order_by(OnlineOrder.id).limit(1)
    ).first()
    if first is None:
        return []
    local = now.astimezone(SHANGHAI)
    last = local.date() - timedelta(days=1 if local.time() >= OUT_AT else 2)
    day = max(first.made_at.astimezone(SHANGHAI).date(), last - timedelta(days=BACK_DAYS))
    known = set(
        session.scalars(sa.select(StatementDay.day).where(StatementDay.merchant == merchant, StatementDay.day >= day))
    )
    while day <= last:
        if day not in known:
            row = {"company_id": first.company_id, "merchant": merchant, "day": day, "state": "waiting"}
            insert_or_ignore(session, StatementDay, row)
        day += timedelta(days=1)
    waiting = session.scalars(
        sa.select(StatementDay)
        .where(StatementDay.merchant == merchant, StatementDay.state == "waiting")
        .order_by(StatementDay.day)
    )
    return [one for one in waiting if _may_try(one, now)]


def _may_try(day: StatementDay, now: datetime) -> bool:
    rest = min(timedelta(minutes=10) * 2 ** min(day.tries - 1, 5), timedelta(hours=2)) if day.tries else timedelta()
    return day.looked_at is None or now - day.looked_at >= rest


def failed(session: Session, day: StatementDay, why: str, *, now: datetime) -> None:
    """The statement could not be had or read: the day stays open, and says so."""
    day.tries += 1
    day.trouble = why[:120]
    day.looked_at = now


def compare_day(session: Session, day: StatementDay, statement: Statement | None, *, now: datetime) -> list[Difference]:
    """Hold a day's statement against the books (None: WeChat says there were no trades); returns what is open now."""
    books = _books(session, day, statement)
    found = compare(statement, books)
    communities = _communities(session, [one.number for one in found])
    for one in found:
        insert_or_ignore(session, Difference, _row(day, one, communities.get(one.number), now))
    _close_what_came_right(session, day, {(one.what, one.number, one.transaction_id) for one in found}, now)
    trades = statement.trades if statement else ()
    named = {trade.refund_number or trade.number for trade in trades}
    for number in sorted(named & {*books.orders, *books.refunds}):
        insert_or_ignore(session, StatementMatch, {"number": number, "day": day.day})
    sums = sums_of(trades)
    day.state = "empty" if statement is None else "done"
    day.trouble, day.looked_at = "", now
    day.trades, day.fen, day.refunded, day.fees = sums.count, sums.ordered, sums.refunded, sums.fees or 0
    day.tries += 1
    session.flush()
    return list(session.scalars(sa.select(Difference).where(*_of_day(day), Difference.closed_at.is_(None))))


def _row(day: StatementDay, one: Found, community: int | None, now: datetime) -> dict[str, object]:
    return {
        "company_id": day.company_id, "community_id": community, "day": day.day, "channel": "wechat", "what": one.what,
        "number": one.number, "transaction_id": one.transaction_id, "theirs": one.theirs, "ours": one.ours,
        "found_at": now, "closed_at": None, "closed_by": "", "reason": "",
    }  # fmt: skip


def _of_day(day: StatementDay) -> tuple[sa.ColumnElement[bool], ...]:
    return (Difference.company_id == day.company_id, Difference.day == day.day, Difference.channel == "wechat")


def _close_what_came_right(
    session: Session, day: StatementDay, still: Collection[tuple[str, str, str]], now: datetime
) -> None:
    rows = session.scalars(sa.select(Difference).where(*_of_day(day), Difference.closed_at.is_(None))).all()
    for row in rows:
        if (row.what, row.number, row.transaction_id) not in still:
            row.closed_at, row.closed_by, row.reason = now, "system", RIGHT_NOW
    session.flush()


def _books(session: Session, day: StatementDay, statement: Statement | None) -> Books:
    """What we know of everything the statement names, and what it should name."""
    trades = statement.trades if statement else ()
    begun = datetime.combine(day.day, time(), SHANGHAI)
    ended = begun + timedelta(days=1)
    due = _due(
        session, sa.and_(OnlineOrder.company_id == day.company_id, Payment.at >= begun, Payment.at < ended), day.day
    )
    due_refunds = _due_refunds(session, day, begun - _NEAR_MIDNIGHT, ended - _NEAR_MIDNIGHT)
    named = sorted({trade.number for trade in trades if not trade.is_refund} | set(due))
    named_refunds = sorted({trade.refund_number for trade in trades if trade.is_refund} | set(due_refunds))
    return Books(day.merchant, _orders(session, named), _refunds(session, named_refunds), due, due_refunds)


def _due(session: Session, which: sa.ColumnElement[bool], day: date) -> list[str]:
    """Payments of that day that no statement of another day had."""
    matched = sa.exists().where(StatementMatch.number == OnlineOrder.number, StatementMatch.day != day)
    query = sa.select(OnlineOrder.number).join(Payment, Payment.id == OnlineOrder.payment_id).where(which, ~matched)
    return list(session.scalars(query.order_by(OnlineOrder.id)))


def _due_refunds(session: Session, day: StatementDay, begun: datetime, ended: datetime) -> list[str]:
    matched = sa.exists().where(StatementMatch.number == OnlineRefund.number, StatementMatch.day != day.day)
    query = (
        sa.select(OnlineRefund.number)
        .join(Refund, Refund.number == OnlineRefund.number)
        .where(
            OnlineRefund.company_id == day.company_id,
            OnlineRefund.state.in_(("done", "under_way")),
            Refund.at >= begun,
            Refund.at < ended,
            ~matched,
        )
    )
    return list(session.scalars(query.order_by(OnlineRefund.id)))


def _orders(session: Session, numbers: Sequence[str]) -> dict[str, Ours]:
    known: dict[str, Ours] = {}
    for some in _slices(numbers):
        rows = session.execute(
            sa.select(OnlineOrder.number, OnlineOrder.transaction_id, OnlineOrder.fen, OnlineOrder.payment_id).where(
                OnlineOrder.number.in_(some)
            )
        )
        known |= {
            row.number: Ours(row.number, row.transaction_id or "", row.fen, row.payment_id is not None) for row in rows
        }
    return known


def _refunds(session: Session, numbers: Sequence[str]) -> dict[str, OurRefund]:
    known: dict[str, OurRefund] = {}
    for some in _slices(numbers):
        rows = session.execute(
            sa.select(OnlineRefund.number, OnlineRefund.fen, OnlineRefund.state).where(OnlineRefund.number.in_(some))
        )
        known |= {
            row.number: OurRefund(row.number, row.fen, row.state in ("agreed", "under_way", "done")) for row in rows
        }
    return known


def _slices(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    return (numbers[place : place + _AT_ONCE] for place in range(0, len(numbers), _AT_ONCE))


def _communities(session: Session, numbers: Sequence[str]) -> Mapping[str, int]:
    orders = sa.select(OnlineOrder.number, OnlineOrder.community_id).where(OnlineOrder.number.in_(numbers))
    refunds = sa.select(OnlineRefund.number, OnlineRefund.community_id).where(OnlineRefund.number.in_(numbers))
    return {number: community for query in (orders, refunds) for number, community in session.execute(query)}


def unposted(session: Session) -> list[tuple[int, str]]:
    """掉单 that are open: (difference, order number). Whoever asks WeChat about the order may post it by the usual way."""
    rows = session.execute(
        sa.select(Difference.id, Difference.number)
        .where(Difference.what == "not_posted", Difference.closed_at.is_(None))
        .order_by(Difference.id)
    )
    return [(number, order) for number, order in rows]


def posted_after_all(session: Session, difference_id: int, *, now: datetime) -> None:
    """The order that was missing is in the books now."""
    row = session.get_one(Difference, difference_id)
    if row.closed_at is None:
        _close(session, row, "查到微信已付款，已补记入账", by="system", now=now)


# --- people -----------------------------------------------------------------------------------------------------------


def in_scope(company_id: int, communities: Collection[int] | None) -> tuple[sa.ColumnElement[bool], ...]:
    """The differences somebody may see: `communities` is None for whoever looks after all."""
    ours = Difference.company_id == company_id
    if communities is None:
        return (ours,)
    return (ours, sa.or_(Difference.community_id.in_(communities), Difference.community_id.is_(None)))


def open_differences(
    session: Session, company_id: int, communities: Collection[int] | None, *, limit: int = 20
) -> Sequence[Difference]:
    return session.scalars(
        sa.select(Difference)
        .where(*in_scope(company_id, communities), Difference.closed_at.is_(None))
        .order_by(Difference.day, Difference.id)
        .limit(limit)
    ).all()


def days_of(session: Session, company_id: int, since: date) -> Sequence[StatementDay]:
    return session.scalars(
        sa.select(StatementDay)
        .where(StatementDay.company_id == company_id, StatementDay.day >= since)
        .order_by(StatementDay.day)
    ).all()


def close_difference(
    session: Session,
    number: int,
    reason: str,
    *,
    company_id: int,
    communities: Collection[int] | None,
    by: str,
    now: datetime,
) -> Difference:
    """Raises NotFound for what this person may not see, AlreadyDone when it is closed, Refusal without a reason."""
    row = session.scalars(
        sa.select(Difference).where(Difference.id == number, *in_scope(company_id, communities))
    ).one_or_none()
    if row is None:
        raise NotFound(f"没有编号 {number} 的对账差异。")
    if len(reason.strip()) < 2:
        raise Refusal("请写上原因，比如「对账 3 已退款给业主」。")
    if row.closed_at is not None:
        raise AlreadyDone(f"编号 {number} 已经处理过了：{row.reason}。")
    return _close(session, row, reason.strip(), by=by, now=now)


def _close(session: Session, row: Difference, reason: str, *, by: str, now: datetime) -> Difference:
    closed = session.execute(
        sa.update(Difference)
        .where(Difference.id == row.id, Difference.closed_at.is_(None))
        .values(closed_at=now, closed_by=by, reason=reason[:100])
        .returning(Difference.id)
        .execution_options(synchronize_session=False)
    ).first()
    if closed is None:
        raise AlreadyDone(f"编号 {row.id} 刚刚已经处理过了。")
    session.refresh(row)
    record(
        session, at=now, actor=by, action="difference.close", subject=f"difference:{row.id}", source="system",
        company_id=row.company_id, details={"what": row.what, "reason": reason[:100]},
    )  # fmt: skip
    return row


def still_open(
    session: Session, company_id: int, communities: Collection[int], first: date, last: date
) -> Iterator[str]:
    """Why a month cannot be closed yet, in words."""
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(Difference)
        .where(*in_scope(company_id, communities), Difference.closed_at.is_(None), Difference.day.between(first, last))
    )
    if count:
        yield f"还有{count}条对账差异没有处理，回复「对账」查看"
    days = session.scalars(
        sa.select(StatementDay.day)
        .where(
            StatementDay.company_id == company_id,
            StatementDay.state == "waiting",
            StatementDay.day.between(first, last),
        )
        .order_by(StatementDay.day)
    ).all()
    if days:
        yield f"{days[0]:%m-%d}等{len(days)}天的微信账单还没有对上"
