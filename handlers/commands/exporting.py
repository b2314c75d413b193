"""What an export is: its columns, its rows, and how they are shown to somebody outside."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.workorders.quarters import Quarter

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Export:
    """`community` is the column that says which compound a row belongs to, None if it belongs to none.

    `shown` makes the row as others may see it; or, for what is a rule with a company's changes, several rows of one.
    `quarterly` makes rows of a company, a quarter, the moment it is asked and the compounds that count (None: all).
    """

    columns: tuple[str, ...]
    select: sa.Select[*tuple[Any, ...]]
    shown: Callable[[Any], Row]
    community: Any = None
    expand: Callable[[Session, Any], Iterable[Row]] | None = None
    whole: Callable[[Any], Row] | None = None  # the row with nothing masked; None where nothing is
    quarterly: Callable[[Session, Any, Quarter, datetime, Collection[int] | None], Iterable[Row]] | None = None
