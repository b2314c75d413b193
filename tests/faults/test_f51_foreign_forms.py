"""F51: nothing changes because some other page wanted it to. Made from the program's own list of addresses, so a new one is in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from handlers.page_guard import PAGES, SAFE
from models.db import Database
from tests.support.album import Album
from tests.support.demo import MORNING

pytestmark = pytest.mark.thorough

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")

# Bodies a foreign page can make a browser send without asking first.
BODIES = {
    "a form": {"data": {"stars": "5", "form_token": "guessed"}},
    "json under another name": {"data": '{"form_token":"guessed"}', "content_type": "text/plain"},
    "a file": {"data": {"form_token": "guessed"}, "content_type": "multipart/form-data"},
    "nothing": {},
}


@pytest.fixture(scope="module")
def album(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Album:
    folder = tmp_path_factory.mktemp("album")
    (folder / "linli.db").write_bytes(sqlite_template.read_bytes())
    return Album(Database(f"sqlite:///{folder / 'linli.db'}"), folder, MORNING)


def pages(app: Flask) -> Iterator[tuple[str, str]]:
    """(address, method) of every page, whether it takes the method or not; what is variable in it is filled with ones."""
    groups = app.extensions["groups"]
    for rule in app.url_map.iter_rules():
        if groups.get(rule.endpoint) in PAGES:
            path = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)
            path = re.sub(r"<[^>]*>", "1", path)
            yield from ((path, method) for method in UNSAFE)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("who", ["zhang", "manager", ""])
def test_f51_a_foreign_page_is_refused_everywhere(album: Album, who: str, body: str) -> None:
    tried = list(pages(album.world.app))
    assert len(tried) >= 4 * 5
    for path, method in tried:
        answer = album.browser(who, at_desk=True).open(path, method=method, **BODIES[body])
        assert answer.status_code in (403, 405), f"{method} {path}"


def test_f51_looking_changes_nothing(album: Album) -> None:
    """Pages that are only looked at read in a transaction nothing survives, and no other group takes changes but WeChat's own."""
    groups = album.world.app.extensions["groups"]
    taking = {
        rule.endpoint
        for rule in album.world.app.url_map.iter_rules()
        if set(rule.methods or ()) - SAFE and groups.get(rule.endpoint) not in PAGES
    }
    wechat_pays = {"pay_notified", "refund_notified", "contract_notified", "charge_notified"}
    assert taking <= {"receive", "receive_account", "simulator_any"} | wechat_pays
