"""Misbehaving on demand: what happened and what was heard of it are two things."""

import json

import pytest

from bot.simulator import Platform
from tests.bot.simulator.conftest import GOOD_DATA, Api

PATH = "/cgi-bin/message/template/send"
BODY = json.dumps({"touser": "demo-zhang", "template_id": "T-task", "data": GOOD_DATA}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("kind", "status", "happened"), [("timeout_before", 504, 0), ("timeout_after", 504, 1), ("502", 502, 0)]
)
def test_no_answer_tells_nothing(api: Api, platform: Platform, kind: str, status: int, happened: int) -> None:
    platform.faults.add(PATH, kind, 1)
    assert api.raw("POST", PATH, data=BODY).status_code == status
    assert len(platform.chat("demo-zhang")) == happened


def test_a_timeout_is_waited_out(api: Api, platform: Platform, waits: list[float]) -> None:
    platform.faults.add(PATH, "timeout_before", 1)
    api.raw("POST", PATH, data=BODY)
    assert waits == [10.0]


@pytest.mark.parametrize(("kind", "errcode"), [("busy", -1), ("45009", 45009), ("40001_once", 40001)])
def test_a_refusal_passes(api: Api, platform: Platform, kind: str, errcode: int) -> None:
    platform.faults.add(PATH, kind, 1)
    assert [api.send_template()["errcode"] for _time in range(2)] == [errcode, 0]
    assert len(platform.chat("demo-zhang")) == 1


def test_times_are_counted(api: Api, platform: Platform) -> None:
    platform.faults.add(PATH, "busy", 2)
    assert [api.send_template()["errcode"] for _time in range(3)] == [-1, -1, 0]


def test_always_means_until_cleared(api: Api, platform: Platform) -> None:
    platform.faults.add(PATH, "40001_always", 1)
    assert {api.send_template()["errcode"] for _time in range(5)} == {40001}
    platform.faults.clear()
    assert api.send_template()["errcode"] == 0


def test_half_an_answer_is_not_json(api: Api, platform: Platform) -> None:
    platform.faults.add(PATH, "half_body", 1)
    half = api.raw("POST", PATH, data=BODY).get_data()
    assert half.startswith(b'{"errcode"')
    with pytest.raises(ValueError, match=r"."):
        json.loads(half)
    assert len(platform.chat("demo-zhang")) == 1


def test_slow_answers_late_but_rightly(api: Api, platform: Platform, waits: list[float]) -> None:
    platform.faults.add(PATH, "slow", 1, seconds=4.5)
    assert api.send_template()["errcode"] == 0
    assert waits == [4.5]


def test_other_calls_are_untouched(api: Api, platform: Platform) -> None:
    platform.faults.add(PATH, "502", 9)
    assert "ip_list" in api.get("/cgi-bin/getcallbackip")


def test_faults_are_ordered_and_seen_over_http(api: Api) -> None:
    ordered = api.client.post("/simulator/api/faults", json={"path": PATH, "kind": "busy", "times": 3}).json
    assert ordered is not None
    assert ordered["faults"] == [{"path": PATH, "kind": "busy", "times": 3, "seconds": 3.0}]
    assert api.client.post("/simulator/api/faults", json={"path": PATH, "kind": "flood"}).status_code == 400
    cleared = api.client.post("/simulator/api/faults", json={"clear": True}).json
    assert cleared is not None
    assert cleared["faults"] == []
