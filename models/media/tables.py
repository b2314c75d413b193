"""Rows for what was sent along. The bytes lie in a folder beside the database, under `name`."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id

WAITING, KEPT, REFUSED, GONE, REPLACED, FORGOTTEN = "waiting", "kept", "refused", "gone", "replaced", "forgotten"


class Medium(Base):
    """One picture, recording or video, once however often it is sent on.

    `state`: waiting (to be fetched), kept (we have it), refused (it was no such file: `reason`), gone (WeChat had forgotten it),
    replaced (sent again after we asked), forgotten (kept long enough). `name` is random and chosen before the file is fetched,
    so that fetching it twice writes the same file.
    """

    __tablename__ = "media"
    __table_args__ = (
        sa.UniqueConstraint("account", "media_id"),
        sa.Index("ix_media_due", "state", "due_at"),
        sa.Index("ix_media_old", "state", "received_at"),
        sa.Index("ix_media_loose", "attached", "received_at"),
        sa.Index("ix_media_sender", "account", "openid", "state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    account: Mapped[str] = mapped_column(sa.String(64))
    openid: Mapped[str | None] = mapped_column(sa.String(64))  # who sent it; gone when they unfollow
    media_id: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(8))  # image, voice, video
    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    state: Mapped[str] = mapped_column(sa.String(10), default=WAITING)
    attached: Mapped[bool] = mapped_column(default=False)  # something refers to it; what nothing refers to goes soon
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]  # when it may be fetched (again)
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(sa.String(120), default="")
    asked_at: Mapped[datetime | None]  # when the sender was asked to send it again
    content_type: Mapped[str] = mapped_column(sa.String(32), default="")
    size: Mapped[int] = mapped_column(default=0)  # bytes of the file kept
    width: Mapped[int] = mapped_column(default=0)  # pixels; 0 for what is no picture
    height: Mapped[int] = mapped_column(default=0)
    kept_at: Mapped[datetime | None]
