"""Text messages to a phone: what a provider's adapter offers, and how it fails. Which provider there is says bot/services.py."""

from collections.abc import Sequence
from typing import Protocol

from bot.wechat.errors import Consequence


class SmsError(Exception):
    """A text message that was not sent. `errcode` is the provider's word for why, `consequence` what follows from it."""

    def __init__(self, errcode: str, text: str, consequence: Consequence) -> None:
        super().__init__(f"{errcode} {consequence.name}: {text}")
        self.errcode, self.text, self.consequence = errcode, text, consequence


class Sms(Protocol):
    def send(self, phone: str, template_id: str, values: Sequence[str]) -> str:
        """One message to a mainland number of digits; the provider's number of it. Raises SmsError."""
        ...
