"""Rows for messages: in, ongoing, out."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id


class Inbox(Base):
    """Everything WeChat delivered, once. A retry finds the row and gets the same reply."""

    __tablename__ = "inbox"
    __table_args__ = (sa.UniqueConstraint("account", "openid", "key"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account: Mapped[str] = mapped_column(sa.String(64))
    openid: Mapped[str] = mapped_column(sa.String(64))
    key: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(16))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    media_id: Mapped[str] = mapped_column(sa.String(200), default="")
    received_at: Mapped[datetime] = mapped_column(index=True)
    reply: Mapped[str] = mapped_column(sa.Text, default="")


class Conversation(Base):
    """Where one person and the bot are in their talk. The row is locked before it is read.

    `window_left` free messages may still be sent until `window_until` (WeChat's customer-message rule).
    """

    __tablename__ = "conversations"

    account: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    openid: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    frames: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)  # flows under way, the one being talked about last
    misunderstood: Mapped[int] = mapped_column(default=0)  # times in a row
    layout: Mapped[int] = mapped_column(default=1)  # version of what `frames` holds; an unknown one is dropped politely
    turned_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    window_left: Mapped[int] = mapped_column(default=0)
    window_until: Mapped[datetime | None]
    burst_since: Mapped[datetime | None]
    burst_count: Mapped[int] = mapped_column(default=0)


class Outbox(Base):
    """What somebody must hear. Written in the transaction that made it true; sent later, rendered when sent.

    `state`: waiting → claimed (by a sender) → sending → sent | waiting (to be tried again) | failed. What a dead sender left
    in `sending` may have gone out: `repeatable` messages are sent again, the others have failed, and so go at most once.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        sa.UniqueConstraint("dedupe_key"),
        sa.Index("ix_outbox_due", "state", "due_at"),
        sa.Index("ix_outbox_person", "account", "openid"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account: Mapped[str] = mapped_column(sa.String(64))
    openid: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(48))
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    dedupe_key: Mapped[str] = mapped_column(sa.String(160))
    urgent: Mapped[bool] = mapped_column(default=False)
    repeatable: Mapped[bool] = mapped_column(default=True)
    wakes: Mapped[bool] = mapped_column(default=False)  # goes in the quiet hours, too
    state: Mapped[str] = mapped_column(sa.String(12), default="waiting")
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str] = mapped_column(sa.String(64), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    channel: Mapped[str] = mapped_column(sa.String(16), default="")  # customer, template
    platform_id: Mapped[str] = mapped_column(sa.String(32), default="", index=True)  # the template message's msgid
    outcome: Mapped[str] = mapped_column(sa.String(300), default="")  # WeChat's answer or the delivery report, masked


class QuietHours(Base):
    """免打扰 of one official account where it is not the default: the evening and the morning, in minutes since midnight."""

    __tablename__ = "quiet_hours"

    account: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    begins: Mapped[int]
    ends: Mapped[int]


class DeliveryReport(Base):
    """Where our note of having sent a template message and WeChat's report about it meet, whichever comes first.

    `status` is "" until WeChat reports: success, failed:user block, failed: system failed.
    """

    __tablename__ = "delivery_reports"

    account: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    platform_id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    status: Mapped[str] = mapped_column(sa.String(64), default="")
    at: Mapped[datetime] = mapped_column(index=True)
