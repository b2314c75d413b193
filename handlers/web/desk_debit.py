"""/desk/debit: direct debit. A list is made, taken to the bank as a file, and what the bank answers is brought back."""

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from flask import Response as File
from werkzeug.wrappers import Response

from handlers.bank_answers import told_of
from handlers.bank_profiles import bank_profiles, profile_of
from handlers.money_desk import BOOKS, LARGEST_ID, MANAGERS, Office, office
from handlers.papay import offered
from models.debit import batches, mandates
from models.debit.bank_files import LARGEST_FILE
from models.debit.returns import take_return
from models.debit.tables import DebitTerms
from models.errors import NotFound, Refusal
from models.estate.tables import Community
from models.money import shown
from models.papay import attempts, contracts

LISTS = 12


def register(app: Flask) -> None:
    of_compound = f"/desk/debit/<int(max={LARGEST_ID}):community_id>"
    app.add_url_rule("/desk/debit", view_func=desk_debit, methods=["GET"])
    app.add_url_rule("/desk/debit", view_func=desk_debit_return, methods=["POST"])
    app.add_url_rule(f"{of_compound}/terms", view_func=desk_debit_terms, methods=["POST"])
    app.add_url_rule(f"{of_compound}/list", view_func=desk_debit_list, methods=["POST"])
    app.add_url_rule("/desk/debit/lists/<number>.txt", view_func=desk_debit_file, methods=["GET"])
    app.add_url_rule("/desk/debit/lists/<number>/drop", view_func=desk_debit_drop, methods=["POST"])


def desk_debit() -> str:
    desk = office(BOOKS)
    with desk.services.database.reading() as session:
        compounds = desk.compounds(session)
        terms = {number: session.get(DebitTerms, number) for number in compounds}
        return render_template(
            "desk/debit.html",
            compounds=[
                (community, terms[number], mandates.how_many(session, number, desk.now))
                for number, community in compounds.items()
            ],
            lists=[
                (batch, batches.words_of(batch), compounds[batch.community_id].name)
                for batch in batches.lists_of(session, list(compounds), LISTS)
            ],
            banks=bank_profiles(),
            by_wechat=offered(desk.services.settings),
            contracts=contracts.how_many(session, list(compounds)),
            charges=attempts.newest(session, list(compounds), LISTS),
            may_set=desk.may(MANAGERS),
            shown=shown,
        )


def desk_debit_terms(community_id: int) -> Response:
    desk = office(MANAGERS)
    form = request.form
    try:
        with desk.services.database.transaction() as session:
            community = _compound(desk, session.get(Community, community_id))
            days = (_day(form.get("first", "")), _day(form.get("second", "")))
            batches.set_terms(session, community, form.get("bank", ""), days, bank_profiles(), by=desk.by, now=desk.now)
    except Refusal as refusal:
        flash(refusal.message)
    else:
        flash("记好了。", "good")
    return redirect(url_for("desk_debit"), 303)


def desk_debit_list(community_id: int) -> Response:
    desk = office(BOOKS)
    try:
        with desk.services.database.transaction() as session:
            community = _compound(desk, session.get(Community, community_id))
            profile = profile_of(batches.terms_of(session, community.id).bank)
            batch = batches.make_list(session, community, profile, desk.services.vault, by=desk.by, now=desk.now)
            said = f"名单做好了：{batch.count}户，{shown(batch.total)}。请下载文件交给银行。"
    except Refusal as refusal:
        flash(refusal.message)
    else:
        flash(said, "good")
    return redirect(url_for("desk_debit"), 303)


def desk_debit_file(number: str) -> Response:
    """The file for the bank: the only place where account numbers leave whole, so it is written down who took it."""
    desk = office(BOOKS)
    try:
        with desk.services.database.transaction() as session:
            batch = batches.list_numbered(session, number, list(desk.compounds(session)))
            content = batches.content_of(session, batch, profile_of(batch.bank), desk.services.vault)
            batches.note_taken(session, batch, desk.company_id, by=desk.by, now=desk.now)
    except NotFound:
        abort(404)
    except Refusal as refusal:
        flash(refusal.message)
        return redirect(url_for("desk_debit"), 303)
    headers = {"Content-Disposition": f'attachment; filename="debit-{number}.txt"', "Cache-Control": "no-store"}
    return File(content, mimetype="application/octet-stream", headers=headers)


def desk_debit_drop(number: str) -> Response:
    desk = office(BOOKS)
    try:
        with desk.services.database.transaction() as session:
            batch = batches.list_numbered(session, number, list(desk.compounds(session)))
            batches.drop_list(session, batch, company_id=desk.company_id, by=desk.by, now=desk.now)
    except NotFound:
        abort(404)
    except Refusal as refusal:
        flash(refusal.message)
    else:
        flash("这份名单作废了，可以重新生成。", "good")
    return redirect(url_for("desk_debit"), 303)


def desk_debit_return() -> Response:
    desk = office(BOOKS)
    sent = request.files.get("file")
    try:
        profile = profile_of(request.form.get("bank", ""))
        content = sent.stream.read(LARGEST_FILE + 1) if sent is not None else b""
        with desk.services.database.transaction() as session:
            outcome = take_return(
                session, content, profile, desk.services.vault, list(desk.compounds(session)), by=desk.by, now=desk.now
            )
    except Refusal as refusal:
        flash(refusal.message)
    else:
        for words, kind in told_of(outcome):
            flash(words, kind)
    return redirect(url_for("desk_debit"), 303)


def _compound(desk: Office, community: Community | None) -> Community:
    if community is None or not desk.looks_after(community):
        abort(404)
    return community


def _day(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 3 else 0
