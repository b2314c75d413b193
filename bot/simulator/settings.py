"""What a simulator is told when it starts: who the account is, who has a phone, what can be scanned and said."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class PhoneOwner:
    """Somebody whose phone can be shown; `note` is one line that says who this is in the story, `short` the same in a few words."""

    openid: str
    name: str
    note: str
    short: str = ""
    phone: str = ""  # where text messages to this number appear


@dataclass(frozen=True)
class MessageTemplate:
    """A template the account was granted. `fields` are (key, label) in the order shown, as ("thing1", "报修内容").

    A key is a kind and a number; the kind decides what the platform accepts as its value (templates.py).
    """

    template_id: str
    title: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TextMessages:
    """The text-message provider that is played: whose account, and the texts of the templates with {1} and {2} in them."""

    secret_id: str = ""
    secret_key: str = ""
    app_id: str = ""
    sign_name: str = ""
    templates: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Merchant:
    """The merchant of the pretend WeChat Pay. Its keys are those in keys/."""

    mchid: str = ""
    appid: str = ""
    apiv3_key: str = "0" * 32
    cert_serial: str = ""
    key_id: str = ""
    api_key: str = ""


@dataclass(frozen=True)
class SimulatorSettings:
    """`account` is the original id (gh_…), `mode` safe, compatible or plain, `webhook_url` where pushes go.

    `scenes` are the stickers offered when scanning, as (scene, label); `examples` the things to say, as
    (openid, sentences); `prompts` what a message invites to say, as (words in it, answer), because the fields of a card
    have no room for it. `menu` is the account's custom menu until another is made, as its API takes it. Without
    `state_file` nothing survives a restart; without `clock_file` time cannot be moved.
    """

    appid: str
    secret: str
    token: str
    aes_key: str
    account: str
    mode: str
    webhook_url: str
    people: tuple[PhoneOwner, ...]
    templates: tuple[MessageTemplate, ...]
    scenes: tuple[tuple[str, str], ...] = ()
    state_file: Path | None = None
    clock_file: Path | None = None
    examples: tuple[tuple[str, tuple[str, ...]], ...] = ()
    prompts: tuple[tuple[str, str], ...] = ()
    menu: tuple[dict[str, Any], ...] = ()
    sms: TextMessages = TextMessages()
    merchant: Merchant = Merchant()
    account_name: str = "邻里管家"

    def __post_init__(self) -> None:
        if self.mode not in ("safe", "compatible", "plain"):
            raise ValueError(f"mode is safe, compatible or plain, not {self.mode!r}")
        if self.mode != "plain" and len(self.aes_key) != 43:
            raise ValueError("an EncodingAESKey has 43 characters")
