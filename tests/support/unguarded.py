"""The program without the row that makes a message delivered again harmless: to show that this row is what does it."""

from flask import Flask

import wsgi
from models.messaging import conversations, inbox


def create_app() -> Flask:
    open_turn = conversations.open_turn
    conversations.open_turn = lambda *where, **what: (open_turn(*where, **what)[0], None)
    inbox.keep = lambda session, **_: True
    return wsgi.create_app()
