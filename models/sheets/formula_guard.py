"""Text that a spreadsheet would run: guarded with an apostrophe on its way out, freed of it on its way in.

The signs are those of OWASP ASVS 1.2.10, half and full width. What was guarded comes back exactly, whatever it was.
"""

import re

_SIGNS = r"=+\-@\t\r\n＝＋－＠"
_RUNS = re.compile(f"'*[{_SIGNS}]|'+[0-9]")
# An apostrophe before a digit is a clerk's own way to write a number as text.
_GUARDED = re.compile(f"'+[{_SIGNS}0-9]")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def guarded(text: str) -> str:
    """`=1+1` becomes `'=1+1`. Control characters go: they hide what follows from a reader and not from a spreadsheet."""
    text = _NO_TEXT.sub("", text)
    return f"'{text}" if _RUNS.match(text) else text


def freed(text: str) -> str:
    """`'=1+1` becomes `=1+1`, `'13900001111` becomes 13900001111; `'张三` stays as it is."""
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text
