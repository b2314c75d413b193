"""A browser at the desk, without a screen: it keeps its cookies, follows links, and sends the forms that are on its page."""

import html
import re
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import TestResponse

_FORM = re.compile(r"<form\b(?P<about>[^>]*)>(?P<inside>.*?)</form>", re.DOTALL)
_ACTION = re.compile(r'\baction="([^"]*)"')
_FIELD = re.compile(r"<input\b([^>]*)>|<select\b([^>]*)>(.*?)</select>", re.DOTALL)
_OPTION = re.compile(r"<option\b([^>]*)>")
_PART = re.compile(r'\b(name|value|type)="([^"]*)"')
_LINK = re.compile(r'<a\b[^>]*\bhref="([^"]*)"[^>]*>([^<]*)</a>')
_UNSEEN = re.compile(r"<(head|script|style|noscript)\b.*?</\1>|<[^>]+>", re.DOTALL)


class Computer:
    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()
        self.address = "/desk/"
        self.answer: TestResponse | None = None

    def opens(self, address: str) -> TestResponse:
        self.answer = self._client.get(address, follow_redirects=True)
        self.answer.get_data()
        self.answer.close()  # as a server does when all is sent
        self.address = self.answer.request.path + (
            f"?{query}" if (query := self.answer.request.query_string.decode()) else ""
        )
        return self.answer

    def presses(self, button: str, **fields: Any) -> TestResponse:
        """Send the form on the page whose button says so, as it stands there but for what is typed into it."""
        page = self.page
        form = next((form for form in _FORM.finditer(page) if f">{button}</button>" in form["inside"]), None)
        assert form is not None, f"no button {button} on the page"
        data = {**_filled_in(form["inside"]), **fields}
        action = _ACTION.search(form["about"])
        address = html.unescape(action[1]) if action else self.address
        if 'method="get"' in form["about"]:
            return self.opens(f"{address.split('#')[0]}?{urlencode(data, doseq=True)}")
        self.answer = self._client.post(address, data=data, follow_redirects=True)
        self.address = self.answer.request.path
        return self.answer

    def posts(self, address: str, **fields: Any) -> TestResponse:
        """As somebody would who writes the request by hand."""
        return self._client.post(address, data=fields)

    def does(self, words: str) -> None:
        """An address is opened; anything else is a button, or a link."""
        link = next((link for link in _LINK.finditer(self.page) if link[2] == words), None) if self.answer else None
        if words.startswith("/"):
            self.opens(words)
        elif link is not None and f">{words}</button>" not in self.page:
            self.opens(html.unescape(link[1]).split("#")[0])
        else:
            self.presses(words)

    def looks_again(self) -> str:
        """The page as it is now, as text."""
        self.opens(self.address)
        return self.text

    @property
    def page(self) -> str:
        assert self.answer is not None, "nothing is open"
        return self.answer.get_data(as_text=True)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", html.unescape(_UNSEEN.sub(" ", self.page))).strip()


def _filled_in(form: str) -> dict[str, list[str]]:
    """What a browser sends of a form that nobody has touched: hidden fields, what is typed, ticked and chosen already."""
    found: dict[str, list[str]] = {}
    for field in _FIELD.finditer(form):
        about = field[1] if field[1] is not None else field[2]
        parts = {name: html.unescape(value) for name, value in _PART.findall(about)}
        value, kind = parts.get("value", ""), parts.get("type", "text")
        if field[3] is not None:
            options = _OPTION.findall(field[3])
            chosen = next((option for option in options if "selected" in option), options[0] if options else "")
            value, kind = dict(_PART.findall(chosen)).get("value", ""), "select"
        if (
            "name" not in parts
            or kind in ("file", "submit")
            or (kind in ("checkbox", "radio") and "checked" not in about)
        ):
            continue
        found.setdefault(parts["name"], []).append(value)
    return found
