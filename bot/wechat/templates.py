"""Makes values fit the fields of a template message before WeChat refuses them with 47003 (reference 3.4).

A field's name says its kind: `thing1` is a thing, `amount12` an amount.
"""

import re
from collections.abc import Callable, Mapping

LONGEST_THING = 20  # characters
_ELLIPSIS = "…"

# What must arrive whole: an order number, a room (3栋2单元501), an amount, a time. The rest of a text is free.
_WHOLE = re.compile(r"(?:[#¥￥]?[0-9A-Za-z][0-9A-Za-z.,:/_#~-]*(?:号楼|单元|[栋幢座楼层室号户元角分度吨年月日时])?)+")

_DAY = r"([0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2})"
_MOMENT = rf"({_DAY}|({_DAY} )?[0-9]{{1,2}}:[0-9]{{2}}(:[0-9]{{2}})?)"

# Kinds that hold a number, a code or a set word: they fit as they are, or not at all.
_EXACT: dict[str, re.Pattern[str]] = {
    "character_string": re.compile(r"[!-~]{1,32}"),
    "number": re.compile(r"-?[0-9]{1,32}(\.[0-9]+)?"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(r"[^\w\s]{1,5}"),
    "phrase": re.compile(r"[\u4e00-\u9fff]{1,5}"),
    "const": re.compile(r"\S{1,20}"),
    "name": re.compile(r"[\u4e00-\u9fff·]{1,10}|[A-Za-z .]{1,20}"),
    "amount": re.compile(r"[¥￥$]?[0-9]{1,10}(\.[0-9]{1,2})?元?"),
    "phone_number": re.compile(r"[0-9+()*-]{1,17}"),
    "car_number": re.compile(r"[\u4e00-\u9fff]?[0-9A-Z]{4,7}[\u4e00-\u9fff]?"),
    "time": re.compile(rf"{_MOMENT}(~{_MOMENT})?"),
    "date": re.compile(rf"{_MOMENT}(~{_MOMENT})?"),
}


# 1,234.50元, as amounts are shown everywhere else.
_SEPARATED = re.compile(r"[¥￥$]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,2})?元?")


def fit_fields(data: Mapping[str, str], kinds: Mapping[str, str] | None = None) -> dict[str, str]:
    """The same fields with values that WeChat accepts. Only the free words of a `thing` are ever cut.

    `kinds` names the kind of fields whose name does not. Raises ValueError, naming the field, for a value that is
    empty, breaks its kind's rule, or could only be made shorter by cutting through a number.
    """
    return {field: _fitted(field, value, (kinds or {}).get(field, _kind_of(field))) for field, value in data.items()}


def _kind_of(field: str) -> str:
    return field.rstrip("0123456789")


def _fitted(field: str, value: str, kind: str) -> str:
    value = " ".join(value.split())
    if not value:
        raise ValueError(f"{field} is empty")
    if kind == "thing":
        return _shortened(field, value)
    if kind == "amount" and _SEPARATED.fullmatch(value):
        value = value.replace(",", "")  # WeChat knows no separators
    rule = _EXACT.get(kind)
    if rule is None:
        raise ValueError(f"{field}: WeChat has no fields of the kind {kind!r}")
    if not rule.fullmatch(value):
        raise ValueError(f"{field}: {value!r} is no {kind}")
    return value


def _shortened(field: str, value: str) -> str:
    """The longest free stretch gives way first, then the next, until everything fits."""
    pieces = _pieces(value)
    while (excess := sum(len(words) for words, _ in pieces) - LONGEST_THING) > 0:
        longest = max((i for i, (_, free) in enumerate(pieces) if free), key=_length_in(pieces), default=None)
        if longest is None or len(pieces[longest][0]) <= len(_ELLIPSIS):
            raise ValueError(f"{field}: {value!r} does not fit into {LONGEST_THING} characters")
        words = pieces[longest][0].rstrip(_ELLIPSIS)
        pieces[longest] = (words[: max(0, len(words) - excess - len(_ELLIPSIS))] + _ELLIPSIS, True)
    return "".join(words for words, _ in pieces)


def _length_in(pieces: list[tuple[str, bool]]) -> Callable[[int], int]:
    return lambda i: len(pieces[i][0])


def _pieces(value: str) -> list[tuple[str, bool]]:
    """The text in stretches: (words, may they be cut?)."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for whole in _WHOLE.finditer(value):
        pieces += [(value[end : whole.start()], True), (whole.group(), False)]
        end = whole.end()
    return [(words, free) for words, free in [*pieces, (value[end:], True)] if words]
