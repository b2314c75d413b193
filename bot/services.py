"""The long-lived objects every entry point gets: built once per process from the settings.

Redis, requests and wechatpy are loaded by whoever first needs them, because together they take longer to load than a
command may take to start.
"""

import logging
import threading
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot.clock import CLOCK_FILE, Clock, SharedClock, SystemClock
from bot.config import Settings
from bot.embedded_redis import redis_socket
from bot.login_states import LoginStates
from bot.media_store import FolderStore, MediaStore
from bot.rendering import Granted, Renderer
from bot.wakeup import LONGEST, Wakeup
from bot.wechat.signature import Gate
from models.db import Database
from models.vault import Vault

if TYPE_CHECKING:
    import requests
    from redis import Redis

    from bot.hearing import Ear
    from bot.sms import Sms
    from bot.wechat.client import WeChatClient
    from bot.wechat.oauth import OAuth
    from bot.wechat.pay import Pay
    from bot.wechat.pay_entrust import Entrust


log = logging.getLogger(__name__)

T_co = TypeVar("T_co", covariant=True)


class built_once(cached_property[T_co]):  # noqa: N801 (it reads like the property it is)
    """A cached property that one thread builds while the others wait: since Python 3.12 the standard one takes no lock."""

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> Any:
        if instance is None:
            return self
        with instance.building:
            return super().__get__(instance, owner)


@dataclass
class Services:
    """Built lazily: a command that needs no database never opens one."""

    settings: Settings
    clock: Clock
    building: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False, compare=False)

    @built_once
    def database(self) -> Database:
        return Database(self.settings.database_url, after_commit=self._after_commit)

    @built_once
    def redis(self) -> "Redis | None":
        """Redis if there is one. What uses it works without, only slower."""
        address = redis_address(self.settings)
        if not address:
            return None
        from redis import Redis  # noqa: PLC0415 (see above)
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        # Two seconds are more than the longest wait for a ring and less than WeChat's patience.
        return Redis.from_url(
            address,
            socket_timeout=2 * LONGEST,
            socket_connect_timeout=1,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=30,
        )

    @built_once
    def wakeup(self) -> Wakeup:
        return Wakeup(self.redis)

    @built_once
    def media_wakeup(self) -> Wakeup:
        return Wakeup(self.redis, "media")

    @built_once
    def media_store(self) -> MediaStore:
        return FolderStore(self.settings.data_dir / "media")

    @built_once
    def gate(self) -> Gate:
        settings = self.settings
        return Gate(
            tokens=(settings.wechat_token,),
            aes_keys=(settings.wechat_aes_key,) if settings.wechat_aes_key else (),
            appid=settings.wechat_appid,
            account=settings.wechat_account,
            mode=settings.wechat_mode,  # type: ignore[arg-type]
            window_seconds=settings.wechat_timestamp_window,
        )

    @built_once
    def renderer(self) -> Renderer:
        sending = self.settings.sending
        sms = sending.sms.templates if sending.sms.provider else {}
        granted = Granted(self.settings.wechat_templates, sending.subscriptions, sms)
        return Renderer(granted, public_url=self.settings.public_url)

    @built_once
    def wechat(self) -> "WeChatClient":
        from bot.wechat.client import WeChatClient  # noqa: PLC0415 (see above)
        from bot.wechat.token import TokenProvider  # noqa: PLC0415

        settings, http = self.settings, self.http
        token = TokenProvider(
            appid=settings.wechat_appid,
            secret=settings.wechat_secret,
            api_base=settings.wechat_api_base,
            redis=self.redis,
            http=http,
            clock=self.clock,
        )
        return WeChatClient(settings.wechat_appid, settings.wechat_secret, token, settings.wechat_api_base, http)

    @built_once
    def sms(self) -> "Sms | None":
        """Text messages, if a provider is set up."""
        settings = self.settings.sending.sms
        if not settings.provider:
            return None
        from bot.tencent_sms import TencentSms  # noqa: PLC0415 (see above)

        return TencentSms(settings, self.http, self.clock.now)

    @built_once
    def ear(self) -> "Ear | None":
        """Whoever listens to voice messages without words, if a model is set up and can be loaded."""
        if not self.settings.speech_model:
            return None
        from bot.hearing import Ear, SenseVoice  # noqa: PLC0415 (see above)

        try:
            recogniser = SenseVoice(Path(self.settings.speech_model))
        except (ImportError, OSError, ValueError, RuntimeError):
            log.exception("SPEECH_MODEL cannot be used: voice messages are not listened to")
            return None
        largest = self.settings.media_max_bytes["voice"]
        return Ear(recogniser, lambda media_id: self.wechat.download_media(media_id, largest)[0])

    @built_once
    def oauth(self) -> "OAuth":
        from bot.wechat.oauth import OAuth  # noqa: PLC0415 (see above)

        settings = self.settings
        return OAuth(
            settings.wechat_appid,
            settings.wechat_secret,
            api_base=settings.wechat_api_base,
            open_base=settings.wechat_open_base,
            http=self.http,
        )

    @built_once
    def pay(self) -> "Pay | None":
        """WeChat Pay, if the company has it."""
        settings = self.settings
        if not settings.pays_online:
            return None
        from bot.wechat.pay import Pay  # noqa: PLC0415 (see above)
        from bot.wechat.pay_terms import Account  # noqa: PLC0415

        account = Account(
            mchid=settings.wxpay_mchid,
            appid=settings.wechat_appid,
            apiv3_key=settings.wxpay_apiv3_key,
            private_key=Path(settings.wxpay_private_key_file).read_text(),
            cert_serial=settings.wxpay_cert_serial,
            public_key=Path(settings.wxpay_public_key_file).read_text(),
            key_id=settings.wxpay_public_key_id,
        )
        return Pay(account, api_base=settings.wxpay_api_base, http=self.http, now=self.clock.now)

    @built_once
    def papay(self) -> "Entrust | None":
        """委托代扣, if the merchant has a plan for it. Switched off it begins nothing, and still sees through what is under way."""
        terms, pay = self.settings.papay, self.pay
        if pay is None or not (terms.plan_id and terms.api_key):
            return None
        from bot.wechat.pay_entrust import Entrust  # noqa: PLC0415 (see above)
        from bot.wechat.pay_terms import Entrusting  # noqa: PLC0415

        entrusting = Entrusting(terms.plan_id, terms.api_key, terms.signing)
        base = self.settings.wxpay_api_base
        return Entrust(pay.account, entrusting, api_base=base, http=self.http, now=self.clock.now)

    @built_once
    def vault(self) -> Vault:
        return Vault(self.settings.data_keys)

    @built_once
    def login_states(self) -> LoginStates:
        return LoginStates(self.redis)

    @built_once
    def http(self) -> "requests.Session":
        """The connections to WeChat, kept open for whoever calls next."""
        from bot.wechat.pool import PooledSession  # noqa: PLC0415 (see above)

        return PooledSession(self.settings.sending.in_flight)

    def _after_commit(self, signals: frozenset[str]) -> None:
        if "outbox" in signals:
            self.wakeup.ring()
        if "media" in signals:
            self.media_wakeup.ring()


def build_services(settings: Settings) -> Services:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    clock: Clock = SharedClock(settings.data_dir / CLOCK_FILE) if settings.simulator else SystemClock()
    return Services(settings, clock)


def redis_address(settings: Settings) -> str:
    """Where Redis is: the setting, or the embedded one if it is running, or ""."""
    if settings.redis_url:
        return settings.redis_url
    socket = redis_socket(settings.data_dir)
    return f"unix://{socket}" if socket.exists() else ""
