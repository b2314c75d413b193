"""Rows for imports: each file from its upload to its undoing, and what the books held before."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id

_ON_THE_BOOKS = sa.text("state IN ('done', 'undoing')")
_TO_BE_DONE = sa.text("state IN ('waiting', 'agreed', 'undoing')")


class Import(Base):
    """One file somebody brought. `state`: see states.py. Whoever works on it holds it until `held_until`."""

    __tablename__ = "imports"
    __table_args__ = (
        # The same bytes are on the books of a compound once.
        sa.Index(
            "uq_imports_on_the_books",
            "community_id",
            "kind",
            "sha256",
            unique=True,
            sqlite_where=_ON_THE_BOOKS,
            postgresql_where=_ON_THE_BOOKS,
        ),
        sa.Index("ix_imports_to_be_done", "id", sqlite_where=_TO_BE_DONE, postgresql_where=_TO_BE_DONE),
        sa.Index("ix_imports_company", "company_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))  # homes, residents
    name: Mapped[str] = mapped_column(sa.String(200))  # what the file was called
    sha256: Mapped[str] = mapped_column(sa.String(64))
    file: Mapped[str] = mapped_column(sa.String(64), default="")  # its name in our folder; "" when it is not kept
    state: Mapped[str] = mapped_column(sa.String(8))
    by: Mapped[str] = mapped_column(sa.String(64))  # as the audit names them
    by_name: Mapped[str] = mapped_column(sa.String(32), default="")
    source: Mapped[str] = mapped_column(sa.String(16))  # web, command
    created_at: Mapped[datetime]
    written_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(sa.String(64), default="")
    worker: Mapped[str] = mapped_column(sa.String(32), default="")
    held_until: Mapped[datetime | None]
    share: Mapped[int] = mapped_column(default=0)  # per cent of the file that was read
    rows: Mapped[int] = mapped_column(default=0)  # homes and people read so far
    found: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)  # see findings.py; phones are masked
    trouble: Mapped[str] = mapped_column(sa.Text, default="")  # why it could not be read, written or undone


class ImportChange(Base):
    """What an import changed in a row that was there before it. What it added carries its number instead."""

    __tablename__ = "import_changes"
    __table_args__ = (sa.Index("ix_import_changes_row", "table_name", "row_id"),)

    import_id: Mapped[int] = mapped_column(sa.ForeignKey("imports.id"), primary_key=True)
    table_name: Mapped[str] = mapped_column(sa.String(16), primary_key=True)  # homes, people, residents
    row_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    before: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    after: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
