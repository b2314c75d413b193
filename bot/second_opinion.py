"""What a sentence may mean, asked of an OpenAI-compatible service; off unless set up, and only for what we do not understand.

It is asked before the turn begins, so nobody's row is locked meanwhile, and for two seconds at most. Its answer is the name of one of
our own intents or nothing, and it is never acted upon: the person is asked 「您是要…吗？」, and what is dangerous asks once more by
itself. What leaves the machine has gone through `nameless`, which is handed in.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.incoming import Incoming
from bot.understanding.meaning import Meaning

log = logging.getLogger(__name__)

SECONDS = 2.0  # of WeChat's five
REST_SECONDS = 60.0  # after a failure nobody is kept waiting for a while
SHORTEST, LONGEST = 4, 200  # characters: less says too little, more is a letter for a person

_ASK = (
    "你是物业公司公众号的分类器。下面是能办的事，每行一件：代号 名称。"
    "用户的话里个人信息已经换成「某」。只回复最合适的一个代号，都不合适就回复 none，不要写别的。\n"
)


class SecondOpinion:
    """`titles`: what may be answered, by intent. `understand` is our own first opinion. Safe to share between threads."""

    def __init__(
        self,
        http: Any,
        *,
        url: str,
        key: str,
        model: str,
        titles: Mapping[str, str],
        understand: Callable[[str], Meaning],
        nameless: Callable[[str], str],
        unsure_below: float,
        seconds: float = SECONDS,
    ) -> None:
        self._http = http
        self._url = f"{url}/chat/completions"
        self._headers = {"Authorization": f"Bearer {key}"}
        self._model = model
        self._titles = titles
        self._understand = understand
        self._nameless = nameless
        self._unsure_below = unsure_below
        self._seconds = seconds
        self._resting_until = 0.0

    def hint(self, incoming: Incoming) -> Incoming:
        """The same message, with `hint` where it is not understood and the service knows better."""
        words = incoming.text.strip()
        if incoming.kind not in ("text", "voice") or not SHORTEST <= len(words) <= LONGEST:
            return incoming
        if time.monotonic() < self._resting_until or self._is_understood(words):
            return incoming
        return replace(incoming, hint=self._asked(words))

    def _is_understood(self, words: str) -> bool:
        return self._understand(words).confidence >= self._unsure_below

    def _asked(self, words: str) -> str:
        listed = "\n".join(f"{intent} {title}" for intent, title in self._titles.items())
        body = {
            "model": self._model, "temperature": 0, "max_tokens": 16,
            "messages": [{"role": "system", "content": _ASK + listed}, {"role": "user", "content": self._nameless(words)}],
        }  # fmt: skip
        try:
            answer = self._http.post(
                self._url, json=body, headers=self._headers, timeout=(self._seconds / 4, self._seconds * 3 / 4)
            )
            said = answer.json()["choices"][0]["message"]["content"] if answer.status_code == 200 else None
        except Exception as failed:
            # Whatever the service or the line to it does, the message is answered as without it.
            said = None
            log.warning("the second opinion could not be had", extra={"why": type(failed).__name__})
        if not isinstance(said, str):
            self._resting_until = time.monotonic() + REST_SECONDS
            return ""
        intent = said.strip().strip("`\"'。. ")
        return intent if intent in self._titles else ""
