"""The tools around the phones: the shared clock, the faults, and the page that says who is looking."""

from dataclasses import asdict
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from bot.simulator.platform import Platform
from bot.simulator.wishes import apologise, json_object

EVENING = time(18, 30)  # When the daily report has been sent and the night shift begins: worth a button of its own.


def blueprint(platform: Platform) -> Blueprint:
    """The clock, the faults, and the authorize page."""
    tools = Blueprint("tools", __name__)
    apologise(tools)

    @tools.get("/simulator/api/clock")
    def clock() -> Response:
        return jsonify({"now": platform.clock.now().isoformat()})

    @tools.post("/simulator/api/clock")
    def move_clock() -> Response:
        wish = json_object()
        step = _until_evening(platform.clock.now()) if wish.get("to") == "evening" else None
        platform.advance(step or timedelta(seconds=float(wish["move_seconds"])))
        return clock()

    @tools.get("/simulator/api/faults")
    def faults() -> Response:
        return jsonify({"faults": platform.faults.waiting(), "failures": [asdict(each) for each in platform.failures]})

    @tools.post("/simulator/api/faults")
    def change_faults() -> Response:
        wish = json_object()
        if wish.get("clear"):
            platform.faults.clear()
        else:
            platform.faults.add(wish["path"], wish["kind"], int(wish.get("times", 1)), float(wish.get("seconds", 3)))
        return faults()

    # Also below /simulator, for a browser that reaches this process only through the product's address.
    @tools.get("/connect/oauth2/authorize")
    @tools.get("/simulator/connect/oauth2/authorize")
    def authorize() -> str | BaseResponse:
        return _authorize(platform)

    return tools


def _authorize(platform: Platform) -> str | BaseResponse:
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name != "simulator_openid"]
    complaint = platform.oauth.complaint(pairs)
    if complaint:
        return Response(f"redirect failed: {complaint}", status=400, content_type="text/plain")
    openid = request.args.get("simulator_openid") or request.cookies.get("simulator_openid", "")
    if openid not in platform.people:
        choices = [
            (f"?{urlencode([*pairs, ('simulator_openid', who)])}", each) for who, each in platform.people.items()
        ]
        return render_template("simulator.html", choices=choices, account_name=platform.settings.account_name)
    given = dict(pairs)
    return redirect(
        platform.oauth.grant(openid, given["scope"], given["redirect_uri"], given["state"], platform.clock.now())
    )


def _until_evening(now: datetime) -> timedelta:
    evening = now.replace(hour=EVENING.hour, minute=EVENING.minute, second=0, microsecond=0)
    return evening - now if evening > now else evening + timedelta(days=1) - now
