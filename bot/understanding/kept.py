"""What was learned, as a file: arrays, a few words about them, and the fingerprint of what they were learned from."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


def keep(path: Path, fingerprint: str, labels: Any, arrays: Arrays) -> None:
    """`labels`: whatever JSON can hold."""
    about = json.dumps({"fingerprint": fingerprint, "labels": labels}, ensure_ascii=False).encode()
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, about=np.frombuffer(about, dtype=np.uint8), **arrays)


def kept(path: Path, fingerprint: str) -> tuple[Any, dict[str, NDArray[Any]]] | None:
    """(labels, arrays); None when there is no such file, it cannot be read, or it was learned from other sentences."""
    try:
        with np.load(path, allow_pickle=False) as file:
            about: dict[str, Any] = json.loads(file["about"].tobytes())
            if about["fingerprint"] != fingerprint:
                return None
            return about["labels"], {name: file[name] for name in file.files if name != "about"}
    except (OSError, ValueError, KeyError, EOFError):
        return None
