"""What a ledger of people means beside the books, without a database."""

import pytest

from models.estate.addresses import Address
from models.estate.ledger_rows import Relation, ResidentRow
from models.people.ledger_ties import Tie, TiesPlan, plan_ties

HOME = ("3", "2", "501")
OTHER_HOME = ("3", "2", "502")
ZHANG = Tie(7, HOME, 70, "张伟", "13912345678", "", "owner")


def row(name: str, *phones: str, home: tuple[str, str, str] = HOME, relation: Relation = "owner") -> ResidentRow:
    return ResidentRow(Address(*home), name, phones, relation, "表!B2")


def plan(
    *rows: ResidentRow, ties: tuple[Tie, ...] = (ZHANG,), people: dict[tuple[str, str], int] | None = None
) -> TiesPlan:
    return plan_ties(rows, frozenset({HOME, OTHER_HOME}), ties, people or {("张伟", "13912345678"): 70})


def test_who_is_on_the_books_already_stays_as_they_are() -> None:
    same = plan(row("张伟", "13912345678"))
    assert (same.unchanged, same.new_people, same.new_ties, same.changes) == (1, [], [], [])


@pytest.mark.parametrize("name", ["张 伟", "张伟先生", "张　伟"])
def test_a_name_written_a_little_differently_is_the_same_person(name: str) -> None:
    assert plan(row(name)).unchanged == 1


def test_a_ledger_without_a_phone_takes_none_away() -> None:
    assert plan(row("张伟")).new_phones == {}


def test_a_new_phone_is_corrected_and_said_masked() -> None:
    changed = plan(row("张伟", "13912345679", "13912345670"))
    assert changed.new_phones == {70: ("13912345679", "13912345670")}
    assert changed.changes == ["3栋2单元501 张伟：电话 139****5678 → 139****5679"]


def test_another_part_in_the_same_home_changes_the_tie() -> None:
    changed = plan(row("张伟", relation="family"))
    assert (changed.new_relations, changed.changes) == ({7: "family"}, ["3栋2单元501 张伟：业主 → 家属"])


def test_the_same_name_and_phone_in_another_home_is_the_same_person() -> None:
    moved = plan(row("张伟", "13912345678", home=OTHER_HOME))
    assert [(person, place) for _, person, place in moved.new_ties] == [(70, None)]
    assert moved.new_people == []


def test_the_same_name_with_another_phone_or_none_elsewhere_is_somebody_else() -> None:
    others = plan(row("张伟", "13912345679", home=OTHER_HOME))
    unknown = plan(row("张伟", home=OTHER_HOME))
    assert len(others.new_people) == len(unknown.new_people) == 1


def test_a_new_owner_beside_an_old_one_is_said() -> None:
    added = plan(row("李娜", "13912345679"))
    assert added.changes == ["3栋2单元501：新增业主 李娜，原有业主 张伟 仍保留"]


def test_a_line_said_twice_counts_once_and_said_differently_is_a_contradiction() -> None:
    twice = plan(row("李娜"), row("李娜"))
    assert (len(twice.new_people), twice.contradictions) == (1, [])
    differently = plan(row("李娜", "13912345679"), row("李娜", "13912345670"))
    assert len(differently.contradictions) == 1


def test_two_homes_that_say_two_phones_of_one_person_are_a_contradiction() -> None:
    also = Tie(8, OTHER_HOME, 70, "张伟", "13912345678", "", "owner")
    both = plan(row("张伟", "13912345679"), row("张伟", "13912345670", home=OTHER_HOME), ties=(ZHANG, also))
    assert len(both.contradictions) == 1


def test_a_home_nobody_knows_is_never_added_for_its_people() -> None:
    lost = plan(row("李娜", home=("9", "9", "999")))
    assert ([person.name for person in lost.unknown_homes], lost.new_people) == (["李娜"], [])
