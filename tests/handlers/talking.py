"""Talking to some flows, without the web around them: the real understanding, the real machine, one database session."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import count

from sqlalchemy.orm import Session

from bot.flow import Done, Flow, Outcome, Program, Turn
from bot.incoming import Incoming
from bot.router import answer
from bot.understanding import IntentSpec, Understanding
from bot.understanding.meaning import Meaning
from handlers.learned import in_danger
from handlers.phrases import EXAMPLES
from handlers.speaker import identify
from handlers.vocabulary import RECOGNISERS
from models.messaging.tables import Conversation
from models.workorders.words import names_a_fault
from tests.support.repairs import ACCOUNT

_keys = count()


def nothing_without_words(turn: Turn) -> Outcome:
    return Done("照片收到了。")


@cache
def understanding_of(flows: tuple[Flow, ...]) -> Understanding:
    """Learnt once for all tests: it takes longer than any of them."""
    specs = [IntentSpec(flow.intent, flow.roles, flow.commands, flow.examples, flow.awaiting) for flow in flows]
    offered = {flow.intent for flow in flows}
    specs += [IntentSpec(name, None, (), said) for name, said in EXAMPLES.items() if name not in offered]
    return Understanding(specs, RECOGNISERS, urgent=in_danger, reports_a_fault=names_a_fault)


@dataclass
class Talking:
    """A clock, a database, and what each person and the bot are talking about."""

    session: Session
    now: datetime
    flows: tuple[Flow, ...]
    conversations: dict[str, Conversation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.program = Program(
            flows={flow.intent: flow for flow in self.flows},
            events={},
            wordless=nothing_without_words,
            unclear=lambda turn, times: f"没听明白（{turn.meaning.intent}）",
            dropped=lambda title: "",
            identify=identify,
        )

    def says(self, who: str, words: str) -> str:
        """The reply to some words."""
        return self._hears(who, "text", words)

    def sends_photo(self, who: str) -> str:
        return self._hears(who, "image", "")

    def wait(self, **time: int) -> None:
        self.now += timedelta(**time)

    def _hears(self, who: str, kind: str, words: str) -> str:
        incoming = Incoming(ACCOUNT, who, kind, str(next(_keys)), self.now, text=words, media_id=f"media-{kind}")
        conversation = self.conversations.setdefault(
            who, Conversation(account=ACCOUNT, openid=who, frames=[], misunderstood=0, turned_at=self.now)
        )
        turn = Turn(self.session, self.now, incoming, identify(self.session, incoming, self.now), Meaning(""))
        return answer(self.program, understanding_of(self.flows).understand, turn, conversation)
