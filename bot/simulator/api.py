"""The platform's API over HTTP: every call suffers its fault, shows its token, is counted, and is checked, in this order."""

import json
from typing import Any

from flask import Blueprint, Response, request

from bot.simulator import api_account, api_messages, api_people
from bot.simulator.calls import Answer, Call, Request
from bot.simulator.errors import ApiError
from bot.simulator.faults import Fault
from bot.simulator.platform import Platform
from bot.simulator.strict import check, escapes_chinese, read_body

CALLS: dict[str, Call] = {call.path: call for call in api_account.CALLS + api_messages.CALLS + api_people.CALLS}
GIVEN_UP = 10.0  # seconds after which nobody waits for an answer any more
_BEFORE = {"busy": -1, "45009": 45009, "40001_once": 40001, "40001_always": 40001}


def blueprint(platform: Platform) -> Blueprint:
    api = Blueprint("api", __name__)

    @api.route("/cgi-bin/showqrcode")
    def show_qrcode() -> Response:
        picture = platform.qrcodes.picture(request.args.get("ticket", ""), platform.clock.now())
        return Response(picture, content_type="image/png") if picture else Response("no such code", status=404)

    @api.route("/cgi-bin/<path:_rest>", methods=["GET", "POST"])
    @api.route("/sns/<path:_rest>", methods=["GET", "POST"])
    def call(_rest: str) -> Response:
        fault = platform.faults.take(request.path)
        if fault is None:
            return _perform(platform)
        return _with_fault(platform, fault)

    return api


def _with_fault(platform: Platform, fault: Fault) -> Response:
    if fault.kind in _BEFORE:
        return _json(ApiError(_BEFORE[fault.kind]).answer())
    if fault.kind == "502":
        return Response("<html><body>502 Bad Gateway</body></html>", status=502)
    if fault.kind == "timeout_before":
        platform.wait(GIVEN_UP)
        return Response(status=504)
    answer = _perform(platform)
    if fault.kind == "timeout_after":
        platform.wait(GIVEN_UP)
        return Response(status=504)
    if fault.kind == "half_body":
        content = answer.get_data()
        return Response(content[: len(content) // 2], content_type=answer.content_type)
    platform.wait(fault.seconds)
    return answer


def _perform(platform: Platform) -> Response:
    try:
        with platform.lock:
            answer = _checked(platform)
    except ApiError as refusal:
        return _json(refusal.answer())
    return answer if isinstance(answer, Response) else _json(answer)


def _checked(platform: Platform) -> Answer:
    call, now = CALLS.get(request.path), platform.clock.now()
    if call is None:
        raise ApiError(89503, f"hint: [{request.path}]")
    if request.method != call.method:
        raise ApiError(43002 if call.method == "POST" else 43001)
    query = request.args.to_dict()
    if call.token:
        platform.tokens.check(query.pop("access_token", ""), now)
    platform.counts.count(call.path, now)
    check(query, call.query or {}, "query")
    body: dict[str, Any] = {}
    if call.body is not None:
        raw = request.get_data()
        body = read_body(raw)
        check(body, call.body)
        if escapes_chinese(raw):
            platform.flags.append(f"{call.path}: Chinese was sent as \\uXXXX")
    return call.answer(Request(platform, now, query, body, _file()))


def _file() -> tuple[str, bytes] | None:
    """The upload named `media`; the platform insists on a file name."""
    upload = request.files.get("media")
    return (upload.filename, upload.read()) if upload is not None and upload.filename else None


def _json(answer: dict[str, Any]) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), content_type="application/json; charset=utf-8")
