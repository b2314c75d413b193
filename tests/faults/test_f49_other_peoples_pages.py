"""F49 and F50: every address that shows something of one household, opened by everybody.

Whoever must not see it gets what a number that does not exist gets, to the letter. The matrix is made from the program's own
list of addresses: a new one fails until tests/support/routes.py says what it shows.
"""

import re
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.db import Database
from models.people.tables import Binding
from models.workorders.tables import WorkOrder
from tests.support.album import OTHER_ACCOUNT, PROBLEM, Album
from tests.support.demo import MORNING
from tests.support.repairs import ACCOUNT
from tests.support.routes import DESK_OWN, DESK_PRIVATE, OWN, PRIVATE

pytestmark = pytest.mark.thorough

MAY = {
    "zhang": "reported it",
    "wife": "family of that home",
    "chen": "repairs it",
    "liu": "works in that compound",
    "clerk": "works in the office",
    "manager": "manages every compound",
}
MUST_NOT = {
    "li": "owner next door",
    "wang": "owner in another compound",
    "tenant": "rents the same home, and did not report it",
    "zhou": "works in another compound",
    "qian": "manages another compound",
    "guest": "follows, and is bound to nothing",
    "moved": "owned the home before, and reported something of their own then",
    "boss": "manages quite another company",
}
AT_DESK = ("clerk", "manager")
CANARIES = (PROBLEM, "张伟", "13900000000", "水是从三角阀漏的", "陈师傅")

# Of things that are nobody's: numbers and names beside the real ones, and what no database would take for one.
NOTHING = {
    "order": [
        "999999",
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "1" * 40,
        "1.0",
        "0x1",
        "1%00",
        "1'--",
        "a",
    ],
    "photo": [
        "0" * 32,
        "f" * 32,
        "..",
        "../../linli.db",
        "%2e%2e%2flinli.db",
        "0" * 31,
        "0" * 33,
        "g" * 32,
        "0" * 31 + "%00",
        "照片",
    ],
    "voice": ["0" * 32, "..%2f..%2flinli.db", "x'--", "0" * 32 + ".amr"],
}


@pytest.fixture
def album(database: Database, tmp_path: Path, now: datetime) -> Album:
    album = Album(database, tmp_path, now)
    with database.transaction() as session:
        _moved_out(session, album)
    return album


def _moved_out(session, album: Album) -> None:
    """Bound to the home once, with an order of that time; the binding is gone, and Zhang's order is of later."""
    earlier = album.cast.report(session, album.now, "马桶堵了", actor=album.cast.resident("zhang")).order
    earlier.openid, earlier.reporter_name = "moved", "前业主"
    session.execute(sa.delete(Binding).where(Binding.openid == "moved"))


def _account(who: str) -> str:
    return OTHER_ACCOUNT if who == "boss" else ACCOUNT


def test_f49_whoever_may_sees_it_and_nobody_else(album: Album) -> None:
    for name, pattern in PRIVATE.items():
        path = album.path(pattern)
        for who, why in MAY.items():
            answer = album.browser(who).get(path)
            assert answer.status_code == 200, f"{name} for {who}, who {why}"
            answer.close()
        nothing = album.browser("li").get(album.path(_of_nothing(pattern)))
        assert nothing.status_code == 404
        for who, why in MUST_NOT.items():
            answer = album.browser(who, _account(who)).get(path)
            assert answer.status_code == 404, f"{name} for {who}, who {why}"
            assert answer.data == nothing.data, "the same to the letter"
            assert _told(answer.headers) == _told(nothing.headers)
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert album.browser("li").open(path, method=method).status_code in (403, 405)


def test_f49_nobody_who_is_not_signed_in_sees_anything(album: Album) -> None:
    for pattern in [*PRIVATE.values(), *OWN.values()]:
        answer = album.browser("").get(album.path(pattern))
        assert answer.status_code == 302
        assert "/connect/oauth2/authorize" in answer.headers["Location"]
        assert not any(canary in answer.text for canary in CANARIES)
        nothing = album.browser("").get(album.path(_of_nothing(pattern)))
        assert nothing.status_code == 302, "not even whether it exists"


def test_f50_the_desk_shows_each_only_the_compounds_they_are_in_charge_of(album: Album) -> None:
    for name, pattern in DESK_PRIVATE.items():
        for who in AT_DESK:
            answer = album.browser(who, at_desk=True).get(album.path(pattern))
            assert answer.status_code == 200, f"{name} for {who}"
            answer.close()
        nothing = album.browser("qian", at_desk=True).get(album.path(_of_nothing(pattern)))
        for who in ("qian", "boss"):
            answer = album.browser(who, _account(who), at_desk=True).get(album.path(pattern))
            assert (answer.status_code, answer.data) == (404, nothing.data), f"{name} for {who}"
    for name, pattern in [*DESK_PRIVATE.items(), *DESK_OWN.items()]:
        for who in ("", "zhang", "wife", "li", "tenant", "chen", "liu", "zhou", "guest", "qian", "boss"):
            answer = album.browser(who, _account(who), at_desk=True).get(album.path(pattern))
            assert answer.status_code in ((200, 302, 404) if who in ("qian", "boss") else (302, 303, 403, 404)), (
                f"{name} for {who}"
            )
            assert not any(canary in answer.text for canary in CANARIES), f"{name} for {who}"
            answer.close()


def test_f50_lists_show_only_ones_own(album: Album) -> None:
    for pattern in OWN.values():
        assert PROBLEM in album.browser("zhang").get(pattern).text
        for who in MUST_NOT:
            text = album.browser(who, _account(who)).get(pattern).text
            assert not any(canary in text for canary in CANARIES if who != "moved" or canary != "陈师傅")


@pytest.mark.parametrize(("thing", "value"), [(thing, value) for thing, values in NOTHING.items() for value in values])
def test_f49_what_does_not_exist_is_one_page(quiet_album: Album, thing: str, value: str) -> None:
    for pattern in PRIVATE.values():
        if f"{{{thing}}}" in pattern:
            answer = quiet_album.browser("zhang").get(pattern.replace(f"{{{thing}}}", value))
            assert answer.status_code == 404
            assert "没有找到" in answer.text
            assert "Traceback" not in answer.text


@pytest.fixture(scope="module")
def quiet_album(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Album:
    """One for all who only look."""
    folder = tmp_path_factory.mktemp("album")
    (folder / "linli.db").write_bytes(sqlite_template.read_bytes())
    return Album(Database(f"sqlite:///{folder / 'linli.db'}"), folder, MORNING)


def test_f49_rights_are_those_of_this_moment(album: Album) -> None:
    """Whoever moves out, leaves the company or unfollows sees nothing more with the cookie they have."""
    path = album.path(PRIVATE["photo"])
    wife, chen = album.browser("wife"), album.browser("chen")
    for browser in (wife, chen):
        browser.get(path).close()
    with album.world.services.database.transaction() as session:
        session.execute(sa.delete(Binding).where(Binding.openid == "wife"))
        chens = album.cast.staff["chen"]
        session.merge(chens).left_at = album.now
    assert (wife.get(path).status_code, chen.get(path).status_code) == (404, 404)


def test_f49_a_photo_of_ones_own_order_does_not_open_the_neighbours(album: Album) -> None:
    """A number in the address is not believed: each is looked up with the visitor's own rights."""
    with album.world.services.database.transaction() as session:
        own = album.cast.report(
            session,
            album.now,
            "灯坏了",
            actor=album.cast.resident("li"),
            reporter=album.cast.reporter("li"),
            home_id=album.cast.next_door,
        ).order.id
    browser = album.browser("li")
    assert browser.get(f"/m/order/{own}").status_code == 200
    assert browser.get(album.path("/m/photo/{photo}")).status_code == 404
    assert browser.get(f"/m/order/{own}?order_id={album.order}").status_code == 200


def test_the_matrix_would_notice_a_page_that_asks_nobody(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: without the rights in the query and the page's own, the neighbour sees it."""
    monkeypatch.setattr("handlers.web.orders.opens_for", lambda *_: True)
    assert album.browser("li").get(album.path(PRIVATE["order_page"])).status_code == 404
    monkeypatch.setattr("models.workorders.queries.visible_to", lambda *_: sa.true())
    assert album.browser("li").get(album.path(PRIVATE["order_page"])).status_code == 200


def _of_nothing(pattern: str) -> str:
    return re.sub(r"\{(photo|voice)\}", "0" * 32, pattern).replace("{order}", "999999").replace("{receipt}", "999999")


def _told(headers) -> dict[str, str]:
    return {name: value for name, value in headers if name not in ("Date",)}


def test_an_order_of_the_home_is_its_familys_and_not_its_tenants(album: Album) -> None:
    """domain: who pays decides; a tenant follows what the tenant reported."""
    with album.world.services.database.transaction() as session:
        session.get_one(WorkOrder, album.order).openid = "tenant"
    path = album.path(PRIVATE["photo"])
    for who in ("tenant", "zhang", "wife"):
        answer = album.browser(who).get(path)
        assert answer.status_code == 200, who
        answer.close()
