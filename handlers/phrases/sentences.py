"""The written sentences: what the assistant learns from (`corpus`) and what it is judged by (`evaluation`). See corpus/README.md."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
EVALUATION = HERE / "evaluation"
IDEAS = HERE / "ideas.tsv"
THINGS = HERE / "things.tsv"


@dataclass(frozen=True)
class Sentence:
    """One line of a sheet: what is meant (`slots`: name → values) when `role` says `text` in the state `awaiting`."""

    intent: str
    role: str
    awaiting: str
    style: str
    text: str
    slots: dict[str, tuple[str, ...]]


def sentences(folder: Path) -> Iterator[Sentence]:
    """Every sentence of the sheets of a folder, in the order of their names."""
    for sheet in sorted(folder.glob("*.tsv")):
        yield from of_sheet(sheet)


def of_sheet(sheet: Path) -> Iterator[Sentence]:
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if (line.get("text") or "").strip():
                yield _sentence({name: (value or "").strip() for name, value in line.items() if name})


def _sentence(line: dict[str, str]) -> Sentence:
    slots = dict(part.strip().split("=", 1) for part in line["slots"].split(";") if "=" in part)
    return Sentence(
        line["intent"],
        line["role"],
        line["awaiting"],
        line["style"],
        line["text"],
        {name: tuple(one.strip() for one in value.split("|")) for name, value in slots.items()},
    )


def ideas() -> dict[str, tuple[str, ...]]:
    """word → the ideas it may stand for."""
    found: dict[str, tuple[str, ...]] = {}
    for line in IDEAS.read_text(encoding="utf-8").splitlines()[1:]:
        idea, _, words = line.partition("\t")
        for word in words.split():
            found[word] = tuple(dict.fromkeys((*found.get(word, ()), idea)))
    return found


def things() -> dict[str, tuple[str, ...]]:
    """category → words that name such a thing, or what goes wrong with it. A word may stand in several."""
    lines = THINGS.read_text(encoding="utf-8").splitlines()[1:]
    return {category: tuple(words.split()) for category, _, words in (line.partition("\t") for line in lines)}


def fingerprint(*more: Path) -> str:
    """Another one as soon as a sentence, an idea, a thing or one of these files changes."""
    digest = hashlib.sha256()
    for file in (*sorted(CORPUS.glob("*.tsv")), IDEAS, THINGS, *more):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
