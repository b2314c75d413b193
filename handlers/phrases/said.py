"""How the phrases of this package are written down: several on a line, a stroke between them."""


def said(block: str) -> tuple[str, ...]:
    """The phrases of a block of text, in order."""
    return tuple(phrase.strip() for line in block.splitlines() for phrase in line.split("|") if phrase.strip())
