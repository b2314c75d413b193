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

    `windows`: the free messages the person may still be sent (grants.py). `unreachable`: WeChat's reason why it does not
    reach this person, until they speak again. `parked`: something waits for them to speak.
    """

    __tablename__ = "conversations"

    account: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    openid: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    frames: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)  # flows under way, the one being talked about last
    misunderstood: Mapped[int] = mapped_column(default=0)  # times in a row
    layout: Mapped[int] = mapped_column(default=1)  # version of what `frames` holds; an unknown one is dropped politely
    turned_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    windows: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    unreachable: Mapped[str] = mapped_column(sa.String(64), default="")
    parked: Mapped[bool] = mapped_column(default=False)
    burst_since: Mapped[datetime | None]
    burst_count: Mapped[int] = mapped_column(default=0)


_UNFINISHED = sa.text("state IN ('waiting', 'parked', 'claimed', 'sending')")


class Outbox(Base):
    """What somebody must hear. Written in the transaction that made it true; sent later, rendered when sent.

    `state`: waiting → sending (taken by a sender) → sent | waiting (to be tried again) | parked (until the person speaks) |
    untold (staff must tell them) → told | failed. What a dead sender left in `sending` may have gone out: `repeatable`
    messages are sent again, the others have failed, and so go at most once.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        sa.UniqueConstraint("dedupe_key"),
        sa.Index("ix_outbox_next", "state", "urgent", "due_at", "id"),
        sa.Index("ix_outbox_person", "account", "openid", "id"),
        # The few rows of a person that still concern the sender, among years of others.
        sa.Index("ix_outbox_unfinished", "account", "openid", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED),
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
    channel: Mapped[str] = mapped_column(sa.String(16), default="")  # a rung of ladder.py, or "hand"
    platform_id: Mapped[str] = mapped_column(sa.String(32), default="", index=True)  # the template message's msgid
    outcome: Mapped[str] = mapped_column(sa.String(300), default="")  # WeChat's answer or the delivery report, masked
    passed: Mapped[str] = mapped_column(
        sa.String(64), default=""
    )  # rungs that said a final no to it, with blanks between
    trail: Mapped[list[Any]] = mapped_column(
        sa.JSON, default=list
    )  # [moment, rung, what became of it] of earlier tries
    sent_with: Mapped[int | None] = mapped_column(Id)  # the message it was joined to
    told_by: Mapped[str] = mapped_column(
        sa.String(64), default=""
    )  # who told the person by hand, as the audit log names them


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


class Consent(Base):
    """How many subscription messages of one template a person still allows. Each yes is good for one."""

    __tablename__ = "consents"

    account: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    openid: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    template_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    left: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str] = mapped_column(sa.String(16), default="")  # the last one: accept, reject, spent, refused
    changed_at: Mapped[datetime]


class ApiBook(Base):
    """When an API may be called (breaker.py), shared by all senders. `api`: a rung, or "template:<name>" for one template."""

    __tablename__ = "api_books"

    account: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    api: Mapped[str] = mapped_column(sa.String(48), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    shut_until: Mapped[datetime | None]
    probing: Mapped[bool] = mapped_column(
        default=False
    )  # after `shut_until` one message asks, the others wait for its answer
    probed_at: Mapped[datetime | None]
    skip: Mapped[bool] = mapped_column(default=False)  # messages take the next rung meanwhile
    why: Mapped[str] = mapped_column(sa.String(200), default="")
    alarmed_at: Mapped[datetime | None]
    day: Mapped[str] = mapped_column(sa.String(10), default="")
    day_used: Mapped[int] = mapped_column(default=0)
    minute: Mapped[str] = mapped_column(sa.String(16), default="")
    minute_used: Mapped[int] = mapped_column(default=0)
