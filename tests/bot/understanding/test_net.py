"""The small net: it tells apart what words tell apart, says how likely, forgets nothing on the way to its file, and is the same each time."""

from pathlib import Path

import pytest

from bot.understanding.learned import Lesson
from bot.understanding.net import NONE, Net, learn_net


def lesson(wanted: str, about: set[str], word: str, number: int) -> Lesson:
    traits = (word, f"甲{number % 3}", f"天{number}")
    return Lesson(traits, {"wanted": frozenset({wanted}), "about": frozenset(about)})


WATER = [lesson("repair", {"pipes", "taps"} if n % 5 == 0 else {"pipes"}, "水", n) for n in range(60)]
MONEY = [lesson("bill", set(), "钱", n) for n in range(60)]
LAMPS = [Lesson(("灯",), {"about": frozenset({"lamps"})})] * 20  # a word by itself: nobody knows what is wanted
ALL = WATER + MONEY + LAMPS
QUESTIONS = ("wanted", "about")


@pytest.fixture(scope="module")
def net() -> Net:
    return learn_net(ALL, QUESTIONS)


@pytest.mark.parametrize(("said", "meant"), [("水", "repair"), ("钱", "bill")])
def test_what_was_told_apart_is_told_apart(net: Net, said: str, meant: str) -> None:
    likely = net.answers([said, "甲1", "从来没有过"])["wanted"]
    assert likely[meant] > 0.9
    assert sum(likely.values()) == pytest.approx(1)


@pytest.mark.parametrize(("said", "meant"), [("水", "pipes"), ("钱", NONE), ("灯", "lamps")])
def test_what_it_is_about_is_a_question_of_its_own_and_may_have_no_answer(net: Net, said: str, meant: str) -> None:
    likely = net.answers([said])["about"]
    assert max(likely, key=likely.__getitem__) == meant
    assert set(likely) == {NONE, "lamps", "pipes", "taps"}
    assert sum(likely.values()) == pytest.approx(1)


def test_two_answers_share_and_a_question_that_was_not_put_teaches_nothing(net: Net) -> None:
    about = net.answers(["水"])["about"]
    assert about["pipes"] > about["taps"] > about["lamps"]
    assert set(net.answers(["灯"])["wanted"]) == {"repair", "bill"}


def test_of_what_it_never_heard_it_is_unsure(net: Net) -> None:
    assert max(net.answers(["从来没有过"])["wanted"].values()) < 0.8
    assert max(net.answers([])["wanted"].values()) < 0.8


def test_the_same_sentences_teach_the_same(net: Net) -> None:
    assert learn_net(ALL, QUESTIONS).answers(["水", "甲2"]) == net.answers(["水", "甲2"])


def test_it_answers_from_its_file_as_before(net: Net, tmp_path: Path) -> None:
    net.save(tmp_path / "net.npz", "of these sentences")
    kept = Net.load(tmp_path / "net.npz", "of these sentences")
    assert kept is not None
    assert kept.answers(["钱", "甲0"]) == net.answers(["钱", "甲0"])
    assert Net.load(tmp_path / "net.npz", "of others") is None
    (tmp_path / "net.npz").write_bytes(b"torn")
    assert Net.load(tmp_path / "net.npz", "of these sentences") is None
