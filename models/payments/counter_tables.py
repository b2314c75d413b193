"""Rows for what is entered at the counter's screen."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base


class CounterEntry(Base):
    """One sheet of the counter's screen that was sent: `key` is what the page was given when it was opened. A second press, a
    reload and the way back send the same key again, and find the payment it was taken with."""

    __tablename__ = "counter_entries"

    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    payment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payments.id"))
