"""/m/receipt/<number of the row>: a receipt on the phone and as a file, for the home's people and whoever works there."""

from flask import Flask, Response, abort, current_app, render_template

from bot.services import Services
from handlers.receipt_pdf import pdf_of
from handlers.receipt_sheet import Sheet, opens_for, sheet_of
from handlers.signed_in import visitor
from models.payments.receipts import with_id

LARGEST_ID = 2**63 - 1  # a number no database column holds is the number of nothing


def register(app: Flask) -> None:
    app.add_url_rule(f"/m/receipt/<int(max={LARGEST_ID}):receipt_id>", view_func=receipt_page)
    app.add_url_rule(f"/m/receipt/<int(max={LARGEST_ID}):receipt_id>.pdf", view_func=receipt_pdf)


def receipt_page(receipt_id: int) -> str:
    return render_template("receipt.html", sheet=_sheet(receipt_id), receipt_id=receipt_id)


def receipt_pdf(receipt_id: int) -> Response:
    sheet = _sheet(receipt_id)
    answer = Response(pdf_of(sheet), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="receipt-{sheet.number}.pdf"'
    return answer


def _sheet(receipt_id: int) -> Sheet:
    """For everybody else there is no such receipt."""
    services: Services = current_app.extensions["services"]
    with services.database.reading() as session:
        person = visitor(session, services.clock.now())
        found = with_id(session, receipt_id) if person is not None else None
        if person is None or found is None or not opens_for(person, found[1]):
            abort(404)
        return sheet_of(*found, person)
