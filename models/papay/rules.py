"""When WeChat may take money and what it says when it did not; pure. Sources: the platform's notes on 委托代扣 (chapter 3.8: from 7:00
to 22:00, inside the window that was announced 1 to 3 days ahead); the numbers are settings, because the platform changes them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from models.calendar import SHANGHAI

LIFE = timedelta(days=2)  # of a charge: WeChat may hold it back for 24 hours
ASK_AGAIN_AFTER = timedelta(minutes=2)  # a charge that WeChat never got: whoever was asking has given up by then
# Whether a person has agreed is looked up a few times, because notices get lost; then it counts as not agreed.
_LOOKS = (timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=12))

# The platform's codes, as far as they are known; whatever else it says is 其他.
_REASONS = {
    "NOTENOUGH": "余额不足",
    "NOT_ENOUGH": "余额不足",
    "RULELIMIT": "超限额",
    "RULE_LIMIT": "超限额",
    "CONTRACT_NOT_EXIST": "已经解约",
    "CONTRACTNOTEXIST": "已经解约",
    "CONTRACT_ENDED": "已经解约",
    "USER_ACCOUNT_ABNORMAL": "账户异常",
    "ACCOUNT_ABNORMAL": "账户异常",
    "BANK_FAIL": "银行没有扣成",
}
WHAT_TO_DO = {
    "余额不足": "请在微信零钱或绑的卡里存够钱。",
    "超限额": "超过了微信支付的限额。",
    "已经解约": "自动扣款已经停了，以后要自己交。",
    "账户异常": "请在微信里看看支付账户有没有问题。",
    "银行没有扣成": "请在微信里看看绑的银行卡。",
    "其他": "微信没有说为什么。",
}
# Money may be there later; a contract that has ended or an account that is shut stays so.
_MAY_PASS = frozenset({"余额不足", "超限额", "银行没有扣成", "其他"})


def reason_of(code: str) -> str:
    """The platform's code in words people know."""
    return _REASONS.get(code.strip().upper(), "其他")


@dataclass(frozen=True)
class Tries:
    """How often bills are asked for in all, and how many days lie between: by default on two days, as banks do (domain rules 1.15)."""

    most: int = 2
    days: int = 10


ONE_TRY = Tries(most=1)


class Terms(Protocol):
    """The settings of this (bot/config_papay.py)."""

    @property
    def on(self) -> bool: ...
    @property
    def tries(self) -> int: ...
    @property
    def retry_days(self) -> int: ...


def tries_of(terms: Terms) -> Tries:
    """While it is switched off nothing further is begun."""
    return Tries(terms.tries, terms.retry_days) if terms.on else ONE_TRY


def again_on(reason: str, run: int, tries: Tries, today: date) -> date | None:
    """The day of the next try after try number `run` failed on `today` for `reason`; None when there is none."""
    if run >= tries.most or reason not in _MAY_PASS:
        return None
    return today + timedelta(days=tries.days)


def charge_day(due_on: date, today: date, notice_days: int) -> date:
    """The due day, or as soon after it as the notice allows."""
    return max(due_on, today + timedelta(days=notice_days))


def may_charge(now: datetime, charge_on: date, from_hour: int, to_hour: int) -> bool:
    """Is this moment within the hours of the announced day (Asia/Shanghai)?"""
    local = now.astimezone(SHANGHAI)
    return local.date() == charge_on and from_hour <= local.hour < to_hour


def next_look(asked_at: datetime, now: datetime) -> datetime | None:
    """When to ask WeChat again whether somebody has agreed; None when it was asked often enough."""
    return next((asked_at + step for step in _LOOKS if asked_at + step > now), None)
