"""One parent for everything: starts plain child processes, says where to look, and stops them all.

    python -m bot.launch [web] [scheduler] [simulator]

Nothing is left behind: whatever ends this process ends its children, and a child that ends by itself ends everything.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bot.config import BadSetting, Settings, load_settings
from bot.embedded_redis import claim_redis, redis_command, redis_socket

PARTS = ("web", "scheduler", "simulator")
READY_WITHIN = 60.0  # seconds; a slow disk and a cold start together
STOP_WITHIN = 10.0  # seconds, for all children together, before they are killed


class CannotStart(Exception):
    """Told to whoever started us, in one line."""


@dataclass(frozen=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]


class Parent:
    """Owns the children. `stop` is what a signal asks for; `run` returns the exit code."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.asked_to_stop = False

    def start(self, name: str, command: Sequence[str]) -> None:
        # A session of its own keeps the terminal's Ctrl-C from the child, so that the order of stopping is ours.
        # What it prints goes beside the errors: our own output is one address and nothing else.
        process = subprocess.Popen(  # noqa: S603 (our own commands)
            command,
            stdout=2,
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 (this process has no other threads)
        )
        self.children.append(Child(name, process))

    def watch(self) -> int:
        """Wait until asked to stop (0) or until a child ends by itself (1)."""
        while not self.asked_to_stop:
            ended = self.ended()
            if ended is not None:
                _say(f"{ended.name} ended by itself ({_how(ended.process)}): everything is stopped")
                return 1
            time.sleep(0.1)
        return 0

    def ended(self) -> Child | None:
        return next((child for child in self.children if child.process.poll() is not None), None)

    def wait_until(self, ready: Callable[[], bool], what: str) -> None:
        """Raises CannotStart when a child ends meanwhile or it takes too long."""
        until = time.monotonic() + READY_WITHIN
        while not self.asked_to_stop and not ready():
            ended = self.ended()
            if ended is not None:
                raise CannotStart(f"{ended.name} did not start ({_how(ended.process)}): see its lines above")
            if time.monotonic() > until:
                raise CannotStart(f"{what} did not answer within {READY_WITHIN:.0f} seconds")
            time.sleep(0.05)

    def stop_all(self) -> None:
        """Ask each in turn, those who need others before the others; kill what is still there after STOP_WITHIN."""
        until = time.monotonic() + STOP_WITHIN
        for child in sorted(self.children, key=lambda child: _STOP_ORDER.index(child.name)):
            _signal_group(child.process, signal.SIGTERM)
            try:
                child.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                _say(f"{child.name} did not stop in time and is killed")
            # Also when it ended well: whatever it may have started goes with it.
            _signal_group(child.process, signal.SIGKILL)
            child.process.wait()


_STOP_ORDER = ("web", "scheduler", "simulator", "redis")


def main(arguments: Sequence[str]) -> int:
    parts = tuple(arguments) or ("web", "scheduler")
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        return _fail(f"unknown part {unknown[0]!r}: choose from {', '.join(PARTS)}")
    try:
        settings = load_settings()
    except BadSetting as bad:
        return _fail(f"setting: {bad}")
    parent = Parent()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: setattr(parent, "asked_to_stop", True))
    try:
        start_parts(parent, settings, parts)
        return parent.watch()
    except CannotStart as problem:
        return _fail(str(problem))
    finally:
        parent.stop_all()


def start_parts(parent: Parent, settings: Settings, parts: Sequence[str]) -> None:
    """Raises CannotStart. Prints the one address when it can be opened."""
    _refuse_what_cannot_work(settings, parts)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not settings.redis_url:
        _start_redis(parent, settings.data_dir)
    # First what somebody is waiting to see; the scheduler can begin a second later.
    for part in ("web", "simulator"):
        if part in parts:
            parent.start(part, command_of(part, settings))
    home = f"http://127.0.0.1:{settings.port}"
    if "simulator" in parts:
        parent.wait_until(lambda: _accepts(settings.simulator_port), "the simulator")
    if "web" in parts:
        parent.wait_until(lambda: _answers(f"{home}/healthz"), "the web server")
    if "scheduler" in parts:
        parent.start("scheduler", command_of("scheduler", settings))
    if "web" in parts and not parent.asked_to_stop:
        print(f"{home}/simulator" if "simulator" in parts else home, flush=True)


def command_of(part: str, settings: Settings) -> list[str]:
    if part == "scheduler":
        return [sys.executable, "-m", "scheduler"]
    if part == "simulator":
        return _granian("wsgi_simulator:create_app", "127.0.0.1", settings.simulator_port, workers=1, threads=16)
    return _granian(
        "wsgi:create_app", settings.host, settings.port, workers=settings.web_processes, threads=settings.web_threads
    )


def _granian(app: str, host: str, port: int, *, workers: int, threads: int) -> list[str]:
    options = {
        "--interface": "wsgi",
        "--http": "1",
        "--host": host,
        "--port": str(port),
        "--workers": str(workers),
        "--blocking-threads": str(threads),
        "--workers-kill-timeout": "5",
        "--log-level": "error",  # its warnings are about thread counts, which are ours to choose
    }
    arguments = [part for option in options.items() for part in option]
    return [sys.executable, "-m", "granian", "--factory", "--no-ws", "--respawn-failed-workers", *arguments, app]


def _start_redis(parent: Parent, data_dir: Path) -> None:
    if claim_redis(data_dir) is None:
        return  # Another start on this folder (`make web` beside `make scheduler`) has it running.
    at = redis_socket(data_dir)
    at.unlink(missing_ok=True)
    parent.start("redis", redis_command(data_dir))
    parent.wait_until(at.exists, "Redis")


def _refuse_what_cannot_work(settings: Settings, parts: Sequence[str]) -> None:
    if "simulator" in parts and not settings.simulator:
        raise CannotStart("the simulator only starts with SIMULATOR=1")
    for part, name, port in (("web", "PORT", settings.port), ("simulator", "SIMULATOR_PORT", settings.simulator_port)):
        if part in parts:
            _refuse_taken(settings.host if part == "web" else "127.0.0.1", port, name)


def _refuse_taken(host: str, port: int, name: str) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as problem:
            raise CannotStart(f"port {port} ({name}) cannot be used: {problem.strerror}") from None


def _accepts(port: int) -> bool:
    with socket.socket() as trial:
        trial.settimeout(1)
        return trial.connect_ex(("127.0.0.1", port)) == 0


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=2) as response:  # noqa: S310 (our own address)
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def _die_with(parent: int) -> Callable[[], None]:
    """Run in the child before it becomes its program: if the parent is killed outright, Linux ends the child too."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def prepare() -> None:
        if libc is not None:
            libc.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return  # Nobody of it is left.


def _how(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    return f"exit code {code}" if code >= 0 else f"signal {-code}"


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _fail(words: str) -> int:
    _say(words)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
