"""`export worker-figures`: a quarter of everybody's work, each share with what it is a share of."""

from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import click
from sqlalchemy.orm import Session

from models.workorders.figures import Share, two_decimals
from models.workorders.quarters import Quarter, quarter_at, quarter_in
from models.workorders.worker_figures import figures_by_worker

_SHARES = ("finished", "response", "arrive", "finish", "fixed_at_once", "good", "rated")

COLUMNS = (
    "company", "quarter", "worker",
    *(f"{name}_{part}" for name in _SHARES for part in ("part", "whole", "percent")),
    "median_hours", "p90_hours", "satisfaction", "load", "urgent", "outside", "storm", "reopened_not_theirs",
)  # fmt: skip


def quarter_named(said: str | None, now: datetime) -> Quarter:
    """The quarter that runs, unless another one is named. Raises ClickException for what is none."""
    if not said:
        return quarter_at(now)
    try:
        found, rest = quarter_in(said, now)
    except ValueError:
        found, rest = None, said
    if found is None or rest:
        raise click.ClickException(f"{said} is no quarter: write it like 2026Q1")
    return found


def figure_rows(
    session: Session, company: Any, quarter: Quarter, now: datetime, communities: Collection[int] | None
) -> Iterator[tuple[Any, ...]]:
    for one in figures_by_worker(session, company.id, quarter, now=now, communities=communities):
        figures = one.figures
        shares = (
            figures.finished,
            *(figures.in_time[name] for name in ("response", "arrive", "finish")),
            figures.fixed_at_once,
            figures.good,
            figures.rated,
        )
        yield (
            company.name,
            str(quarter),
            one.name,
            *(value for share in shares for value in _cells(share)),
            _hours(figures.median_seconds),
            _hours(figures.p90_seconds),
            _decimal(figures.satisfaction),
            Decimal(int(figures.load * 2)) / 2,
            figures.urgent,
            figures.outside,
            figures.storm,
            figures.reopened_not_theirs,
        )


def _cells(share: Share) -> tuple[int, int, Decimal | None]:
    return share.part, share.whole, _decimal(Fraction(100 * share.part, share.whole)) if share.whole else None


def _hours(seconds: Fraction | int | None) -> Decimal | None:
    return None if seconds is None else _decimal(Fraction(seconds, 3600))


def _decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(two_decimals(value))
