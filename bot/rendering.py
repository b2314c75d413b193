"""(kind, data) → words. Words live in templates/messages/<kind>.txt, a file per kind that a property manager can edit.

A customer message is the words as they are. A template message, the only thing WeChat lets through outside a person's
message window, is a form the company has had approved: wechat_templates.toml says what goes into its fields.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from bot.wechat.replies import shortened
from bot.wechat.templates import fit_fields
from models.db import SHANGHAI
from models.messaging.kinds import Kind

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"

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


class Renderer:
    """All words, compiled once. `template_ids`: name of an official template → the id this company's account gave it."""

    def __init__(self, template_ids: Mapping[str, str], folder: Path = TEMPLATES) -> None:
        environment = Environment(
            loader=FileSystemLoader(folder / "messages"),
            undefined=StrictUndefined,
            finalize=_harmless,
            autoescape=False,  # noqa: S701 (plain text, not HTML)
        )
        self.official = read_official_templates(folder / "wechat_templates.toml")
        self._words = {_kind_of(name): environment.get_template(name) for name in environment.list_templates()}
        self._fields = {
            template.name: {key: environment.from_string(value) for key, (_, value) in template.fields.items()}
            for template in self.official.values()
        }
        self._ids = template_ids

    def text(self, kind: str, data: Mapping[str, Any]) -> str:
        """At most 2000 bytes of UTF-8. Raises RenderingFailed for a kind without words or data without what they need."""
        words = self._words.get(kind)
        if words is None:
            raise RenderingFailed(f"kind {kind} has no words")
        return shortened(_render(words, data))

    def has_template(self, kind: Kind) -> bool:
        """May this kind go out as a template message, and has the company been granted that template?"""
        return kind.template in self._fields and bool(self._ids.get(kind.template, ""))

    def template_message(self, kind: Kind, data: Mapping[str, Any], at: datetime) -> TemplateMessage:
        """The form for this kind, filled in. `at` is when the news was made, in any zone.

        Fields may use the data, and `words` (the first line of the message) and `at`. Raises NoTemplate, RenderingFailed,
        and ValueError for a value that WeChat would refuse.
        """
        if not self.has_template(kind):
            raise NoTemplate(f"no template message for {kind.name}")
        template_id = self._ids[kind.template]
        first_line = self.text(kind.name, data).partition("\n")[0]
        known = {**data, "words": first_line, "at": f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"}
        fields = self._fields[kind.template]
        return TemplateMessage(template_id, {key: _fitted(key, _render(value, known)) for key, value in fields.items()})

    def check_words(self, kinds: Iterable[Kind]) -> list[str]:
        """What does not fit together, one sentence each: kinds without words, words without a kind, unknown templates."""
        by_name = {kind.name: kind for kind in kinds}
        return [
            *(f"kind {name} has no words" for name in sorted(by_name.keys() - self._words.keys())),
            *(f"words {name}.txt belong to no kind" for name in sorted(self._words.keys() - by_name.keys())),
            *(
                f"kind {kind.name} wants the unknown template {kind.template}"
                for kind in by_name.values()
                if kind.template and kind.template not in self.official
            ),
        ]


def read_official_templates(path: Path = TEMPLATES / "wechat_templates.toml") -> dict[str, OfficialTemplate]:
    return {
        name: OfficialTemplate(
            name=name,
            title=entry["title"],
            setting=entry["setting"],
            fields={key: (field["label"], field["value"]) for key, field in entry["fields"].items()},
        )
        for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }


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
