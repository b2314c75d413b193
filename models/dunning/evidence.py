"""What became of each demand: noted from the outbox before it forgets, shown home by home, and when a debt runs out of time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import SHANGHAI
from models.dunning.queries import Late
from models.dunning.steps import running_out
from models.dunning.tables import Demand, DemandSent
from models.messaging.tables import Outbox

AT_ONCE = 500
_ENDED = {"sent": "sent", "told": "sent", "failed": "failed"}


def note_what_was_sent(session: Session) -> int:
    """Copy how the sending ended; returns how many were noted."""
    rows = session.execute(
        sa.select(DemandSent, Outbox.state, Outbox.channel, Outbox.outcome, Outbox.sent_at)
        .join(Outbox, Outbox.dedupe_key == DemandSent.key)
        .where(DemandSent.state == "waiting", Outbox.state.in_(tuple(_ENDED)))
        .order_by(DemandSent.id)
        .limit(AT_ONCE)
    ).all()
    for sent, state, channel, outcome, at in rows:
        sent.state, sent.channel, sent.outcome, sent.at = _ENDED[state], channel, outcome, at
    return len(rows)


@dataclass(frozen=True)
class Proof:
    """A demand with how many it reached, and the code of the first that failed."""

    demand: Demand
    sent: int
    failed: int
    code: str

    @property
    def evidenced(self) -> bool:
        """It can be shown in court: it went out, was opened, or was delivered or noted with its proof."""
        return bool(self.sent or self.demand.opened_at or self.demand.delivered_on)


def proofs_of(
    session: Session, home_ids: Collection[int], *, before: int | None = None, limit: int | None = None
) -> list[Proof]:
    """Every demand on these homes, the newest first; page by page with `before`, the last number of the page before."""
    query = sa.select(Demand).where(Demand.home_id.in_(home_ids)).order_by(Demand.id.desc()).limit(limit)
    demands = session.scalars(query if before is None else query.where(Demand.id < before)).all()
    sendings: dict[int, list[DemandSent]] = {}
    those = sa.select(DemandSent).join(Demand, Demand.id == DemandSent.demand_id).where(Demand.home_id.in_(home_ids))
    if limit is not None:
        those = those.where(Demand.id.in_([demand.id for demand in demands]))
    for sent in session.scalars(those):
        sendings.setdefault(sent.demand_id, []).append(sent)
    found = []
    for demand in demands:
        of_it = sendings.get(demand.id, [])
        failed = [sent for sent in of_it if sent.state == "failed"]
        went = sum(sent.state == "sent" for sent in of_it)
        found.append(Proof(demand, went, len(failed), failed[0].outcome if failed else ""))
    return found


def running_out_of_time(session: Session, late: Sequence[Late], today: date) -> list[Late]:
    """The homes whose debts nobody can prove to have demanded for thirty months. Two statements."""
    old = [one for one in late if running_out(one.due, (), today)]
    if not old:
        return []
    proven: dict[int, list[date]] = {}
    for proof in proofs_of(session, [one.home.id for one in old]):
        if proof.evidenced:
            proven.setdefault(proof.demand.home_id, []).append(_day(proof.demand))
    return [one for one in old if running_out(one.due, proven.get(one.home.id, []), today)]


def _day(demand: Demand) -> date:
    return demand.delivered_on or demand.at.astimezone(SHANGHAI).date()
