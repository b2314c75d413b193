"""The settings of sending: the platform's numbers, which it changes now and then, our own limits, and the text-message provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from models.messaging.breaker import BreakerRules, Quota
from models.messaging.grants import UNLIMITED, Grant, GrantRules, platform_grants

SUBSCRIPTIONS = ("order_news",)
SMS_TEMPLATES = ("order_news", "order_task", "alarm", "payment")


class Reader(Protocol):
    def text(self, name: str, default: str = "") -> str: ...
    def number(self, name: str, default: int, low: int, high: int) -> int: ...
    def one_of(self, name: str, default: str, choices: tuple[str, ...]) -> str: ...
    def address(self, name: str, default: str) -> str: ...


@dataclass(frozen=True)
class SmsSettings:
    """`provider`: "" for none. `templates`: our name of a template → the id the provider gave it."""

    provider: str = ""
    api_base: str = ""
    secret_id: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    app_id: str = ""
    sign_name: str = ""
    region: str = ""
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sending:
    """`in_flight` messages are on their way at a time; of news that WeChat would not recognise if it came twice, and that is
    repeated after a crash, `unnamed_in_flight`: so many may arrive twice when the machine dies."""

    in_flight: int = 32
    unnamed_in_flight: int = 1
    grants: GrantRules = field(default_factory=GrantRules)
    breaker: BreakerRules = field(default_factory=BreakerRules)
    subscriptions: Mapping[str, str] = field(default_factory=dict)
    sms: SmsSettings = field(default_factory=SmsSettings)


def read_sending(read: Reader, sms_base: str) -> Sending:
    """Raises what the reader raises for a bad value. `sms_base`: where text messages go unless it is set otherwise."""
    return Sending(
        in_flight=read.number("SEND_IN_FLIGHT", 32, 1, 256),
        unnamed_in_flight=read.number("SEND_UNNAMED_IN_FLIGHT", 1, 1, 256),
        grants=_read_grants(read),
        breaker=_read_breaker(read),
        subscriptions={name: read.text(f"WECHAT_SUBSCRIPTION_{name.upper()}") for name in SUBSCRIPTIONS},
        sms=_read_sms(read, sms_base),
    )


def _read_grants(read: Reader) -> GrantRules:
    grants = platform_grants(
        message=Grant(read.number("WINDOW_MESSAGES", 5, 0, 1000), 3600 * read.number("WINDOW_HOURS", 48, 1, 1000)),
        touch=Grant(
            read.number("WINDOW_TOUCH_MESSAGES", 3, 0, 1000), read.number("WINDOW_TOUCH_SECONDS", 60, 1, 86_400)
        ),
        payment=Grant(UNLIMITED, 3600 * read.number("WINDOW_PAYMENT_HOURS", 48, 1, 1000)),
    )
    return GrantRules(
        grants,
        margin=read.number("WINDOW_MARGIN_SECONDS", 3, 0, 60),
        reserve=read.number("WINDOW_RESERVE", 1, 0, 100),
    )


def _read_breaker(read: Reader) -> BreakerRules:
    percent = read.number("QUOTA_RESERVE_PERCENT", 5, 0, 90)

    def quota(per_minute: int, per_day: int) -> Quota:
        return Quota(per_minute, per_day, per_day * percent // 100)

    return BreakerRules(
        failures=read.number("BREAKER_FAILURES", 5, 1, 1000),
        probe_every=timedelta(seconds=read.number("BREAKER_PROBE_SECONDS", 10, 1, 3600)),
        quotas={
            "customer": quota(
                read.number("QUOTA_CUSTOMER_MINUTE", 0, 0, 10**6), read.number("QUOTA_CUSTOMER_DAY", 500_000, 0, 10**8)
            ),
            "template": quota(
                read.number("QUOTA_TEMPLATE_MINUTE", 0, 0, 10**6), read.number("QUOTA_TEMPLATE_DAY", 100_000, 0, 10**8)
            ),
            "subscription": quota(
                read.number("QUOTA_SUBSCRIPTION_MINUTE", 0, 0, 10**6),
                read.number("QUOTA_SUBSCRIPTION_DAY", 100_000, 0, 10**8),
            ),
            "sms": quota(read.number("QUOTA_SMS_MINUTE", 60, 0, 10**6), read.number("QUOTA_SMS_DAY", 500, 0, 10**8)),
        },
    )


def _read_sms(read: Reader, base: str) -> SmsSettings:
    return SmsSettings(
        provider=read.one_of("SMS_PROVIDER", "off", ("off", "tencent")).replace("off", ""),
        api_base=read.address("SMS_API_BASE", base),
        secret_id=read.text("SMS_SECRET_ID"),
        secret_key=read.text("SMS_SECRET_KEY"),
        app_id=read.text("SMS_APP_ID"),
        sign_name=read.text("SMS_SIGN_NAME"),
        region=read.text("SMS_REGION", "ap-guangzhou"),
        templates={name: read.text(f"SMS_TEMPLATE_{name.upper()}") for name in SMS_TEMPLATES},
    )
