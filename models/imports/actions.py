"""The life of an import: brought, read, agreed to, written. Each step is one conditional update, so that it happens once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.bulk import insert_many
from models.db import savepoint
from models.errors import AlreadyDone, Refusal
from models.estate.actions import HomesPlan, import_homes
from models.estate.ledger_rows import Ledger
from models.estate.tables import Community
from models.imports.findings import findings
from models.imports.plan import Plan
from models.imports.states import AGREED, DONE, DROPPED, READY, REFUSED, TO_BE_DONE, UNDOING, WAITING, why_not_undo
from models.imports.tables import Import, ImportChange
from models.people.actions_import import import_residents
from models.people.ledger_ties import TiesPlan

HELD_FOR = timedelta(minutes=2)  # a worker that says nothing for so long is taken for dead
ALREADY = "这个文件已经导入过，什么也没有改。"
CHANGED_MEANWHILE = "这次导入刚刚有变化，请刷新页面再看。"


def bring(
    session: Session,
    community: Community,
    *,
    kind: str,
    name: str,
    sha256: str,
    file: str,
    state: str,
    by: str,
    by_name: str,
    source: str,
    now: datetime,
    answers: dict[str, str] | None = None,
) -> Import:
    """Note a file that somebody brought. `state` is waiting (a worker reads it) or agreed (whoever brought it writes it at once).

    `answers`: what was asked about the file before it was read; they stay among what is `found`.
    """
    brought = Import(
        company_id=community.company_id,
        community_id=community.id,
        kind=kind,
        name=name[:200],
        sha256=sha256,
        file=file,
        state=state,
        by=by,
        by_name=by_name[:32],
        source=source,
        created_at=now,
        found=dict(answers or {}),
    )
    session.add(brought)
    session.flush()
    return brought


def claim(session: Session, worker: str, now: datetime) -> Import | None:
    """The oldest import that waits for a worker and that no living worker holds: now this one's. None when there is none."""
    free = sa.or_(Import.held_until.is_(None), Import.held_until < now)
    waiting = sa.select(Import.id).where(Import.state.in_(TO_BE_DONE), free).order_by(Import.id).limit(1)
    if session.get_bind().dialect.name == "postgresql":
        waiting = waiting.with_for_update(skip_locked=True)
    number = session.execute(
        sa.update(Import)
        .where(Import.id == waiting.scalar_subquery(), Import.state.in_(TO_BE_DONE), free)
        .values(worker=worker, held_until=now + HELD_FOR)
        .returning(Import.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    return session.get(Import, number, populate_existing=True) if number is not None else None


def report_progress(session: Session, import_id: int, worker: str, *, share: int, rows: int, now: datetime) -> bool:
    """Say how far the reading is, and go on holding it. False when somebody else holds it by now."""
    return _move(session, import_id, TO_BE_DONE, worker=worker, share=share, rows=rows, held_until=now + HELD_FOR)


def settle(session: Session, import_id: int, worker: str, *, name: str, ledger: Ledger, plan: Plan | None) -> bool:
    """The file was read: ready to be agreed to, or refused. False when somebody else holds it by now."""
    return settle_found(session, import_id, worker, found=findings(name, ledger, plan), rows=ledger.size)


def settle_found(session: Session, import_id: int, worker: str, *, found: dict[str, Any], rows: int) -> bool:
    """The same for any kind of ledger: `found` as in findings.py."""
    state = REFUSED if found["refused"] else READY
    trouble = f"有 {found['refused']} 处要先改好，什么也没有写入。" if found["refused"] else ""
    return _move(
        session, import_id, (WAITING,), worker=worker, state=state, found=found, trouble=trouble, share=100,
        rows=rows, held_until=None,
    )  # fmt: skip


def give_up(session: Session, import_id: int, worker: str, trouble: str) -> bool:
    """It cannot be read or written, and why."""
    return _move(session, import_id, (WAITING, AGREED), worker=worker, state=REFUSED, trouble=trouble, held_until=None)


def let_go(session: Session, import_id: int, worker: str) -> None:
    """The worker must end before the import is done: the next one may begin at once."""
    _move(session, import_id, TO_BE_DONE, worker=worker, held_until=None)


def keep_written(session: Session, import_id: int, worker: str, trouble: str) -> None:
    """It cannot be undone, and why: it stays on the books."""
    _move(session, import_id, (UNDOING,), worker=worker, state=DONE, trouble=trouble, held_until=None)


def without_file(session: Session, import_id: int) -> None:
    """The uploaded file is gone; what was found in it stays."""
    session.execute(sa.update(Import).where(Import.id == import_id).values(file=""))


def agree(session: Session, import_id: int, *, by: str, by_name: str) -> None:
    """Somebody looked at what will change and wants it written. Raises AlreadyDone when it is not to be agreed to (any more)."""
    values: dict[str, Any] = {"state": AGREED, "share": 0, "rows": 0, "trouble": "", "by": by, "by_name": by_name[:32]}
    if not _move(session, import_id, (READY,), **values):
        raise AlreadyDone(CHANGED_MEANWHILE)


def drop(session: Session, import_id: int) -> None:
    """Nobody wants it. Raises AlreadyDone when it has gone on meanwhile."""
    if not _move(session, import_id, (READY, REFUSED), state=DROPPED):
        raise AlreadyDone(CHANGED_MEANWHILE)


def want_undone(session: Session, wanted: Import, *, by: str, now: datetime) -> None:
    """Have a worker take it back. Raises Refusal when it cannot be, AlreadyDone when somebody else just asked."""
    if problem := why_not_undo(wanted.state, wanted.written_at, now):
        raise Refusal(problem)
    if not _move(session, wanted.id, (DONE,), state=UNDOING, trouble="", held_until=None, undone_by=by):
        raise AlreadyDone(CHANGED_MEANWHILE)


def write(session: Session, wanted: Import, ledger: Ledger, *, worker: str = "", now: datetime) -> Plan:
    """Take an agreed ledger onto the books: all of it in this transaction, or nothing. Raises Refusal.

    Raises AlreadyDone when the same bytes are on the books, or somebody else is writing this import.
    """
    community = session.get_one(Community, wanted.community_id)
    take(session, wanted, worker=worker, now=now)
    about: dict[str, Any] = {"now": now, "by": wanted.by, "source": wanted.source, "import_id": wanted.id}
    homes = import_homes(session, community, ledger.homes, **about) if wanted.kind == "homes" else None
    people = import_residents(session, community, ledger.residents, **about)
    insert_many(session, ImportChange, _changes(wanted.id, homes, people))
    return Plan(homes, people)


def take(session: Session, wanted: Import, *, worker: str = "", now: datetime) -> None:
    """Say that it is on the books, in the transaction that puts it there. Raises AlreadyDone as `write` does."""
    try:
        with savepoint(session):
            taken = _move(
                session, wanted.id, (AGREED,), worker=worker, state=DONE, written_at=now, held_until=None, share=100
            )
    except sa.exc.IntegrityError as twice:
        raise AlreadyDone(ALREADY) from twice
    if not taken:
        raise AlreadyDone(CHANGED_MEANWHILE)


def note_findings(session: Session, import_id: int, name: str, ledger: Ledger, plan: Plan) -> None:
    """What was written, for the list of imports, where nobody looked at it first on a page."""
    _move(session, import_id, (DONE,), found=findings(name, ledger, plan), rows=ledger.size)


def _changes(import_id: int, homes: HomesPlan | None, people: TiesPlan) -> Iterator[dict[str, Any]]:
    def change(table: str, row: int, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
        return {"import_id": import_id, "table_name": table, "row_id": row, "before": before, "after": after}

    for home in homes.changes if homes else ():
        yield change("homes", home.home_id, home.before, home.values)
    for person, phones in people.new_phones.items():
        yield change("people", person, _phones(people.old_phones[person]), _phones(phones))
    for tie, relation in people.new_relations.items():
        yield change("residents", tie, {"relation": people.old_relations[tie]}, {"relation": relation})


def _phones(phones: tuple[str, str]) -> dict[str, str]:
    return {"phone": phones[0], "phone2": phones[1]}


def _move(session: Session, import_id: int, states: tuple[str, ...], *, worker: str = "", **values: Any) -> bool:
    """Change an import that is in one of these states and, where a worker is named, still that worker's."""
    statement = sa.update(Import).where(Import.id == import_id, Import.state.in_(states))
    if worker:
        statement = statement.where(Import.worker == worker)
    moved = session.execute(
        statement.values(**values).returning(Import.id).execution_options(synchronize_session=False)
    ).first()
    return moved is not None


def audit_import(session: Session, wanted: Import, action: str, *, by: str, source: str, now: datetime) -> None:
    record(
        session,
        at=now,
        actor=by,
        action=action,
        subject=f"import:{wanted.id}",
        source=source,
        company_id=wanted.company_id,
        details={"kind": wanted.kind, "community": wanted.community_id},
    )
