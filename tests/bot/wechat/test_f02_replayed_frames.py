"""F02, the window: a genuine request from too long ago, or from the future, is refused."""

import pytest

from bot.wechat.errors import FrameError
from tests.bot.wechat.frames import NOW, TIMESTAMP, plain_gate, signed, text_frame

SENT = int(TIMESTAMP)


@pytest.mark.parametrize(
    "timestamp",
    [SENT - 301, SENT + 301, SENT - 3600, SENT + 3600, SENT - 86400, 0, 1, 999_999_999_999, SENT * 10],
    ids=lambda timestamp: f"F02-{timestamp - SENT:+d}s",
)
def test_outside_the_window_it_is_refused(timestamp):
    with pytest.raises(FrameError) as refused:
        plain_gate().open(signed(timestamp=str(timestamp)), text_frame(), NOW)
    assert refused.value.status == 403


@pytest.mark.parametrize("seconds", [-300, -299, -1, 0, 1, 299, 300], ids=lambda seconds: f"F02-{seconds:+d}s")
def test_inside_the_window_it_is_let_in(seconds):
    assert plain_gate().open(signed(timestamp=str(SENT + seconds)), text_frame(), NOW) == text_frame()


@pytest.mark.parametrize(
    "timestamp",
    ["abc", "-1", "1714112445.0", "１７１４１１２４４５", "²", "1e9", " 1714112445", "1" * 13, "1_714_112_445", "nan"],
    ids=lambda timestamp: f"F02-{timestamp}",
)
def test_a_timestamp_that_is_no_number_is_refused_even_with_the_window_off(timestamp):
    with pytest.raises(FrameError) as refused:
        plain_gate(window_seconds=0).open(signed(timestamp=timestamp), text_frame(), NOW)
    assert refused.value.status == 403


def test_a_window_of_zero_lets_in_any_age():
    assert plain_gate(window_seconds=0).open(signed(timestamp="1"), text_frame(), NOW) == text_frame()
