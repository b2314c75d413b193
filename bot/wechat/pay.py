"""WeChat Pay APIv3, the only module that knows its addresses. wechatpayv3 (2.0.4, pinned) makes, signs and opens; what it leaves
out is done here: our own connections with time limits, a clock that is handed in, known keys only, notices no older than five
minutes, bills held against their hash.

Every call that changes something may have worked although no answer came (`PayError.unknown`): then the same number is asked
for, never a new one tried.
"""

import gzip
import hashlib
import io
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import requests
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.type import RequestType

from bot.wechat.pay_terms import Account, NotFromWeChat, PayError, RefundWish, Wish
from bot.wechat.pay_wire import ALGORITHM, Wire, done, read

WINDOW = 300  # seconds a notice may be old or ahead, as in WeChat's own libraries
PROBE = "WECHATPAY/SIGNTEST/"  # WeChat tries now and then whether we really look at signatures
LARGEST_BILL = 64 << 20  # bytes, unpacked

# The platform spells some answers in two ways.
_PAID = frozenset({"ORDER_PAID", "ORDERPAID"})
_NO_ORDER = frozenset({"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"})
_CLOSED = frozenset({"ORDER_CLOSED", "ORDERCLOSED"})


class Pay:
    """One merchant. Safe to share between threads."""

    def __init__(self, account: Account, *, api_base: str, http: requests.Session, now: Callable[[], datetime]) -> None:
        self._account = account
        self._now = now
        self._library = WeChatPay(
            wechatpay_type=WeChatPayType.JSAPI,
            mchid=account.mchid,
            private_key=account.private_key,
            cert_serial_no=account.cert_serial,
            appid=account.appid,
            apiv3_key=account.apiv3_key,
            public_key=account.public_key,
            public_key_id=account.key_id,
        )
        self._core = self._library._core = Wire(account, api_base.rstrip("/"), http, now)

    @property
    def account(self) -> Account:
        return self._account

    # --- orders -------------------------------------------------------------------------------------------------------

    def order_in_wechat(self, wish: Wish) -> str:
        """The prepay_id of an order that `wish.openid` pays inside WeChat. Raises PayError."""
        return str(self._order(wish, WeChatPayType.JSAPI)["prepay_id"])

    def order_by_code(self, wish: Wish) -> str:
        """The text of a QR code that whoever scans it pays. Raises PayError."""
        return str(self._order(wish, WeChatPayType.NATIVE)["code_url"])

    def sheet(self, prepay_id: str) -> dict[str, str]:
        """What the page hands to WeChat so that the payment sheet opens."""
        stamp, nonce, package = str(int(self._now().timestamp())), secrets.token_hex(16), f"prepay_id={prepay_id}"
        signature = self._library.sign([self._account.appid, stamp, nonce, package])
        return {
            "appId": self._account.appid,
            "timeStamp": stamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": signature,
        }

    def look_up(self, number: str) -> dict[str, Any] | None:
        """An order as it stands with WeChat; None when it never got there. Raises PayError."""
        try:
            return read(self._library.query(out_trade_no=number))
        except PayError as refused:
            if refused.code in _NO_ORDER:
                return None
            raise

    def end(self, number: str) -> dict[str, Any]:
        """See to it that an order is paid for good or never again; returns how it stands then. Raises PayError."""
        known = self.look_up(number)
        if known is not None and known.get("trade_state") != "NOTPAY":
            return known
        try:
            done(self._library.close(out_trade_no=number))
        except PayError as refused:
            if refused.code in _PAID:
                return self.look_up(number) or {"trade_state": "NOTPAY"}
            if refused.code not in _NO_ORDER | _CLOSED:
                raise
        return {"trade_state": "CLOSED", "out_trade_no": number}

    def _order(self, wish: Wish, kind: WeChatPayType) -> dict[str, Any]:
        answer = self._library.pay(
            description=wish.description,
            out_trade_no=wish.number,
            amount={"total": wish.fen, "currency": "CNY"},
            payer={"openid": wish.openid} if kind is WeChatPayType.JSAPI else None,
            time_expire=wish.expires_at.isoformat(timespec="seconds"),
            notify_url=wish.notify_url,
            pay_type=kind,
        )
        return read(answer)

    def announce(self, contract_id: str, fen: int, days: int) -> None:
        """预扣费通知: in `days` days about `fen` will be taken under this contract. Said twice it is the same. Raises PayError."""
        asked = {
            "mchid": self._account.mchid,
            "appid": self._account.appid,
            "deduct_duration": {"count": days, "unit": "DAY"},
            "estimated_amount": {"amount": fen, "currency": "CNY"},
        }
        done(self._core.request(f"/v3/papay/contracts/{contract_id}/notify", RequestType.POST, asked))

    # --- money back ---------------------------------------------------------------------------------------------------

    def refund(self, wish: RefundWish) -> dict[str, Any]:
        """Ask for a refund; accepted is not done: its `status` says. Raises PayError."""
        return read(
            self._library.refund(
                out_refund_no=wish.number,
                amount={"refund": wish.fen, "total": wish.total, "currency": "CNY"},
                transaction_id=wish.transaction_id,
                reason=wish.reason,
                notify_url=wish.notify_url,
            )
        )

    def look_up_refund(self, number: str) -> dict[str, Any] | None:
        """A refund as it stands with WeChat; None when it never got there. Raises PayError."""
        try:
            return read(self._library.query_refund(number))
        except PayError as refused:
            if refused.code in _NO_ORDER:
                return None
            raise

    # --- bills --------------------------------------------------------------------------------------------------------

    def trade_bill(self, day: date) -> bytes | None:
        """交易账单 of a day as WeChat wrote it (CSV in UTF-8); None when there were no trades that day.

        Raises PayError when it is not there yet, broke off, or is not what its hash says: that never means "no trades".
        """
        return self._bill(self._library.trade_bill(day.isoformat(), "ALL", "GZIP"))

    def fund_flow(self, day: date) -> bytes | None:
        """资金账单 of the basic account, in the same way."""
        return self._bill(self._library.fundflow_bill(day.isoformat(), "BASIC", "GZIP"))

    def _bill(self, answer: tuple[int, Any]) -> bytes | None:
        try:
            told = read(answer)
        except PayError as refused:
            if refused.code == "NO_STATEMENT_EXIST":
                return None
            raise
        if told.get("hash_type") != "SHA1":
            raise PayError(200, "BILL_HASH_UNKNOWN")
        content = _unpacked(self._core.download(str(told["download_url"])))
        # The file itself carries no signature: the hash from the signed answer is what vouches for it.
        found = hashlib.sha1(content).hexdigest()  # noqa: S324 (the platform's choice)
        if not secrets.compare_digest(found, str(told.get("hash_value", "")).lower()):
            raise PayError(200, "BILL_HASH_WRONG")
        return content

    # --- notices ------------------------------------------------------------------------------------------------------

    def open_notice(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """A notice with its `resource` decrypted; `body` exactly as it came. Raises NotFromWeChat."""
        given = {name: headers.get(name, "") for name in _HEADERS}
        if given["Wechatpay-Signature"].startswith(PROBE):
            raise NotFromWeChat("probe", probe=True)
        self._refuse_strangers(given)
        try:
            notice = self._library.callback(given, body)
        except Exception as error:
            # The library raises bare exceptions for what it does not know; their text may hold what was sent.
            raise NotFromWeChat(f"cannot be opened: {type(error).__name__}") from None
        if not isinstance(notice, dict) or not isinstance(notice.get("resource"), dict):
            raise NotFromWeChat("wrong signature or not encrypted with our key")
        return notice

    def _refuse_strangers(self, given: Mapping[str, str]) -> None:
        """What the library would take, or ask the network about."""
        if given["Wechatpay-Signature-Type"] != ALGORITHM:
            raise NotFromWeChat("unknown kind of signature")
        if not secrets.compare_digest(given["Wechatpay-Serial"].encode(), self._account.key_id.encode()):
            raise NotFromWeChat("signed by an unknown key")
        stamp = given["Wechatpay-Timestamp"]
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise NotFromWeChat("no time")
        if abs(self._now().timestamp() - int(stamp)) >= WINDOW:
            raise NotFromWeChat("too old or from the future")


_HEADERS = (
    "Wechatpay-Signature",
    "Wechatpay-Signature-Type",
    "Wechatpay-Serial",
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
)


def _unpacked(content: bytes) -> bytes:
    """Raises PayError for what is no gzip, broke off, or is larger than any bill."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            unpacked = packed.read(LARGEST_BILL + 1)
    except (OSError, EOFError):
        raise PayError(200, "BILL_BROKEN", unknown=True) from None
    if len(unpacked) > LARGEST_BILL:
        raise PayError(200, "BILL_TOO_LARGE")
    return unpacked
