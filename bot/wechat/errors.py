"""What can go wrong between WeChat and us, and what each of WeChat's error codes means. What the sender then does: bot/consequences.py."""

import re
from enum import Enum

# A secret in a URL, a form or a JSON text; group 1 stays, the rest is what no log may show.
REDACT_PATTERN = re.compile(r"""((?:secret|access_token|ticket)["']?\s*[=:]\s*["']?)[^&\s"',}]+""")
_OPENID = re.compile(r"\bo[A-Za-z0-9_-]{27}\b")


def masked(text: str) -> str:
    """The text without secrets and openids. WeChat's `rid` stays: it is how a failed call is looked up for 7 days."""
    return _OPENID.sub("o***", REDACT_PATTERN.sub(r"\1***", text))


class FrameError(Exception):
    """A request to our address that is not a message we can take.

    `status` is the HTTP answer: 403 not from WeChat or not for this account, 400 not XML we read, 413 too large,
    and 200 for what is truly WeChat's but no usable message: it is answered `success`, because anything else
    makes the platform send it twice more and tell the person that the service is out of order.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class ForeignFrame(FrameError):
    """Rightly signed, and meant for another account: somebody set up the wrong address. Nothing of it is taken."""

    def __init__(self) -> None:
        super().__init__(403, "for another account")


class Consequence(Enum):
    """What an error means for the caller."""

    BUSY = "try again in a moment"
    RENEW_TOKEN = "the token could not be renewed: an operator must look"  # noqa: S105, this is no password
    STOP = "an operator must look before anything is sent again"
    BANNED = "the platform has taken this function away: use another channel, and an operator must look"
    GONE = "this person cannot be reached through WeChat"
    WINDOW_CLOSED = "no customer message until the person writes again: use a template message"
    QUOTA_USED_UP = "the customer messages of this window are spent: use a template message"
    NO_CONSENT = "no consent left for this subscription: use another channel"
    RATE_LIMITED = "too many calls this minute"
    DAILY_LIMIT = "too many calls today"
    MASS_LIMIT = "this month's broadcasts are spent"
    ALREADY_SENT = "WeChat has this message already: a success"
    TEMPLATE_GONE = "this template cannot be used any more"
    FIELD_INVALID = "a template field breaks its rule"
    TOO_LONG = "the text must be split"
    MEDIA_GONE = "the media id is wrong or older than three days"
    CODE_SPENT = "the OAuth code is used up: begin the login once more"
    FEATURE_OFF = "this account may not use this function"
    OUR_MISTAKE = "the request is malformed: a bug"
    NOT_REACHED = "nothing was sent: trying again is safe"
    UNKNOWN_OUTCOME = "sent, but no answer: it may have happened"


# One line for each code of WeChat's that Linli knows how to follow up. Any other code is OUR_MISTAKE.
CONSEQUENCES: dict[int, Consequence] = {
    -1: Consequence.BUSY,
    40001: Consequence.RENEW_TOKEN,
    40014: Consequence.RENEW_TOKEN,
    42001: Consequence.RENEW_TOKEN,
    40013: Consequence.STOP,  # the appid is wrong
    40125: Consequence.STOP,  # the secret is wrong
    40164: Consequence.STOP,  # our address is not on the allow-list; the text names it
    48004: Consequence.BANNED,
    50002: Consequence.STOP,  # the account is limited
    40003: Consequence.GONE,  # no such openid
    43004: Consequence.GONE,  # does not follow
    43019: Consequence.GONE,  # on the account's blacklist
    48002: Consequence.GONE,  # refuses messages
    45015: Consequence.WINDOW_CLOSED,
    45047: Consequence.QUOTA_USED_UP,
    43101: Consequence.NO_CONSENT,
    45011: Consequence.RATE_LIMITED,
    45009: Consequence.DAILY_LIMIT,
    48006: Consequence.DAILY_LIMIT,  # clearing the quota is used up, too
    45028: Consequence.MASS_LIMIT,
    45065: Consequence.ALREADY_SENT,
    40037: Consequence.TEMPLATE_GONE,
    47003: Consequence.FIELD_INVALID,
    45002: Consequence.TOO_LONG,
    40007: Consequence.MEDIA_GONE,
    40029: Consequence.CODE_SPENT,
    40163: Consequence.CODE_SPENT,
    42003: Consequence.CODE_SPENT,
    40200: Consequence.FEATURE_OFF,
    48001: Consequence.FEATURE_OFF,
    44002: Consequence.OUR_MISTAKE,
    44003: Consequence.OUR_MISTAKE,
    44004: Consequence.OUR_MISTAKE,
    45008: Consequence.OUR_MISTAKE,
    47001: Consequence.OUR_MISTAKE,
}

# The same call may succeed later, without a change to what is sent. Everything else is permanent.
WORTH_REPEATING = frozenset(
    {
        Consequence.BUSY,
        Consequence.RENEW_TOKEN,
        Consequence.STOP,
        Consequence.RATE_LIMITED,
        Consequence.DAILY_LIMIT,
        Consequence.NOT_REACHED,
        Consequence.UNKNOWN_OUTCOME,
    }
)


class WeChatError(Exception):
    """A call to WeChat that did not do what was asked.

    `errcode` is WeChat's (0 when it gave none), `consequence` what follows from it, `text` the platform's words,
    masked. `permanent` says that sending the same again is pointless; `outcome_unknown` that it may have happened,
    so that only a message with a client id, or a harmless one, may be repeated.
    """

    def __init__(self, errcode: int, text: str, consequence: Consequence | None = None) -> None:
        self.errcode = errcode
        self.text = masked(text)
        self.consequence = consequence or CONSEQUENCES.get(errcode, Consequence.OUR_MISTAKE)
        super().__init__(f"{self.errcode} {self.consequence.name}: {self.text}")

    @property
    def permanent(self) -> bool:
        return self.consequence not in WORTH_REPEATING

    @property
    def outcome_unknown(self) -> bool:
        return self.consequence is Consequence.UNKNOWN_OUTCOME
