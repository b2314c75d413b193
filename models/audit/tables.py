"""Rows of the log that cannot be rewritten unnoticed."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id


class AuditEntry(Base):
    """One thing that was done. `place` and `digest` are given when the entry is sealed into the chain."""

    __tablename__ = "audit"
    __table_args__ = (
        sa.UniqueConstraint("place"),
        sa.Index(
            "ix_audit_unsealed", "id", sqlite_where=sa.text("place IS NULL"), postgresql_where=sa.text("place IS NULL")
        ),
        sa.Index("ix_audit_subject", "subject"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    company_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(sa.String(64))  # "staff:3", "person:openid-digest", "system", "command"
    action: Mapped[str] = mapped_column(sa.String(48))  # "order.take", "home.bind", "import.homes"
    subject: Mapped[str] = mapped_column(sa.String(64))  # "order:1024"
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    source: Mapped[str] = mapped_column(sa.String(16))  # chat, web, system, command
    place: Mapped[int | None]
    digest: Mapped[str | None] = mapped_column(sa.String(64))
