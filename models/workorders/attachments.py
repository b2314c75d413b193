"""What people send along with an order: pictures, recordings, a place on the map, more words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.media.queue import mark_attached
from models.workorders.tables import Attachment

REPORT, WORK, DONE = "report", "work", "done"


@dataclass(frozen=True)
class Sent:
    """One thing sent. `kind`: image, voice, video, location or text; `latitude` and `longitude` are decimal degrees as sent."""

    kind: str
    media_id: str = ""
    medium_id: int | None = None  # the row of the file to come (models/media); None for what has no file
    text: str = ""
    latitude: str = ""
    longitude: str = ""


def attach(session: Session, order_id: int, sent: Iterable[Sent], *, stage: str, by: str, now: datetime) -> None:
    """Add them to the order. `stage`: report (what is wrong), work (on the way to the repair) or done (the result)."""
    sent = list(sent)
    mark_attached(session, [one.medium_id for one in sent if one.medium_id is not None])
    session.add_all(
        Attachment(
            order_id=order_id,
            kind=one.kind,
            stage=stage,
            media_id=one.media_id,
            medium_id=one.medium_id,
            text=one.text,
            latitude=one.latitude,
            longitude=one.longitude,
            by=by,
            at=now,
        )
        for one in sent
    )


def has_work_photo(session: Session, order_id: int) -> bool:
    """Whether the worker has sent a picture for this order since it was last taken up."""
    found = session.execute(
        sa.select(Attachment.id)
        .where(Attachment.order_id == order_id, Attachment.kind == "image", Attachment.stage.in_((WORK, DONE)))
        .limit(1)
    ).first()
    return found is not None
