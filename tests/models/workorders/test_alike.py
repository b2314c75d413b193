"""Which reports may be one thing, with worked cases; and what a place says about a trouble."""

from datetime import datetime, timedelta

import pytest

from models.workorders.alike import Pair, Report, alike_pairs, category_at

NINE = datetime(2026, 3, 10, 9, 0)


def report(number: int, minutes: int, who: str, **more: object) -> Report:
    said = {"community_id": 1, "place_id": None, "building": "", "category": "水", **more}
    return Report(number=number, who=who, at=NINE + timedelta(minutes=minutes), **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        # one place, whatever the kind of trouble
        (report(1, 0, "a", place_id=7, category="照明"), report(2, 60, "b", place_id=7, category="电梯"), True),
        (report(1, 0, "a", place_id=7), report(2, 61, "b", place_id=7), False),
        (report(1, 0, "a", place_id=7), report(2, 5, "a", place_id=7), False),
        (report(1, 0, "a", place_id=7, building="3"), report(2, 5, "b", place_id=8, building="3"), False),
        # one building and kind of trouble
        (report(1, 0, "a", building="3"), report(2, 30, "b", building="3"), True),
        (report(1, 0, "a", building="3"), report(2, 30, "b", building="4"), False),
        (report(1, 0, "a", building="3"), report(2, 30, "b", building="3", category="电"), False),
        (report(1, 0, "a", building=""), report(2, 30, "b", building=""), False),
        (report(1, 0, "a", building="3"), report(2, 30, "b", building="3", community_id=2), False),
        (report(1, 0, "a", building="3", place_id=7), report(2, 30, "b", building="3"), True),
    ],
)
def test_two_reports(first: Report, second: Report, alike: bool) -> None:
    expected = [Pair(later=2, earlier=1)] if alike else []
    assert alike_pairs([first, second]) == alike_pairs([second, first]) == expected


def test_each_is_paired_with_the_first_of_its_hour() -> None:
    reports = [
        report(number, minutes, who, building="3") for number, minutes, who in ((1, 0, "a"), (2, 40, "b"), (3, 80, "c"))
    ]
    assert alike_pairs(reports) == [Pair(2, 1), Pair(3, 2)]


@pytest.mark.parametrize(
    ("words", "said", "category"),
    [
        (("电梯",), (), "电梯"),  # a picture alone
        (("电梯",), ("门窗",), "电梯"),  # its door is no carpenter's work
        (("电梯",), ("照明",), "照明"),
        (("电梯",), ("保洁", "电梯"), "保洁"),
        (("垃圾房",), (), "保洁"),
        (("垃圾房",), ("照明",), "照明"),
        (("水泵房",), (), "水"),
        (("健身角",), (), "设施"),
        (("某某处",), (), "其他"),
        (("某某处",), ("水",), "水"),
    ],
)
def test_the_kind_of_trouble_at_a_place(words: tuple[str, ...], said: tuple[str, ...], category: str) -> None:
    assert category_at(words, said) == category
