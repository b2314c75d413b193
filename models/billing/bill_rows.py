"""Thousands of drafted rows at once, each of them unless it is there already. What they have in common goes over once."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.billing.meter_tables import BilledUse
from models.billing.tables import Bill, SkippedHome
from models.db import plain

_COUNTED = {"preserve_rowcount": True}


def insert_bills(session: Session, shared: dict[str, Any], bills: Sequence[tuple[int, int, str]]) -> int:
    """Bills that differ in nothing but (home, fen, basis as text); returns how many were not there yet.

    Where all that there is of a home's period has been taken back, it is billed anew under the next number.
    """
    if not bills:
        return 0
    _look_up_by_index(session)
    written = _insert(session, shared, bills)
    if written < len(bills):
        anew = _taken_back(session, shared, [home for home, _, _ in bills])
        for seq in sorted(set(anew.values())):
            written += _insert(session, {**shared, "seq": seq}, [bill for bill in bills if anew.get(bill[0]) == seq])
    return written


def _look_up_by_index(session: Session) -> None:
    """Until this transaction ends. PostgreSQL looks up each foreign key of each row by itself, and takes it for cheaper to read a table
    of a page or two from end to end: of 120 compounds and 120 runs, for a million bills. It keeps the plan it made first."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")


def _taken_back(session: Session, shared: dict[str, Any], homes: Sequence[int]) -> dict[int, int]:
    """Those of these homes whose bills of this item and period are all reversed → the number of the next one."""
    rows = session.execute(
        sa.select(Bill.home_id, sa.func.max(Bill.seq))
        .where(
            Bill.home_id.in_(homes), Bill.item_id == shared["item_id"],
            Bill.start == shared["start"], Bill.end == shared["end"],
        )
        .group_by(Bill.home_id)
        .having(sa.func.count(sa.case((Bill.state != "reversed", 1))) == 0)
    )  # fmt: skip
    return {home: last + 1 for home, last in rows}


def _insert(session: Session, shared: dict[str, Any], bills: Sequence[tuple[int, int, str]]) -> int:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    statement = _drafting(tuple(shared), on_sqlite)
    values = {**shared, **_lists(bills, on_sqlite)}
    inserted = session.execute(statement, values, execution_options=_COUNTED)
    return int(inserted.rowcount)  # type: ignore[attr-defined]


def _lists(bills: Sequence[tuple[int, int, str]], on_sqlite: bool) -> dict[str, str]:
    """Whole lists as texts: a driver looks at every member of a list by itself, which takes longer than to insert them."""
    if on_sqlite:
        return {"rows": json.dumps(bills)}
    homes, amounts, bases = zip(*bills, strict=True)
    return {"homes": _braced(homes), "amounts": _braced(amounts), "bases": f"[{', '.join(bases)}]"}


def _braced(numbers: Sequence[int]) -> str:
    """As PostgreSQL writes an array of whole numbers."""
    return f"{{{','.join(map(str, numbers))}}}"


@cache
def _drafting(shared: tuple[str, ...], on_sqlite: bool) -> sa.Insert:
    table = plain(Bill)
    same = [sa.bindparam(name, type_=table.c[name].type) for name in shared]
    names = [*shared, "home_id", "amount", "basis"]
    if on_sqlite:
        row = sa.func.json_each(sa.bindparam("rows", type_=sa.Text)).table_valued("key", "value")
        parts = (sa.func.json_extract(row.c.value, f"$[{place}]") for place in range(3))
        # SQLite wants a WHERE between a SELECT and what to do about a conflict.
        ordered = sa.select(*same, *parts).where(sa.true()).order_by(row.c.key)
        return sqlite.insert(table).from_select(names, ordered).on_conflict_do_nothing()
    lists = (
        sa.func.unnest(_parameter("homes", postgresql.ARRAY(sa.BigInteger))),
        sa.func.unnest(_parameter("amounts", postgresql.ARRAY(sa.Integer))),
        sa.func.json_array_elements(_parameter("bases", postgresql.JSON())),
    )
    return postgresql.insert(table).from_select(names, sa.select(*same, *lists)).on_conflict_do_nothing()


def _parameter(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Cast[Any]:
    return sa.cast(sa.bindparam(name, type_=sa.Text), kind)


def insert_new(session: Session, table: type[Bill | BilledUse | SkippedHome], rows: Sequence[dict[str, Any]]) -> int:
    """Insert what is not there yet; returns how many were. The rows are alike: each has the same columns."""
    if not rows:
        return 0
    columns = table.__table__.c
    if session.get_bind().dialect.name == "sqlite":
        some = sqlite.insert(table.__table__).on_conflict_do_nothing()  # type: ignore[arg-type]
        inserted = session.execute(some, list(rows), execution_options={"preserve_rowcount": True})
        return int(inserted.rowcount)  # type: ignore[attr-defined]
    # One list for each column: psycopg looks for every single parameter of a statement, and that took half of the time.
    lists = [
        sa.func.unnest(sa.literal([row[name] for row in rows], postgresql.ARRAY(columns[name].type))).label(name)
        for name in rows[0]
    ]
    all_at_once = postgresql.insert(table.__table__).from_select(list(rows[0]), sa.select(*lists))  # type: ignore[arg-type]
    key = next(iter(table.__table__.primary_key))
    return len(session.execute(all_at_once.on_conflict_do_nothing().returning(key)).all())
