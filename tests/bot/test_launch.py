"""One parent, no orphans: with small stand-ins for the children, and once with the real embedded Redis."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import redis

from bot import launch
from bot.config import load_settings
from bot.embedded_redis import claim_redis, redis_socket

ROOT = Path(__file__).resolve().parents[2]

# A parent whose parts are stand-ins: each writes its process id and then does what the test wants.
STAND_IN = """
import sys
from bot import launch

child = '''
import os, pathlib, signal, sys, time
{behaviour}
pathlib.Path(sys.argv[2], sys.argv[1]).write_text(str(os.getpid()))
while True:
    time.sleep(0.05)
'''
launch.command_of = lambda part, settings: [sys.executable, "-c", child, part, {folder!r}]
launch._answers = launch._accepts = lambda where: True
launch.STOP_WITHIN = 1.0
sys.exit(launch.main(["web", "scheduler"]))
"""


def until(true: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


class Started:
    def __init__(self, folder: Path, behaviour: str = "", **settings: str) -> None:
        self.folder = folder
        code = STAND_IN.format(behaviour=textwrap.dedent(behaviour).strip(), folder=str(folder))
        environment = {**os.environ, "DATA_DIR": str(folder / "data"), "PORT": str(free_port()), **settings}
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def child(self, part: str) -> psutil.Process:
        path = self.folder / part
        until(lambda: path.exists() and path.read_text() != "")
        return psutil.Process(int(path.read_text()))

    def everybody(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def ends(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    started: list[Started] = []

    def begin(behaviour: str = "", **settings: str) -> Started:
        started.append(Started(tmp_path, behaviour, **settings))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_every_child_and_is_no_failure(start: Callable[..., Started], number: signal.Signals) -> None:
    started = start()
    started.child("web"), started.child("scheduler")
    everybody = started.everybody()
    assert {"redis-server", "python"} <= {process.name().rstrip("0123456789.") for process in everybody}
    started.process.stdout.readline()  # type: ignore[union-attr]
    started.process.send_signal(number)
    code, _, err = started.ends()
    assert (code, err) == (0, "")
    assert not any(process.is_running() for process in everybody)


def test_a_child_that_ends_by_itself_ends_everything_and_is_named(start: Callable[..., Started]) -> None:
    started = start()
    everybody = [started.child("web"), started.child("scheduler")]
    started.process.stdout.readline()  # type: ignore[union-attr]
    everybody[1].kill()
    code, _, err = started.ends()
    assert code == 1
    assert "scheduler ended by itself (signal 9)" in err
    assert not everybody[0].is_running()


def test_a_parent_killed_outright_leaves_nobody_behind(start: Callable[..., Started]) -> None:
    started = start()
    started.child("web"), started.child("scheduler")
    everybody = started.everybody()
    started.process.kill()
    started.ends()
    until(lambda: not any(process.is_running() for process in everybody))


def test_a_child_that_will_not_stop_is_killed_with_all_it_began(start: Callable[..., Started]) -> None:
    started = start("""
        import subprocess
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    """)
    started.child("web"), started.child("scheduler")
    everybody = started.everybody()
    assert len(everybody) == 5  # two parts, what each of them began, and Redis
    started.process.terminate()
    code, _, err = started.ends()
    assert "web did not stop in time and is killed" in err
    assert code == 0
    until(lambda: not any(process.is_running() for process in everybody))


def test_exactly_one_line_says_where_to_look(start: Callable[..., Started]) -> None:
    port = free_port()
    started = start(PORT=str(port))
    first = started.process.stdout.readline()  # type: ignore[union-attr]
    started.process.terminate()
    assert first == f"http://127.0.0.1:{port}\n"
    assert started.ends()[1] == ""


def test_a_port_in_use_is_named_and_nothing_is_started(start: Callable[..., Started]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, out, err = start(PORT=str(port)).ends()
    assert code == 1
    assert out == ""
    assert err == f"port {port} (PORT) cannot be used: Address already in use\n"


def test_a_bad_setting_is_named_in_one_line(start: Callable[..., Started]) -> None:
    code, out, err = start(PORT="many").ends()
    assert (code, out) == (1, "")
    assert err == "setting: PORT must be a whole number from 1 to 65535\n"


def test_the_simulator_never_starts_in_production(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    settings = load_settings({"DATA_DIR": str(tmp_path)})
    with pytest.raises(launch.CannotStart, match="SIMULATOR=1"):
        launch.start_parts(launch.Parent(), settings, ["web", "simulator"])


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert launch.main(["webb"]) == 1
    assert capsys.readouterr().err == "unknown part 'webb': choose from web, scheduler, simulator\n"


def test_the_embedded_redis_listens_on_a_file_only(tmp_path: Path) -> None:
    parent = launch.Parent()
    try:
        launch._start_redis(parent, tmp_path)
        client = redis.Redis.from_url(f"unix://{redis_socket(tmp_path)}")
        assert client.ping()
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("maxmemory") == {"maxmemory": str(64 * 2**20)}
        assert client.config_get("save") == {"save": ""}
        client.close()
        assert redis_socket(tmp_path).stat().st_mode & 0o077 == 0
        assert claim_redis(tmp_path) is None  # A second start on the same folder uses this one.
    finally:
        parent.stop_all()


def test_a_long_data_folder_still_gets_a_socket(tmp_path: Path) -> None:
    assert len(str(redis_socket(tmp_path / ("很长的目录" * 10))).encode()) <= 100


def test_the_web_server_has_as_many_processes_and_threads_as_set(tmp_path: Path) -> None:
    settings = load_settings({"DATA_DIR": str(tmp_path), "WEB_PROCESSES": "3", "WEB_THREADS": "7", "HOST": "0.0.0.0"})
    command = launch.command_of("web", settings)
    for option, value in {"--workers": "3", "--blocking-threads": "7", "--host": "0.0.0.0"}.items():
        assert command[command.index(option) + 1] == value
