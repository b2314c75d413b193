"""What about money somebody should look at (domain rules 5.5): the cashier every day, the manager on Mondays and when it is bad."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.collection import current_rate
from models.billing.cycles import months_later
from models.billing.tables import Bill
from models.db import SHANGHAI
from models.dunning.evidence import running_out_of_time
from models.dunning.queries import Late, late_homes, rules_of
from models.dunning.steps import FIRST, LAWYER, LETTER, SECOND, months_since
from models.estate.tables import Community
from models.messaging import outbox
from models.money import percent, shown
from models.payments.queries import takings_at
from models.payments.tables import Payment, Refund
from models.people.tables import Staff, StaffArea

OLD_MONTHS, LARGE = 12, 500_000  # fen
DROP = Fraction(10, 100)
REFUND_LARGE, REFUNDS_A_DAY = 50_000, 3
NAMED = 8
ASK = {"manager": "看名单回复「欠费」，要催回复「催缴」。", "cashier": "看名单回复「欠费」。"}
MONDAY = 0


@dataclass(frozen=True)
class _Reader:
    """`communities` is None for the whole company."""

    account: str
    openid: str
    role: str
    communities: frozenset[int] | None

    def sees(self, community_id: int) -> bool:
        return self.communities is None or community_id in self.communities


def tell(session: Session, company_id: int, *, now: datetime) -> int:
    """One message a day at most for each of the office; returns how many were told."""
    today = now.astimezone(SHANGHAI).date()
    ours = sa.select(Community.id, Community.name).where(Community.company_id == company_id)
    communities = {number: name for number, name in session.execute(ours)}
    late = late_homes(session, list(communities), rules_of(session, company_id), now) if communities else []
    old = running_out_of_time(session, late, today) if today.weekday() == MONDAY else []
    told = 0
    for reader in _readers(session, company_id):
        mine = [number for number in communities if reader.sees(number)]
        theirs = [one for one in late if reader.sees(one.home.community_id)]
        lines = _for_the_cashier(theirs, today) if reader.role == "cashier" else []
        if reader.role == "manager":
            lines = _for_the_manager(session, mine, communities, theirs, old, today)
        if lines:
            told += outbox.put(
                session, account=reader.account, openid=reader.openid, kind="money_to_look_at",
                data={"title": f"{today:%m-%d} 收费提醒", "lines": lines, "ask": ASK[reader.role]},
                dedupe_key=today.isoformat(), now=now,
            )  # fmt: skip
    return told


def _for_the_cashier(late: Sequence[Late], today: date) -> list[str]:
    """Once a day, as a sum and a few names: never a message a home."""
    those = [one for one in late if (today - one.due).days >= 3]
    if not those:
        return []
    worst = sorted(those, key=lambda one: -one.fen)[:NAMED]
    return [
        f"过期3天以上没交的 {len(those)}户，{shown(sum(one.fen for one in those))}：",
        *(f"· {one.label} {shown(one.fen)}" for one in worst),
    ]


def _for_the_manager(
    session: Session,
    mine: Collection[int],
    names: dict[int, str],
    late: Sequence[Late],
    old: Sequence[Late],
    today: date,
) -> list[str]:
    lines = [line for number in mine for line in _drop(session, number, names[number], today)]
    lines += refunds_to_look_at(session, mine, today - timedelta(days=1))
    if today.weekday() != MONDAY:
        return lines
    long = [one for one in late if months_since(one.due, today) >= OLD_MONTHS or one.fen > LARGE]
    seen = {one.home.id for one in late}
    gone = [one for one in old if one.home.id in seen]
    groups = (
        ("欠费超过12个月或5,000元的", long),
        ("30个月没有催缴凭据、快过诉讼时效的", gone),
        ("可以发提醒的", [one for one in late if _is_at(one, FIRST, SECOND)]),
        ("该出催款函的", [one for one in late if _is_at(one, LETTER)]),
        ("该准备律师材料的", [one for one in late if _is_at(one, LAWYER)]),
    )
    return lines + [
        f"· {words} {len(those)}户，{shown(sum(one.fen for one in those))}" for words, those in groups if those
    ]


def _is_at(one: Late, *steps: int) -> bool:
    return one.step is not None and one.step.number in steps and not one.stops and one.rested


def _drop(session: Session, community_id: int, name: str, today: date) -> list[str]:
    """The rate of this month beside that of last month on the same day."""
    period = f"{today:%Y-%m}"
    before = months_later(today.replace(day=1), -1)
    same_day = min(today.day, (months_later(before, 1) - before).days)
    now_rate = current_rate(takings_at(session, [community_id], period, today))
    then = current_rate(takings_at(session, [community_id], f"{before:%Y-%m}", before.replace(day=same_day)))
    if now_rate is None or then is None or then - now_rate <= DROP:
        return []
    return [f"· {name} 当期收缴率{percent(now_rate)}，比上月同一天的{percent(then)}低了10个百分点以上"]


def refunds_to_look_at(session: Session, community_ids: Collection[int], day: date) -> list[str]:
    """Refunds of more than 500 yuan, and whoever gave back more than three times in a day."""
    begun = datetime.combine(day, time(), SHANGHAI)
    rows = session.execute(
        sa.select(Refund.by, Refund.fen)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.community_id.in_(community_ids), Refund.at >= begun, Refund.at < begun + timedelta(days=1))
    ).all()
    large = [fen for _, fen in rows if fen > REFUND_LARGE]
    lines = [f"· 昨天退款超过500元的 {len(large)}笔，{shown(sum(large))}"] if large else []
    by: dict[str, int] = {}
    for who, _ in rows:
        by[who] = by.get(who, 0) + 1
    busy = {who: count for who, count in by.items() if count > REFUNDS_A_DAY}
    names = _names(session, busy)
    return lines + [f"· 昨天{names.get(who, who)}退款{count}笔，超过{REFUNDS_A_DAY}笔" for who, count in busy.items()]


def _names(session: Session, people: Collection[str]) -> dict[str, str]:
    """Staff as the log calls them (staff:7) → their names."""
    numbers = [int(who.removeprefix("staff:")) for who in people if who.startswith("staff:")]
    rows = session.execute(sa.select(Staff.id, Staff.name).where(Staff.id.in_(numbers)))
    return {f"staff:{number}": name for number, name in rows}


def _readers(session: Session, company_id: int) -> list[_Reader]:
    rows = session.execute(
        sa.select(Staff.id, Staff.account, Staff.openid, Staff.role, StaffArea.community_id)
        .outerjoin(StaffArea, StaffArea.staff_id == Staff.id)
        .where(
            Staff.company_id == company_id,
            Staff.role.in_(("manager", "cashier")),
            Staff.openid.is_not(None),
            Staff.left_at.is_(None),
        )
        .order_by(Staff.id)
    ).all()
    areas: dict[int, set[int]] = {}
    for row in rows:
        areas.setdefault(row.id, set()).update([] if row.community_id is None else [row.community_id])
    people = dict.fromkeys((row.id, row.account, row.openid, row.role) for row in rows)
    return [
        _Reader(account or "", openid or "", role, frozenset(areas[number]) or None)
        for number, account, openid, role in people
    ]


def companies_that_bill(session: Session) -> Sequence[int]:
    return session.scalars(
        sa.select(Community.company_id)
        .where(sa.exists().where(Bill.community_id == Community.id, Bill.state == "posted", Bill.paid < Bill.amount))
        .distinct()
        .order_by(Community.company_id)
    ).all()
