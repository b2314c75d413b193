"""Files from WeChat: read in pieces, never more than asked for, and an error message is not mistaken for a picture."""

import time
from typing import Any

import requests

from bot.wechat.errors import Consequence, WeChatError
from bot.wechat.transport import Transport, answer_of, send, value_of

_PIECE = 64 * 1024
_PATIENCE = 60.0  # seconds for a whole file; the timeout of a request only covers the gap between two pieces


def download(transport: Transport, http: requests.Session, media_id: str, max_bytes: int) -> tuple[bytes, str]:
    """The bytes and their content type. A video comes in two steps: first its address, then the file.

    Raises WeChatError: MEDIA_GONE for an unknown or expired id, TOO_LONG when it is larger than `max_bytes`.
    """
    found: dict[str, Any] = {}

    def once(token: str) -> dict[str, Any]:
        with transport.get_stream("media/get", {"media_id": media_id}, token) as response:
            if _is_json(response):
                return answer_of(response)
            found["file"] = _file(response, max_bytes)
            return {"errcode": 0}

    answer = transport.attempt(once, repeatable=True)
    if "file" not in found:
        with send(http, "get", value_of(answer, "video_url"), stream=True) as response:
            found["file"] = _file(response, max_bytes)
    data, content_type = found["file"]
    return data, content_type


def _is_json(response: requests.Response) -> bool:
    kind = response.headers.get("Content-Type", "")
    return kind.startswith(("application/json", "text/"))


def _file(response: requests.Response, max_bytes: int) -> tuple[bytes, str]:
    if response.status_code != 200:
        raise WeChatError(0, f"HTTP {response.status_code} instead of a file", Consequence.NOT_REACHED)
    pieces: list[bytes] = []
    size, began = 0, time.monotonic()
    try:
        for piece in response.iter_content(_PIECE):
            size += len(piece)
            if size > max_bytes:
                raise WeChatError(0, f"a file of more than {max_bytes} bytes", Consequence.TOO_LONG)
            if time.monotonic() - began > _PATIENCE:
                raise WeChatError(0, "the file comes too slowly", Consequence.NOT_REACHED)
            pieces.append(piece)
    except requests.RequestException as error:
        raise WeChatError(0, type(error).__name__, Consequence.NOT_REACHED) from None
    return b"".join(pieces), response.headers.get("Content-Type", "application/octet-stream")
