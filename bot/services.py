"""The long-lived objects every entry point gets: built once per process from the settings."""

from dataclasses import dataclass
from functools import cached_property

import redis
import requests
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.clock import Clock, SharedClock, SystemClock
from bot.config import Settings
from bot.embedded_redis import redis_socket
from bot.rendering import Renderer
from bot.wakeup import Wakeup
from bot.wechat.client import WeChatClient
from bot.wechat.signature import Gate
from bot.wechat.token import TokenProvider
from models.db import Database

CLOCK_FILE = "clock.json"


@dataclass
class Services:
    """Built lazily: a command that needs no database never opens one."""

    settings: Settings
    clock: Clock

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.database_url, after_commit=self._after_commit)

    @cached_property
    def redis(self) -> redis.Redis | None:
        """Redis if there is one. What uses it works without, only slower."""
        address = redis_address(self.settings)
        if not address:
            return None
        return redis.Redis.from_url(
            address, socket_timeout=6, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0), health_check_interval=30
        )

    @cached_property
    def wakeup(self) -> Wakeup:
        return Wakeup(self.redis)

    @cached_property
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

    @cached_property
    def renderer(self) -> Renderer:
        return Renderer(self.settings.wechat_templates)

    @cached_property
    def wechat(self) -> WeChatClient:
        settings = self.settings
        http = requests.Session()
        http.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=settings.send_in_flight))
        http.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=settings.send_in_flight))
        token = TokenProvider(
            appid=settings.wechat_appid,
            secret=settings.wechat_secret,
            api_base=settings.wechat_api_base,
            redis=self.redis,
            http=http,
            clock=self.clock,
        )
        return WeChatClient(settings.wechat_appid, settings.wechat_secret, token, settings.wechat_api_base, http)

    def _after_commit(self, signals: frozenset[str]) -> None:
        if "outbox" in signals:
            self.wakeup.ring()


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
