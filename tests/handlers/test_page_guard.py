"""F51: what changes something must come from a page of ours; and what every page says to browsers."""

from contextlib import nullcontext
from io import BytesIO
from types import SimpleNamespace

import pytest
from flask import Flask, current_app, request, session
from flask.testing import FlaskClient
from markupsafe import Markup

from handlers import forms, staff_at_desk
from handlers.page_guard import FORM_SPENT, NOT_FOUND, guard
from handlers.signed_in import sign_in, sign_out, signed_in
from tests.test_structure import ROOT


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Whoever signed in works at the desk, too: who may do that is told in tests/handlers/web/test_desk.py."""
    monkeypatch.setattr(staff_at_desk, "person_at_desk", lambda session, now: "zhang" if signed_in() else None)
    app = Flask("pages", template_folder=str(ROOT / "templates/pages"), static_folder=str(ROOT / "templates/static"))
    app.secret_key = "of the test"
    app.config["TESTING"] = True
    guard(app)
    app.extensions["done"] = []
    app.extensions["services"] = SimpleNamespace(
        clock=SimpleNamespace(now=lambda: None),
        database=SimpleNamespace(reading=nullcontext),
        settings=SimpleNamespace(import_max_mb=1),
    )
    for group in ("resident", "desk"):
        prefix = "m" if group == "resident" else "desk"
        app.add_url_rule(f"/{prefix}/thing", group, thing, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
        app.extensions.setdefault("groups", {})[group] = group
    app.add_url_rule("/in", "in", lambda: sign_in("gh", "zhang") or "in")
    app.add_url_rule("/token", "token", lambda: str(forms.hidden_field()))
    app.add_url_rule("/out", "out", lambda: sign_out() or "out")
    return app


def thing() -> str:
    if request.method == "GET":
        return str(forms.hidden_field())
    current_app.extensions["done"].append(request.method)
    return "done"


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    browser = app.test_client()
    browser.get("/in")
    return browser


def token_of(browser: FlaskClient) -> str:
    page = browser.get("/token").text
    return page.split('value="')[1].split('"')[0]


FORGERIES = {
    "no token": {},
    "empty": {"data": {"form_token": ""}},
    "made up": {"data": {"form_token": "x" * 32}},
    "not ascii": {"data": {"form_token": "令牌"}},
    "in the query": {"query_string": {"form_token": "{token}"}},
    "in a cookie": {"headers": {"Cookie": "form_token={token}"}},
    "as json": {"json": {"form_token": "{token}"}},
    "json as text": {"data": '{"form_token":"{token}"}', "content_type": "text/plain"},
    "json as a form name": {"data": {'{"form_token":"{token}"}': ""}},
    "in a file": {"data": {"form_token": b"{token}"}},
    "another header": {"headers": {"X-CSRF-Token": "{token}"}},
    "an override": {"headers": {"X-HTTP-Method-Override": "GET"}},
}


def filled(value: object, token: str) -> object:
    if isinstance(value, str):
        return value.replace("{token}", token)
    if isinstance(value, bytes):
        return BytesIO(value.replace(b"{token}", token.encode())), "token.txt"
    if isinstance(value, dict):
        return {filled(key, token): filled(each, token) for key, each in value.items()}
    return value


@pytest.mark.parametrize("path", ["/m/thing", "/desk/thing"])
@pytest.mark.parametrize("way", FORGERIES)
def test_f51_a_foreign_page_changes_nothing(app: Flask, browser: FlaskClient, path: str, way: str) -> None:
    token = token_of(browser)
    answer = browser.post(path, **filled(FORGERIES[way], token))
    assert answer.status_code == 403
    assert FORM_SPENT in answer.text or way == "in a cookie"
    assert app.extensions["done"] == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/m/thing", "/desk/thing"])
def test_our_own_page_may(app: Flask, browser: FlaskClient, path: str, method: str) -> None:
    token = token_of(browser)
    assert browser.open(path, method=method).status_code == 403
    assert browser.open(path, method=method, data={"form_token": token}).text == "done"
    assert browser.open(path, method=method, json={}, headers={"X-Form-Token": token}).text == "done"
    assert app.extensions["done"] == [method, method]


def test_a_token_is_one_browsers_own_and_ends_with_the_session(app: Flask, browser: FlaskClient) -> None:
    token = token_of(browser)
    other = app.test_client()
    other.get("/in")
    assert other.post("/desk/thing", data={"form_token": token}).status_code == 403
    for again in ("/in", "/out"):
        browser.get(again)
        assert browser.post("/desk/thing", data={"form_token": token}).status_code == 403
        token = token_of(browser)


def test_who_is_not_signed_in_changes_nothing(app: Flask) -> None:
    browser = app.test_client()
    token = token_of(browser)
    assert browser.post("/m/thing", data={"form_token": token}).status_code == 403
    assert app.extensions["done"] == []


def test_every_page_tells_browsers_what_they_may_do_with_it(browser: FlaskClient) -> None:
    for path in ("/m/thing", "/desk/thing", "/m/nothing", "/desk/nothing"):
        headers = browser.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "private, no-store"


def test_what_does_not_exist_is_one_sentence(browser: FlaskClient) -> None:
    answer = browser.get("/m/nothing")
    assert answer.status_code == 404
    assert NOT_FOUND in answer.text
    assert "html" not in browser.get("/elsewhere").text[:10]


def test_words_in_a_token_field_stay_words(app: Flask) -> None:
    with app.test_request_context():
        session["form"] = '"><script>'
        assert forms.hidden_field() == Markup('<input type="hidden" name="form_token" value="&#34;&gt;&lt;script&gt;">')
