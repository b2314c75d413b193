"""The ladder a message goes down: a customer message while the person's window is open, else a template message,
and where no template was granted, a customer message all the same.

Nothing here touches the database: what WeChat said comes back as a value, and bot/sender.py writes it down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from bot.rendering import NoTemplate, Renderer
from bot.wechat.errors import Consequence, WeChatError
from models.messaging.kinds import kind_named
from models.messaging.queue import UNKNOWN_OUTCOME
from models.messaging.tables import Outbox


class WeChat(Protocol):
    """What delivery needs of bot/wechat/client.py. Both raise WeChatError."""

    def send_text(self, openid: str, text: str) -> None: ...

    def send_template(
        self, openid: str, template_id: str, data: Mapping[str, str], url: str = "", client_msg_id: str = ""
    ) -> str: ...


@dataclass(frozen=True)
class Delivered:
    """WeChat took it. `channel`: customer or template; `platform_id`: the template message's msgid.
    `window_closed`: WeChat said that the person's window is not open after all."""

    channel: str
    platform_id: str = ""
    window_closed: bool = False


@dataclass(frozen=True)
class Later:
    """Worth another try, after `wait` if WeChat's answer says how long, else after the sender's own patience."""

    why: str
    wait: timedelta | None = None
    window_closed: bool = False


@dataclass(frozen=True)
class Never:
    """It will not get through, or it may have, and must not arrive twice."""

    why: str
    window_closed: bool = False


Result = Delivered | Later | Never

_WINDOW_IS_SHUT = frozenset({Consequence.WINDOW_CLOSED, Consequence.QUOTA_USED_UP})
_WAITS = {Consequence.RATE_LIMITED: timedelta(minutes=1), Consequence.DAILY_LIMIT: timedelta(hours=1)}


def deliver(wechat: WeChat, renderer: Renderer, message: Outbox, *, free: bool) -> Result:
    """Send one message; `free` says that a message of the person's window has been set aside for it.

    Without a template there is nothing to lose: the window is our own guess of what WeChat counts, so WeChat is asked.
    Raises what rendering raises: a mistake in words or data is a bug, not WeChat's doing.
    """
    if not free and renderer.has_template(kind_named(message.kind)):
        return _by_template(wechat, renderer, message)
    try:
        wechat.send_text(message.openid, renderer.text(message.kind, message.data))
    except WeChatError as error:
        if error.consequence in _WINDOW_IS_SHUT:
            return replace(_by_template(wechat, renderer, message), window_closed=True)
        return _what_follows(error, harmless_twice=message.repeatable)
    return Delivered("customer")


def _by_template(wechat: WeChat, renderer: Renderer, message: Outbox) -> Result:
    try:
        form = renderer.template_message(kind_named(message.kind), message.data, message.created_at)
    except (NoTemplate, ValueError) as error:
        return Never(str(error))
    try:
        platform_id = wechat.send_template(
            message.openid, form.template_id, form.data, client_msg_id=_client_msg_id(message)
        )
    except WeChatError as error:
        # The client id lets WeChat recognise a repetition, so an unknown outcome is no reason to give up.
        return _what_follows(error, harmless_twice=True)
    return Delivered("template", platform_id)


def _client_msg_id(message: Outbox) -> str:
    return f"outbox-{message.id}"


def _what_follows(error: WeChatError, *, harmless_twice: bool) -> Result:
    if error.permanent:
        return Never(str(error))
    if error.outcome_unknown and not harmless_twice:
        return Never(f"{UNKNOWN_OUTCOME}: {error}")
    return Later(str(error), _WAITS.get(error.consequence))
