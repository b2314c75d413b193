"""What comes at the same time is done in one go: nobody's work is lost, done twice, or made to wait for one who hangs."""

import threading
from collections.abc import Callable, Sequence

import pytest

from bot.together import Together
from tests.support.together import PATIENCE, at_once, wait_for_line


class Desk:
    """Does what it is given, one go after the other; the first go lasts until `goes_on`, so that others come meanwhile."""

    def __init__(
        self, *, refuses: Sequence[int] = (), breaks: Callable[[Sequence[int]], bool] = lambda work: False
    ) -> None:
        self.goes: list[list[int]] = []
        self.begun, self.goes_on = threading.Event(), threading.Event()
        self._refuses, self._breaks = refuses, breaks

    def do(self, work: Sequence[int]) -> list[bool]:
        self.goes.append(list(work))
        if len(self.goes) == 1:
            self.begun.set()
            assert self.goes_on.wait(PATIENCE)
        if self._breaks(work):
            raise ValueError(f"{list(work)} cannot be done")
        return [each not in self._refuses for each in work]


def with_all_in_line(together: "Together[int]", desk: Desk, *others: int) -> list[bool | str]:
    """Number 0 is being done while `others` come; what each was told, or the words of what it raised."""

    def brings(number: int) -> bool | str:
        try:
            return together(number)
        except ValueError as error:
            return str(error)

    def first() -> bool | str:
        return brings(0)

    def another(number: int) -> Callable[[], bool | str]:
        def act() -> bool | str:
            assert desk.begun.wait(PATIENCE)
            return brings(number)

        return act

    def opens() -> None:
        assert desk.begun.wait(PATIENCE)
        wait_for_line(together._line, len(others))
        desk.goes_on.set()

    return at_once([first, *(another(number) for number in others), opens])[:-1]


def test_who_comes_alone_is_done_alone() -> None:
    desk = Desk()
    desk.goes_on.set()
    together = Together(desk.do, at_most=8, patience=PATIENCE)
    assert [together(number) for number in (1, 2)] == [True, True]
    assert desk.goes == [[1], [2]]


def test_who_comes_meanwhile_is_done_in_one_go_but_so_many_at_most() -> None:
    desk = Desk()
    assert with_all_in_line(Together(desk.do, at_most=3, patience=PATIENCE), desk, 1, 2, 3, 4, 5) == [True] * 6
    first, second, third = desk.goes
    assert (first, len(second), len(third)) == ([0], 3, 2)
    assert sorted(second + third) == [1, 2, 3, 4, 5]


def test_each_hears_of_their_own() -> None:
    desk = Desk(refuses=(2, 3))
    told = with_all_in_line(Together(desk.do, at_most=8, patience=PATIENCE), desk, 1, 2, 3, 4)
    assert told == [True, True, False, False, True]


def test_where_one_spoils_it_each_is_told_to_do_it_alone_and_the_next_go_on() -> None:
    desk = Desk(breaks=lambda work: 2 in work)
    together = Together(desk.do, at_most=8, patience=PATIENCE)
    assert with_all_in_line(together, desk, 1, 2, 3) == [True, False, False, False]
    assert together(4) is True


def test_what_fails_alone_is_heard_by_who_brought_it_and_by_nobody_else() -> None:
    desk = Desk(breaks=lambda work: 0 in work)
    together = Together(desk.do, at_most=8, patience=PATIENCE)
    assert with_all_in_line(together, desk, 1) == ["[0] cannot be done", True]


def test_nobody_stands_in_line_behind_one_who_hangs() -> None:
    desk = Desk()
    together = Together(desk.do, at_most=8, patience=0.0)

    def hangs() -> bool:
        return together(0)

    def comes() -> bool:
        assert desk.begun.wait(PATIENCE)
        told = together(1)
        desk.goes_on.set()
        return told

    assert at_once([hangs, comes]) == [True, False]
    assert desk.goes == [[0]], "whoever went away is not done behind their back"


@pytest.mark.parametrize("ends", [SystemExit, KeyboardInterrupt])
def test_a_thread_that_is_ended_calls_the_next(ends: type[BaseException]) -> None:
    def do(work: Sequence[int]) -> list[bool]:
        if 0 in work:
            raise ends
        return [True] * len(work)

    together = Together(do, at_most=8, patience=PATIENCE)
    with pytest.raises(ends):
        together(0)
    assert together(1) is True
