"""月结: closing a month when everything ties and nothing is open, opening it again with a reason, and holding it to its word."""

from collections.abc import Collection, Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.closed_months import ClosedMonth, bounds
from models.db import SHANGHAI, savepoint
from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.tables import Community
from models.payments.month_figures import figures_of, ledger_of
from models.payments.month_ties import Month, broken
from models.payments.online_tables import OnlineOrder
from models.payments.reconcile_tables import StatementDay
from models.payments.reconciling import still_open

REST = timedelta(hours=1)  # whatever began before midnight has ended by then


def preview(session: Session, community: Community, period: str, *, now: datetime) -> Month:
    """The numbers of a month that may be closed. Raises Refusal with all that stands in the way, AlreadyDone if it is closed."""
    if not is_over(period, now):
        raise Refusal(f"{period} 还没有过完，下个月1日凌晨1点以后才能月结。")
    if closed(session, community.id, period) is not None:
        raise AlreadyDone(f"{community.name} {period} 已经月结了。")
    month = figures_of(session, community.id, period)
    why = in_the_way(session, community, period, month)
    if why:
        raise Refusal("\n".join([f"{community.name} {period} 还不能月结：", *(f"· {words}" for words in why)]))
    return month


def is_over(period: str, now: datetime) -> bool:
    """Has the month ended, and what began in it, too?"""
    return now >= bounds(period)[1] + REST


def in_the_way(session: Session, community: Community, period: str, month: Month) -> list[str]:
    """Everything that is open or does not tie, in words; nothing for a month that may be closed."""
    begun, ended = bounds(period)
    first, last = begun.astimezone(SHANGHAI).date(), ended.astimezone(SHANGHAI).date() - timedelta(days=1)
    return [
        *still_open(session, community.company_id, [community.id], first, last),
        *_not_compared(session, community, first, last),
        *broken(month),
    ]


def signed(row: ClosedMonth) -> Month:
    """The numbers a month was closed with."""
    return Month(**{name: value for name, value in row.totals.items() if name != "ledger"})


def closed_since(session: Session, community_ids: Collection[int], first: str) -> set[tuple[int, str]]:
    """(compound, month) of each month from `first` on that is closed."""
    rows = session.execute(
        sa.select(ClosedMonth.community_id, ClosedMonth.period).where(
            ClosedMonth.community_id.in_(community_ids), ClosedMonth.period >= first, ClosedMonth.reopened_at.is_(None)
        )
    )
    return {(community, period) for community, period in rows}


def close(session: Session, community: Community, period: str, *, by: str, now: datetime) -> ClosedMonth:
    """Raises Refusal and AlreadyDone as `preview` does."""
    month = preview(session, community, period, now=now)
    totals = {**asdict(month), "ledger": ledger_of(session, community.id, *bounds(period))}
    row = ClosedMonth(community_id=community.id, period=period, totals=totals, by=by, closed_at=now)
    try:
        with savepoint(session):
            session.add(row)
            session.flush()
    except IntegrityError:
        raise AlreadyDone(f"{community.name} {period} 刚刚已经月结了。") from None
    _note(session, community, "month.close", period, {"closing": month.closing, "came": month.came}, by=by, now=now)
    return row


def reopen(session: Session, community: Community, period: str, reason: str, *, by: str, now: datetime) -> None:
    """Raises NotFound for a month that is not closed, Refusal without a reason or while a later month is closed."""
    row = closed(session, community.id, period)
    if row is None:
        raise NotFound(f"{community.name} {period} 没有月结过。")
    if len(reason.strip()) < 2:
        raise Refusal("请写上为什么要重开。")
    later = session.scalar(
        sa.select(sa.func.max(ClosedMonth.period)).where(
            ClosedMonth.community_id == community.id,
            ClosedMonth.period > period,
            ClosedMonth.reopened_at.is_(None),
        )
    )
    if later is not None:
        raise Refusal(f"后面的 {later} 已经月结了，要先重开 {later}。")
    opened = session.execute(
        sa.update(ClosedMonth)
        .where(ClosedMonth.id == row.id, ClosedMonth.reopened_at.is_(None))
        .values(reopened_at=now, reopened_by=by, reason=reason.strip()[:100])
        .returning(ClosedMonth.id)
        .execution_options(synchronize_session=False)
    ).first()
    if opened is None:
        raise AlreadyDone(f"{community.name} {period} 刚刚已经重开了。")
    session.expire(row)
    _note(session, community, "month.reopen", period, {"reason": reason.strip()[:100]}, by=by, now=now)


def changed_after_closing(session: Session) -> Iterator[str]:
    """A closed month says for ever what it said when it was closed; adds the ledger up anew."""
    for row in session.scalars(
        sa.select(ClosedMonth).where(ClosedMonth.reopened_at.is_(None)).order_by(ClosedMonth.id)
    ):
        now = ledger_of(session, row.community_id, *bounds(row.period))
        if now != row.totals["ledger"]:
            yield f"compound {row.community_id}: {row.period} is closed, and its ledger changed since"


def closed(session: Session, community_id: int, period: str) -> ClosedMonth | None:
    return session.scalars(
        sa.select(ClosedMonth).where(
            ClosedMonth.community_id == community_id, ClosedMonth.period == period, ClosedMonth.reopened_at.is_(None)
        )
    ).one_or_none()


def _not_compared(session: Session, community: Community, first: date, last: date) -> Iterator[str]:
    """Every day since the first order by WeChat must have been compared, also one that nobody has begun with."""
    begun = session.scalar(
        sa.select(sa.func.min(OnlineOrder.made_at)).where(OnlineOrder.company_id == community.company_id)
    )
    if begun is None:
        return
    since = max(first, begun.astimezone(SHANGHAI).date())
    wanted = (last - since).days + 1
    seen = session.scalar(
        sa.select(sa.func.count(sa.distinct(StatementDay.day))).where(StatementDay.day.between(since, last))
    )
    if wanted > 0 and (seen or 0) < wanted:
        yield f"{wanted - (seen or 0)}天的微信账单还没有开始对"


def _note(
    session: Session,
    community: Community,
    action: str,
    period: str,
    details: dict[str, object],
    *,
    by: str,
    now: datetime,
) -> None:
    record(
        session, at=now, actor=by, action=action, subject=f"community:{community.id}", source="system",
        company_id=community.company_id, details={"period": period, **details},
    )  # fmt: skip
