"""How a call travels to WeChat: wechatpy writes the bodies, but the sending, retrying and failing are ours.

What wechatpy 1.8.18 does here is replaced as a whole: it retries without end on a refused token, stores an empty file
when an upload is repeated, waits for ever and raises four kinds of exception (reference 1.5 a–d, k, l).
"""

import json
import time
from collections.abc import Callable
from typing import Any, Protocol

import requests
import wechatpy.client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from bot.wechat.errors import CONSEQUENCES, Consequence, WeChatError

TIMEOUT = (3.0, 5.0)  # seconds to connect, seconds between two bytes of the answer
BUSY_WAITS = (0.2, 0.6)  # seconds before the second and the third try

# Calls that may be repeated without anybody noticing. A message with a client id is as harmless.
HARMLESS = frozenset({"menu/create", "qrcode/create", "user/info", "media/upload", "media/get"})

Answer = dict[str, Any]


class Tokens(Protocol):
    def current(self) -> str: ...

    def renew(self, stale: str) -> str: ...


def answer_of(response: requests.Response) -> Answer:
    """The JSON of an answer, whose `errcode` is a number if it is there.

    Raises WeChatError UNKNOWN_OUTCOME for anything else: a gateway's error page may stand for work that was done.
    """
    try:
        answer = json.loads(response.content)
        if isinstance(answer, dict) and (response.status_code == 200 or answer.get("errcode")):
            return {**answer, "errcode": int(answer.get("errcode") or 0)}
    except (ValueError, TypeError, RecursionError, requests.RequestException):
        pass
    raise WeChatError(0, f"HTTP {response.status_code} without an answer", Consequence.UNKNOWN_OUTCOME)


def value_of(answer: Answer, name: str) -> str:
    """A value WeChat has promised. Raises WeChatError UNKNOWN_OUTCOME when it is missing."""
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise WeChatError(0, f"no {name} in the answer", Consequence.UNKNOWN_OUTCOME)
    return value


def post_json(http: requests.Session, url: str, body: dict[str, Any], **options: Any) -> requests.Response:
    """Chinese is sent as it is: escaped, it was seen to show up literally in menus."""
    return send(http, "post", url, data=json.dumps(body, ensure_ascii=False).encode(), **options)


def send(http: requests.Session, method: str, url: str, **options: Any) -> requests.Response:
    """One request, never following a redirect.

    Raises WeChatError NOT_REACHED when no connection came about, else UNKNOWN_OUTCOME. Its text holds no URL: URLs
    carry the token.
    """
    try:
        return http.request(method, url, **{"timeout": TIMEOUT, "allow_redirects": False, **options})
    except requests.RequestException as error:
        consequence = Consequence.NOT_REACHED if _never_connected(error) else Consequence.UNKNOWN_OUTCOME
        raise WeChatError(0, type(error).__name__, consequence) from None


def _never_connected(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


class Transport(wechatpy.client.WeChatClient):  # type: ignore[misc]
    """wechatpy's client with its legs exchanged. Only `bot/wechat/client.py` speaks to it."""

    def __init__(
        self,
        appid: str,
        secret: str,
        tokens: Tokens,
        api_base: str,
        http: requests.Session,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(appid, secret, timeout=TIMEOUT, auto_retry=False)
        self._http = http
        self._tokens = tokens
        self._base = f"{api_base}/cgi-bin/"
        self._pause = pause

    @property
    def access_token(self) -> str:
        return self._tokens.current()

    def fetch_access_token(self) -> None:
        raise NotImplementedError("tokens come from the provider")

    def _request(self, method: str, url_or_endpoint: str, **options: Any) -> Answer:
        """What all of wechatpy's methods end in. Raises WeChatError."""
        body = options.pop("data", None)
        if isinstance(body, dict):
            options["data"] = json.dumps(body, ensure_ascii=False).encode()
        repeatable = url_or_endpoint in HARMLESS or (isinstance(body, dict) and "client_msg_id" in body)
        return self.attempt(lambda token: self._once(method, url_or_endpoint, token, options), repeatable)

    def attempt(self, once: Callable[[str], Answer], repeatable: bool) -> Answer:
        """Calls with the token; once more with a new one if it was refused; twice more if WeChat is busy.

        `repeatable` says that doing the same twice harms nobody: only then is "busy" taken for an invitation.
        """
        token, renewed = self._tokens.current(), False
        waits = list(BUSY_WAITS) if repeatable else []
        while True:
            answer = once(token)
            errcode = answer["errcode"]
            consequence = CONSEQUENCES.get(errcode, Consequence.OUR_MISTAKE)
            if errcode == 0 or consequence is Consequence.ALREADY_SENT:
                return answer
            if consequence is Consequence.RENEW_TOKEN and not renewed:
                token, renewed = self._tokens.renew(token), True
            elif consequence is Consequence.BUSY and waits:
                self._pause(waits.pop(0))
            else:
                raise WeChatError(errcode, str(answer.get("errmsg", "")))

    def _once(self, method: str, path: str, token: str, options: dict[str, Any]) -> Answer:
        params = {**options.get("params", {}), "access_token": token}
        return answer_of(send(self._http, method, self._base + path, **{**options, "params": params}))

    def get_stream(self, path: str, params: dict[str, str], token: str) -> requests.Response:
        """An answer whose body has not been read yet. The caller closes it."""
        return send(self._http, "get", self._base + path, params={**params, "access_token": token}, stream=True)
