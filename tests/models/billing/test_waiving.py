"""减免: how it is spread, for which reason, and when a second person is needed."""

import pytest

from models.billing.waiving import needs_another, reason_in, spread


def test_the_oldest_debt_is_made_less_first_and_never_by_more_than_is_owed() -> None:
    assert spread(6_000, [16_533, 16_533]) == [6_000, 0]
    assert spread(20_000, [16_533, 16_533]) == [16_533, 3_467]
    assert spread(33_066, [16_533, 16_533]) == [16_533, 16_533]
    for fen in (33_067, 0, -1):
        with pytest.raises(ValueError, match="no more than is owed"):
            spread(fen, [16_533, 16_533])


def test_a_large_sum_in_small_pieces_needs_a_second_person_too() -> None:
    assert not needs_another(20_000, 0, 20_000), "200 yuan itself is still free"
    assert needs_another(20_001, 0, 20_000)
    assert needs_another(5_001, 15_000, 20_000)


@pytest.mark.parametrize(
    ("words", "reason"),
    [("维修延误", "late_repair"), ("是低保户", "hardship"), ("开发商遗留的", "history"), ("面积算错了", "error"),
     ("领导说的", None), ("困难户，也算错了", None)],
)  # fmt: skip
def test_the_reason_is_read_from_the_words(words: str, reason: str | None) -> None:
    assert reason_in(words) == reason
