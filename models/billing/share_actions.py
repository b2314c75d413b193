"""A common cost of a month: looked at first, then shared out to the last fen, and billed with the month's run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.allocation import CannotAllocate, Share
from models.billing.bill_rows import insert_new
from models.billing.cycles import months_later
from models.billing.due import first_of
from models.billing.master_loss import Losses, losses_of
from models.billing.share_tables import Pool, PoolShare
from models.billing.shares import BASES, DOUBTFUL, UNITS, Base, Member, Weighed, share_out, weighed
from models.billing.tables import Bill, BillingRun, FeeItem, Tariff
from models.billing.tariffs import item_of
from models.db import savepoint
from models.errors import AlreadyDone, Refusal
from models.estate.place_codes import new_code
from models.estate.tables import Community, Home
from models.money import shown


@dataclass(frozen=True)
class Wanted:
    """A common cost as somebody enters it. Amounts in fen. `homes`: a list of their own instead of a building or entrance."""

    name: str
    amount: int
    period: str
    document: str
    base: Base = "area"
    area_part: int = 0
    building: str = ""
    entrance: str = ""
    homes: frozenset[int] | None = None
    floors: Mapping[str, str] = field(default_factory=dict)
    excluded: int = 0
    excluded_why: str = ""

    @property
    def total(self) -> int:
        return self.amount - self.excluded


@dataclass(frozen=True)
class PoolPlan:
    """Worked out and not written: who takes part with which weight, what each bears, and what somebody should look at."""

    wanted: Wanted
    found: tuple[Weighed, ...]
    shares: tuple[Share, ...]
    facts: dict[str, Any]

    @property
    def paying(self) -> int:
        return sum(bool(share.fen) for share in self.shares)

    @property
    def left_out(self) -> list[Weighed]:
        return [each for each in self.found if not each.weight]


def item_code(name: str) -> str:
    """Which fee item a common cost comes under, by what it is called."""
    if "水" in name:
        return "SHARE_W"
    return "SHARE_E" if any(word in name for word in ("电", "灯", "照明", "能耗")) else "SHARE_O"


def plan_pool(session: Session, community_id: int, wanted: Wanted) -> PoolPlan:
    """Raises Refusal with the reason when it cannot be shared out; nothing is written either way."""
    if wanted.amount <= 0 or wanted.total <= 0 or wanted.excluded < 0:
        raise Refusal("要分的金额要大于0。")
    if not wanted.document.strip():
        raise Refusal("请写明这笔费用的单据，业主要看得到依据。")
    first_of(wanted.period)
    members, floors, losses, unit = _members(session, community_id, wanted)
    try:
        found = weighed(members, wanted.base, area_part=wanted.area_part, floors=floors, unit=unit)
        shares = share_out(wanted.total, found)
    except CannotAllocate as cannot:
        raise Refusal(str(cannot)) from cannot
    facts = {
        "warnings": [*losses.warnings, *_doubts(wanted)],
        "meters": losses.meters,
        "unit": unit or UNITS[wanted.base],
        "whole": str(sum((each.weight for each in found), Fraction(0))),
        "floors": dict(floors),
        "list": wanted.homes is not None,
        "whys": {str(each.member.home_id): each.why for each in found},
    }
    return PoolPlan(wanted, tuple(found), tuple(shares), facts)


def _members(
    session: Session, community_id: int, wanted: Wanted
) -> tuple[list[Member], Mapping[str, str], Losses, str]:
    """Homes and shops of the scope in the order of the houses; a parking space uses neither stairs nor water."""
    query = sa.select(Home).where(Home.community_id == community_id, Home.kind.in_(("home", "shop")))
    if wanted.homes is not None:
        query = query.where(Home.id.in_(wanted.homes))
    if wanted.building:
        query = query.where(Home.building == wanted.building)
    if wanted.entrance:
        query = query.where(Home.entrance == wanted.entrance)
    homes = sorted(session.scalars(query), key=_by_houses)
    if not homes:
        raise Refusal("这个范围里没有住户，请核对楼栋。")
    floors = wanted.floors or _agreed_floors(session, community_id) if wanted.base == "floor" else {}
    if wanted.base == "floor" and not floors:
        raise Refusal("还没有约定楼层系数，不能按楼层分。请先导入电梯费的收费标准，或在表里写楼层系数。")
    losses = Losses()
    if wanted.base == "usage" or "损" in wanted.name:
        losses = losses_of(session, community_id, homes, wanted)
    members = [Member(home.id, home.key, home.area, home.floor, losses.uses.get(home.id)) for home in homes]
    return members, floors, losses, losses.unit


def _by_houses(home: Home) -> tuple[tuple[int, str], ...]:
    """Building, entrance, room, as numbers: 2 before 10."""
    return tuple((len(part), part) for part in (home.building, home.entrance, home.room))


def _agreed_floors(session: Session, community_id: int) -> Mapping[str, str]:
    floors = session.scalar(
        sa.select(Tariff.floors)
        .where(Tariff.community_id == community_id, Tariff.formula == "floor")
        .order_by(Tariff.from_day.desc())
        .limit(1)
    )
    return floors or {}


def _doubts(wanted: Wanted) -> list[str]:
    doubtful = [word for word in DOUBTFUL if word in wanted.name]
    return [f"「{wanted.name}」如果是包干制合同，可能不能向业主分摊，请先核对合同"] if doubtful else []


def keep_pool(session: Session, community: Community, plan: PoolPlan, *, by: str, now: datetime) -> Pool:
    """Write it down with every share. Raises AlreadyDone when the month has this cost for these homes already."""
    wanted = plan.wanted
    item = item_of(session, community.company_id, item_code(wanted.name))
    pool = Pool(
        community_id=community.id, item_id=item.id, period=wanted.period, name=wanted.name[:32], amount=wanted.amount,
        excluded=wanted.excluded, excluded_why=wanted.excluded_why[:100], document=wanted.document[:200], base=wanted.base,
        area_part=wanted.area_part, building=wanted.building, entrance=wanted.entrance, facts=plan.facts, state="open",
        code=new_code(), by=by, at=now,
    )  # fmt: skip
    try:
        with savepoint(session):
            session.add(pool)
            session.flush()
    except sa.exc.IntegrityError as twice:
        raise AlreadyDone(
            f"{wanted.period}的「{wanted.name}」已经登记过了。金额错了，先说「撤销公摊 {wanted.name}」。"
        ) from twice
    session.execute(sa.insert(PoolShare), share_rows(pool.id, plan))
    details = {"period": wanted.period, "name": wanted.name, "fen": wanted.total, "homes": plan.paying}
    _note(session, community.company_id, "pool.keep", pool.id, details, by=by, now=now)
    return pool


def share_rows(pool_id: int, plan: PoolPlan) -> list[dict[str, Any]]:
    return [
        {
            "pool_id": pool_id, "home_id": each.member.home_id, "place": place, "weight": str(each.weight),
            "exact": str(share.exact), "fen": share.fen, "extra": share.extra,
        }
        for place, (each, share) in enumerate(zip(plan.found, plan.shares, strict=True), 1)
    ]  # fmt: skip


def drop_pool(session: Session, pool: Pool, *, company_id: int, by: str, now: datetime) -> None:
    """Take back what has not been billed. Raises Refusal for what has."""
    dropped = session.execute(
        sa.update(Pool)
        .where(Pool.id == pool.id, Pool.state == "open")
        .values(state="dropped")
        .returning(Pool.id)
        .execution_options(synchronize_session=False)
    ).first()
    if dropped is None:
        raise Refusal("这笔公摊已经进了账单，不能撤销；错了的请把账单冲红。")
    _note(session, company_id, "pool.drop", pool.id, {"name": pool.name, "fen": pool.amount}, by=by, now=now)


def pools_waiting(session: Session, community_id: int, period: str) -> Sequence[Pool]:
    """What this month's run takes along: everything of months before it that no run has."""
    return session.scalars(
        sa.select(Pool)
        .where(Pool.community_id == community_id, Pool.state == "open", Pool.period < period)
        .order_by(Pool.id)
    ).all()


def write_shares(session: Session, run: BillingRun) -> int:
    """A draft bill for every share of the pools that wait; returns how many. Each pool goes into one run, whoever else tries."""
    written = 0
    for pool in pools_waiting(session, run.community_id, run.period):
        taken = session.execute(
            sa.update(Pool)
            .where(Pool.id == pool.id, Pool.state == "open")
            .values(state="billed", run_id=run.id)
            .returning(Pool.id)
            .execution_options(synchronize_session=False)
        ).first()
        if taken is not None:
            written += _bill(session, run, pool)
    return written


def _bill(session: Session, run: BillingRun, pool: Pool) -> int:
    rows = session.scalars(sa.select(PoolShare).where(PoolShare.pool_id == pool.id).order_by(PoolShare.place)).all()
    start = first_of(pool.period)
    due_on = months_later(first_of(run.period), 1) - timedelta(days=1)
    paying = sum(bool(Fraction(row.weight)) for row in rows)
    bills = [
        {
            "community_id": run.community_id, "home_id": row.home_id, "item_id": pool.item_id, "tariff_id": None,
            "run_id": run.id, "period": run.period, "start": start, "end": months_later(start, 1) - timedelta(days=1),
            # A thousand numbers each, so that one that is taken back and billed anew never meets another cost of the month.
            "seq": pool.id * 1000, "amount": row.fen, "paid": 0, "due_on": due_on, "state": "draft", "reverses": None,
            "basis": _basis(pool, row, paying),
        }
        for row in rows
        if row.fen
    ]  # fmt: skip
    if insert_new(session, Bill, bills) != len(bills):
        raise RuntimeError(f"pool {pool.id}: a share was billed before")
    return len(bills)


def _basis(pool: Pool, row: PoolShare, homes: int) -> dict[str, Any]:
    return {
        "formula": "share", "name": pool.name, "amount": pool.amount, "excluded": pool.excluded, "homes": homes,
        "by": BASES[pool.base], "weight": row.weight, "whole": pool.facts["whole"], "unit": pool.facts["unit"],
        "exact": row.exact, "extra": row.extra, "code": pool.code,
    }  # fmt: skip


def pools_of(session: Session, community_ids: Sequence[int], period: str) -> list[tuple[Pool, str]]:
    """The month's common costs with their item, of these compounds."""
    rows = session.execute(
        sa.select(Pool, FeeItem.name)
        .join(FeeItem, FeeItem.id == Pool.item_id)
        .where(Pool.community_id.in_(community_ids), Pool.period == period, Pool.state != "dropped")
        .order_by(Pool.community_id, Pool.id)
    )
    return [(pool, name) for pool, name in rows]


def last_of_name(session: Session, community_id: int, name: str) -> Pool | None:
    """How this cost was shared the last time: what was agreed on then holds until somebody says otherwise."""
    return session.scalar(
        sa.select(Pool)
        .where(Pool.community_id == community_id, Pool.name == name, Pool.state != "dropped")
        .order_by(Pool.period.desc(), Pool.id.desc())
        .limit(1)
    )


def words_of_plan(plan: PoolPlan, scope: str) -> list[str]:
    """What a manager looks at before agreeing."""
    wanted = plan.wanted
    lines = [f"{wanted.period} {wanted.name} {shown(wanted.amount)}，{scope}{len(plan.found)}户，{BASES[wanted.base]}"]
    if wanted.excluded:
        lines.append(
            f"不分的{shown(wanted.excluded)}{f'（{wanted.excluded_why}）' if wanted.excluded_why else ''}，要分{shown(wanted.total)}"
        )
    paying = sorted(share.fen for share in plan.shares if share.fen)
    if paying:
        lines.append(
            f"{plan.paying}户来付，每户{shown(paying[0])}到{shown(paying[-1])}，加起来正好{shown(sum(paying))}"
        )
    if plan.left_out:
        few = "、".join(f"{each.member.home}（{each.why}）" for each in plan.left_out[:5])
        lines.append(f"分0元的{len(plan.left_out)}户：{few}{'…' if len(plan.left_out) > 5 else ''}")
    return [*lines, *(f"请注意：{warning}" for warning in plan.facts["warnings"])]


def _note(
    session: Session, company_id: int, action: str, pool_id: int, details: dict[str, Any], *, by: str, now: datetime
) -> None:
    record(
        session, at=now, actor=by, action=action, subject=f"pool:{pool_id}", source="system", company_id=company_id,
        details=details,
    )  # fmt: skip


def month_before(day: date) -> str:
    """The month whose bills come in now."""
    return f"{months_later(day.replace(day=1), -1):%Y-%m}"
