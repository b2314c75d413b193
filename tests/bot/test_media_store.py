"""Files lie whole in their place or not at all."""

import errno
import os
from pathlib import Path

import pytest

from bot.media_store import FolderStore

NAME = "0123456789abcdef" * 2 + ".jpg"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "media")


def files_in(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


def test_a_file_lies_in_folders_of_its_first_letters(store: FolderStore, tmp_path: Path) -> None:
    store.put(NAME, b"one")
    assert files_in(tmp_path / "media") == [f"01/23/{NAME}"]
    path = store.path(NAME)
    assert path is not None
    assert path.read_bytes() == b"one"
    assert path.stat().st_mode & 0o777 == 0o600
    store.put(NAME, b"two")
    assert path.read_bytes() == b"two"


def test_removing_twice_is_no_matter(store: FolderStore) -> None:
    store.put(NAME, b"one")
    store.remove(NAME)
    store.remove(NAME)
    assert store.path(NAME) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../x",
        "a/b.jpg",
        NAME + "/..",
        "../" + NAME,
        NAME.upper(),
        NAME + "\n",
        NAME[:-4],
        "/etc/passwd",
        NAME.replace("0", "０"),
        NAME[1:],
        ".." + NAME,
    ],
)
def test_only_our_own_names_become_paths(store: FolderStore, name: str) -> None:
    for act in (store.path, store.remove, lambda name: store.put(name, b"")):
        with pytest.raises(ValueError, match="not a name of ours"):
            act(name)


@pytest.mark.parametrize("fails_at", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_no_half_file(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if fails_at == "replace":
        monkeypatch.setattr(Path, "replace", full)
    elif fails_at == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        real = os.fdopen
        monkeypatch.setattr("bot.media_store.open", lambda *args: Full(real(args[0], "wb")), raising=False)
    with pytest.raises(OSError, match="No space"):
        store.put(NAME, b"one")
    assert files_in(tmp_path / "media") == []
    monkeypatch.undo()
    store.put(NAME, b"one")
    assert len(files_in(tmp_path / "media")) == 1


class Full:
    """A file that takes nothing any more."""

    def __init__(self, file) -> None:
        self._file = file

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self._file.close()

    def write(self, _: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")
