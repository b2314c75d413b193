"""/m/share/<code>: how a common cost was shared out, for every neighbour of the compound: page, paper, and files to recompute."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from flask import Flask, Response, abort, current_app, render_template
from sqlalchemy.orm import Session

from bot.services import Services
from handlers.share_pdf import facts_of, pdf_of
from handlers.signed_in import visitor
from handlers.speaker import Person
from handlers.spreadsheets import spreadsheet_safe
from models.billing.figures import yuan
from models.billing.share_file import table_of
from models.billing.share_sheet import pool_with_code, sheet_of
from models.estate.place_codes import read_code


def register(app: Flask) -> None:
    app.add_url_rule("/m/share/<code>", view_func=share_page)
    app.add_url_rule("/m/share/<code>.json", view_func=share_json)
    app.add_url_rule("/m/share/<code>.csv", view_func=share_csv)
    app.add_url_rule("/m/share/<code>.pdf", view_func=share_pdf)


def share_page(code: str) -> str:
    with _looking() as (session, person):
        sheet = _sheet(session, person, code)
        own = {home.key for home in person.homes if home.community == sheet["community"]}
    lines = [{**home, "exactly": yuan(Fraction(home["exact"])), "own": home["home"] in own} for home in sheet["homes"]]
    return render_template("share.html", sheet=sheet, facts=facts_of(sheet), homes=lines, code=code)


def share_json(code: str) -> Response:
    with _looking() as (session, person):
        sheet = _sheet(session, person, code)
    return _file(json.dumps(sheet, ensure_ascii=False, indent=1).encode(), "application/json", code, "json")


def share_csv(code: str) -> Response:
    with _looking() as (session, person):
        sheet = _sheet(session, person, code)
    text = io.StringIO()
    csv.writer(text).writerows([spreadsheet_safe(cell) for cell in row] for row in table_of(sheet))
    # With the mark that Excel needs for Chinese.
    return _file(text.getvalue().encode("utf-8-sig"), "text/csv", code, "csv")


def share_pdf(code: str) -> Response:
    with _looking() as (session, person):
        sheet = _sheet(session, person, code)
    return _file(pdf_of(sheet), "application/pdf", code, "pdf")


def _file(content: bytes, kind: str, code: str, ending: str) -> Response:
    answer = Response(content, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="share-{code}.{ending}"'
    return answer


def _sheet(session: Session, person: Person, code: str) -> dict[str, Any]:
    """For who lives in the compound, and who works there; for everybody else there is no such sheet."""
    known = read_code(code)
    if known is None or person.company_id is None:
        abort(404)
    pool = pool_with_code(session, known, community_ids=person.community_ids, company_id=person.company_id)
    if pool is None:
        abort(404)
    return sheet_of(session, pool)


@contextmanager
def _looking() -> Iterator[tuple[Session, Person]]:
    services: Services = current_app.extensions["services"]
    with services.database.reading() as session:
        person = visitor(session, services.clock.now())
        if person is None:
            abort(404)
        yield session, person
