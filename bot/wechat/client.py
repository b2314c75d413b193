"""The only module whose callers reach WeChat's API: what can be asked of it, in plain values.

Every method raises WeChatError; what follows from it is in its `consequence`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import requests

from bot.wechat.media import download
from bot.wechat.transport import Tokens, Transport, value_of

LONGEST_SCENE = 64  # characters of a QR code's scene_str (reference 3.9)
LONGEST_QR_SECONDS = 2_592_000  # 30 days


class WeChatClient:
    """One official account's API. `api_base` has no path: "https://…" of WeChat, or of whoever plays it."""

    def __init__(
        self,
        appid: str,
        secret: str,
        token_provider: Tokens,
        api_base: str,
        http: requests.Session | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = http or requests.Session()
        self._api = Transport(appid, secret, token_provider, api_base.rstrip("/"), self._http, pause)

    def send_text(self, openid: str, text: str) -> None:
        self._api.message.send_text(openid, text)

    def send_image(self, openid: str, media_id: str) -> None:
        self._api.message.send_image(openid, media_id)

    def send_menu(self, openid: str, head: str, items: Sequence[tuple[str, str]], tail: str = "") -> None:
        """A message with choices: `items` are (id, words); a tap comes back as a text with that id as `menu_id`."""
        choices = [{"id": item_id, "content": words} for item_id, words in items]
        self._api.message.send_msg_menu(openid, {"head_content": head, "list": choices, "tail_content": tail})

    def send_template(
        self, openid: str, template_id: str, data: Mapping[str, str], url: str = "", client_msg_id: str = ""
    ) -> str:
        """The message's id, which its result will name later. With a `client_msg_id` repeating it is harmless.

        `data` has been through `templates.fit_fields`.
        """
        body: dict[str, Any] = {"touser": openid, "template_id": template_id, "data": _values(data)}
        if url:
            body["url"] = url
        if client_msg_id:
            body["client_msg_id"] = client_msg_id
        answer = self._api.post("message/template/send", data=body)
        return str(answer.get("msgid") or answer.get("msg_id") or "")

    def send_subscription(self, openid: str, template_id: str, data: Mapping[str, str], page: str = "") -> None:
        """A message the person allowed once. WeChat gives no id for it: its result is matched by template and time."""
        body: dict[str, Any] = {"touser": openid, "template_id": template_id, "data": _values(data)}
        if page:
            body["page"] = page
        self._api.post("message/subscribe/bizsend", data=body)

    def create_qrcode(self, scene: str, expire_seconds: int | None = None) -> tuple[str, str]:
        """(ticket, what the code says). Without `expire_seconds` it lives for ever, and there are 100,000 of those.

        Raises ValueError when scene or life time is outside WeChat's limits.
        """
        if not 1 <= len(scene) <= LONGEST_SCENE:
            raise ValueError(f"a scene has 1 to {LONGEST_SCENE} characters")
        body: dict[str, Any] = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        if expire_seconds is not None:
            if not 1 <= expire_seconds <= LONGEST_QR_SECONDS:
                raise ValueError("a temporary code lives 1 second to 30 days")
            body = {**body, "action_name": "QR_STR_SCENE", "expire_seconds": expire_seconds}
        answer = self._api.qrcode.create(body)
        return value_of(answer, "ticket"), value_of(answer, "url")

    def create_menu(self, menu: Mapping[str, Any]) -> None:
        self._api.menu.create(dict(menu))

    def user_info(self, openid: str) -> dict[str, Any]:
        """`subscribe` (0 or 1) and, for followers, when and how they came. Names and pictures are gone since 2021."""
        answer: dict[str, Any] = self._api.get("user/info", params={"openid": openid})
        return answer

    def upload_media(self, kind: str, data: bytes, name: str) -> str:
        """The media id, good for three days. `kind` is image, voice, video or thumb."""
        answer = self._api.post("media/upload", params={"type": kind}, files={"media": (name, data)})
        return value_of(answer, "thumb_media_id" if kind == "thumb" else "media_id")

    def download_media(self, media_id: str, max_bytes: int) -> tuple[bytes, str]:
        """(bytes, content type) of what a person sent; see `media.download`."""
        return download(self._api, self._http, media_id, max_bytes)


def _values(data: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {field: {"value": value} for field, value in data.items()}
