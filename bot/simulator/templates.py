"""What may stand in a field of a template message.

Source: D/service/en/guide/product/template_message/Template_Message_Interface.html and the field table of the
subscription messages, which is the same.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.simulator.errors import ApiError
from bot.simulator.settings import MessageTemplate
from bot.simulator.store import Shelf, Store

_CLOCK = r"\d{1,2}:\d{2}(:\d{2})?"
_DAY = r"(\d{4}年\d{1,2}月\d{1,2}日|\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2})"
_TIME = rf"({_DAY} ?)?{_CLOCK}|{_DAY}"
_MONEY = r"[¥￥$€]?\d{1,10}(\.\d{1,2})?元?"
_CHINESE = r"[\u3400-\u9fff]"

ALLOWED = {
    "thing": r".{1,20}",
    "character_string": r"[\x21-\x7e][\x20-\x7e]{0,31}",
    "number": r"-?[\d.]{1,32}",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": r"[^\w\s]{1,5}",
    "phone_number": r"[\d+\- ]{1,17}",
    "car_number": r".{1,8}",
    "name": rf"({_CHINESE}|·){{1,10}}|[A-Za-z .·]{{1,20}}",
    "phrase": rf"{_CHINESE}{{1,5}}",
    "time": rf"({_TIME})(~({_TIME}))?",
    "date": rf"({_TIME})(~({_TIME}))?",
    "amount": _MONEY,
    "const": r".{1,20}",
}


def check_data(template: MessageTemplate, data: dict[str, dict[str, str]]) -> None:
    """Raise ApiError 47003, naming the field, when one is missing, empty, not the template's, or breaks its kind's rule."""
    keys = [key for key, _label in template.fields]
    for key in data:
        if key not in keys:
            raise ApiError(47003, f"data.{key} is not in template")
    for key in keys:
        value = data.get(key, {}).get("value", "")
        if not value:
            raise ApiError(47003, f"data.{key}.value is empty")
        if not re.fullmatch(ALLOWED[kind_of(key)], value):
            raise ApiError(47003, f"data.{key}.value invalid")


def kind_of(key: str) -> str:
    """The kind in a field name: "character_string2" is a character_string."""
    return key.rstrip("0123456789")


@dataclass(frozen=True)
class Sent:
    msgid: int
    at: datetime


class SentTemplates:
    """The templates the account was granted, and which client_msg_id was seen lately."""

    REMEMBERED = timedelta(minutes=10)  # The documentation promises nothing beyond.

    def __init__(self, store: Store, templates: tuple[MessageTemplate, ...]) -> None:
        self._templates = {template.template_id: template for template in templates}
        self._sent: Shelf[Sent] = Shelf(store, "sent_templates", Sent)

    def template(self, template_id: str) -> MessageTemplate:
        """Raises ApiError 40037 for one the account does not have."""
        if template_id not in self._templates:
            raise ApiError(40037)
        return self._templates[template_id]

    def earlier(self, openid: str, client_msg_id: str, now: datetime) -> int | None:
        """The msgid of the message this id already stands for: it is not sent again."""
        sent = self._sent.get(f"{openid} {client_msg_id}")
        return sent.msgid if client_msg_id and sent and now - sent.at < self.REMEMBERED else None

    def remember(self, openid: str, client_msg_id: str, msgid: int, now: datetime) -> None:
        if client_msg_id:
            self._sent.put(f"{openid} {client_msg_id}", Sent(msgid, now))
