"""How one bank writes its files, read from data; pure. What may stand in it is explained in templates/bank_profiles.toml."""

import codecs
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REASONS = ("余额不足", "账号不存在", "户名不符", "账户冻结", "协议未签", "超限额", "其他")

_PARTS = {
    "header": ("batch", "date", "count", "total"),
    "detail": ("seq", "account", "holder", "fen", "home", "summary"),
}
_MORE = {"header": ("paid_count", "paid_total"), "detail": ("code", "reason", "paid_on", "serial")}
_NEEDED = {
    "header": ("batch", "count", "total"),
    "detail": ("seq", "account", "holder", "fen"),
    "return_header": ("batch", "count", "total"),
    "return_detail": ("seq", "account", "fen", "code"),
}


class BadProfile(Exception):
    """A profile that cannot be worked with; the text says which bank and why."""


@dataclass(frozen=True)
class Part:
    """A part of a line. `width` in bytes of the encoding; 0 where a separator parts them."""

    name: str
    width: int = 0


@dataclass(frozen=True)
class BankProfile:
    """One bank's files. `separator` "" means parts of fixed width. `in_yuan`: amounts as 165.33, else as fen."""

    key: str
    name: str
    encoding: str
    separator: str
    header: tuple[Part, ...]
    detail: tuple[Part, ...]
    return_header: tuple[Part, ...]
    return_detail: tuple[Part, ...]
    in_yuan: bool
    paid: frozenset[str]
    refused: Mapping[str, str]


def read_profiles(text: str) -> dict[str, BankProfile]:
    """By key. Raises BadProfile."""
    try:
        banks = tomllib.loads(text).get("banks", {})
    except tomllib.TOMLDecodeError as problem:
        raise BadProfile(f"bank_profiles.toml cannot be read: {problem}") from None
    return {str(key): _profile(str(key), said) for key, said in banks.items()}


def _profile(key: str, said: Mapping[str, Any]) -> BankProfile:
    try:
        codecs.lookup(said["encoding"])
        separator = str(said.get("separator", ""))
        parts = {name: _parts(key, name, said[name], fixed=not separator) for name in _NEEDED}
        profile = BankProfile(
            key=key, name=str(said["name"]), encoding=str(said["encoding"]), separator=separator,
            in_yuan={"fen": False, "yuan": True}[said["unit"]], paid=frozenset(map(str, said["paid"])),
            refused={str(code): str(why) for code, why in said["refused"].items()}, **parts,
        )  # fmt: skip
    except KeyError as missing:
        raise BadProfile(f"bank {key}: {missing} is missing or unknown") from None
    except LookupError:
        raise BadProfile(f"bank {key}: nobody knows the encoding {said['encoding']!r}") from None
    if not profile.paid or profile.paid & profile.refused.keys():
        raise BadProfile(f"bank {key}: a status code must mean paid or refused, one of both")
    if strange := sorted(set(profile.refused.values()) - set(REASONS)):
        raise BadProfile(f"bank {key}: unknown reasons {strange}; there are {', '.join(REASONS)}")
    return profile


def _parts(key: str, which: str, said: list[str], *, fixed: bool) -> tuple[Part, ...]:
    kind = which.removeprefix("return_")
    allowed = {*_PARTS[kind], *(_MORE[kind] if which.startswith("return_") else ()), "filler"}
    parts = []
    for words in said:
        name, _, width = str(words).partition(":")
        if name not in allowed:
            raise BadProfile(f"bank {key}: {which} has a part nobody knows, {name!r}")
        if fixed != (width.isdecimal() and int(width) > 0):
            raise BadProfile(f"bank {key}: {which} {name!r}: a width is needed without a separator, and only then")
        parts.append(Part(name, int(width) if fixed else 0))
    names = [part.name for part in parts if part.name != "filler"]
    if len(set(names)) != len(names) or not set(_NEEDED[which]) <= set(names):
        raise BadProfile(f"bank {key}: {which} needs {', '.join(_NEEDED[which])}, each part once")
    return tuple(parts)
