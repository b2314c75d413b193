"""Logs: one JSON object a line, with its request, and nothing personal in it."""

import json
import logging

import pytest

from bot.logs import JsonLines, mask, new_request_id, request_id, who


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("打13812348000", "打138****8000"),
        ("13812348000和13912345678", "138****8000和139****5678"),
        ("openid=oAbcdefghijklmnopqrstuvwxyz1", "openid=[openid]"),
        ("demo-zhang says", "[openid] says"),
        ("110101199003077758", "[id]"),
        ("11010119900307775X", "[id]"),
        ("token?appid=wx1&secret=abc123&x=1", "token?appid=wx1&secret=***&x=1"),
        ("access_token=89_AbC-d_ef", "access_token=***"),
        ("order 1024, 3-2-501, 1,234.50元", "order 1024, 3-2-501, 1,234.50元"),
        ("trade 4200001234202511231234567890", "trade 4200001234202511231234567890"),
    ],
)
def test_what_is_personal_is_masked_and_the_rest_is_kept(said: str, kept: str) -> None:
    assert mask(said) == kept


def line(message: str, exc_info: object = None, **extra: object) -> dict[str, object]:
    record = logging.LogRecord("bot.test", logging.INFO, "f.py", 1, message, (), exc_info)  # type: ignore[arg-type]
    vars(record).update(extra)
    text = JsonLines().format(record)
    assert "\n" not in text
    parsed: dict[str, object] = json.loads(text)
    return parsed


def test_a_line_says_when_who_and_in_which_request() -> None:
    fresh = new_request_id()
    said = line("a frame was refused", status=403)
    assert (said["says"], said["status"], said["level"], said["from"]) == (
        "a frame was refused",
        403,
        "info",
        "bot.test",
    )
    assert said["request"] == fresh == request_id.get()


def test_two_requests_have_two_names() -> None:
    assert new_request_id() != new_request_id()


def test_what_is_passed_along_is_masked_too() -> None:
    said = json.dumps(line("failed", phone="13812348000", answer={"openid": "oAbcdefghijklmnopqrstuvwxyz1"}))
    assert "13812348000" not in said
    assert "oAbcdefghijklmnopqrstuvwxyz1" not in said


def test_a_trace_is_one_line_and_masked() -> None:
    try:
        raise ValueError("13812348000")
    except ValueError as failure:
        said = line("oops", (type(failure), failure, failure.__traceback__))
    assert "ValueError" in str(said["trace"])
    assert "13812348000" not in str(said["trace"])


def test_the_same_person_reads_the_same_and_cannot_be_found_by_it() -> None:
    name = who("gh", "oAbc")
    assert name == who("gh", "oAbc") != who("gh", "oAbd")
    assert name != who("gi", "oAbc")
    assert "oAbc" not in name
