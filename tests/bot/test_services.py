"""The long-lived objects are one each, whoever asks first."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot import services
from bot.clock import SystemClock
from bot.config import load_settings
from bot.services import Services, built_once


@pytest.fixture
def settings(tmp_path: Path):
    return load_settings({"DATA_DIR": str(tmp_path), "SIMULATOR": "1"})


class Slow:
    """Takes so long to build that every thread asks before the first is done."""

    def __init__(self) -> None:
        self.building = threading.RLock()
        self.built = 0

    @built_once
    def thing(self) -> object:
        self.built += 1
        threading.Event().wait(0.05)
        return object()


def test_eight_threads_that_ask_first_get_the_same_one() -> None:
    slow, together = Slow(), threading.Barrier(8)

    def ask(_: int) -> object:
        together.wait()
        return slow.thing

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 1
    assert slow.built == 1


def test_what_could_not_be_built_is_tried_again_by_the_next(settings, monkeypatch) -> None:
    everything = Services(settings, SystemClock())
    monkeypatch.setattr(services, "Renderer", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        _ = everything.renderer
    monkeypatch.undo()
    assert everything.renderer is everything.renderer


def test_what_stands_on_another_is_built_with_it(settings) -> None:
    everything = Services(settings, SystemClock())
    assert everything.redis is None, "nobody has started one"
    begun = time.monotonic()
    assert not everything.wakeup.wait(0.01)
    assert time.monotonic() - begun < 5
    everything.database.close()
