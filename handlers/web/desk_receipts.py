"""/desk/receipts: receipts by number or the newest first; one to be printed, printed again, or taken back."""

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from handlers.money_desk import Office, number_asked, office, words_asked
from handlers.receipt_sheet import sheet_of
from models.db import SHANGHAI
from models.errors import NotFound, Refusal
from models.money import shown
from models.payments import receipt_desk
from models.payments.account import ALL, receipts_before
from models.payments.receipts import number_of
from models.payments.tables import Payment, Receipt

ON_A_PAGE = 20
LARGEST = 2**31 - 1


def register(app: Flask) -> None:
    one = f"/desk/receipts/<int(max={LARGEST}):number>"
    app.add_url_rule("/desk/receipts", view_func=desk_receipts, methods=["GET"])
    app.add_url_rule(one, view_func=desk_receipt, methods=["GET"])
    app.add_url_rule(f"{one}/void", view_func=desk_receipt_void, methods=["POST"])
    app.add_url_rule(f"{one}/reprint", view_func=desk_receipt_reprint, methods=["POST"])


def desk_receipts() -> str | Response:
    desk, text = office(), words_asked("text", 12).lstrip("#＃No. ")
    with desk.services.database.reading() as session:
        if text.isascii() and text.isdigit() and int(text) <= LARGEST and _known(session, desk, int(text)):
            return redirect(url_for("desk_receipt", number=int(text)), 303)
        before = min(number_asked("before") or ALL, LARGEST)
        found = receipts_before(
            session, desk.company_id, list(desk.compounds(session)), before=before, limit=ON_A_PAGE + 1
        )
        return render_template(
            "desk/receipts.html",
            text=text,
            found=found[:ON_A_PAGE],
            older=found[ON_A_PAGE - 1][0].number if len(found) > ON_A_PAGE else None,
            local=lambda moment: moment.astimezone(SHANGHAI),
            number_of=number_of,
            shown=shown,
        )


def desk_receipt(number: int) -> str:
    """`print=1` in the address opens the printer at once: the counter's way here."""
    desk = office()
    with desk.services.database.reading() as session:
        receipt, payment = _receipt(session, desk, number)
        return render_template(
            "desk/receipt.html",
            receipt=receipt,
            payment=payment,
            sheet=sheet_of(receipt, payment, desk.person),
            printing=request.args.get("print") == "1" and receipt.voided_at is None,
            shown=shown,
        )


def desk_receipt_void(number: int) -> Response:
    desk = office()
    reason = " ".join(request.form.get("reason", "").replace("\0", " ").split())
    try:
        with desk.services.database.transaction() as session:
            receipt, payment = _receipt(session, desk, number)
            again = receipt_desk.replace(
                session, receipt, payment, reason=reason, by=desk.by, source="web", now=desk.now
            )
            after = again.number if again is not None else None
    except Refusal as refusal:
        flash(refusal.message)
        return redirect(url_for("desk_receipt", number=number), 303)
    if after is None:
        flash(f"收据 {number:07d} 已作废。这笔钱已经全部退了，不用再开。", "good")
        return redirect(url_for("desk_receipt", number=number), 303)
    flash(f"收据 {number:07d} 已作废，换开了这一张 {after:07d}。", "good")
    return redirect(url_for("desk_receipt", number=after, print=1), 303)


def desk_receipt_reprint(number: int) -> Response:
    desk = office()
    try:
        with desk.services.database.transaction() as session:
            receipt, _ = _receipt(session, desk, number)
            times = receipt_desk.reprint(session, receipt, by=desk.by, source="web", now=desk.now)
    except Refusal as refusal:
        flash(refusal.message)
        return redirect(url_for("desk_receipt", number=number), 303)
    flash(f"收据 {number:07d} 第{times}次补打。", "good")
    return redirect(url_for("desk_receipt", number=number, print=1), 303)


def _receipt(session: Session, desk: Office, number: int) -> tuple[Receipt, Payment]:
    try:
        return receipt_desk.find(session, number, company_id=desk.company_id, community_ids=desk.person.community_ids)
    except NotFound:
        abort(404)


def _known(session: Session, desk: Office, number: int) -> bool:
    try:
        receipt_desk.find(session, number, company_id=desk.company_id, community_ids=desk.person.community_ids)
    except NotFound:
        return False
    return True
