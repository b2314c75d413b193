"""Who opens one of our pages inside WeChat: the silent login, `snsapi_base` (reference 3.13)."""

import re
from urllib.parse import quote

import requests

from bot.wechat.errors import Consequence, WeChatError
from bot.wechat.transport import answer_of, send
from models.errors import Refusal

_STATE = re.compile(r"[A-Za-z0-9]{1,128}")


class OAuth:
    """`open_base` is where the browser is sent, `api_base` where we ask; neither has a path."""

    def __init__(self, appid: str, secret: str, *, api_base: str, open_base: str, http: requests.Session) -> None:
        self._appid = appid
        self._secret = secret
        self._api_base = api_base.rstrip("/")
        self._open_base = open_base.rstrip("/")
        self._http = http

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """Where to send the browser. WeChat checks the order of the parameters.

        Raises ValueError when `state` is not 1–128 letters and digits.
        """
        if not _STATE.fullmatch(state):
            raise ValueError("state is 1 to 128 letters and digits")
        return (
            f"{self._open_base}/connect/oauth2/authorize?appid={self._appid}&redirect_uri={quote(redirect_uri, safe='')}"
            f"&response_type=code&scope=snsapi_base&state={state}#wechat_redirect"
        )

    def openid_for(self, code: str) -> str:
        """Whose browser it is. A code works once and for five minutes.

        Raises WeChatError (CODE_SPENT: begin once more) and Refusal for WeChat's preview, which shows the page to
        a made-up person.
        """
        query = {"appid": self._appid, "secret": self._secret, "code": code, "grant_type": "authorization_code"}
        answer = answer_of(send(self._http, "get", f"{self._api_base}/sns/oauth2/access_token", params=query))
        if answer["errcode"]:
            raise WeChatError(answer["errcode"], str(answer.get("errmsg", "")))
        if answer.get("is_snapshotuser"):
            raise Refusal("现在看到的是预览页面，请点右下角的「使用完整服务」，再打开一次。")
        openid = answer.get("openid")
        if not isinstance(openid, str) or not openid:
            raise WeChatError(0, "no openid in the answer", Consequence.CODE_SPENT)
        return openid
