"""The parts of a sentence, and which of them begin another wish: 「马桶堵了，另外物业费多少」."""

import re

_CLAUSES = re.compile(r"[,，。;；!！?？\n]+|(?=对了|另外|顺便|再问|顺带)|(?<=[了啊吧呢嘛的 ])(?=还有)")
# Not 「再不来」, 「还有水费」 (a bill), 「也没人来」: what begins like this is another wish.
_NEW_TOPIC = re.compile(
    r"^(?:对了|还有|另外|顺便|顺带|再(?!不|没|来|次|这样)|同时|以及|然后|接着|倒是|二是|并(?!不|没|非)"
    r"|也(?:想|要|把|看|问|查|报|开|帮|给)|还(?:想|要))"
)
_OPENING = re.compile(
    r"^(?:对了|还有(?:就是|个事|一件事)?|另外|顺便(?:问一?下)?|顺带|再问一?下|然后|同时|再就是)[,，\s]*"
)


def clauses_of(words: str) -> list[str]:
    return [clause.strip() for clause in _CLAUSES.split(words) if clause and clause.strip()]


def begins_another_wish(clause: str) -> bool:
    return _NEW_TOPIC.match(clause) is not None


def without_opening(clause: str) -> str:
    return _OPENING.sub("", clause)
