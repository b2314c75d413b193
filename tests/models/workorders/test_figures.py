"""A quarter's figures: the worked examples of the rule, and what would make them unfair."""

from fractions import Fraction

import pytest

from models.workorders.figures import (
    Piece,
    Share,
    Timed,
    figures_of,
    hours,
    in_time,
    median,
    percent,
    percentile,
    satisfaction,
    two_decimals,
)


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (187, 213 - 8 - 3 - 2, "93.50%"),
        (171, 187 + 5, "89.06%"),  # the five open ones past their limit count; 171/187 would be 91.44%
        (171, 187, "91.44%"),
        (60, 70, "85.71%"),
        (1, 8, "12.50%"),
        (1, 3, "33.33%"),
        (2, 3, "66.67%"),
        (1, 16000, "0.01%"),  # 0.00625: half up
        (1, 20000, "0.01%"),  # 0.005 exactly
        (1, 20001, "0.00%"),
        (0, 5, "0.00%"),
        (5, 5, "100.00%"),
        (0, 0, "—"),
    ],
)
def test_shares_are_exact_to_two_decimals_half_up(part: int, whole: int, words: str) -> None:
    assert percent(part, whole) == words


def test_the_worked_example_of_ratings() -> None:
    stars = [5] * 40 + [4] * 20 + [3] * 6 + [2] * 2 + [1] * 2
    points = satisfaction(stars)
    assert points == Fraction(100 * 304, 350)
    assert two_decimals(points) == "86.86"
    assert two_decimals(Fraction(1000 * 6, 480)) == "12.50"  # complaints in a thousand homes
    assert satisfaction([]) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "—"), (0, "0.0小时"), (3600, "1.0小时"), (12600, "3.5小时"), (180, "0.1小时"), (179, "0.0小时")],
)
def test_hours_have_one_decimal_half_up(seconds: int | None, words: str) -> None:
    assert hours(seconds) == words


def test_median_and_nearest_rank() -> None:
    assert median([]) is None
    assert median([7]) == 7
    assert median([1, 2, 4, 9]) == 3
    assert median([1, 2]) == Fraction(3, 2)
    assert percentile([], 90) is None
    assert percentile([5], 90) == 5
    assert percentile(list(range(1, 11)), 90) == 9
    assert percentile(list(range(1, 12)), 90) == 10


def piece(order: int, **changed: object) -> Piece:
    plain = {"order_id": order, "priority": "P2", "finished": True, "seconds": 3600}
    return Piece(**{**plain, **changed})  # type: ignore[arg-type]


def finish(reached: bool, late: bool) -> tuple[Timed, ...]:
    return (Timed("finish", reached, late),)


def test_what_is_not_due_yet_is_neither_in_time_nor_late() -> None:
    pieces = [
        *[piece(n, clocks=finish(True, False)) for n in range(171)],
        *[piece(200 + n, clocks=finish(True, True)) for n in range(16)],
        *[piece(300 + n, finished=False, seconds=None, clocks=finish(False, True)) for n in range(5)],
        *[piece(400 + n, finished=False, seconds=None, clocks=finish(False, False)) for n in range(8)],
    ]
    assert in_time(pieces, "finish") == Share(171, 192)
    assert in_time(pieces, "arrive") == Share(0, 0)
    figures = figures_of(pieces)
    assert (figures.finished, figures.finished.words) == (Share(187, 200), "187/200 93.50%")


def test_who_never_rated_is_not_five_stars() -> None:
    figures = figures_of([piece(1, stars=5), piece(2, stars=2), piece(3), piece(4)])
    assert (figures.good, figures.rated) == (Share(1, 2), Share(2, 4))
    assert figures.satisfaction == 70


def test_a_reopening_counts_once_and_only_when_the_work_was_to_blame() -> None:
    twice = [piece(1, finished=False, reopened="blamed"), piece(1, finished=False, reopened="blamed"), piece(1)]
    figures = figures_of([*twice, piece(2, finished=False, reopened="other"), piece(2), piece(3)])
    assert figures.fixed_at_once == Share(2, 3)
    assert figures.finished == Share(3, 3), "an order counts once, as it ended"
    assert figures.reopened_not_theirs == 1


def test_an_order_that_is_open_again_is_unfinished() -> None:
    figures = figures_of([piece(1, finished=False, reopened="blamed"), piece(1, finished=False, seconds=None)])
    assert figures.finished == Share(0, 1)


def test_hard_work_is_named_and_weighs_more() -> None:
    figures = figures_of(
        [
            piece(1, priority="P0"),
            piece(2, priority="P1", storm=True),
            piece(3, priority="P2", outside=True),
            piece(4, priority="P3"),
        ]
    )
    assert figures.load == Fraction(17, 2)
    assert (figures.urgent, figures.storm, figures.outside) == (2, 1, 1)


def test_nothing_done_has_no_figures_and_no_error() -> None:
    figures = figures_of([])
    assert figures.finished.words == "0/0 —"
    assert (figures.median_seconds, figures.p90_seconds, figures.satisfaction, figures.load) == (None, None, None, 0)
