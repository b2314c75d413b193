"""Taking an import back within a day: what it added goes, what it changed is as before. All of it, or nothing with the reason.

Nothing may have been built on it since. What points at homes and people is found from the tables themselves, so that a new kind
of thing cannot be forgotten here.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Base, savepoint
from models.errors import AlreadyDone, Refusal
from models.estate.actions import wait_for_other_ledgers
from models.estate.tables import Home, home_label
from models.imports.actions import CHANGED_MEANWHILE, audit_import
from models.imports.states import DONE, UNDOING, UNDONE, why_not_undo, why_not_undo_kind
from models.imports.tables import Import, ImportChange
from models.people.tables import Person, Resident

_SHOWN = 10
_REASONS = {
    "work_orders": "已经报过修",
    "bindings": "已经有人绑定了微信",
    "bind_requests": "有人申请过绑定",
    "bind_codes": "已经发过绑定码",
    "residents": "后来登记了别的住户",
}
_SINCE = "后来有了别的记录"
_CHANGED = "后来又改过"
_TABLES: dict[str, type[Base]] = {"homes": Home, "people": Person, "residents": Resident}


def undo(session: Session, wanted: Import, *, now: datetime, by: str, source: str) -> None:
    """Raises Refusal with the rows that stand in the way, or when it is too late or was never written; AlreadyDone the second time."""
    if problem := why_not_undo_kind(wanted.kind):
        raise Refusal(problem)
    wait_for_other_ledgers(session, wanted.community_id)
    begin_undo(session, wanted, now=now)
    in_the_way = list(_in_the_way(session, wanted))
    if in_the_way:
        raise Refusal("不能撤销：" + "；".join(in_the_way[:_SHOWN]) + "。")
    try:
        with savepoint(session):
            _restore(session, wanted.id)
            _remove(session, wanted)
    except sa.exc.IntegrityError as used:
        raise Refusal("不能撤销：刚刚有人用到了这次导入的内容，请再看一次。") from used
    audit_import(session, wanted, "import.undo", by=by, source=source, now=now)


def begin_undo(session: Session, wanted: Import, *, now: datetime) -> None:
    """From now on it is undone, and nobody else undoes it. Raises Refusal when it is too late or was never written, AlreadyDone."""
    if problem := why_not_undo(wanted.state, wanted.written_at, now):
        raise (AlreadyDone if wanted.state == UNDONE else Refusal)(problem)
    taken = session.execute(
        sa.update(Import)
        .where(Import.id == wanted.id, Import.state.in_((DONE, UNDOING)))
        .values(state=UNDONE, undone_at=now, held_until=None, trouble="")
        .returning(Import.id)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        raise AlreadyDone(CHANGED_MEANWHILE)


def _in_the_way(session: Session, wanted: Import) -> Iterator[str]:
    for table, column in _pointing_at(Home.__table__):
        yield from _homes_used(session, wanted, table, column)
    for table, column in _pointing_at(Person.__table__):
        yield from _people_used(session, wanted, table, column)
    yield from _changed_by_others(session, wanted)
    yield from _changed_since(session, wanted)


def _pointing_at(target: sa.FromClause) -> Iterator[tuple[sa.Table, sa.Column[Any]]]:
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table is target:
                yield table, key.parent


def _not_by(table: sa.Table, wanted: Import) -> sa.ColumnElement[bool]:
    """Rows the same import added itself are no obstacle."""
    if "import_id" not in table.c or table.name not in _TABLES:
        return sa.true()
    return sa.or_(table.c.import_id.is_(None), table.c.import_id != wanted.id)


def _homes_used(session: Session, wanted: Import, table: sa.Table, column: sa.Column[Any]) -> Iterator[str]:
    rows = session.execute(
        sa.select(Home.building, Home.entrance, Home.room)
        .where(
            Home.community_id == wanted.community_id,
            Home.import_id == wanted.id,
            sa.exists().where(column == Home.id, _not_by(table, wanted)),
        )
        .order_by(Home.id)
        .limit(_SHOWN)
    )
    for row in rows:
        yield f"{home_label(row.building, row.entrance, row.room)} {_REASONS.get(table.name, _SINCE)}"


def _people_used(session: Session, wanted: Import, table: sa.Table, column: sa.Column[Any]) -> Iterator[str]:
    names = session.scalars(
        sa.select(Person.name)
        .where(
            Person.company_id == wanted.company_id,
            Person.import_id == wanted.id,
            sa.exists().where(column == Person.id, _not_by(table, wanted)),
        )
        .order_by(Person.id)
        .limit(_SHOWN)
    )
    for name in names:
        yield f"{name} {_REASONS.get(table.name, _SINCE)}"


def _changed_by_others(session: Session, wanted: Import) -> Iterator[str]:
    """A later import corrected what this one added: that one must be undone first."""
    later = (
        sa.select(ImportChange.row_id)
        .join(Import, Import.id == ImportChange.import_id)
        .where(Import.state.in_((DONE, UNDOING)), Import.id != wanted.id, Import.community_id == wanted.community_id)
    )
    homes = session.execute(
        sa.select(Home.building, Home.entrance, Home.room)
        .where(
            Home.community_id == wanted.community_id,
            Home.import_id == wanted.id,
            Home.id.in_(later.where(ImportChange.table_name == "homes")),
        )
        .limit(_SHOWN)
    )
    for row in homes:
        yield f"{home_label(row.building, row.entrance, row.room)} {_CHANGED}"
    people = session.scalars(
        sa.select(Person.name)
        .join(Resident, Resident.person_id == Person.id)
        .where(
            Person.company_id == wanted.company_id,
            sa.or_(
                sa.and_(Person.import_id == wanted.id, Person.id.in_(later.where(ImportChange.table_name == "people"))),
                sa.and_(
                    Resident.import_id == wanted.id,
                    Resident.id.in_(later.where(ImportChange.table_name == "residents")),
                ),
            ),
        )
        .limit(_SHOWN)
    )
    for name in people:
        yield f"{name} {_CHANGED}"


def _changed_since(session: Session, wanted: Import) -> Iterator[str]:
    """What the import set and somebody has set anew, or removed, since."""
    for change, row in _changes_with_rows(session, wanted.id):
        if row is None or any(getattr(row, name) != value for name, value in change.after.items()):
            yield f"{_name_of(session, change.table_name, row)} {_CHANGED}"


def _changes_with_rows(session: Session, import_id: int) -> Iterator[tuple[ImportChange, Any]]:
    for name, table in _TABLES.items():
        columns = cast(sa.Table, table.__table__)
        yield from (
            (change, row)
            for change, row in session.execute(
                sa.select(ImportChange, table)
                .outerjoin(table, columns.c.id == ImportChange.row_id)
                .where(ImportChange.import_id == import_id, ImportChange.table_name == name)
                .order_by(ImportChange.row_id)
                .execution_options(yield_per=1000)
            )
        )


def _name_of(session: Session, table: str, row: Any) -> str:
    if row is None:
        return "一条记录"
    if table == "homes":
        return str(row.label)
    return str(row.name) if table == "people" else session.get_one(Person, row.person_id).name


def _restore(session: Session, import_id: int) -> None:
    for change, row in _changes_with_rows(session, import_id):
        for name, value in change.before.items():
            setattr(row, name, value)
    session.flush()


def _remove(session: Session, wanted: Import) -> None:
    """People after their ties, homes last: nothing may point at what is gone."""
    homes = sa.select(Home.id).where(Home.community_id == wanted.community_id)
    for statement in (
        sa.delete(Resident).where(Resident.home_id.in_(homes), Resident.import_id == wanted.id),
        sa.delete(Person).where(Person.company_id == wanted.company_id, Person.import_id == wanted.id),
        sa.delete(Home).where(Home.community_id == wanted.community_id, Home.import_id == wanted.id),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
