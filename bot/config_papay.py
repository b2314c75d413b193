"""The settings of 委托代扣 by WeChat. Whether the platform lets a property company have it, and some of its rules, are not known
for sure: off unless switched on, and its numbers are settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Reader(Protocol):
    def text(self, name: str, default: str = "") -> str: ...
    def number(self, name: str, default: int, low: int, high: int) -> int: ...
    def flag(self, name: str, default: bool) -> bool: ...
    def one_of(self, name: str, default: str, choices: tuple[str, ...]) -> str: ...


@dataclass(frozen=True)
class Papay:
    """`on`: residents may sign, and bills are taken. Without it nothing new begins; what is under way is seen through.

    `plan_id`, `api_key`: the plan and the APIv2 key of the merchant; `signing`: MD5 or HMAC-SHA256. WeChat is told
    `notice_days` ahead of a charge (0: not at all), and takes money from `from_hour` until `to_hour`, Asia/Shanghai. Bills are
    tried `tries` times in all, `retry_days` after a try that nothing came of.
    """

    on: bool
    plan_id: str
    api_key: str = field(repr=False)
    signing: str
    notice_days: int
    from_hour: int
    to_hour: int
    tries: int
    retry_days: int


def read_papay(read: Reader) -> Papay:
    """Raises what the reader raises for a bad value."""
    return Papay(
        on=read.flag("PAPAY", False),
        plan_id=read.text("PAPAY_PLAN_ID"),
        api_key=read.text("PAPAY_API_KEY"),
        signing=read.one_of("PAPAY_SIGN_TYPE", "MD5", ("MD5", "HMAC-SHA256")),
        notice_days=read.number("PAPAY_NOTICE_DAYS", 1, 0, 3),
        from_hour=read.number("PAPAY_FROM_HOUR", 7, 0, 23),
        to_hour=read.number("PAPAY_TO_HOUR", 22, 1, 24),
        tries=read.number("PAPAY_TRIES", 2, 1, 3),
        retry_days=read.number("PAPAY_RETRY_DAYS", 10, 3, 28),
    )


def papay_problem(papay: Papay, *, pays_online: bool, pretend: Mapping[str, str]) -> str:
    """Why it must not be switched on like this, "" when it may: it stands on WeChat Pay and needs a plan and a key of its own."""
    if not papay.on:
        return ""
    if not pays_online:
        return "PAPAY needs WeChat Pay: set the WXPAY_ settings first"
    for name, value in (("PAPAY_PLAN_ID", papay.plan_id), ("PAPAY_API_KEY", papay.api_key)):
        if not value:
            return f"{name} is missing: PAPAY needs it, see .env.example"
    if papay.api_key == pretend["PAPAY_API_KEY"]:
        return "PAPAY_API_KEY is the simulator's: use the merchant's own"
    if not papay.plan_id.isdecimal():
        return "PAPAY_PLAN_ID must be the number of the plan at the merchant platform"
    if len(papay.api_key) != 32:
        return "PAPAY_API_KEY must be the 32 characters that were set at the merchant platform"
    return "" if papay.from_hour < papay.to_hour else "PAPAY_FROM_HOUR must be before PAPAY_TO_HOUR"
