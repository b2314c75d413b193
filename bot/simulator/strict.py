"""Is a request exactly what the documentation allows? The platform forgives some things; a rehearsal must not.

A shape is a dict of field names to shapes (a name that ends in "?" may be left out, "*" stands for any name), a list
of one shape, a Python type, or a tuple of types.
"""

import json
import re
from typing import Any

from bot.simulator.errors import ApiError

Shape = dict[str, Any] | list[Any] | type | tuple[type, ...]

# Escaped Chinese (\u4e2d) is legal JSON, but was reported to turn up literally in menus and messages.
_ESCAPED_CHINESE = re.compile(rb"\\u[4-9][0-9a-fA-F]{3}")


def read_body(raw: bytes) -> dict[str, Any]:
    """The JSON object of a request. Raises ApiError 44002 for an empty body, 47001 for anything but an object in UTF-8."""
    if not raw.strip():
        raise ApiError(44002)
    try:
        body = json.loads(raw.decode("utf-8"))
    except ValueError as error:  # UnicodeDecodeError is one too
        raise ApiError(47001, f"hint: {error}") from error
    if not isinstance(body, dict):
        raise ApiError(47001, "hint: the body must be an object")
    return body


def escapes_chinese(raw: bytes) -> bool:
    return _ESCAPED_CHINESE.search(raw) is not None


def check(value: object, shape: Shape, where: str = "") -> None:
    """Raise ApiError 47001, naming the field, when `value` has a missing, an unknown or a wrongly typed part."""
    if isinstance(shape, dict):
        _check_object(value, shape, where)
    elif isinstance(shape, list):
        _expect(isinstance(value, list), where, "must be a list")
        for position, item in enumerate(value if isinstance(value, list) else ()):
            check(item, shape[0], f"{where}[{position}]")
    else:
        kinds = shape if isinstance(shape, tuple) else (shape,)
        is_truth = isinstance(value, bool)
        _expect(isinstance(value, kinds) and (not is_truth or bool in kinds), where, "has the wrong type")


def _check_object(value: object, shape: dict[str, Any], where: str) -> None:
    if not isinstance(value, dict):
        raise ApiError(47001, f"hint: [{where or 'body'}] must be an object")
    known = {name.rstrip("?"): inner for name, inner in shape.items()}
    for name, inner in value.items():
        path = f"{where}.{name}" if where else name
        _expect(name in known or "*" in known, path, "is unknown")
        check(inner, known.get(name, known.get("*", object)), path)
    for name in shape:
        if not name.endswith("?") and name != "*":
            _expect(name in value, f"{where}.{name}" if where else name, "is missing")


def _expect(holds: bool, where: str, complaint: str) -> None:
    if not holds:
        raise ApiError(47001, f"hint: [{where or 'body'}] {complaint}")
