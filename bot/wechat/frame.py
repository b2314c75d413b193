"""Reads WeChat's small XML into a dictionary, and nothing larger, deeper or cleverer than WeChat's small XML."""

import re
from typing import NoReturn
from xml.parsers import expat

from bot.wechat.errors import FrameError

# Real frames are two to four levels deep and carry a dozen fields; nine pictures with two fields each are the most.
MAX_DEPTH = 8
MAX_ELEMENTS = 400

Fields = dict[str, object]

# XML 1.0 cannot carry these, but phones paste them. Without them the rest of the message is still worth reading.
ILLEGAL_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def refuse_doctype(body: bytes) -> None:
    """Cheap enough to run before the signature is checked: nothing may be declared before the root element.

    The words of a person may well say `<!DOCTYPE`; they come later, inside the root.

    Raises FrameError 400.
    """
    if b"<!" in body.partition(b"<xml")[0]:
        raise FrameError(400, "a declaration before the root element")


def read_fields(body: bytes) -> Fields:
    """The fields of `<xml>…</xml>`: name → text, or a dictionary for nested ones, or a list where a name is repeated.

    Raises FrameError 400 for everything else: not UTF-8, not well-formed, declarations, attributes, too deep, too many.
    """
    try:
        text = ILLEGAL_CHARACTERS.sub("", body.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        raise FrameError(400, "not UTF-8") from None
    reader = _Reader()
    try:
        reader.read(text.encode())
    except expat.ExpatError as error:
        raise FrameError(400, f"not well-formed: {error}") from None
    return reader.root


def text_of(fields: object, *path: str) -> str:
    """The text at a path, "" when it is missing. A field that comes twice, or holds others, says nothing."""
    for name in path:
        fields = fields.get(name) if isinstance(fields, dict) else None
    return fields if isinstance(fields, str) else ""


class _Reader:
    """Builds the dictionary while expat reads, so that a hostile frame is dropped at the first excess."""

    def __init__(self) -> None:
        self.root: Fields = {}
        self._open: list[tuple[str, Fields, list[str]]] = []
        self._elements = 0

    def read(self, body: bytes) -> None:
        parser = expat.ParserCreate(encoding="utf-8")  # whatever the declaration claims
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._declared
        parser.StartElementHandler = self._started
        parser.CharacterDataHandler = self._said
        parser.EndElementHandler = self._ended
        parser.Parse(body, True)

    def _declared(self, *_: object) -> NoReturn:
        raise FrameError(400, "a document type declaration")

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if attributes or len(self._open) >= MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise FrameError(400, "larger or deeper than anything WeChat sends")
        if not self._open and name != "xml":
            raise FrameError(400, "the root element is not <xml>")
        self._open.append((name, {}, []))

    def _said(self, text: str) -> None:
        self._open[-1][2].append(text)

    def _ended(self, name: str) -> None:
        _, fields, words = self._open.pop()
        value: object = fields or "".join(words)
        if not self._open:
            self.root = fields
        else:
            _add(self._open[-1][1], name, value)


def _add(fields: Fields, name: str, value: object) -> None:
    earlier = fields.get(name)
    if name not in fields:
        fields[name] = value
    elif isinstance(earlier, list):
        earlier.append(value)
    else:
        fields[name] = [earlier, value]
