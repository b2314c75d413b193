"""Talking to some flows without the web: 「zhang says …」, what the bot answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import Session

from bot.flow import EventHandler, Flow, Program, Turn
from bot.incoming import Incoming
from bot.router import answer
from bot.steps import NOTHING
from bot.understanding import IntentSpec, Understanding
from handlers.bare_codes import with_bare_codes
from handlers.speaker import identify
from handlers.vocabulary import RECOGNISERS
from models.messaging import conversations
from tests.support.books import ACCOUNT, PEPPER


@dataclass
class Chat:
    """A program of these flows. The clock stands still unless `now` is changed."""

    session: Session
    now: datetime
    flows: Sequence[Flow]
    events: dict[str, EventHandler] = field(default_factory=dict)
    account: str = ACCOUNT

    def __post_init__(self) -> None:
        self._understanding = Understanding(
            [IntentSpec(flow.intent, None, flow.commands, flow.examples, flow.awaiting) for flow in self.flows],
            RECOGNISERS,
        )
        self._program = Program(
            flows={flow.intent: flow for flow in self.flows},
            events=self.events,
            wordless=lambda turn: None,
            unclear=lambda turn, times: "没听明白",
            dropped=lambda title: "放下了",
            identify=identify,
        )

    def says(self, openid: str, text: str) -> str:
        return self.happens(openid, "text", text=text)

    def happens(self, openid: str, kind: str, **more: Any) -> str:
        incoming = Incoming(account=self.account, openid=openid, kind=kind, key="1", sent_at=self.now, **more)
        conversation = conversations.lock(self.session, self.account, openid, self.now)
        if kind == "unfollow":
            self.session.expunge(conversation)
        turn = Turn(
            session=self.session,
            now=self.now,
            incoming=incoming,
            speaker=identify(self.session, incoming, self.now),
            meaning=NOTHING,
            settings=SimpleNamespace(secret_key=PEPPER),
        )
        reply = answer(self._program, with_bare_codes(self._understanding.understand), turn, conversation)
        self.session.flush()
        return reply
