import time

import pytest

from scheduler import bell


def test_the_bell_rings_again_and_again() -> None:
    rings = bell.Bell()
    rings.start()
    begun = time.monotonic()
    rings.wait()
    rings.wait()
    rings.stop()
    assert time.monotonic() - begun < 3


def test_a_bell_that_fell_silent_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the system's clock was set back an hour: APScheduler waits for it, we do not."""
    assert bell.LONGEST_SILENCE <= 60
    monkeypatch.setattr(bell, "LONGEST_SILENCE", 0.01)
    bell.Bell().wait()
