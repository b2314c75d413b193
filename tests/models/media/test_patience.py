from datetime import datetime, timedelta

import pytest

from models.media.patience import next_try


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 5), (2, 20), (3, 80), (4, 320), (5, 1280), (6, 3600), (40, 3600)]
)
def test_the_waits_grow_to_an_hour(now: datetime, attempts: int, seconds: int) -> None:
    assert next_try(now, attempts, now) == now + timedelta(seconds=seconds)


def test_after_three_days_there_is_nothing_left_to_try(now: datetime) -> None:
    end = now + timedelta(days=3)
    assert next_try(now, 9, end - timedelta(hours=1, seconds=1)) is not None
    assert next_try(now, 9, end - timedelta(hours=1)) is None
