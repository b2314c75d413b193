"""(kind, data) → words. Words live in templates/messages/<kind>.txt, a file per kind that a property manager can edit.

A customer message is the words as they are. A template message, the only thing WeChat lets through outside a person's
message window, is a form the company has had approved: wechat_templates.toml says what goes into its fields.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from bot.wechat.replies import shortened
from bot.wechat.templates import fit_fields
from models.db import SHANGHAI
from models.messaging.kinds import Kind
from models.messaging.ladder import SMS, SUBSCRIPTION, TEMPLATE

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"

BETWEEN = "\n\n"  # messages that go out as one text
SEE_THE_CHAT = "请在公众号里查看"

# Everything below space but the line end, DEL, the C1 block and halves of a character: no phone shows them.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_TAG = re.compile(r"<(?=[A-Za-z/])")


class RenderingFailed(Exception):
    """Words and data do not fit together: a mistake of ours, the same however often it is tried."""


class NoTemplate(Exception):
    """This kind has no template message, or the company has not been granted it."""


@dataclass(frozen=True)
class OfficialTemplate:
    """A template message of WeChat's library. `fields`: key (its type and a number) → (label, Jinja expression)."""

    name: str
    title: str
    setting: str
    fields: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class TemplateMessage:
    template_id: str
    data: dict[str, str]


@dataclass(frozen=True)
class SmsMessage:
    template_id: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Granted:
    """What the company has been granted: our name of a template → its id, "" for none yet."""

    templates: Mapping[str, str]
    subscriptions: Mapping[str, str] = field(default_factory=dict)
    sms: Mapping[str, str] = field(default_factory=dict)


@cache  # compiling all words takes a moment; several renderers of one process share them
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder / "messages"),
        undefined=StrictUndefined,
        finalize=_harmless,
        autoescape=False,  # noqa: S701 (plain text, not HTML)
        cache_size=-1,
    )


class Renderer:
    """All words, compiled once. `granted`: the ids of official templates this company's account was given; `public_url`: where
    our pages are."""

    def __init__(self, granted: Granted | Mapping[str, str], folder: Path = TEMPLATES, public_url: str = "") -> None:
        environment = _environment(folder)
        self._public_url = public_url
        self._granted = granted if isinstance(granted, Granted) else Granted(granted)
        self.official = read_official_templates(folder / "wechat_templates.toml")
        self.subscriptions = read_official_templates(folder / "wechat_subscriptions.toml")
        self.sms = read_sms_templates(folder / "sms_templates.toml")
        self._words = {_kind_of(name): environment.get_template(name) for name in environment.list_templates()}
        self._fields = _compiled(environment, self.official)
        self._subscription_fields = _compiled(environment, self.subscriptions)
        self._sms_values = {
            name: [environment.from_string(value) for value in values] for name, values in self.sms.items()
        }

    def text(self, kind: str, data: Mapping[str, Any]) -> str:
        """At most 2000 bytes of UTF-8. Raises RenderingFailed for a kind without words or data without what they need."""
        words = self._words.get(kind)
        if words is None:
            raise RenderingFailed(f"kind {kind} has no words")
        return shortened(_render(words, data))

    def address(self, data: Mapping[str, Any]) -> str:
        """The page of ours a message is about ("page" of its data), for the card that opens it; "" for none."""
        page = data.get("page", "")
        return f"{self._public_url}{page}" if self._public_url and page else ""

    def joined(self, messages: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
        """Several messages to one person as one text. The caller has seen to it that they fit (`fits`)."""
        return shortened(BETWEEN.join(self.text(kind, data) for kind, data in messages))

    def granted(self, kind: Kind) -> frozenset[str]:
        """The rungs below the customer message that are set up for this kind."""
        ways = (
            (TEMPLATE, self._fields, self._granted.templates, kind.template),
            (SUBSCRIPTION, self._subscription_fields, self._granted.subscriptions, kind.subscription),
            (SMS, self._sms_values, self._granted.sms, kind.sms),
        )
        return frozenset(rung for rung, known, ids, name in ways if name in known and ids.get(name))

    def subscription_id(self, kind: Kind) -> str:
        return self._granted.subscriptions.get(kind.subscription, "")

    def subscription_named(self, template_id: str) -> str:
        """Our name of a subscription template, "" for one that is not ours."""
        named = {given: name for name, given in self._granted.subscriptions.items() if given}
        return named.get(template_id, "")

    def has_template(self, kind: Kind) -> bool:
        """May this kind go out as a template message, and has the company been granted that template?"""
        return TEMPLATE in self.granted(kind)

    def template_message(self, kind: Kind, data: Mapping[str, Any], at: datetime) -> TemplateMessage:
        """The form for this kind, filled in. `at` is when the news was made, in any zone.

        Fields may use the data, and `words` (the first line of the message) and `at`. Raises NoTemplate, RenderingFailed,
        and ValueError for a value that WeChat would refuse.
        """
        if not self.has_template(kind):
            raise NoTemplate(f"no template message for {kind.name}")
        known = self._known(kind, data, at)
        return _filled(self._granted.templates[kind.template], self._fields[kind.template], known)

    def subscription_message(self, kind: Kind, data: Mapping[str, Any], at: datetime) -> TemplateMessage:
        """The same for a message the person allowed once."""
        if SUBSCRIPTION not in self.granted(kind):
            raise NoTemplate(f"no subscription message for {kind.name}")
        known = self._known(kind, data, at)
        return _filled(self.subscription_id(kind), self._subscription_fields[kind.subscription], known)

    def text_message(self, kind: Kind, data: Mapping[str, Any]) -> SmsMessage:
        """The values of a text message's template. Raises NoTemplate and RenderingFailed."""
        if SMS not in self.granted(kind):
            raise NoTemplate(f"no text message for {kind.name}")
        known = {"where": "", "problem": "", **data, "words": self.text(kind.name, data).partition("\n")[0]}
        values = tuple(_fitted("thing1", _render(value, known)) for value in self._sms_values[kind.sms])
        return SmsMessage(self._granted.sms[kind.sms], values)

    def _known(self, kind: Kind, data: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        first_line = self.text(kind.name, data).partition("\n")[0]
        return {**data, "words": first_line, "at": f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"}

    def check_words(self, kinds: Iterable[Kind]) -> list[str]:
        """What does not fit together, one sentence each: kinds without words, words without a kind, unknown templates."""
        by_name = {kind.name: kind for kind in kinds}
        return [
            *(f"kind {name} has no words" for name in sorted(by_name.keys() - self._words.keys())),
            *(f"words {name}.txt belong to no kind" for name in sorted(self._words.keys() - by_name.keys())),
            *(
                f"kind {kind.name} wants the unknown template {name}"
                for kind in by_name.values()
                for name, known in (
                    (kind.template, self.official.keys()),
                    (kind.subscription, self.subscriptions.keys()),
                    (kind.sms, self.sms.keys()),
                )
                if name and name not in known
            ),
        ]


def read_official_templates(path: Path = TEMPLATES / "wechat_templates.toml") -> dict[str, OfficialTemplate]:
    """None when there is no such file."""
    return {
        name: OfficialTemplate(
            name=name,
            title=entry["title"],
            setting=entry["setting"],
            fields={key: (field["label"], field["value"]) for key, field in entry["fields"].items()},
        )
        for name, entry in _read_toml(path).items()
    }


def read_sms_templates(path: Path = TEMPLATES / "sms_templates.toml") -> dict[str, tuple[str, ...]]:
    """Our name of a text message → the expressions for its places."""
    return {name: tuple(entry["values"]) for name, entry in _read_toml(path).items()}


def _read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _compiled(environment: Environment, forms: Mapping[str, OfficialTemplate]) -> dict[str, dict[str, Template]]:
    return {
        form.name: {key: environment.from_string(value) for key, (_, value) in form.fields.items()}
        for form in forms.values()
    }


def _filled(template_id: str, fields: Mapping[str, Template], known: Mapping[str, Any]) -> TemplateMessage:
    return TemplateMessage(template_id, {key: _fitted(key, _render(value, known)) for key, value in fields.items()})


def _render(template: Template, data: Mapping[str, Any]) -> str:
    try:
        return _CONTROL.sub("", template.render(data)).strip()
    except Exception as error:
        # Templates run code of ours over any data, so they may fail in any way.
        raise RenderingFailed(f"{template.name or 'a template field'}: {error}") from error


def _fitted(key: str, value: str) -> str:
    try:
        return fit_fields({key: value})[key]
    except ValueError:
        # One endless number in somebody's words must not keep a worker from hearing of a burst pipe.
        if key.startswith("thing"):
            return SEE_THE_CHAT
        raise


def _harmless(value: Any) -> Any:
    # WeChat makes `<a href=…>` in a text a link. In our own words (marked `| safe`) that is wanted; in a neighbour's it is a trap.
    return _TAG.sub("＜", value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _kind_of(file_name: str) -> str:
    return file_name.removesuffix(".txt")
