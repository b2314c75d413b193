"""How long until the first answer, and how much memory everything takes: what `make run` starts, with the demo in it."""

import subprocess
import sys
import time
from http.client import HTTPConnection
from statistics import median

from benchmarks.frames import post
from benchmarks.report import Goal
from benchmarks.services import PORT, ROOT, Place, linli, served
from bot.config import PRETEND

STARTS = 3
SAID = ("厨房水管漏水了", "我的报修", "帮助", "进度", "卧室的灯不亮了")
PARTS = ("web", "scheduler", "simulator")


def run(place: Place) -> list[Goal]:
    folder = place.folder / "demo"
    settings = {"SIMULATOR": "1", "DATA_DIR": str(folder)}
    subprocess.run(
        [sys.executable, "-m", "handlers.commands.prepare"],
        cwd=ROOT,
        env={**_environment(), **settings, "PORT": str(PORT)},
        check=True,
        capture_output=True,
    )
    waits, memory = [], []
    for _ in range(STARTS):
        begun = time.monotonic()
        with served(linli(*PARTS), settings, place.folder / "servers.log", "/healthz") as server:
            _say("demo-zhang", SAID[0])
            waits.append(time.monotonic() - begun)
            for said in SAID:  # who says more within ten seconds is not answered each time
                _say("demo-zhang", said)
            time.sleep(2)  # the scheduler begins last
            memory.append(server.memory_mb())
    return [
        Goal("cold start to the first answer", median(waits), "s", 5, 2, "less"),
        Goal("memory with the demo, all processes", median(memory), "MB", 300, 200, "less"),
    ]


def _environment() -> dict[str, str]:
    import os  # noqa: PLC0415

    return {**os.environ, **PRETEND}


def _say(person: str, said: str) -> None:
    connection = HTTPConnection("127.0.0.1", PORT, timeout=30)
    address, body = post(person, said, sealed=True)
    connection.request("POST", address, body, {"Content-Type": "text/xml"})
    answer = connection.getresponse()
    words = answer.read()
    connection.close()
    if answer.status != 200 or b"<Encrypt>" not in words:
        raise SystemExit(f"the demo did not answer: {answer.status}")
