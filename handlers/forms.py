"""Forms of our own pages: each carries a token that only a page of ours in this very browser can know.

A form is written `<form method="post">{{ form_token() }}…`; a script sends the token as the header `X-Form-Token`. Whatever
would change something without it is refused, by one guard for all pages (handlers/page_guard.py).
"""

import secrets

from flask import request
from flask import session as cookie
from markupsafe import Markup

FIELD, HEADER = "form_token", "X-Form-Token"
_KEPT = "form"


def token() -> str:
    """This browser's token. Signing in and out makes a new one."""
    kept = cookie.get(_KEPT)
    if not isinstance(kept, str):
        kept = cookie[_KEPT] = secrets.token_urlsafe(24)
    return kept


def hidden_field() -> Markup:
    """What stands in every form."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token())


def carries_token() -> bool:
    """Whether the request in hand was made by a page of ours.

    A body that is no form (JSON, plain text) needs the header: no foreign page can set that one.
    """
    kept = cookie.get(_KEPT)
    # Reading a form reads the body: a large upload that brings the header is left for its own page to read.
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    return isinstance(kept, str) and secrets.compare_digest(given.encode(), kept.encode())
