"""A message of the outbox as staff read it: its first line, and what became of it."""

from datetime import datetime
from functools import cache

from bot.logs import mask
from bot.rendering import Renderer, RenderingFailed
from models.people.telling import Told

_STATES = {
    "waiting": "等着发",
    "parked": "等对方说话时再发",
    "claimed": "正在发",
    "sending": "正在发",
    "failed": "没发出去",
    "untold": "要人工通知",
    "told": "已人工通知",
}
_WAYS = {
    "customer": "微信消息",
    "template": "微信模板消息",
    "subscription": "微信订阅通知",
    "sms": "短信",
    "hand": "人工通知",
}


def words_of(message: Told) -> str:
    """All its words."""
    try:
        return _renderer().text(message.kind, message.data)
    except RenderingFailed:
        return "（内容已清除）"  # the person left: what was for them is gone


def first_line(message: Told) -> str:
    """The first of them, without any phone in it."""
    return mask(words_of(message).partition("\n")[0])


def fate_of(message: Told) -> str:
    """「微信模板消息 03-10 09:31 已送达」, and what was tried before."""
    tried = "".join(f"；{_WAYS.get(step[1], step[1])}没成" for step in message.trail[-3:])
    if message.state in ("sent", "told"):
        at = f"{message.sent_at:%m-%d %H:%M}" if message.sent_at else ""
        arrived = "已送达" if message.outcome == "success" or message.state == "told" else "已发"
        return f"{_WAYS.get(message.channel, message.channel)} {at} {arrived}{tried}"
    return f"{_STATES.get(message.state, message.state)}{tried}"


def moment(at: datetime) -> str:
    return f"{at:%m-%d %H:%M}"


@cache
def _renderer() -> Renderer:
    return Renderer({})
