"""/desk/runs: a month's bills from the draft to the owners: looked through, checked, and given out or worked out anew."""

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from handlers.money_desk import LARGEST_ID, MANAGERS, Office, number_asked, office, words_asked
from models.billing.publish import Check, approve, check, discard
from models.billing.run_pages import changed_most, rows_after, runs_before, skipped_after
from models.billing.tables import BillingRun
from models.errors import Refusal
from models.estate.queries import find_homes, said_homes
from models.estate.tables import Community
from models.money import shown
from models.payments.account import ALL

RUNS, ROWS, CHANGES, FOUND = 24, 50, 20, 50
STATES = {"draft": "正在算", "ready": "等您核对", "approved": "正在发布", "published": "已发布"}
OTHER_NOW = "这批账单刚刚重新算过，和您看到的不一样了。请再核对一遍。"


def register(app: Flask) -> None:
    one = f"/desk/runs/<int(max={LARGEST_ID}):run_id>"
    app.add_url_rule("/desk/runs", view_func=desk_runs, methods=["GET"])
    app.add_url_rule(one, view_func=desk_run, methods=["GET"])
    app.add_url_rule(f"{one}/publish", view_func=desk_run_publish, methods=["POST"])
    app.add_url_rule(f"{one}/anew", view_func=desk_run_anew, methods=["POST"])


def desk_runs() -> str:
    desk = office(MANAGERS)
    with desk.services.database.reading() as session:
        theirs, chosen = desk.chosen(session)
        found = runs_before(session, list(chosen), before=number_asked("before") or ALL, limit=RUNS + 1)
        return render_template(
            "desk/runs.html",
            compounds=theirs,
            compound=next(iter(chosen)) if len(chosen) == 1 else None,
            found=found[:RUNS],
            older=found[RUNS - 1].id if len(found) > RUNS else None,
            states=STATES,
            shown=shown,
        )


def desk_run(run_id: int) -> str:
    desk, text = office(MANAGERS), words_asked("text")
    with desk.services.database.reading() as session:
        run, community = _run(session, desk, run_id)
        homes = None
        if text:
            said = said_homes(text, bare_room=True)[:5]
            found = [find_homes(session, words, community_ids=[community.id], limit=FOUND) for words in said]
            homes = [home.id for some in found for home in some]
        rows = rows_after(session, run, after=number_asked("after") or 0, limit=ROWS + 1, homes=homes)
        skipped = skipped_after(session, run, after=number_asked("skipped") or 0, limit=ROWS + 1)
        return render_template(
            "desk/run.html",
            run=run,
            name=community.name,
            state=STATES[run.state],
            found=check(session, run),
            rows=rows[:ROWS],
            next=rows[ROWS - 1].bill.id if len(rows) > ROWS else None,
            skipped=skipped[:ROWS],
            next_skipped=skipped[ROWS - 1].charge if len(skipped) > ROWS else None,
            changed=changed_most(session, run, limit=CHANGES),
            text=text,
            shown=shown,
        )


def desk_run_publish(run_id: int) -> Response:
    """The same step as 「发布账单」 in the chat: a job gives them out a moment later."""
    desk = office(MANAGERS)
    try:
        with desk.services.database.transaction() as session:
            run, community = _run(session, desk, run_id)
            _same_as_seen(check(session, run))
            approve(session, run, by=desk.by, now=desk.now)
            said = f"{community.name} {run.period} 的账单马上发给业主。"
    except Refusal as refusal:
        flash(refusal.message)
    else:
        flash(said, "good")
    return redirect(url_for("desk_run", run_id=run_id), 303)


def desk_run_anew(run_id: int) -> Response:
    desk = office(MANAGERS)
    try:
        with desk.services.database.transaction() as session:
            run, community = _run(session, desk, run_id)
            said = f"{community.name} {run.period} 夜里重新算，明天早上再请您核对。"
            discard(session, run)
    except Refusal as refusal:
        flash(refusal.message)
        return redirect(url_for("desk_run", run_id=run_id), 303)
    flash(said, "good")
    return redirect(url_for("desk_runs"), 303)


def _same_as_seen(found: Check) -> None:
    """What is confirmed is what is done. Raises Refusal."""
    if request.form.get("seen") != f"{found.bills}-{found.fen}":
        raise Refusal(OTHER_NOW)


def _run(session: Session, desk: Office, run_id: int) -> tuple[BillingRun, Community]:
    run = session.get(BillingRun, run_id)
    community = session.get(Community, run.community_id) if run is not None else None
    if run is None or community is None or not desk.looks_after(community):
        abort(404)
    return run, community
