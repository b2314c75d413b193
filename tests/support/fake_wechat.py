"""A WeChat that answers as it was told and remembers what it was sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.wechat.errors import Consequence, WeChatError


def no_answer() -> WeChatError:
    """The call left, nothing came back."""
    return WeChatError(0, "ReadTimeout", Consequence.UNKNOWN_OUTCOME)


@dataclass
class FakeWeChat:
    """`text_errors` and `template_errors` are raised one after the other, then every call succeeds.

    `during` is called while a message is on its way, after it has arrived.
    """

    text_errors: list[Exception] = field(default_factory=list)
    template_errors: list[Exception] = field(default_factory=list)
    subscription_errors: list[Exception] = field(default_factory=list)
    during: Callable[[], None] = lambda: None
    down: Callable[[], Exception] | None = None  # what every call fails with
    calls: int = 0
    texts: list[tuple[str, str]] = field(default_factory=list)
    templates: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)
    subscriptions: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def send_text(self, openid: str, text: str) -> None:
        self._called()
        if self.text_errors:
            raise self.text_errors.pop(0)
        self.texts.append((openid, text))
        self.during()

    def send_template(
        self, openid: str, template_id: str, data: Mapping[str, str], url: str = "", client_msg_id: str = ""
    ) -> str:
        self._called()
        if self.template_errors:
            raise self.template_errors.pop(0)
        self.templates.append((openid, template_id, dict(data), client_msg_id))
        self.during()
        return str(9000 + len(self.templates))

    def send_subscription(self, openid: str, template_id: str, data: Mapping[str, str], page: str = "") -> None:
        self._called()
        if self.subscription_errors:
            raise self.subscription_errors.pop(0)
        self.subscriptions.append((openid, template_id, dict(data)))
        self.during()

    def _called(self) -> None:
        self.calls += 1
        if self.down is not None:
            raise self.down()


@dataclass
class FakeSms:
    """A text-message provider of the same kind."""

    errors: list[Exception] = field(default_factory=list)
    sent: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    def send(self, phone: str, template_id: str, values: Sequence[str]) -> str:
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append((phone, template_id, tuple(values)))
        return f"serial-{len(self.sent)}"
