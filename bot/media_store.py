"""Where files people sent lie: for now a folder on this machine. Only names we made up ourselves ever become paths."""

import os
import re
from pathlib import Path
from typing import Protocol

_NAME = re.compile(r"[0-9a-f]{32}(?:\.[a-z0-9]{2,5}){1,2}")


class MediaStore(Protocol):
    """A place for files that are written once and never changed. All may raise OSError: try again later."""

    def put(self, name: str, data: bytes) -> None: ...

    def path(self, name: str) -> Path | None:
        """The file to read, None when there is none."""

    def remove(self, name: str) -> None:
        """It is no matter if it is gone already."""


class FolderStore:
    """Files in folders of their names' first letters, so that no folder gets long."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, data: bytes) -> None:
        """Whole and on the disk, or not there at all. The same name again is the same file."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        _keep_folder(path.parent)

    def path(self, name: str) -> Path | None:
        path = self._path(name)
        return path if path.is_file() else None

    def remove(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("not a name of ours")
        return self._folder / name[:2] / name[2:4] / name


def _keep_folder(folder: Path) -> None:
    """A new name is only certain to outlive a power cut when its folder is on the disk, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
