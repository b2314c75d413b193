"""Voice messages without words: listened to on this machine, within WeChat's five seconds, or asked about kindly."""

import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from bot import hearing
from bot.hearing import Ear, NotHeard, SenseVoice
from bot.incoming import Incoming
from bot.services import Services
from models.workorders.tables import WorkOrder
from tests.support.world import World

RECORDING = b"#!AMR\n and so on"


class Engine:
    """Says what it was told to, or does what it was told to."""

    def __init__(self, says: Any) -> None:
        self.says = says
        self.heard: list[bytes] = []

    def words_of(self, recording: bytes) -> str:
        self.heard.append(recording)
        if isinstance(self.says, Exception):
            raise self.says
        return str(self.says() if callable(self.says) else self.says)


def voice(world: World, **changed: Any) -> Incoming:
    incoming = Incoming("gh", "zhang", "voice", "1", world.clock.now(), media_id="m1", media_format="amr")
    return replace(incoming, **changed)


def ear(engine: Engine, seconds: float = 5.0) -> Ear:
    return Ear(engine, lambda media_id: RECORDING, seconds)


def test_a_voice_without_words_gets_them(world: World) -> None:
    engine = Engine("厨房水管漏了")
    assert ear(engine).hear(voice(world)).text == "厨房水管漏了"
    assert engine.heard == [RECORDING]


def test_nothing_else_is_listened_to(world: World) -> None:
    engine = Engine("不该听")
    for incoming in (voice(world, text="有字了"), voice(world, kind="video"), voice(world, media_id="")):
        assert ear(engine).hear(incoming) == incoming
    assert engine.heard == []


@pytest.mark.parametrize("trouble", [NotHeard(), RuntimeError("no memory"), ""])
def test_what_cannot_be_made_out_stays_as_it_came(world: World, trouble: Any) -> None:
    assert ear(Engine(trouble)).hear(voice(world)).text == ""


def test_who_waits_too_long_or_comes_meanwhile_is_not_kept_waiting(world: World) -> None:
    go_on = threading.Event()

    def slowly() -> str:
        assert go_on.wait(30)
        return "来晚了"

    engine = Engine(slowly)
    listener = ear(engine, seconds=0.05)
    assert listener.hear(voice(world)).text == "", "given up"
    assert listener.hear(voice(world)).text == "", "somebody is still being listened to"
    assert len(engine.heard) == 1
    go_on.set()
    listener._thread.submit(lambda: None).result(30)
    engine.says = "现在有空"
    listener._seconds = 30
    assert listener.hear(voice(world)).text == "现在有空"


def newest(world: World) -> str:
    with world.services.database.reading() as session:
        return session.scalars(sa.select(WorkOrder.problem).order_by(WorkOrder.id.desc()).limit(1)).one()


def test_an_owner_who_speaks_gets_an_order(world: World) -> None:
    before = newest(world)
    world.platform.send_voice("demo-zhang", "", recognised=False)
    assert newest(world) == before, "without an engine there are no words"
    world.services.__dict__["ear"] = ear(Engine("厨房水管漏水了"))
    world.platform.send_voice("demo-zhang", "", recognised=False)
    world.settle()
    assert newest(world) == "厨房水管漏水了"


# --- the engine -------------------------------------------------------------------------------------------------------


class FakeFrame(SimpleNamespace):
    def to_ndarray(self) -> Any:
        return np.array([[0, 16384, -32768]], dtype=np.int16)


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The two optional packages, as far as they are used."""
    seen = SimpleNamespace(built={}, heard=[], says=" 水管漏了 ", broken=False)
    av, sherpa = ModuleType("av"), ModuleType("sherpa_onnx")

    class FFmpegError(ValueError):
        pass

    class Container:
        def __enter__(self) -> "Container":
            if seen.broken:
                raise FFmpegError("no recording")
            return self

        def __exit__(self, *_: object) -> None: ...

        def decode(self, audio: int) -> list[FakeFrame]:
            return [FakeFrame()]

    class Resampler:
        def __init__(self, **asked: Any) -> None:
            seen.asked = asked

        def resample(self, frame: Any) -> list[Any]:
            return [] if frame is None else [frame]

    class Stream:
        result = SimpleNamespace(text="")

        def accept_waveform(self, rate: int, samples: Any) -> None:
            seen.heard.append((rate, samples.tolist()))

    class Offline:
        def create_stream(self) -> Stream:
            return Stream()

        def decode_stream(self, stream: Stream) -> None:
            stream.result = SimpleNamespace(text=seen.says)

    def build(**how: Any) -> Offline:
        seen.built.update(how)
        return Offline()

    av.FFmpegError, av.open, av.AudioResampler = FFmpegError, lambda data: Container(), Resampler  # type: ignore[attr-defined]
    sherpa.OfflineRecognizer = SimpleNamespace(from_sense_voice=build)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "av", av)
    monkeypatch.setitem(sys.modules, "sherpa_onnx", sherpa)
    return seen


@pytest.fixture
def model(tmp_path: Path) -> Path:
    for name in ("model.onnx", "model.int8.onnx", "tokens.txt"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def test_the_engine_is_given_one_channel_at_sixteen_kilohertz(packages: SimpleNamespace, model: Path) -> None:
    assert SenseVoice(model).words_of(RECORDING) == "水管漏了"
    assert packages.built["model"].endswith("model.int8.onnx")
    assert packages.built["tokens"].endswith("tokens.txt")
    assert packages.asked == {"format": "s16", "layout": "mono", "rate": 16_000}
    assert packages.heard == [(16_000, [0.0, 0.5, -1.0])]


def test_silence_and_what_is_no_recording_are_not_heard(packages: SimpleNamespace, model: Path) -> None:
    engine = SenseVoice(model)
    packages.says = "  "
    with pytest.raises(NotHeard):
        engine.words_of(RECORDING)
    packages.broken = True
    with pytest.raises(NotHeard):
        engine.words_of(b"nonsense")


@pytest.mark.usefixtures("packages")
def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"tokens\.txt"):
        SenseVoice(tmp_path)


def test_without_packages_or_model_people_are_asked_for_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sherpa_onnx", None)
    settings = replace(world.services.settings, speech_model="/nowhere")
    assert Services(settings, world.clock).ear is None
    assert hearing.SECONDS < 4.5
