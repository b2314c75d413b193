"""Which place a sentence speaks of, with every way the answer must be "none"."""

from dataclasses import dataclass

import pytest

from models.estate.place_words import meant, spelling, split_nicknames


@dataclass(frozen=True)
class Named:
    place_id: int
    word: str
    building: str = ""
    entrance: str = ""


LIFTS = [
    Named(10 * building + entrance, "电梯", str(building), str(entrance)) for building in (3, 5) for entrance in (1, 2)
]


@pytest.mark.parametrize(
    ("text", "home", "expected"),
    [
        ("3栋2单元电梯不动了", ("", ""), 32),
        ("3栋2单元电梯不动了", ("5", "1"), 32),  # said counts more than where one lives
        ("电梯不动了", ("3", "2"), 32),
        ("电梯不动了", ("", ""), None),  # four lifts, and nobody knows which
        ("电梯不动了", ("4", "1"), None),  # no lift in their own building
        ("3栋电梯不动了", ("", ""), None),  # two of them
        ("3栋电梯不动了", ("3", "2"), 32),  # their own of the two
        ("3栋电梯不动了", ("5", "2"), None),  # the entrance of another building says nothing
        ("7栋电梯不动了", ("3", "2"), None),
        ("1单元的电梯不动了", ("3", "2"), 31),
        ("三号楼二门电梯不动了", ("", ""), 32),
    ],
)
def test_which_lift(text: str, home: tuple[str, str], expected: int | None) -> None:
    place = meant(text, LIFTS, building=home[0], entrance=home[1])
    assert (place.place_id if place else None) == expected


def test_the_longest_word_wins() -> None:
    named = [Named(1, "楼道", "3", "2"), Named(2, "楼道灯", "3", "2"), Named(3, "大门")]
    place = meant("大门旁边3栋2单元楼道灯不亮", named)
    assert place is not None
    assert place.place_id == 2


def test_a_place_of_the_whole_compound_is_meant_whoever_speaks() -> None:
    for home in (("", ""), ("3", "2")):
        place = meant("垃圾房的灯不亮", [Named(7, "垃圾房")], building=home[0], entrance=home[1])
        assert place is not None
        assert place.place_id == 7


def test_two_places_of_one_name_in_no_building_are_none() -> None:
    assert meant("凉亭的灯不亮", [Named(1, "凉亭"), Named(2, "凉亭")]) is None


def test_nothing_named_is_nothing_meant() -> None:
    assert meant("厨房水管漏水", []) is None


def test_names_are_searched_in_one_spelling() -> None:
    assert spelling("Ａ区 wc") == "A区WC"
    assert split_nicknames("升降机、轿厢，轿厢 ;老年 活动角") == ("升降机", "轿厢", "老年", "活动角")
