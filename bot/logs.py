"""Logs: one JSON object a line, with the request it belongs to, and nothing personal in it."""

import json
import logging
import re
import secrets
from contextvars import ContextVar
from hashlib import sha256

from bot.wechat.errors import masked

request_id: ContextVar[str] = ContextVar("request_id", default="-")

# What every LogRecord carries anyway; anything else was passed as `extra` and belongs in the line.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_OPENID = re.compile(r"\bo[A-Za-z0-9_-]{27}\b|\bdemo-[a-z-]+\b")
_ID_CARD = re.compile(r"(?<![0-9A-Za-z])\d{6}(?:19|20)\d{9}[0-9Xx](?![0-9A-Za-z])")


def new_request_id() -> str:
    fresh = secrets.token_hex(6)
    request_id.set(fresh)
    return fresh


def who(account: str, openid: str) -> str:
    """A person's name in logs and the audit: the same person reads the same, nobody can be found by it."""
    return "wechat:" + sha256(f"{account}/{openid}".encode()).hexdigest()[:10]


def mask(text: str) -> str:
    """138****8000 for phones; openids, identity numbers and secrets are replaced."""
    text = _ID_CARD.sub("[id]", text)
    text = _PHONE.sub(r"\1****\2", text)
    text = _OPENID.sub("[openid]", text)
    return masked(text)


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "from": record.name,
            "request": request_id.get(),
            "says": record.getMessage(),
        }
        line.update({key: value for key, value in vars(record).items() if key not in _STANDARD})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return mask(json.dumps(line, ensure_ascii=False, default=str))


def set_up(level: str) -> None:
    """Every logger writes JSON lines to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("apscheduler", "urllib3", "werkzeug", "_granian"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
