"""/desk/months: which months are closed, the numbers of one with what must agree, closing it, and opening it again."""

import re

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from handlers.money_desk import BOOKS, LARGEST_ID, MANAGERS, Office, office
from models.billing.cycles import months_later
from models.db import SHANGHAI
from models.errors import Refusal
from models.estate.tables import Community
from models.money import shown
from models.payments import month_close
from models.payments.month_figures import figures_of
from models.payments.month_ties import Month
from models.people.queries import names_in_log

SHOWN = 6
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
OTHER_NOW = "数字刚刚有变化，和您看到的不一样了。请再核对一遍。"


def register(app: Flask) -> None:
    one = f"/desk/months/<int(max={LARGEST_ID}):community_id>/<period>"
    app.add_url_rule("/desk/months", view_func=desk_months, methods=["GET"])
    app.add_url_rule(one, view_func=desk_month, methods=["GET"])
    app.add_url_rule(f"{one}/close", view_func=desk_month_close, methods=["POST"])
    app.add_url_rule(f"{one}/reopen", view_func=desk_month_reopen, methods=["POST"])


def desk_months() -> str:
    desk = office(BOOKS)
    first = desk.now.date().replace(day=1)
    periods = [f"{months_later(first, -back):%Y-%m}" for back in range(SHOWN)]
    with desk.services.database.reading() as session:
        theirs = desk.compounds(session)
        closed = month_close.closed_since(session, list(theirs), periods[-1])
    over = {period: month_close.is_over(period, desk.now) for period in periods}
    return render_template("desk/months.html", compounds=theirs, periods=periods, closed=closed, over=over)


def desk_month(community_id: int, period: str) -> str:
    desk = office(BOOKS)
    with desk.services.database.reading() as session:
        community = _community(session, desk, community_id, period)
        row = month_close.closed(session, community.id, period)
        month = month_close.signed(row) if row is not None else figures_of(session, community.id, period)
        over = month_close.is_over(period, desk.now)
        return render_template(
            "desk/month.html",
            community=community,
            period=period,
            month=month,
            over=over,
            why=month_close.in_the_way(session, community, period, month) if row is None and over else [],
            row=row,
            closed_by=names_in_log(session, [row.by]).get(row.by, row.by) if row is not None else "",
            may_reopen=desk.may(MANAGERS),
            seen=_mark(month),
            of_all=desk.person.community_ids is None,
            local=lambda moment: moment.astimezone(SHANGHAI),
            shown=shown,
        )


def desk_month_close(community_id: int, period: str) -> Response:
    desk = office(BOOKS)
    try:
        with desk.services.database.transaction() as session:
            community = _community(session, desk, community_id, period)
            if _mark(month_close.preview(session, community, period, now=desk.now)) != request.form.get("seen"):
                raise Refusal(OTHER_NOW)
            month_close.close(session, community, period, by=desk.by, now=desk.now)
    except Refusal as refusal:
        flash(refusal.message)
    else:
        flash(f"{period} 月结好了。以后的收款都记在下个月。", "good")
    return redirect(url_for("desk_month", community_id=community_id, period=period), 303)


def desk_month_reopen(community_id: int, period: str) -> Response:
    desk = office(MANAGERS)
    reason = " ".join(request.form.get("reason", "").replace("\0", " ").split())
    try:
        with desk.services.database.transaction() as session:
            community = _community(session, desk, community_id, period)
            month_close.reopen(session, community, period, reason, by=desk.by, now=desk.now)
    except Refusal as refusal:
        flash(refusal.message)
    else:
        flash(f"{period} 重开了。改好以后记得再月结。", "good")
    return redirect(url_for("desk_month", community_id=community_id, period=period), 303)


def _mark(month: Month) -> str:
    """What is confirmed is what is signed."""
    return f"{month.due}-{month.received}-{month.came}-{month.closing}-{month.unclaimed}"


def _community(session: Session, desk: Office, community_id: int, period: str) -> Community:
    community = session.get(Community, community_id)
    if community is None or not desk.looks_after(community) or not _MONTH.fullmatch(period):
        abort(404)
    return community
