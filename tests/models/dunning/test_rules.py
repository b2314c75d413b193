"""When which reminder comes, what stops it, how a debt is split, and what no reminder may ever say."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from models.dunning.forbidden import threats_in
from models.dunning.instalments import Part, missed, parts_of
from models.dunning.steps import Rules, may_remind, months_since, next_step, rules_from, running_out, stopped_by

DUE = date(2026, 3, 31)
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("days", "done", "fen", "step"),
    [
        (-7, None, 10**6, None), (0, None, 10**6, None), (2, None, 10**6, None), (3, None, 10**6, 1),
        (14, 1, 10**6, None), (15, 1, 10**6, 2), (29, 2, 10**6, None), (30, 2, 10**6, 3), (59, 3, 10**6, None),
        (60, 3, 200_000, 4), (60, 3, 199_999, None), (900, 4, 10**6, None),
        # A debt of years begins with a friendly word, too; the week before was no demand of it.
        (900, None, 10**6, 1), (3, 0, 10**6, 1), (15, 0, 10**6, 1), (15, -2, 10**6, 1),
    ],
)  # fmt: skip
def test_one_step_after_the_other(days: int, done: int | None, fen: int, step: int | None) -> None:
    found = next_step(Rules(), DUE, DUE + timedelta(days=days), done, fen)
    assert (found.number if found else None) == step


def test_a_company_has_its_own_days_in_order() -> None:
    rules = rules_from({"days": {"1": 5, "2": 20}, "threshold": 500_000, "days_to_pay": 30})
    assert [step.days for step in rules.steps] == [-7, 5, 20, 30, 60]
    assert rules_from({}) == Rules()
    for wrong in ({"days": {"2": 3}}, {"days": {"0": 1}}, {"days_to_pay": 10}):
        with pytest.raises(ValueError, match=r"after|letter"):
            rules_from(wrong)


def test_once_in_seven_days() -> None:
    assert may_remind(None, DUE)
    assert [may_remind(DUE, DUE + timedelta(days=days)) for days in (0, 6, 7)] == [False, False, True]
    assert stopped_by({"plan", "dispute"}) == "有争议、分期"


def test_parts_add_up_to_the_last_fen_and_the_short_month_ends_on_its_last_day() -> None:
    assert [part.fen for part in parts_of(10_000, 3, DUE)] == [3334, 3333, 3333]
    assert [part.due_on.isoformat() for part in parts_of(9, 3, DUE)] == ["2026-03-31", "2026-04-30", "2026-05-31"]
    for fen, count in ((10_000, 1), (10_000, 13), (1, 2)):
        with pytest.raises(ValueError, match="parts"):
            parts_of(fen, count, DUE)


def test_a_part_may_be_seven_days_late() -> None:
    parts = [Part(DUE, 100), Part(DUE + timedelta(days=30), 100)]
    assert not missed(parts, 0, DUE + timedelta(days=7))
    assert missed(parts, 99, DUE + timedelta(days=8))
    assert not missed(parts, 100, DUE + timedelta(days=8))


def test_thirty_months_without_proof_are_told_of() -> None:
    assert months_since(date(2024, 1, 31), date(2024, 2, 29)) == 0
    assert not running_out(date(2023, 9, 26), (), date(2026, 3, 25))
    assert running_out(date(2023, 9, 25), (), date(2026, 3, 25))
    assert not running_out(date(2023, 9, 25), (date(2024, 1, 1),), date(2026, 3, 25))


@pytest.mark.parametrize(
    "words",
    [
        "再不交就停水", "停您家的电", "把水给停了", "断电", "停 水 停 电", "拉闸", "水电都要停", "不给供水", "终止供暖",
        "断气", "电断掉", "将停止供应燃气", "关闭您家水阀", "限电措施",
    ],
)  # fmt: skip
def test_c1_a_threat_is_found(words: str) -> None:
    assert threats_in(words)


@pytest.mark.parametrize(
    "words",
    [
        "请交物业费、水费、电费和停车费", "水电、停车费一共3元", "有疑问请打电话", "关于水费", "截止3月", "停车费 欠100元",
        "请在限期内交", "物业费、垃圾清运费、水电停车费", "电梯费关心您",
    ],
)  # fmt: skip
def test_c1_what_is_no_threat_is_let_through(words: str) -> None:
    assert threats_in(words) == []


def test_c1_no_reminder_of_ours_threatens_to_cut_anything_off() -> None:
    texts = [*(ROOT / "templates" / "messages").glob("payment_*.txt"), *(ROOT / "models" / "dunning").glob("*.py")]
    texts += [*(ROOT / "handlers").glob("demand_letter*.py"), ROOT / "handlers" / "resident" / "say_why_unpaid.py"]
    found = {}
    for path in texts:
        written = path.read_text() if path.suffix == ".txt" else "\n".join(_said(path.read_text()))
        if path.stem not in ("forbidden", "actions") and (threats := threats_in(written)):
            found[path.name] = threats
    assert len(texts) > 8
    assert found == {}


def _said(code: str) -> list[str]:
    return re.findall(r'"([^"\n]*[\u4e00-\u9fff][^"\n]*)"', code)


def test_c2_an_empty_flat_is_never_told_that_it_need_not_pay() -> None:
    words = (ROOT / "handlers" / "resident" / "say_why_unpaid.py").read_text()
    assert "还是要交" in words
    assert not re.search(r"可以不交|不用交(?!的)|免交", words)
