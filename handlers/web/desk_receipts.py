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
DEPOSIT = "deposit"


def register(app: Flask) -> None:
    one = f"/desk/receipts/<int(max={LARGEST}):number>"
    app.add_url_rule("/desk/receipts", view_func=desk_receipts, methods=["GET"])
    app.add_url_rule(one, view_func=desk_receipt, methods=["GET"])
    app.add_url_rule(f"{one}/void", view_func=desk_receipt_void, methods=["POST"])
    app.add_url_rule(f"{one}/reprint", view_func=desk_receipt_reprint, methods=["POST"])


def desk_receipts() -> str | Response:
    desk, text = office(), words_asked("text", 12).lstrip("#＃No. ")
    kind, digits = DEPOSIT if text.startswith("押") else None, text.removeprefix("押")
    with desk.services.database.reading() as session:
        wanted = int(digits) if digits.isascii() and digits.isdigit() else None
        if wanted is not None and wanted <= LARGEST and _known(session, desk, wanted, kind):
            return redirect(url_for("desk_receipt", number=wanted, kind=kind), 303)
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
    """`print=1` in the address opens the printer at once: the counter's way here; `kind=deposit`: of the book of deposits."""
    desk = office()
    with desk.services.database.reading() as session:
        receipt, payment = _receipt(session, desk, number)
        return render_template(
            "desk/receipt.html",
            receipt=receipt,
            payment=payment,
            sheet=sheet_of(receipt, payment, desk.person),
            kind=_kind(),
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
            printed = number_of(receipt), number_of(again) if again is not None else ""
            after = again.number if again is not None else None
    except Refusal as refusal:
        flash(refusal.message)
        return redirect(url_for("desk_receipt", number=number, kind=_kind()), 303)
    if after is None:
        flash(f"收据 {printed[0]} 已作废。这笔钱已经全部退了，不用再开。", "good")
        return redirect(url_for("desk_receipt", number=number, kind=_kind()), 303)
    flash(f"收据 {printed[0]} 已作废，换开了这一张 {printed[1]}。", "good")
    return redirect(url_for("desk_receipt", number=after, kind=_kind(), print=1), 303)


def desk_receipt_reprint(number: int) -> Response:
    desk = office()
    try:
        with desk.services.database.transaction() as session:
            receipt, _ = _receipt(session, desk, number)
            printed = number_of(receipt)
            times = receipt_desk.reprint(session, receipt, by=desk.by, source="web", now=desk.now)
    except Refusal as refusal:
        flash(refusal.message)
        return redirect(url_for("desk_receipt", number=number, kind=_kind()), 303)
    flash(f"收据 {printed} 第{times}次补打。", "good")
    return redirect(url_for("desk_receipt", number=number, kind=_kind(), print=1), 303)


def _kind() -> str | None:
    """The book the address asks for; that of payments needs no word."""
    return DEPOSIT if request.args.get("kind") == DEPOSIT else None


def _receipt(session: Session, desk: Office, number: int) -> tuple[Receipt, Payment]:
    try:
        return _find(session, desk, number, _kind())
    except NotFound:
        abort(404)


def _known(session: Session, desk: Office, number: int, kind: str | None) -> bool:
    try:
        _find(session, desk, number, kind)
    except NotFound:
        return False
    return True


def _find(session: Session, desk: Office, number: int, kind: str | None) -> tuple[Receipt, Payment]:
    """Raises NotFound."""
    ours = desk.person.community_ids
    return receipt_desk.find(session, number, kind=kind or "payment", company_id=desk.company_id, community_ids=ours)
