"""Words of a voice message that WeChat sent without its own recognition: by an offline engine on this machine, if one is set up.

WeChat waits five seconds, so listening has a time limit, and one recording is listened to at a time: whoever comes meanwhile, or
speaks too long, is asked kindly for words as before, and the recording stays with the order. Nothing leaves the machine.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import replace
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from bot.incoming import Incoming

log = logging.getLogger(__name__)

SECONDS = 3.0  # of WeChat's five; the turn itself needs a little, too
LONGEST = 500  # characters of words that are taken
_RATE = 16_000  # samples a second that the engine listens at


class NotHeard(Exception):
    """The recording has no words that could be made out, or is no recording."""


class Recogniser(Protocol):
    """An engine. `words_of` raises NotHeard; whatever else it raises is taken for a trouble of its own."""

    def words_of(self, recording: bytes) -> str: ...


class SenseVoice:
    """SenseVoice (Mandarin, Cantonese, English …) by sherpa-onnx; AMR and Speex are decoded by PyAV. Both are optional packages
    (requirements-speech.txt); `folder` holds model.int8.onnx or model.onnx and tokens.txt, as they are unpacked. The model is loaded
    by the first recording, which is given up on meanwhile, so that commands and starts need not wait for it. For one thread.
    """

    def __init__(self, folder: Path) -> None:
        """Raises FileNotFoundError naming what is missing, ImportError without the packages."""
        import av  # noqa: F401, PLC0415 (told now, not with the first recording)
        import sherpa_onnx  # noqa: F401, PLC0415

        model = next((file for name in ("model.int8.onnx", "model.onnx") if (file := folder / name).is_file()), None)
        if model is None or not (folder / "tokens.txt").is_file():
            raise FileNotFoundError(f"{folder} holds no model.int8.onnx (or model.onnx) with its tokens.txt")
        self._model, self._tokens = str(model), str(folder / "tokens.txt")

    @cached_property
    def _engine(self) -> Any:
        import sherpa_onnx  # noqa: PLC0415 (see above)

        return sherpa_onnx.OfflineRecognizer.from_sense_voice(
            model=self._model, tokens=self._tokens, num_threads=1, use_itn=True
        )

    def words_of(self, recording: bytes) -> str:
        stream = self._engine.create_stream()
        stream.accept_waveform(_RATE, _samples(recording))
        self._engine.decode_stream(stream)
        words = str(stream.result.text).strip()
        if not words:
            raise NotHeard
        return words


def _samples(recording: bytes) -> Any:
    """One channel at 16 kHz, as numbers from -1 to 1."""
    import av  # noqa: PLC0415 (optional)
    import numpy as np  # noqa: PLC0415 (loaded by the understanding anyway)

    parts = []
    try:
        with av.open(BytesIO(recording)) as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
            for frame in (*container.decode(audio=0), None):
                parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
    except (av.FFmpegError, IndexError) as broken:
        raise NotHeard from broken
    if not parts:
        raise NotHeard
    return np.concatenate(parts).astype(np.float32) / 32768


class Ear:
    """Puts words to voice messages. `download` fetches a recording by its media id; safe to share between threads."""

    def __init__(self, recogniser: Recogniser, download: Callable[[str], bytes], seconds: float = SECONDS) -> None:
        self._recogniser = recogniser
        self._download = download
        self._seconds = seconds
        self._free = threading.Semaphore(1)
        self._thread = ThreadPoolExecutor(1, "ear")

    def hear(self, incoming: Incoming) -> Incoming:
        """The same message with words; as it came when it is no voice, has words already, or none could be made out in time."""
        if incoming.kind != "voice" or incoming.text or not incoming.media_id or not self._free.acquire(blocking=False):
            return incoming
        # Freed by whoever listens, not by whoever waited: a recording given up on is still being listened to.
        listening = self._thread.submit(self._listen, incoming.media_id)
        try:
            words = listening.result(self._seconds)
        except TookTooLong:
            log.warning("a recording took too long to listen to")
            return incoming
        return replace(incoming, text=words[:LONGEST]) if words else incoming

    def _listen(self, media_id: str) -> str:
        try:
            return self._recogniser.words_of(self._download(media_id))
        except NotHeard:
            return ""
        except Exception:
            log.exception("a recording could not be listened to")
            return ""
        finally:
            self._free.release()
