"""From a draft to what owners hear: what is due to be drafted, what the manager is shown, and who is told what they owe."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.publish import Check, totals_of
from models.billing.share_tables import Pool
from models.billing.tables import Bill, BillingRun, Tariff
from models.estate.tables import Community, Home
from models.messaging import outbox
from models.money import shown
from models.people.queries import managers_of
from models.people.rights import MAY
from models.people.tables import Binding


def communities_that_charge(session: Session) -> Sequence[int]:
    """Compounds with a tariff in force, or with a common cost that waits to be billed."""
    charging = sa.select(Tariff.community_id).where(Tariff.until_day.is_(None))
    sharing = sa.select(Pool.community_id).where(Pool.state == "open")
    return sorted(session.scalars(charging.union(sharing)))


def runs_in(session: Session, state: str, community_ids: Collection[int] | None = None) -> Sequence[BillingRun]:
    """Runs that stand there, the oldest first; `community_ids` narrows them to a person's scope."""
    query = sa.select(BillingRun).where(BillingRun.state == state).order_by(BillingRun.period, BillingRun.id)
    if community_ids is not None:
        query = query.where(BillingRun.community_id.in_(community_ids))
    return session.scalars(query).all()


def untold_runs(session: Session) -> Sequence[BillingRun]:
    """Published, and not yet told to everybody."""
    return session.scalars(
        sa.select(BillingRun)
        .where(BillingRun.state == "published", BillingRun.told_at.is_(None))
        .order_by(BillingRun.id)
    ).all()


def tell_managers(session: Session, runs: Sequence[BillingRun], *, now: datetime) -> None:
    """These drafts are ready to be looked at: one message to each manager, with the compounds that are theirs."""
    theirs: dict[tuple[str | None, str | None], list[str]] = {}
    for run in runs:
        community = session.get_one(Community, run.community_id)
        items = totals_of(session, run)  # who is missing is for the clerk who looks at it
        line = f"· {community.name} {sum(item.bills for item in items)}笔 {shown(sum(item.fen for item in items))}"
        for manager in managers_of(session, community.company_id, community.id):
            theirs.setdefault((manager.account, manager.openid), []).append(line)
    for (account, openid), lines in theirs.items():
        outbox.put(
            session, account=account, openid=openid, kind="bills_ready",
            data={"period": runs[0].period, "lines": "\n".join(lines)},
            dedupe_key=f"runs:{runs[0].period}:{runs[0].id}:{runs[0].begun_at:%d%H%M}", now=now,
        )  # fmt: skip


def summary(found: Check) -> str:
    """A run in a few lines: sums beside the month before, who was skipped and why, who pays nothing."""
    lines = [f"· {item.name} {item.bills}户 {shown(item.fen)}{_before(item.before)}" for item in found.items]
    lines.append(f"合计{found.bills}笔，{shown(found.fen)}")
    lines += [f"! {homes}户没有出账：{reason}" for reason, homes in found.skipped.items()]
    lines += [f"! {homes}户没有设{name}，请看看是不是漏了" for name, homes in found.uncharged.items()]
    return "\n".join(lines)


def _before(fen: int | None) -> str:
    return "（上次没有）" if fen is None else f"（上次{shown(fen)}）"


def tell_owners(session: Session, run: BillingRun, *, after: int, limit: int, now: datetime) -> int | None:
    """Promise the news to who is bound to the next homes of a published run; returns the last home, None when all are done."""
    homes = session.execute(
        sa.select(
            Bill.home_id,
            sa.func.sum(Bill.amount),
            sa.func.sum(Bill.amount - Bill.paid),
            sa.func.min(Bill.due_on),
        )
        .where(Bill.run_id == run.id, Bill.state == "posted", Bill.home_id > after, Bill.former_id.is_(None))
        .group_by(Bill.home_id)
        .order_by(Bill.home_id)
        .limit(limit)
    ).all()
    if not homes:
        return None
    who = who_hears(session, [row.home_id for row in homes])
    for home_id, amount, left, due in homes:
        for account, openid, where in who.get(home_id, ()):
            data: dict[str, Any] = {
                "period": run.period,
                "home": where,
                "amount": shown(int(amount)),
                "left": shown(int(left)) if left else "",
                "due": due.isoformat(),
            }
            outbox.put(
                session, account=account, openid=openid, kind="bill_issued", data=data,
                dedupe_key=f"run:{run.id}:{home_id}", now=now,
            )  # fmt: skip
    return int(homes[-1].home_id)


def who_hears(session: Session, home_ids: Collection[int]) -> dict[int, list[tuple[str, str, str]]]:
    """Home → (account, openid, how the home is called) of everybody who may see its bills."""
    rows = session.execute(
        sa.select(Binding.account, Binding.openid, Home, Community.name)
        .join(Home, Home.id == Binding.home_id)
        .join(Community, Community.id == Home.community_id)
        .where(Binding.home_id.in_(home_ids), Binding.relation.in_(sorted(MAY["see_bills"])))
        .order_by(Binding.id)
    )
    found: dict[int, list[tuple[str, str, str]]] = {}
    for account, openid, home, community in rows:
        found.setdefault(home.id, []).append((account, openid, f"{community}{home.label}"))
    return found
