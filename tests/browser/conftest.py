"""The real set-up as `make run` starts it, and a person at a real browser in front of it."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN, ANSWERS_WITHIN = 60.0, 10_000  # seconds; milliseconds
LAPTOP = {"width": 1366, "height": 768}


@dataclass(frozen=True)
class Company:
    """A running training set-up of its own."""

    process: subprocess.Popen[str]
    environment: dict[str, str]
    address: str

    def audit(self) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "audit"]
        return subprocess.run(
            command, check=False, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60
        )


class Desk:
    """The page with the phones, in the words of somebody who uses it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def phone(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=f"{name}的手机")

    def log(self, name: str) -> Locator:
        return self.phone(name).get_by_role("log")

    def types(self, name: str, words: str) -> None:
        field = self.phone(name).get_by_label(f"{name}要说的话")
        field.fill(words)
        field.press("Enter")

    def says(self, name: str, words: str) -> None:
        """Type it, and see it stand in the chat: from here on `last` is what came after it."""
        before = self.log(name).locator(".mine").count()
        self.types(name, words)
        expect(self.log(name).locator(".mine")).to_have_count(before + 1)

    def taps(self, name: str, words: str) -> None:
        """Tap what is offered below the chat."""
        self.phone(name).get_by_role("group", name="可以说的话").get_by_role("button", name=words, exact=True).click()

    def offered(self, name: str) -> Locator:
        """What the last message invites to say."""
        return self.phone(name).locator(".chips .asked")

    def hears(self, name: str, *words: str, within: int = ANSWERS_WITHIN) -> None:
        """All these words appear in this person's chat, at the latest after `within` milliseconds."""
        for each in words:
            expect(self.log(name)).to_contain_text(each, timeout=within)

    def last(self, name: str) -> Locator:
        """The newest thing the account sent to this person since they last said something themselves."""
        return self.log(name).locator(":is(.theirs, .card):not(:has(~ .mine))").last

    def opens(self, name: str) -> None:
        """Take this person's phone out of the tray."""
        self.page.get_by_role("navigation", name="所有手机").get_by_role("button", name=name).first.click()
        expect(self.phone(name)).to_be_visible()

    def extras(self, name: str, entry: str) -> None:
        self.phone(name).get_by_role("button", name="照片、位置、扫一扫").click()
        self.phone(name).get_by_role("dialog").get_by_role("button", name=entry).click()

    def more(self, name: str, entry: str) -> None:
        self.phone(name).get_by_role("button", name="更多", exact=True).click()
        self.phone(name).get_by_role("dialog").get_by_role("button", name=entry).click()

    def photographs(self, name: str, picture: Path) -> None:
        self.phone(name).locator("input[type=file]").set_input_files(picture)


@pytest.fixture(scope="session")
def loaded() -> Iterator[Path]:
    """A data folder with the demo company in it, to be copied: loading it anew for every test would take longer."""
    folder = Path(tempfile.mkdtemp(prefix="linli-loaded-"))
    environment = {**os.environ, "DATA_DIR": str(folder), "SIMULATOR": "1", "LOG_LEVEL": "ERROR"}
    for command in ("migrate", "demo"):
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", command],
            cwd=ROOT,
            env=environment,
            check=True,
            timeout=120,
        )
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def company(loaded: Path) -> Iterator[Company]:
    with running(loaded) as company:
        yield company


@pytest.fixture(scope="session")
def shared_company(loaded: Path) -> Iterator[Company]:
    """One for all tests that do not mind what others said: starting takes longer than most of them."""
    with running(loaded) as company:
        yield company


@contextmanager
def running(loaded: Path, **settings: str) -> Iterator[Company]:
    """Everything is started with these settings, and ended afterwards with all its children."""
    # Not pytest's own folder: the path of a Redis socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="linli-"))
    shutil.copytree(loaded, folder, dirs_exist_ok=True)
    port, other = free_ports()
    environment = {
        **os.environ,
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "SIMULATOR_PORT": str(other),
        "SIMULATOR": "1",
        "LOG_LEVEL": "ERROR",
        **settings,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.launch", "web", "scheduler", "simulator"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        started = Company(process, environment, f"http://127.0.0.1:{port}/simulator")
        until(lambda: accepts(port) and accepts(other) and time_passes(folder), process)
        yield started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        shutil.rmtree(folder)


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def accepts(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def time_passes(folder: Path) -> bool:
    """Has the scheduler begun? The web is there some seconds earlier; what is promised until then is sent a little later."""
    with closing(sqlite3.connect(folder / "linli.db", timeout=10)) as connection:
        return connection.execute("SELECT count(*) FROM job_runs").fetchone()[0] > 0


def until(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while not true():
        assert process.poll() is None, "the set-up ended by itself"
        assert time.monotonic() < end, "the set-up did not start in time"
        time.sleep(0.05)


@pytest.fixture
def page(browser: Browser, company: Company, request: pytest.FixtureRequest) -> Iterator[Page]:
    """`@pytest.mark.parametrize("page", [size], indirect=True)` chooses another screen than a laptop's."""
    context = browser.new_context(viewport=getattr(request, "param", LAPTOP), locale="zh-CN")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(company.address)
    expect(page.locator(".phone").first).to_be_visible()
    yield page
    context.close()
    assert complaints == [], "the page's own program must not stumble"


@pytest.fixture
def desk(page: Page) -> Desk:
    return Desk(page)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A failed test leaves a picture of what was on the screen."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.when == "call" and report.failed and page is not None:
        path = Path(tempfile.gettempdir(), f"linli-failed-{item.name}.png")
        page.screenshot(path=path)
        report.sections.append(("screenshot", str(path)))
    return report
