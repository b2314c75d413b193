"""委托代扣 (papay): the platform has it only in its older form, XML signed with the merchant's APIv2 key. The only module that
knows those addresses. The notice ahead of a charge is of the newer form and is in pay.py.

As everywhere with money: an answer that is not signed, did not come, or says no to a number that may have been used leaves the
outcome unknown (`PayError.unknown`), and then that very number is asked for.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import requests

from bot.wechat.errors import FrameError
from bot.wechat.frame import read_fields
from bot.wechat.pay_terms import Account, Charge, Entrusting, NotFromWeChat, PayError, SigningWish
from bot.wechat.pay_wire import TIMEOUT

LARGEST_ANSWER = 64 << 10  # bytes
_NO_ORDER = frozenset({"ORDERNOTEXIST", "ORDER_NOT_EXIST"})
_NO_CONTRACT = frozenset({"CONTRACT_NOT_EXIST", "CONTRACTNOTEXIST"})
# Whether such a charge took effect is only known by asking for its number.
_UNSURE = frozenset(
    {"SYSTEMERROR", "SYSTEM_ERROR", "BANKERROR", "ORDERPAID", "ORDER_PAID", "OUT_TRADE_NO_USED", "FREQUENCY_LIMITED"}
)


class Entrust:
    """The contracts and charges of one merchant's plan. Safe to share between threads."""

    def __init__(
        self, account: Account, terms: Entrusting, *, api_base: str, http: requests.Session, now: Callable[[], datetime]
    ) -> None:
        self._account = account
        self._terms = terms
        self._base = api_base.rstrip("/")
        self._http = http
        self._now = now

    @property
    def plan_id(self) -> str:
        return self._terms.plan_id

    # --- contracts ----------------------------------------------------------------------------------------------------

    def signing_page(self, wish: SigningWish) -> str:
        """The address at which WeChat asks this person to agree."""
        moment = self._now()
        asked = {
            "appid": self._account.appid,
            "mch_id": self._account.mchid,
            "plan_id": self._terms.plan_id,
            "contract_code": wish.code,
            "request_serial": str(int(moment.timestamp() * 1000)),
            "contract_display_account": wish.name,
            "notify_url": wish.notify_url,
            "version": "1.0",
            "timestamp": str(int(moment.timestamp())),
            "openid": wish.openid,
        }
        return f"{self._base}/papay/entrustweb?{urlencode({**asked, 'sign': self._sign(asked)})}"

    def look_up_contract(self, code: str) -> dict[str, str] | None:
        """A contract as it stands with WeChat, by our code; None when it has none. Raises PayError."""
        try:
            return self._call("/papay/querycontract", {**self._plan(code), "version": "1.0"})
        except PayError as refused:
            if refused.code in _NO_CONTRACT:
                return None
            raise

    def end_contract(self, code: str, why: str) -> None:
        """Nothing may be taken under it any more. Ended before is ended. Raises PayError."""
        asked = {**self._plan(code), "contract_termination_remark": why, "version": "1.0"}
        try:
            self._call("/papay/deletecontract", asked)
        except PayError as refused:
            if refused.code not in _NO_CONTRACT:
                raise

    def _plan(self, code: str) -> dict[str, str]:
        return {"plan_id": self._terms.plan_id, "contract_code": code}

    # --- charges ------------------------------------------------------------------------------------------------------

    def charge(self, charge: Charge) -> None:
        """WeChat has taken the order and will try; whether the money came is told later. Raises PayError."""
        asked = {
            "body": charge.description,
            "out_trade_no": charge.number,
            "total_fee": str(charge.fen),
            "fee_type": "CNY",
            "spbill_create_ip": "127.0.0.1",
            "notify_url": charge.notify_url,
            "trade_type": "PAP",
            "contract_id": charge.contract_id,
            "nonce_str": secrets.token_hex(16),
        }
        self._call("/pay/pappayapply", asked)

    def look_up(self, number: str) -> dict[str, Any] | None:
        """A charge as it stands, in the words of a query of pay.py; None when WeChat never got it. Raises PayError."""
        try:
            told = self._call("/pay/paporderquery", {"out_trade_no": number, "nonce_str": secrets.token_hex(16)})
        except PayError as refused:
            if refused.code in _NO_ORDER:
                return None
            raise
        return as_transaction(told)

    # --- notices ------------------------------------------------------------------------------------------------------

    def open_notice(self, body: bytes) -> dict[str, str]:
        """What a notice says, once its signature and its merchant are found right. Raises NotFromWeChat."""
        try:
            told = _texts(body)
        except FrameError as broken:
            raise NotFromWeChat(f"cannot be read: {broken.reason}") from None
        if not self._is_genuine(told):
            raise NotFromWeChat("wrong signature")
        if told.get("mch_id") != self._account.mchid or told.get("appid", self._account.appid) != self._account.appid:
            raise NotFromWeChat("for another merchant")
        return told

    def open_charge_notice(self, body: bytes) -> dict[str, Any]:
        """The same of a charge, in the words of a query. Raises NotFromWeChat."""
        return as_transaction(self.open_notice(body))

    # --- below --------------------------------------------------------------------------------------------------------

    def _call(self, path: str, asked: Mapping[str, str]) -> dict[str, str]:
        fields = {"appid": self._account.appid, "mch_id": self._account.mchid, **asked}
        told = self._send(path, {**fields, "sign": self._sign(fields)})
        if told.get("return_code") != "SUCCESS":
            # Such an answer carries no signature, so it settles nothing.
            raise PayError(200, "RETURN_FAIL", unknown=True)
        if not self._is_genuine(told) or told.get("mch_id") != self._account.mchid:
            raise PayError(200, "ANSWER_NOT_SIGNED", unknown=True)
        if told.get("result_code", "SUCCESS") != "SUCCESS":
            code = told.get("err_code", "NO_CODE")[:64]
            raise PayError(200, code, unknown=code in _UNSURE)
        return told

    def _send(self, path: str, fields: Mapping[str, str]) -> dict[str, str]:
        body = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
        try:
            answer = self._http.post(
                f"{self._base}{path}", data=f"<xml>{body}</xml>".encode(), headers={"Content-Type": "text/xml"},
                timeout=TIMEOUT, allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as failed:
            raise PayError(0, type(failed).__name__, unknown=True) from None
        if answer.status_code != 200 or len(answer.content) > LARGEST_ANSWER:
            raise PayError(answer.status_code, "NO_ANSWER", unknown=True)
        try:
            return _texts(answer.content)
        except FrameError:
            raise PayError(200, "ANSWER_UNREADABLE", unknown=True) from None

    def _sign(self, fields: Mapping[str, str]) -> str:
        """The platform's way: every field that says something, by name, and the key at the end."""
        said = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if fields[name] and name != "sign")
        text = f"{said}&key={self._terms.api_key}".encode()
        if self._terms.signing == "MD5":
            return hashlib.md5(text).hexdigest().upper()  # noqa: S324 (the platform's choice)
        return hmac.new(self._terms.api_key.encode(), text, hashlib.sha256).hexdigest().upper()

    def _is_genuine(self, told: Mapping[str, str]) -> bool:
        given = told.get("sign", "")
        return bool(given) and secrets.compare_digest(given.encode(), self._sign(told).encode())


def as_transaction(told: Mapping[str, str]) -> dict[str, Any]:
    """A charge in the words of the newer interface; `why` is the platform's code when no money came."""
    came = told.get("trade_state") or ("SUCCESS" if told.get("result_code") == "SUCCESS" else "PAY_FAIL")
    total = told.get("total_fee", "")
    return {
        "out_trade_no": told.get("out_trade_no", ""),
        "trade_state": came,
        "transaction_id": told.get("transaction_id", ""),
        "mchid": told.get("mch_id", ""),
        "appid": told.get("appid", ""),
        "amount": {
            "total": int(total) if total.isascii() and total.isdigit() and len(total) <= 12 else None,
            "currency": told.get("fee_type") or "CNY",
        },
        "payer": {"openid": told.get("openid", "")},
        "why": (told.get("err_code") or told.get("trade_state_desc", ""))[:64],
    }


def _texts(body: bytes) -> dict[str, str]:
    """The fields that are plain texts. Raises FrameError."""
    return {name: value for name, value in read_fields(body).items() if isinstance(value, str)}
