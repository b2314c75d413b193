"""The second opinion: asked only about what is not understood, told nothing of anybody, never acted upon."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot.incoming import Incoming
from bot.second_opinion import SecondOpinion
from bot.understanding.meaning import Meaning
from handlers.nameless import nameless
from handlers.program import build_program, build_understanding
from handlers.second_opinion import second_opinion_of
from tests.support.world import World

RIDDLE = "弄那个那个去"
TITLES = {"repair_report": "报修", "bill_query": "看账单"}


class Service:
    """Answers what it was told to, and remembers what it was asked."""

    def __init__(self, says: Any, status: int = 200) -> None:
        self.says, self.status, self.asked = says, status, []  # type: ignore[var-annotated]

    def post(self, url: str, **how: Any) -> Any:
        self.asked.append((url, how))
        if isinstance(self.says, Exception):
            raise self.says
        body = {"choices": [{"message": {"content": self.says}}]}
        return SimpleNamespace(status_code=self.status, json=lambda: body)


def opinion(service: Service, sure: float = 0.1) -> SecondOpinion:
    return SecondOpinion(
        service, url="https://ai.example/v1", key="secret", model="small", titles=TITLES,
        understand=lambda words: Meaning("out_of_scope", {}, sure), nameless=lambda text: text.replace("张伟", "某"),
        unsure_below=0.5,
    )  # fmt: skip


@pytest.fixture
def incoming(world: World) -> Incoming:
    return Incoming("gh", "zhang", "text", "1", world.clock.now(), text=f"张伟说{RIDDLE}")


def test_it_is_asked_what_we_do_not_understand_and_gives_a_hint(incoming: Incoming) -> None:
    service = Service(" repair_report。")
    assert opinion(service).hint(incoming).hint == "repair_report"
    ((url, how),) = service.asked
    assert url == "https://ai.example/v1/chat/completions"
    assert how["headers"] == {"Authorization": "Bearer secret"}
    assert sum(how["timeout"]) <= 2
    asked = how["json"]["messages"]
    assert "repair_report 报修" in asked[0]["content"]
    assert asked[1]["content"] == f"某说{RIDDLE}"


@pytest.mark.parametrize("says", ["none", "delete_everything", "报修", "", "repair_report bill_query"])
def test_an_answer_that_is_none_of_ours_is_no_hint(incoming: Incoming, says: str) -> None:
    assert opinion(Service(says)).hint(incoming).hint == ""


def test_what_is_understood_or_says_nothing_stays_here(incoming: Incoming) -> None:
    service = Service("repair_report")
    assert opinion(service, sure=0.9).hint(incoming) == incoming
    for changed in ({"text": "哦"}, {"text": "长" * 300}, {"kind": "image"}):
        assert opinion(service).hint(replace(incoming, **changed)).hint == ""  # type: ignore[arg-type]
    assert service.asked == []


@pytest.mark.parametrize(("says", "status"), [(TimeoutError(), 200), ("repair_report", 500), (None, 200)])
def test_after_a_failure_nobody_waits_for_it_for_a_while(incoming: Incoming, says: Any, status: int) -> None:
    trouble = Service(says, status)
    asker = opinion(trouble)
    assert asker.hint(incoming).hint == ""
    assert asker.hint(incoming).hint == ""
    assert len(trouble.asked) == 1
    asker._resting_until = 0.0
    asker.hint(incoming)
    assert len(trouble.asked) == 2


def test_a_hint_is_asked_about_and_begins_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(world.app.extensions, "second_opinion", opinion(Service("bill_query"), sure=0.0))
    assert "您是要看账单吗？" in world.says("demo-zhang", RIDDLE)
    assert "账单" in world.says("demo-zhang", "1")
    monkeypatch.setitem(world.app.extensions, "second_opinion", None)
    assert "您是要" not in world.says("demo-zhang", RIDDLE)


def test_it_is_off_unless_it_is_set_up(world: World) -> None:
    program, understanding = build_program(), build_understanding()
    assert second_opinion_of(world.services, program, understanding) is None
    settings = replace(world.services.settings, opinion_url="https://ai.example/v1", opinion_model="small")
    found = second_opinion_of(replace(world.services, settings=settings), program, understanding)
    assert found is not None
    assert "repair_report" in found._titles
    assert not {"manager_broadcast", "take_payment", "issue_bills", "waive_fee"} & found._titles.keys()


CANARIES = (
    ("我叫欧阳锋，住3栋2单元501，电话13812348001", ("欧阳锋", "3栋", "501", "138")),
    ("王建国家的车沪A12345又堵门了", ("王建国", "沪A", "12345")),
    ("三栋二单元五零一的李师傅怎么还没来", ("三栋", "五零一", "李师傅")),
    ("我邮箱是zhang.wei@example.com发票发过来", ("zhang", "example")),
    ("身份证11010119900307123X登记一下", ("1101", "0307", "123X")),
    ("司马懿昨天把东西扔楼道了", ("司马懿",)),
    ("卡号6222000011112222转不过去", ("6222",)),
    ("我是夏侯惇的邻居", ("夏侯惇",)),
    ("三栋欧阳锋今天又来闹", ("欧", "锋")),
    ("找老韩2单元褚遂良要钥匙", ("褚", "遂", "良要")),
)


@pytest.mark.parametrize(("text", "canaries"), CANARIES)
def test_nothing_of_anybody_leaves_the_machine(text: str, canaries: tuple[str, ...]) -> None:
    left = nameless(text)
    assert [canary for canary in canaries if canary in left] == []


def test_what_is_asked_for_is_still_there() -> None:
    known: Callable[[str], bool] = lambda pair: pair in {"水管", "漏水", "管漏"}  # noqa: E731
    assert nameless("甄嬛水管漏水", known) == "某水管漏水"
    assert "水管" in nameless("厨房的水管漏水了")
