"""What lies below bot/wechat/pay.py: wechatpayv3's core over our own connections, with a clock handed in and a limit to every
wait, and what its answers say. Never a word of a request or an answer in a log."""

import json
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import requests
from wechatpayv3.core import Core
from wechatpayv3.type import RequestType
from wechatpayv3.utils import rsa_sign

from bot.wechat.pay_terms import Account, PayError

TIMEOUT = (3, 10)  # seconds to connect, seconds for an answer
ALGORITHM = "WECHATPAY2-SHA256-RSA2048"


class Wire(Core):  # type: ignore[misc]
    """The library's core over our own connections, with a clock handed in, and never a word of a request in a log."""

    def __init__(self, account: Account, api_base: str, http: requests.Session, now: Callable[[], datetime]) -> None:
        super().__init__(
            mchid=account.mchid,
            cert_serial_no=account.cert_serial,
            private_key=account.private_key,
            apiv3_key=account.apiv3_key,
            timeout=TIMEOUT,
            public_key=account.public_key,
            public_key_id=account.key_id,
        )
        self._gate_way = api_base
        self._http = http
        self._now = now

    def request(
        self, path: str, method: RequestType = RequestType.GET, data: Any = None, **_unused: Any
    ) -> tuple[int, str]:
        body = "" if data is None else json.dumps(data, ensure_ascii=False)
        answer = self._send(method.value, path, body)
        if answer.status_code in range(200, 300):
            self._verify(answer)
        return answer.status_code, answer.content.decode("utf-8", "replace")

    def download(self, url: str) -> bytes:
        """A file of our own gateway, and of no other. Raises PayError."""
        if not url.startswith(f"{self._gate_way}/"):
            raise PayError(0, "BILL_ADDRESS_FOREIGN")
        answer = self._send("GET", url.removeprefix(self._gate_way), "")
        if answer.status_code != 200:
            raise PayError(answer.status_code, "BILL_NOT_SENT", unknown=True)
        return bytes(answer.content)

    def _send(self, method: str, path: str, body: str) -> requests.Response:
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "linli",
            "Wechatpay-Serial": str(self._public_key_id),
            "Authorization": self._authorization(method, path, body),
        }
        try:
            return self._http.request(
                method,
                f"{self._gate_way}{path}",
                headers=headers,
                data=body.encode() if body else None,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as failed:
            raise PayError(0, type(failed).__name__, unknown=True) from None

    def _authorization(self, method: str, path: str, body: str) -> str:
        stamp, nonce = int(self._now().timestamp()), secrets.token_hex(16).upper()
        signature = rsa_sign(self._private_key, f"{method}\n{path}\n{stamp}\n{nonce}\n{body}\n")
        return (
            f'{ALGORITHM} mchid="{self._mchid}",nonce_str="{nonce}",signature="{signature}",'
            f'timestamp="{stamp}",serial_no="{self._cert_serial_no}"'
        )

    def _verify(self, answer: requests.Response) -> None:
        """It may have worked all the same: what was answered is only not to be believed."""
        try:
            genuine = answer.headers.get("Wechatpay-Serial") == self._public_key_id and self._verify_signature(
                answer.headers, answer.content.decode()
            )
        except Exception:
            genuine = False  # the library raises bare exceptions
        if not genuine:
            raise PayError(answer.status_code, "ANSWER_NOT_SIGNED", unknown=True)


def done(answer: tuple[int, Any]) -> str:
    """The text of an answer. Raises PayError for anything but 2xx."""
    status, text = answer
    if status in range(200, 300):
        return str(text)
    try:
        code = str(json.loads(text)["code"])
    except (ValueError, KeyError, TypeError):
        code = "NO_CODE"
    raise PayError(status, code[:64], unknown=status >= 500 or status == 429)


def read(answer: tuple[int, Any]) -> dict[str, Any]:
    text = done(answer)
    try:
        told = json.loads(text)
    except ValueError:
        raise PayError(answer[0], "ANSWER_UNREADABLE", unknown=True) from None
    if not isinstance(told, dict):
        raise PayError(answer[0], "ANSWER_UNREADABLE", unknown=True)
    return cast(dict[str, Any], told)
