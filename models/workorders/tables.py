"""Rows for repairs."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id


class Category(Base):
    """A company's own version of one kind of trouble (defaults: `categories.py`). `code` is the Chinese word people use."""

    __tablename__ = "order_categories"

    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    trade: Mapped[str] = mapped_column(sa.String(8))
    scope: Mapped[str] = mapped_column(sa.String(8))  # public, inside, mixed
    priority: Mapped[str] = mapped_column(sa.String(2))
    answer: Mapped[str] = mapped_column(sa.Text, default="")  # who is responsible, as told to the owner
    active: Mapped[bool] = mapped_column(default=True)


class WorkOrder(Base):
    """工单. `id` is the number people say (#1024). Moments are None until reached."""

    __tablename__ = "work_orders"
    __table_args__ = (
        sa.Index("ix_work_orders_open", "community_id", "state"),
        sa.Index("ix_work_orders_staff", "staff_id", "state"),
        sa.Index("ix_work_orders_home", "home_id", "created_at"),
        sa.Index("ix_work_orders_reporter", "account", "openid"),
        sa.Index("ix_work_orders_state", "state", "moved_at"),
        sa.Index("ix_work_orders_merged_into", "merged_into"),
        sa.Index("ix_work_orders_place", "place_id", "state"),
        sa.Index("ix_work_orders_reporter_person", "reporter_id"),
        sa.Index("ix_work_orders_created", "company_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int | None] = mapped_column(sa.ForeignKey("homes.id"))
    place_id: Mapped[int | None] = mapped_column(sa.ForeignKey("places.id"))  # the public place, if it is on the books
    place: Mapped[str] = mapped_column(sa.String(64), default="")  # 厨房, or the public place in words
    category: Mapped[str] = mapped_column(sa.String(8))
    trade: Mapped[str] = mapped_column(sa.String(8))
    public: Mapped[bool] = mapped_column(default=False)  # a public part: needs a photo when done
    priority: Mapped[str] = mapped_column(sa.String(2))
    danger: Mapped[bool] = mapped_column(default=False)  # P0 for public safety: the reporter cannot cancel it
    problem: Mapped[str] = mapped_column(sa.Text)  # the reporter's own words
    state: Mapped[str] = mapped_column(sa.String(12))
    state_before_pause: Mapped[str] = mapped_column(sa.String(12), default="")
    source: Mapped[str] = mapped_column(sa.String(12))  # chat, behalf, web, demo
    account: Mapped[str | None] = mapped_column(sa.String(64))  # the WeChat that hears of it; gone when they unfollow
    openid: Mapped[str | None] = mapped_column(sa.String(64))
    reporter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    reporter_name: Mapped[str] = mapped_column(sa.String(64), default="")
    reporter_phone: Mapped[str] = mapped_column(sa.String(20), default="")
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    appointment: Mapped[str] = mapped_column(sa.String(64), default="")  # in the person's own words
    appointment_ends: Mapped[datetime | None]  # the end of the slot, when the words name one
    created_at: Mapped[datetime]
    moved_at: Mapped[datetime]  # the last change of state or of hands
    accepted_at: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str] = mapped_column(sa.String(64), default="")
    pause_until: Mapped[datetime | None]
    paused_seconds: Mapped[int] = mapped_column(default=0)
    result: Mapped[str] = mapped_column(sa.Text, default="")
    rating: Mapped[int | None]
    rating_text: Mapped[str] = mapped_column(sa.Text, default="")
    rated_at: Mapped[datetime | None]
    unrated: Mapped[bool] = mapped_column(default=False)  # closed as 未评价: nobody answered within 72 hours
    reopened: Mapped[int] = mapped_column(default=0)
    escalation: Mapped[int] = mapped_column(default=0)
    nudges: Mapped[int] = mapped_column(default=0)  # 催单 that counted: at most one in 30 minutes
    nudged_at: Mapped[datetime | None]
    excluded: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)  # staff who did not take it this time round
    merged_into: Mapped[int | None] = mapped_column(sa.ForeignKey("work_orders.id"))


class OrderEvent(Base):
    """One step of an order: who, when, from, to, why, through what. Only added."""

    __tablename__ = "order_events"
    __table_args__ = (sa.Index("ix_order_events_order", "order_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("work_orders.id"))
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(sa.String(16))
    from_state: Mapped[str] = mapped_column(sa.String(12))
    to_state: Mapped[str] = mapped_column(sa.String(12))
    actor_role: Mapped[str] = mapped_column(sa.String(12))
    actor: Mapped[str] = mapped_column(sa.String(64))
    staff_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("staff.id")
    )  # whom it concerns: taker, receiver, excluded
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    source: Mapped[str] = mapped_column(sa.String(12))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


class OrderFollower(Base):
    """Somebody who did not report it and wants to hear how it goes on. Only for orders at a public place."""

    __tablename__ = "order_followers"
    __table_args__ = (sa.Index("ix_order_followers_who", "account", "openid"),)

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("work_orders.id"), primary_key=True)
    account: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    openid: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    since: Mapped[datetime]


class FollowUp(Base):
    """后续: what the office still has to do about an order. `kind`: low_rating, visit or repeat_fault (`follow_up.py`).

    Open while `done_at` is None. `subject` makes it once: the step it follows from, or the place, the kind of trouble and
    how often that has been looked into before. `result` is how it ended: a result of a visit, 返修 or 查明.
    """

    __tablename__ = "order_follow_ups"
    __table_args__ = (
        sa.Index("ix_order_follow_ups_open", "community_id", "done_at", "due_at"),
        sa.Index("ix_order_follow_ups_order", "order_id", "done_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(160), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("work_orders.id"))
    stars: Mapped[int | None]
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)  # of a repeat fault: its orders
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    calls: Mapped[int] = mapped_column(default=0)  # how often nobody answered
    called_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(sa.String(8), default="")
    note: Mapped[str] = mapped_column(sa.Text, default="")
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class Attachment(Base):
    """What somebody sent along: a picture, a voice message, a place on the map, more words."""

    __tablename__ = "order_attachments"
    __table_args__ = (
        sa.Index("ix_order_attachments_order", "order_id"),
        sa.Index("ix_order_attachments_medium", "medium_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("work_orders.id"))
    kind: Mapped[str] = mapped_column(sa.String(8))  # image, voice, video, location, text
    stage: Mapped[str] = mapped_column(sa.String(8))  # report, work, done
    media_id: Mapped[str] = mapped_column(sa.String(200), default="")
    medium_id: Mapped[int | None] = mapped_column(sa.ForeignKey("media.id"))  # the file, for image, voice and video
    text: Mapped[str] = mapped_column(sa.Text, default="")
    latitude: Mapped[str] = mapped_column(sa.String(16), default="")  # decimal degrees as sent
    longitude: Mapped[str] = mapped_column(sa.String(16), default="")
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]


class OrderClock(Base):
    """How the clocks of an open order stood when somebody looked last; made and kept by the job that watches them.

    `moved_at` and `priority` are the order's as they were then: when they differ, it is looked at again. `next_look_at` is
    None when only a step of the order can change anything. The deadlines move while a pause lasts.
    """

    __tablename__ = "order_clocks"
    __table_args__ = (sa.Index("ix_order_clocks_next_look_at", "next_look_at"),)

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("work_orders.id"), primary_key=True)
    moved_at: Mapped[datetime]
    priority: Mapped[str] = mapped_column(sa.String(2))
    response_due: Mapped[datetime]
    arrive_due: Mapped[datetime | None]
    finish_due: Mapped[datetime]
    next_look_at: Mapped[datetime | None]


class OrderAlarm(Base):
    """A rung of the ladder that was climbed: whoever puts the row there tells people. `turn`: see sla.Facts."""

    __tablename__ = "order_alarms"

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("work_orders.id"), primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[str] = mapped_column(sa.String(24), primary_key=True)  # response:warn, finish:late, storm:3, …
    at: Mapped[datetime]


class StormMode(Base):
    """暴雨模式 of a compound, or of the whole company (None), from and until."""

    __tablename__ = "storm_modes"
    __table_args__ = (sa.Index("ix_storm_modes_company", "company_id", "ends_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int | None] = mapped_column(sa.ForeignKey("communities.id"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))  # who said so
