"""The small net: it tells apart what words tell apart, says how likely, forgets nothing on the way to its file, and is the same each time."""

from pathlib import Path

import pytest

from bot.understanding.net import Net, learn_net

WATER = [(("水", f"甲{n % 3}", f"天{n}"), "repair") for n in range(60)]
MONEY = [(("钱", f"甲{n % 3}", f"天{n}"), "bill") for n in range(60)]


@pytest.fixture(scope="module")
def net() -> Net:
    return learn_net(WATER + MONEY)


@pytest.mark.parametrize(("said", "meant"), [("水", "repair"), ("钱", "bill")])
def test_what_was_told_apart_is_told_apart(net: Net, said: str, meant: str) -> None:
    likely = net.answers([said, "甲1", "从来没有过"])
    assert likely[meant] > 0.9
    assert sum(likely.values()) == pytest.approx(1)


def test_of_what_it_never_heard_it_is_unsure(net: Net) -> None:
    assert max(net.answers(["从来没有过"]).values()) < 0.8
    assert max(net.answers([]).values()) < 0.8


def test_the_same_sentences_teach_the_same(net: Net) -> None:
    assert learn_net(WATER + MONEY).answers(["水", "甲2"]) == net.answers(["水", "甲2"])


def test_it_answers_from_its_file_as_before(net: Net, tmp_path: Path) -> None:
    net.save(tmp_path / "net.npz", "of these sentences")
    kept = Net.load(tmp_path / "net.npz", "of these sentences")
    assert kept is not None
    assert kept.answers(["钱", "甲0"]) == net.answers(["钱", "甲0"])
    assert Net.load(tmp_path / "net.npz", "of others") is None
    (tmp_path / "net.npz").write_bytes(b"torn")
    assert Net.load(tmp_path / "net.npz", "of these sentences") is None
