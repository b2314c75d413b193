"""Where the simulator keeps what it knows: one small SQLite file, or memory."""

import json
import sqlite3
import threading
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Store:
    """Rows of (shelf, key, JSON) and files. Every change is written through, so a killed process forgets nothing."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=OFF")
        self._run("CREATE TABLE IF NOT EXISTS things (shelf TEXT, key TEXT, value TEXT, PRIMARY KEY (shelf, key))")
        self._run("CREATE TABLE IF NOT EXISTS files (key TEXT PRIMARY KEY, content BLOB)")

    def put(self, shelf: str, key: str, value: dict[str, Any]) -> None:
        text = json.dumps(value, ensure_ascii=False, default=_write_time)
        self._run("INSERT OR REPLACE INTO things VALUES (?, ?, ?)", shelf, key, text)

    def drop(self, shelf: str, key: str) -> None:
        self._run("DELETE FROM things WHERE shelf = ? AND key = ?", shelf, key)

    def all(self, shelf: str) -> dict[str, dict[str, Any]]:
        rows = self._run("SELECT key, value FROM things WHERE shelf = ? ORDER BY rowid", shelf)
        return {key: json.loads(value, object_hook=_read_time) for key, value in rows}

    def put_file(self, key: str, content: bytes) -> None:
        self._run("INSERT OR REPLACE INTO files VALUES (?, ?)", key, content)

    def file(self, key: str) -> bytes | None:
        rows = self._run("SELECT content FROM files WHERE key = ?", key)
        return rows[0][0] if rows else None

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _run(self, sql: str, *values: object) -> list[Any]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()


class Shelf(Generic[T]):
    """The things of one kind by key: a dict that is also in the store. `kind` is a dataclass of plain values and times."""

    def __init__(self, store: Store, name: str, kind: type[T]) -> None:
        self._store = store
        self._name = name
        self._things: dict[str, T] = {key: kind(**fields) for key, fields in store.all(name).items()}

    def get(self, key: str) -> T | None:
        return self._things.get(key)

    def put(self, key: str, thing: T) -> None:
        self._things[key] = thing
        self._store.put(self._name, key, asdict(thing))  # type: ignore[call-overload]

    def drop(self, key: str) -> None:
        if self._things.pop(key, None) is not None:
            self._store.drop(self._name, key)

    def all(self) -> list[T]:
        return list(self._things.values())


def _write_time(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _read_time(value: dict[str, Any]) -> Any:
    return datetime.fromisoformat(value["$time"]) if "$time" in value else value
