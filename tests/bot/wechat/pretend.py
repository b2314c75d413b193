"""A pretend WeChat inside `requests`: answers from a list, and keeps what it was asked. No network is touched."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter

API = "https://api.test"


class Raw:
    """An answer that is not JSON."""

    def __init__(self, body: bytes, status: int = 200, content_type: str = "text/html") -> None:
        self.body, self.status, self.content_type = body, status, content_type


class PretendWeChat(BaseAdapter):
    def __init__(self, *answers: Any) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[requests.PreparedRequest] = []
        self.options: list[dict[str, Any]] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        self.asked.append(request)
        self.options.append(options)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        raw = answer if isinstance(answer, Raw) else Raw(json.dumps(answer).encode(), content_type="application/json")
        response = requests.Response()
        response.status_code = raw.status
        response.headers["Content-Type"] = raw.content_type
        response.request, response.url = request, str(request.url)
        response.raw = _Body(raw.body)
        return response

    def close(self) -> None:
        pass

    def session(self) -> requests.Session:
        http = requests.Session()
        http.mount("https://", self)
        http.mount("http://", self)
        return http

    def body(self, number: int = -1) -> Any:
        return json.loads(self.asked[number].body or b"null")

    def query(self, number: int = -1) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(str(self.asked[number].url)).query).items()}

    def paths(self) -> list[str]:
        return [urlsplit(str(request.url)).path for request in self.asked]


class _Body:
    """What urllib3 would hand to requests: the bytes in pieces, counted as they are read."""

    def __init__(self, data: bytes) -> None:
        self.data, self.read_so_far = data, 0

    def stream(self, size: int, decode_content: bool = True) -> Any:
        while self.read_so_far < len(self.data):
            piece = self.data[self.read_so_far : self.read_so_far + size]
            self.read_so_far += len(piece)
            yield piece

    def close(self) -> None:
        pass

    release_conn = close


class ListedTokens:
    """A token provider that hands out T1, T2 … and counts how often it had to."""

    def __init__(self) -> None:
        self.renewed: list[str] = []

    def current(self) -> str:
        return f"T{len(self.renewed) + 1}"

    def renew(self, stale: str) -> str:
        self.renewed.append(stale)
        return self.current()


def refused(errcode: int, errmsg: str = "no rid: 655f0f21-1f4c8a3b-0a1b2c3d") -> Mapping[str, Any]:
    return {"errcode": errcode, "errmsg": errmsg}


OK = {"errcode": 0, "errmsg": "ok"}
