"""The pictures and recordings of orders: who may see them, whom to ask for one again, and when they are forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.media.signs import ENDINGS
from models.media.tables import GONE, KEPT, REFUSED, REPLACED, Medium
from models.messaging import outbox
from models.workorders.actors import Actor
from models.workorders.place import snapshot, view_of
from models.workorders.queries import visible_to
from models.workorders.states import FINAL
from models.workorders.tables import Attachment, WorkOrder

NAMES = {"image": "照片", "voice": "录音", "video": "视频"}


@dataclass(frozen=True)
class Shown:
    """Something sent along, as a page shows it. `medium` is None for words, places and what was never fetched."""

    kind: str
    stage: str
    by: str
    at: datetime
    text: str
    medium: Medium | None

    @property
    def is_kept(self) -> bool:
        return self.medium is not None and self.medium.state == KEPT


def shown_of(session: Session, order_id: int) -> list[Shown]:
    """Everything sent along with an order, from the beginning. One statement."""
    rows = session.execute(
        sa.select(Attachment, Medium)
        .outerjoin(Medium, Medium.id == Attachment.medium_id)
        .where(Attachment.order_id == order_id)
        .order_by(Attachment.id)
    )
    return [Shown(sent.kind, sent.stage, sent.by, sent.at, sent.text, medium) for sent, medium in rows]


def find_medium(session: Session, actor: Actor, name: str) -> tuple[Medium, WorkOrder]:
    """The file and its order, for whoever may see that order. Raises NotFound, the same for all others. One statement."""
    row = session.execute(
        sa.select(Medium, WorkOrder)
        .join(Attachment, Attachment.medium_id == Medium.id)
        .join(WorkOrder, WorkOrder.id == Attachment.order_id)
        .where(Medium.name == name, Medium.state == KEPT, visible_to(actor))
        .limit(1)
    ).first()
    if row is None:
        raise NotFound("没有这个文件。")
    return row[0], row[1]


def files_of(medium: Medium) -> tuple[str, ...]:
    """The names of its files in the store, the whole one first."""
    whole = f"{medium.name}.{ENDINGS.get(medium.content_type, 'jpg')}"
    return (whole, f"{medium.name}.small.jpg") if medium.kind == "image" else (whole,)


def ask_again(session: Session, medium_id: int, why: str, *, now: datetime) -> bool:
    """Ask whoever sent it to send it again: once for each order, as long as the order is open. False if nobody was asked."""
    row = session.execute(
        sa.select(Medium, WorkOrder)
        .join(Attachment, Attachment.medium_id == Medium.id)
        .join(WorkOrder, WorkOrder.id == Attachment.order_id)
        .where(Medium.id == medium_id, WorkOrder.state.not_in(sorted(FINAL)))
        .limit(1)
    ).first()
    if row is None:
        return False
    medium, order = row
    asked = outbox.put(
        session,
        account=medium.account,
        openid=medium.openid,
        kind="photo_wanted",
        data=snapshot(order, view_of(session, order), what=NAMES[medium.kind], why=why),
        dedupe_key=str(order.id),
        now=now,
    )
    medium.asked_at = now
    return asked


def wanted_from(session: Session, account: str, openid: str, kind: str) -> WorkOrder | None:
    """The open order that somebody was asked to send a file of this kind for again: the last one asked about."""
    return session.scalars(
        sa.select(WorkOrder)
        .join(Attachment, Attachment.order_id == WorkOrder.id)
        .join(Medium, Medium.id == Attachment.medium_id)
        .where(*_missing(account, openid, kind), WorkOrder.state.not_in(sorted(FINAL)))
        .order_by(Medium.asked_at.desc())
        .limit(1)
    ).first()


def sent_again(session: Session, order_id: int, account: str, openid: str, kind: str) -> None:
    """What was missing of this order has come."""
    theirs = sa.select(Attachment.medium_id).where(Attachment.order_id == order_id, Attachment.medium_id.is_not(None))
    session.execute(
        sa.update(Medium)
        .where(*_missing(account, openid, kind), Medium.id.in_(theirs))
        .values(state=REPLACED)
        .execution_options(synchronize_session=False)
    )


def _missing(account: str, openid: str, kind: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Medium.account == account,
        Medium.openid == openid,
        Medium.kind == kind,
        Medium.state.in_((GONE, REFUSED)),
        Medium.asked_at.is_not(None),
    )


def kept_too_long(session: Session, before: datetime, limit: int) -> Sequence[Medium]:
    """Files all of whose orders were closed before that moment."""
    still_needed = (
        sa.select(Attachment.id)
        .join(WorkOrder, WorkOrder.id == Attachment.order_id)
        .where(
            Attachment.medium_id == Medium.id,
            sa.or_(WorkOrder.closed_at.is_(None), WorkOrder.closed_at >= before),
        )
    )
    return session.scalars(
        sa.select(Medium)
        .where(Medium.state == KEPT, Medium.received_at < before, Medium.attached, ~still_needed.exists())
        .order_by(Medium.received_at)
        .limit(limit)
    ).all()
