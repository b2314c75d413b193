"""Telling the merchant that something was paid or given back: signed, encrypted, and again until somebody says yes.

Source: the platform's notes on payment notices. What goes wrong on demand is asked of the faults by the notice's own path.
"""

import json
import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests

from bot.clock import Clock
from bot.simulator import pay_signing
from bot.simulator.faults import Faults
from bot.simulator.settings import Merchant

log = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds
# Seconds between one try and the next: 24 hours and 4 minutes in all.
RETRIES = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
LATE = timedelta(minutes=5)

Post = Callable[[str, dict[str, str], bytes], int]


def post(url: str, headers: dict[str, str], body: bytes) -> int:
    """One try over HTTP; the status. Raises OSError."""
    return requests.post(url, headers=headers, data=body, timeout=PATIENCE, allow_redirects=False).status_code


@dataclass
class Notice:
    """`content` is what is encrypted; `tampered` changes it on the way into the envelope."""

    url: str
    event: str
    about: str
    content: dict[str, Any]
    due_at: datetime
    tries: int = 0
    fault: str = ""


class Notices:
    def __init__(
        self, merchant: Merchant, clock: Clock, faults: Faults, *, deliver: Post = post, background: bool = False
    ) -> None:
        self.before: Callable[[], None] = lambda: None  # what is carried out first, and may have to be told
        self._merchant = merchant
        self._clock = clock
        self._faults = faults
        self._deliver = deliver
        self._lock = threading.Lock()
        self._waiting: list[Notice] = []
        self._platform = pay_signing.private_key("platform")
        self._stopping = threading.Event()
        self.lost: list[Notice] = []
        if background:
            threading.Thread(target=self._work, name="pay-notices", daemon=True).start()

    def add(self, url: str, event: str, about: str, content: dict[str, Any]) -> None:
        fault = self._faults.take(urlsplit(url).path)
        notice = Notice(url, event, about, content, self._clock.now(), fault=fault.kind if fault else "")
        with self._lock:
            if notice.fault == "lost":
                self.lost.append(notice)
                return
            if notice.fault == "late":
                notice.due_at += LATE
            copies = 3 if notice.fault == "three_times" else 1
            self._waiting += [Notice(**vars(notice)) for _ in range(copies)]

    def deliver_due(self) -> int:
        """Carry what is due now, in the caller's thread; returns how many tries were made."""
        self.before()
        now = self._clock.now()
        with self._lock:
            due = [notice for notice in self._waiting if notice.due_at <= now]
            self._waiting = [notice for notice in self._waiting if notice.due_at > now]
        for notice in due:
            if not self._accepted(notice) and notice.tries < len(RETRIES):
                notice.due_at = now + timedelta(seconds=RETRIES[notice.tries])
                notice.tries += 1
                notice.fault = ""
                with self._lock:
                    self._waiting.append(notice)
        return len(due)

    def close(self) -> None:
        self._stopping.set()

    def _accepted(self, notice: Notice) -> bool:
        headers, body = self.envelope(notice)
        try:
            return self._deliver(notice.url, headers, body) in (200, 204)
        except OSError as failed:
            log.info("a pay notice found nobody", extra={"why": type(failed).__name__})
            return False

    def envelope(self, notice: Notice) -> tuple[dict[str, str], bytes]:
        """Headers and body of one try."""
        if notice.about == "xml":
            return self._older(notice)
        content = dict(notice.content)
        if notice.fault == "wrong_amount":
            content["amount"] = {**content["amount"], "total": content["amount"]["total"] + 100}
        nonce = secrets.token_hex(6)
        sealed = pay_signing.encrypt(
            self._merchant.apiv3_key, json.dumps(content, ensure_ascii=False), nonce, notice.about
        )
        now = self._clock.now()
        told = {
            "id": f"EV-{secrets.token_hex(12)}",
            "create_time": now.isoformat(timespec="seconds"),
            "resource_type": "encrypt-resource",
            "event_type": notice.event,
            "summary": "支付成功" if notice.event == "TRANSACTION.SUCCESS" else "退款",
            "resource": {
                "original_type": notice.about,
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": sealed,
                "associated_data": notice.about,
                "nonce": nonce,
            },
        }
        body = json.dumps(told, ensure_ascii=False)
        sent = now - timedelta(days=1) if notice.fault == "old_timestamp" else now
        stamp, salt = str(int(sent.timestamp())), secrets.token_hex(16)
        signature = pay_signing.sign(self._platform, stamp, salt, body)
        headers = {
            "Content-Type": "application/json",
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": salt,
            "Wechatpay-Signature": f"WECHATPAY/SIGNTEST/{signature}" if notice.fault == "probe" else signature,
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
            "Wechatpay-Serial": "PUB_KEY_ID_UNKNOWN" if notice.fault == "unknown_serial" else self._merchant.key_id,
        }
        return headers, body.encode()

    def _older(self, notice: Notice) -> tuple[dict[str, str], bytes]:
        """A notice of the older interface: XML with the merchant's key."""
        told = {name: str(text) for name, text in notice.content.items()}
        if notice.fault == "wrong_amount":
            told["total_fee"] = str(int(told["total_fee"]) + 100)
        key = "unknown" if notice.fault == "unknown_serial" else self._merchant.api_key
        told["sign"] = pay_signing.older(told, key)
        body = "".join(f"<{name}><![CDATA[{text}]]></{name}>" for name, text in told.items())
        return {"Content-Type": "text/xml"}, f"<xml>{body}</xml>".encode()

    def _work(self) -> None:
        while not self._stopping.wait(0.3):
            try:
                self.deliver_due()
            except Exception:
                log.exception("pay notices")
