"""/desk/reconcile: the days that were held against WeChat's statements, what did not agree, and what to do about each."""

from datetime import timedelta

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from handlers.money_desk import BOOKS, LARGEST_ID, office
from models.db import SHANGHAI
from models.errors import NotFound, Refusal
from models.money import shown
from models.payments import reconciling, troubles
from models.payments.reconcile import WHAT_TO_DO
from models.payments.reconciling_news import words_of, words_of_day

DAYS, ON_A_PAGE = 14, 30


def register(app: Flask) -> None:
    app.add_url_rule("/desk/reconcile", view_func=desk_reconcile, methods=["GET"])
    app.add_url_rule(
        f"/desk/reconcile/<int(max={LARGEST_ID}):number>", view_func=desk_difference_close, methods=["POST"]
    )
    app.add_url_rule(
        f"/desk/reconcile/trouble/<int(max={LARGEST_ID}):number>", view_func=desk_trouble_settle, methods=["POST"]
    )


def desk_reconcile() -> str:
    desk = office(BOOKS)
    company, mine = desk.company_id, desk.person.community_ids
    with desk.services.database.reading() as session:
        days = reconciling.days_of(session, company, desk.now.date() - timedelta(days=DAYS))
        rows = reconciling.open_differences(session, company, mine, limit=ON_A_PAGE + 1)
        others = troubles.open_troubles(session, company, mine, limit=ON_A_PAGE + 1)
        return render_template(
            "desk/reconcile.html",
            # What the whole company took by WeChat is not told to who looks after a part of it.
            days=[words_of_day(day) for day in reversed(days)] if mine is None else [],
            waiting=sum(day.state == "waiting" for day in days),
            rows=[(row, words_of(row), WHAT_TO_DO[row.what]) for row in rows[:ON_A_PAGE]],
            troubles=others[:ON_A_PAGE],
            more=len(rows) > ON_A_PAGE or len(others) > ON_A_PAGE,
            local=lambda moment: moment.astimezone(SHANGHAI),
            shown=shown,
        )


def desk_difference_close(number: int) -> Response:
    desk = office(BOOKS)
    try:
        with desk.services.database.transaction() as session:
            row = reconciling.close_difference(
                session,
                number,
                _reason(),
                company_id=desk.company_id,
                communities=desk.person.community_ids,
                by=desk.by,
                now=desk.now,
            )
            said = f"记好了，编号 {number} 已处理：{row.reason}。"
    except NotFound:
        abort(404)
    except Refusal as refusal:
        flash(refusal.message)
    else:
        flash(said, "good")
    return redirect(url_for("desk_reconcile"), 303)


def desk_trouble_settle(number: int) -> Response:
    desk = office(BOOKS)
    try:
        with desk.services.database.transaction() as session:
            troubles.settle_trouble(
                session,
                number,
                _reason(),
                company_id=desk.company_id,
                community_ids=desk.person.community_ids,
                by=desk.by,
                now=desk.now,
            )
    except NotFound:
        abort(404)
    except Refusal as refusal:
        flash(refusal.message)
    else:
        flash("记好了，这件事已处理。", "good")
    return redirect(url_for("desk_reconcile"), 303)


def _reason() -> str:
    return " ".join(request.form.get("reason", "").replace("\0", " ").split())[:100]
