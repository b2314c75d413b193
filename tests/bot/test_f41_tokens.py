"""F41: the token is refused in the middle of a batch. It is renewed once, the message goes out, nobody notices."""

import json
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.clock import FixedClock
from bot.wechat.client import WeChatClient
from bot.wechat.token import TokenProvider
from models.db import Database
from tests.support.post import Post
from tests.support.words import DEMAND, NEWS, every_way_renderer, small_kinds

__all__ = ["small_kinds"]

pytestmark = [pytest.mark.usefixtures("small_kinds"), pytest.mark.thorough]

MESSAGES = 6


class Platform:
    """Takes the old token for so many messages and then refuses it with `errcode`; hands out the new one when asked."""

    def __init__(self, good_for: int, errcode: int) -> None:
        self.token, self.good_for, self.errcode = "old", good_for, errcode
        self.renewals, self.taken = 0, 0
        self.lock = threading.Lock()

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        with self.lock:
            return answer(self._token() if url.endswith("/stable_token") else self._send(options))

    def _token(self) -> dict[str, Any]:
        self.renewals += 1
        return {"access_token": self.token, "expires_in": 7200}

    def _send(self, options: dict[str, Any]) -> dict[str, Any]:
        if self.taken >= self.good_for:
            self.token = "new"
        if options["params"]["access_token"] != self.token:
            return {"errcode": self.errcode, "errmsg": "invalid credential"}
        self.taken += 1
        return {"errcode": 0, "errmsg": "ok", "msgid": self.taken}


def answer(body: dict[str, Any]) -> requests.Response:
    response = requests.Response()
    response.status_code, response._content = 200, json.dumps(body).encode()
    return response


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
@pytest.mark.parametrize("good_for", [0, 1, 5])
@pytest.mark.parametrize("workers", [1, 2])
def test_f41_one_renewal_for_each_process_and_every_message_goes_out(
    database: Database, tmp_path: Path, now: datetime, errcode: int, good_for: int, workers: int
) -> None:
    post = Post(database, every_way_renderer(tmp_path / "templates"), now)
    for number in range(MESSAGES):
        post.promise(f"p{number}", DEMAND.name if number % 2 else NEWS.name)
    platform = Platform(good_for, errcode)
    senders = []
    for name in "ab"[:workers]:
        token = TokenProvider(
            "wx1", "secret", "https://wechat.example", redis=None, http=platform, clock=FixedClock(now)
        )
        post.wechat = WeChatClient("wx1", "secret", token, "https://wechat.example", http=platform)
        senders.append(threading.Thread(target=post.sender(name, in_flight=3).send_due))
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert post.states() == ["sent"] * MESSAGES
    assert [row.attempts for row in post.rows()] == [1] * MESSAGES
    assert platform.taken == MESSAGES
    assert platform.renewals <= 2 * workers  # the first token, and the one renewal
