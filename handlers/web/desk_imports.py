"""Taking a ledger onto the books at the desk: upload, look at what would change, agree, watch, take back."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, abort, current_app, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from bot.services import Services
from handlers.speaker import Person
from handlers.staff_at_desk import the_person
from models.billing.arrears import KIND as ARREARS
from models.billing.tariff_import import KIND as TARIFFS
from models.errors import NotFound, Refusal
from models.estate.queries import communities_of
from models.estate.tables import Community
from models.imports.actions import ALREADY, agree, audit_import, bring, drop, want_undone
from models.imports.queries import find_import, imported_before, imports_seen
from models.imports.states import MOVING, READINGS, READY, STATE_NAMES, WAITING, why_not_undo, why_not_undo_kind
from models.imports.tables import Import
from models.sheets.files import read_file
from models.sheets.package import Limits

LARGEST_ID = 2**63 - 1
FOLDER = "imports"  # below DATA_DIR; scheduler/importer.py reads there
ON_A_PAGE = 20
KINDS = {
    "homes": "房产台账（房屋和业主）",
    "residents": "住户档案（只有人，房屋要先有）",
    READINGS: "抄表记录（水电表读数）",
    ARREARS: "往年欠费（收费台账，登记成期初欠费）",
    TARIFFS: "收费标准",
}
UNDOES = {
    ARREARS: "登记的欠费会冲红。已经有人交过的，不能撤销。",
    TARIFFS: "加的标准撤掉，原来的标准接着用。已经按它算过账单的，不能撤销。",
}
UNDOES_LEDGER = "新增的删掉，改过的恢复。已经有人报修或绑定的，不能撤销。"
UNTIL = {"": "表里没有这样写", "included": "交了", "not-included": "没交"}
NO_FILE = "请先选一个文件。"
NO_COMPOUND = "请选小区。"


def register(app: Flask) -> None:
    one = f"/desk/imports/<int(max={LARGEST_ID}):number>"
    app.add_url_rule("/desk/imports", view_func=desk_imports, methods=["GET"])
    app.add_url_rule("/desk/imports", view_func=desk_upload, methods=["POST"])
    app.add_url_rule(one, view_func=desk_import, methods=["GET"])
    app.add_url_rule(f"{one}/agree", view_func=desk_import_agree, methods=["POST"])
    app.add_url_rule(f"{one}/drop", view_func=desk_import_drop, methods=["POST"])
    app.add_url_rule(f"{one}/undo", view_func=desk_import_undo, methods=["POST"])


@dataclass(frozen=True)
class Manager:
    """Whoever may change the books: managers and clerks. For everybody else these pages do not exist."""

    person: Person
    company_id: int
    services: Services


def desk_imports() -> str:
    by = _manager()
    before = request.args.get("before", "")
    page = int(before) if before.isascii() and before.isdigit() and int(before) <= LARGEST_ID else None
    with by.services.database.reading() as session:
        found = imports_seen(session, by.company_id, by.person.community_ids, before=page, limit=ON_A_PAGE + 1)
        return render_template(
            "desk/imports.html",
            found=found[:ON_A_PAGE],
            older=found[ON_A_PAGE - 1][0].id if len(found) > ON_A_PAGE else None,
            compounds=_compounds(session, by),
            kinds=KINDS,
            until=UNTIL,
            states=STATE_NAMES,
            largest=by.services.settings.import_max_mb,
        )


def desk_upload() -> Response:
    by = _manager()
    try:
        number = _bring(by, request.files.get("file"))
    except Refusal as refusal:
        flash(refusal.message)
        return redirect(url_for("desk_imports"), 303)
    return redirect(url_for("desk_import", number=number), 303)


def desk_import(number: int) -> str:
    by = _manager()
    now = by.services.clock.now()
    with by.services.database.reading() as session:
        found, compound = _found(session, by, number)
        return render_template(
            "desk/import.html",
            found=found,
            compound=compound,
            kind=KINDS[found.kind],
            states=STATE_NAMES,
            moving=found.state in MOVING,
            ready=found.state == READY,
            undoes=UNDOES.get(found.kind, UNDOES_LEDGER),
            inner=[line.strip() for line in found.found.get("changes", ()) if line.startswith("  ")],
            may_undo=not why_not_undo_kind(found.kind)
            and not why_not_undo(found.state, found.written_at, now)
            and found.state not in MOVING,
        )


def desk_import_agree(number: int) -> Response:
    with _changing(number) as (session, found, by):
        person = by.person
        agree(session, found.id, by=person.log_name, by_name=person.name)
        _note(session, found, "import.agree", by)
    return _back(number)


def desk_import_drop(number: int) -> Response:
    with _changing(number) as (session, found, by):
        drop(session, found.id)
        (_folder(by.services) / found.file).unlink(missing_ok=True) if found.file else None
    return _back(number)


def desk_import_undo(number: int) -> Response:
    with _changing(number) as (session, found, by):
        if problem := why_not_undo_kind(found.kind):
            raise Refusal(problem)
        want_undone(session, found, by=by.person.log_name, now=by.services.clock.now())
    return _back(number)


def _manager() -> Manager:
    person = the_person()
    if not person.is_manager or person.company_id is None:
        abort(404)
    services: Services = current_app.extensions["services"]
    return Manager(person, person.company_id, services)


@contextmanager
def _changing(number: int) -> Iterator[tuple[Session, Import, Manager]]:
    """One import in a transaction; what is refused is said on the page that follows."""
    by = _manager()
    try:
        with by.services.database.transaction() as session:
            found, _ = _found(session, by, number)
            yield session, found, by
    except Refusal as refusal:
        flash(refusal.message)


def _found(session: Session, by: Manager, number: int) -> tuple[Import, str]:
    try:
        return find_import(session, number, by.company_id, by.person.community_ids)
    except NotFound:
        abort(404)


def _back(number: int) -> Response:
    return redirect(url_for("desk_import", number=number), 303)


def _note(session: Session, found: Import, action: str, by: Manager) -> None:
    audit_import(session, found, action, by=by.person.log_name, source="web", now=by.services.clock.now())


def _compounds(session: Session, by: Manager) -> list[Community]:
    return list(communities_of(session, by.company_id, only=by.person.community_ids))


def _bring(by: Manager, sent: FileStorage | None) -> int:
    """Keep the file and have it read. Raises Refusal for what cannot be read at all, before anything is noted."""
    if sent is None or not sent.filename:
        raise Refusal(NO_FILE)
    kind = request.form.get("kind", "homes")
    with by.services.database.reading() as session:
        wanted = request.form.get("compound", "")
        compound = next((one for one in _compounds(session, by) if str(one.id) == wanted), None)
    if compound is None or kind not in KINDS:
        raise Refusal(NO_COMPOUND)
    folder = _folder(by.services)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / secrets.token_hex(16)
    try:
        sent.save(path)
        return _note_upload(by, compound, kind, path, Path(sent.filename.replace("\\", "/")).name)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _note_upload(by: Manager, compound: Community, kind: str, path: Path, name: str) -> int:
    path.chmod(0o600)
    file = read_file(path, Limits.of(by.services.settings), name=name)
    with by.services.database.transaction() as session:
        if imported_before(session, compound.id, kind, file.sha256):
            raise Refusal(ALREADY)
        brought = bring(
            session,
            compound,
            kind=kind,
            name=name,
            sha256=file.sha256,
            file=path.name,
            state=WAITING,
            by=by.person.log_name,
            by_name=by.person.name,
            source="web",
            now=by.services.clock.now(),
            answers={"until": until} if kind == ARREARS and (until := request.form.get("until", "")) in UNTIL else None,
        )
        _note(session, brought, "import.upload", by)
        return brought.id


def _folder(services: Services) -> Path:
    return services.settings.data_dir / FOLDER
