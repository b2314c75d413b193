"""What an API call is: one row of the tables in api_*.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response

from bot.simulator.platform import Platform
from bot.simulator.strict import Shape


@dataclass(frozen=True)
class Request:
    """A call that passed the token and shape checks. `file` is (name, content) of an upload."""

    platform: Platform
    now: datetime
    query: Mapping[str, str]
    body: dict[str, Any]
    file: tuple[str, bytes] | None = None


Answer = dict[str, Any] | Response


@dataclass(frozen=True)
class Call:
    """`query` and `body` are shapes (strict.py); a call with a body is a POST. `token`: does it need an access token?"""

    path: str
    answer: Callable[[Request], Answer]
    body: Shape | None = None
    query: Shape | None = None
    token: bool = True
    upload: bool = False

    @property
    def method(self) -> str:
        return "POST" if self.body is not None or self.upload else "GET"


def done(_request: Request | None = None) -> dict[str, Any]:
    return {"errcode": 0, "errmsg": "ok"}
