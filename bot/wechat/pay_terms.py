"""What is said about payments to and from bot/wechat/pay.py. It stands apart because the library behind that takes ten megabytes
of memory, which nobody needs before somebody pays."""

from dataclasses import dataclass, field
from datetime import datetime


class PayError(Exception):
    """A call was refused, or its outcome is `unknown`. The text is the platform's code and never holds secrets."""

    def __init__(self, status: int, code: str, *, unknown: bool = False) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.unknown = unknown


@dataclass(frozen=True)
class Account:
    """A merchant and its keys (PEM text). `key_id` names the platform's public key: nothing signed by another is looked at."""

    mchid: str
    appid: str
    apiv3_key: str = field(repr=False)
    private_key: str = field(repr=False)
    cert_serial: str
    public_key: str = field(repr=False)
    key_id: str


class NotFromWeChat(Exception):
    """A notice that is refused. `probe`: WeChat's own trial of our checks, nothing to worry about."""

    def __init__(self, reason: str, *, probe: bool = False) -> None:
        super().__init__(reason)
        self.probe = probe


@dataclass(frozen=True)
class Wish:
    """What is to be paid: `fen` for our `number`, until `expires_at`. The same number again must say the same."""

    number: str
    fen: int
    description: str
    notify_url: str
    expires_at: datetime
    openid: str = ""


@dataclass(frozen=True)
class RefundWish:
    """`fen` of a payment over `total` fen are to go back, under our own `number`, the same on every try."""

    number: str
    transaction_id: str
    fen: int
    total: int
    reason: str
    notify_url: str


@dataclass(frozen=True)
class Entrusting:
    """What 委托代扣 is signed with: the plan, the merchant's APIv2 key, MD5 or HMAC-SHA256."""

    plan_id: str
    api_key: str = field(repr=False)
    signing: str


@dataclass(frozen=True)
class SigningWish:
    """Somebody is to agree to be charged: `code` (contract_code) is ours, `name` is shown to them."""

    code: str
    openid: str
    name: str
    notify_url: str


@dataclass(frozen=True)
class Charge:
    """`fen` are to be taken under a contract, for our `number`. The same number is never taken twice."""

    number: str
    contract_id: str
    fen: int
    description: str
    notify_url: str
