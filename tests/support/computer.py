"""A browser at the desk, without a screen: it keeps its cookies, follows links, and sends the forms that are on its page."""

import html
import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

_FORM = re.compile(r"<form\b(?P<about>[^>]*)>(?P<inside>.*?)</form>", re.DOTALL)
_ACTION = re.compile(r'\baction="([^"]*)"')
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
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
        """Send the form on the page whose button says so, with what is typed into it."""
        page = self.page
        form = next((form for form in _FORM.finditer(page) if f">{button}</button>" in form["inside"]), None)
        assert form is not None, f"no button {button} on the page"
        token = _TOKEN.search(form["inside"])
        data = {**({"form_token": token[1]} if token else {}), **fields}
        action = _ACTION.search(form["about"])
        address = html.unescape(action[1]) if action else self.address
        self.answer = self._client.post(address, data=data, follow_redirects=True)
        self.address = self.answer.request.path
        return self.answer

    def posts(self, address: str, **fields: Any) -> TestResponse:
        """As somebody would who writes the request by hand."""
        return self._client.post(address, data=fields)

    def does(self, words: str) -> None:
        """An address is opened; anything else is a button."""
        if words.startswith("/"):
            self.opens(words)
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
