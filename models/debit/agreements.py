"""What a three-party agreement of direct debit says; pure."""

import re
from dataclasses import dataclass
from datetime import date

from models.errors import Refusal

_ACCOUNT = re.compile(r"[0-9]{8,32}")
_HOLDER = re.compile(r"[\w·• （）()]{1,40}")
_AGREEMENT = re.compile(r"[0-9A-Za-z-]{1,40}")


@dataclass(frozen=True)
class Agreement:
    """What a three-party agreement says. Raises Refusal where it cannot be so."""

    account: str
    holder: str
    number: str
    from_day: date
    until_day: date | None = None

    def __post_init__(self) -> None:
        if not _ACCOUNT.fullmatch(self.account):
            raise Refusal("账号要写8到32位数字，中间不要有字。")
        if not _HOLDER.fullmatch(self.holder):
            raise Refusal("户名请照银行卡上的写，40个字以内，不要有符号。")
        if not _AGREEMENT.fullmatch(self.number):
            raise Refusal("协议号只能是数字、字母和短横线。")
        if self.until_day is not None and self.until_day < self.from_day:
            raise Refusal("协议的结束日期比开始日期还早。")


def masked(account: str) -> str:
    """****1234: what anybody but the bank is shown."""
    return f"****{account[-4:]}"
