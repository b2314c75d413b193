"""What the sender does about each thing that can go wrong, in one table (wechat.md 3.8).

Three questions are answered for each: what becomes of the message, what becomes of the API, and who must know.
"""

from dataclasses import dataclass
from enum import Enum

from bot.wechat.errors import Consequence


class Message(Enum):
    SENT = "it has arrived"
    AGAIN = "the same rung later"
    NEXT = "the next rung now, and never again this one for this message"
    NEXT_FOR_NOW = "the next rung now; this one when the person speaks again"
    UNKNOWN = "it may have arrived: again where that does no harm, else never"


class Api(Enum):
    ANSWERED = "it works"
    SILENT = "it gave no answer: counts towards the breaker"
    STOPPED = "every API of the account stops until somebody mends something"
    TAKEN_AWAY = "this API alone stops, and messages use the next rung meanwhile"
    TEMPLATE_OFF = "this template alone is not used any more"
    MINUTE_FULL = "a minute and a bit of rest"
    DAY_FULL = "rest until midnight in Beijing"


class Person(Enum):
    WINDOW_SHUT = "no free message is left"
    UNREACHABLE = "WeChat does not reach them until they speak"
    NO_CONSENT = "no subscription message is left"


@dataclass(frozen=True)
class Decision:
    message: Message
    api: Api = Api.ANSWERED
    person: Person | None = None
    alarm: bool = False


DECISIONS: dict[Consequence, Decision] = {
    Consequence.BUSY: Decision(Message.AGAIN),
    # The transport has renewed the token once already.
    Consequence.RENEW_TOKEN: Decision(Message.AGAIN, Api.SILENT, alarm=True),
    Consequence.STOP: Decision(Message.AGAIN, Api.STOPPED, alarm=True),
    Consequence.BANNED: Decision(Message.NEXT, Api.TAKEN_AWAY, alarm=True),
    Consequence.FEATURE_OFF: Decision(Message.NEXT, Api.TAKEN_AWAY, alarm=True),
    Consequence.GONE: Decision(Message.NEXT, person=Person.UNREACHABLE),
    Consequence.WINDOW_CLOSED: Decision(Message.NEXT_FOR_NOW, person=Person.WINDOW_SHUT),
    Consequence.QUOTA_USED_UP: Decision(Message.NEXT_FOR_NOW, person=Person.WINDOW_SHUT),
    Consequence.NO_CONSENT: Decision(Message.NEXT, person=Person.NO_CONSENT),
    Consequence.RATE_LIMITED: Decision(Message.AGAIN, Api.MINUTE_FULL),
    Consequence.DAILY_LIMIT: Decision(Message.AGAIN, Api.DAY_FULL, alarm=True),
    Consequence.MASS_LIMIT: Decision(Message.NEXT, alarm=True),
    Consequence.ALREADY_SENT: Decision(Message.SENT),
    Consequence.TEMPLATE_GONE: Decision(Message.NEXT, Api.TEMPLATE_OFF, alarm=True),
    # Mistakes of ours: the same again would fail again, another form of it may not.
    Consequence.FIELD_INVALID: Decision(Message.NEXT),
    Consequence.TOO_LONG: Decision(Message.NEXT),
    Consequence.MEDIA_GONE: Decision(Message.NEXT),
    Consequence.CODE_SPENT: Decision(Message.NEXT),
    Consequence.OUR_MISTAKE: Decision(Message.NEXT),
    Consequence.NOT_REACHED: Decision(Message.AGAIN, Api.SILENT),
    Consequence.UNKNOWN_OUTCOME: Decision(Message.UNKNOWN, Api.SILENT),
}
