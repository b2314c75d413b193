"""A list for the bank as bytes, and its answer read back; pure. Nothing is guessed: a file that does not agree with itself is
refused as a whole, with one sentence that says where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from models.debit.profiles import BankProfile, Part

SUMMARY = "物业费"
LARGEST_FILE = 8 << 20  # bytes: a hundred thousand lines
_MOST_FEN = 10**15


class FileUnreadable(Exception):
    """The file cannot be taken or written. The text is told to the cashier."""


@dataclass(frozen=True)
class Wanted:
    """One line to the bank: `fen` from `account` of `holder`, for `home`."""

    seq: int
    account: str
    holder: str
    fen: int
    home: str


@dataclass(frozen=True)
class Answer:
    """What became of one line. `reason` "" when the money came, else one of profiles.REASONS; `words` are the bank's own."""

    seq: int
    account: str
    fen: int
    reason: str
    words: str = ""
    paid_on: date | None = None
    serial: str = ""

    @property
    def came(self) -> bool:
        return not self.reason


@dataclass(frozen=True)
class Returned:
    """A whole answer that agrees with itself. `total` fen of `answers`."""

    batch: str
    total: int
    answers: tuple[Answer, ...]


# --- writing ----------------------------------------------------------------------------------------------------------


def write_list(profile: BankProfile, batch: str, day: date, lines: Sequence[Wanted]) -> bytes:
    """The list as the bank wants it. Raises FileUnreadable for what cannot be written in its encoding or width."""
    total = sum(line.fen for line in lines)
    head = {"batch": batch, "date": f"{day:%Y%m%d}", "count": str(len(lines)), "total": _amount(profile, total)}
    rows = [_row(profile, profile.header, head, "表头")]
    for line in lines:
        said = {
            "seq": str(line.seq), "account": line.account, "holder": line.holder, "fen": _amount(profile, line.fen),
            "home": line.home, "summary": SUMMARY,
        }  # fmt: skip
        rows.append(_row(profile, profile.detail, said, line.home))
    return b"".join(row + b"\r\n" for row in rows)


def _amount(profile: BankProfile, fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}" if profile.in_yuan else str(fen)


def _row(profile: BankProfile, parts: Sequence[Part], said: Mapping[str, str], where: str) -> bytes:
    return profile.separator.encode(profile.encoding).join(
        _part(profile, part, said.get(part.name, ""), where) for part in parts
    )


_NUMBERS = ("count", "total", "seq", "fen")


def _part(profile: BankProfile, part: Part, said: str, where: str) -> bytes:
    if profile.separator and profile.separator in said:
        raise FileUnreadable(f"{where}：「{said}」里有银行文件的分隔符，请先改掉")
    try:
        raw = said.encode(profile.encoding)
    except UnicodeEncodeError as strange:
        raise FileUnreadable(f"{where}：「{said[strange.start]}」这个字银行的文件写不了，请先改掉") from None
    if not part.width:
        return raw
    if len(raw) > part.width:
        raise FileUnreadable(f"{where}：「{said}」太长，银行的文件只有{part.width}个字节")
    return raw.rjust(part.width, b"0") if part.name in _NUMBERS else raw.ljust(part.width)


# --- reading ----------------------------------------------------------------------------------------------------------


def read_return(profile: BankProfile, content: bytes) -> Returned:
    """The bank's answer. Raises FileUnreadable when any part of it is not what it should be."""
    if len(content) > LARGEST_FILE:
        raise FileUnreadable("文件太大，不像银行的回盘文件")
    lines = [line for line in content.split(b"\n") if line.strip(b"\r \x1a")]
    if not lines:
        raise FileUnreadable("文件是空的")
    head = _read_row(profile, profile.return_header, lines[0].rstrip(b"\r"), "表头")
    answers = tuple(
        _answer(profile, _read_row(profile, profile.return_detail, line.rstrip(b"\r"), f"第{number}行"), number)
        for number, line in enumerate(lines[1:], start=2)
    )
    _must_agree(profile, head, answers)
    return Returned(head["batch"], sum(answer.fen for answer in answers), answers)


def _read_row(profile: BankProfile, parts: Sequence[Part], line: bytes, where: str) -> dict[str, str]:
    try:
        # Read before it is split: the second byte of a Chinese letter in GBK may look like the separator.
        said = line.decode(profile.encoding).split(profile.separator) if profile.separator else None
        if said is None and len(line) == sum(part.width for part in parts):
            said = [raw.decode(profile.encoding) for raw in _cut(parts, line)]
    except UnicodeDecodeError:
        raise FileUnreadable(f"{where}有读不出来的字，文件可能传坏了，或者选错了银行") from None
    if said is None or len(said) != len(parts):
        raise FileUnreadable(f"{where}的格式和「{profile.name}」对不上，请确认选对了银行、文件没有改过")
    return {part.name: words.strip(" \u3000") for part, words in zip(parts, said, strict=True)}


def _cut(parts: Sequence[Part], line: bytes) -> list[bytes]:
    found, at = [], 0
    for part in parts:
        found.append(line[at : at + part.width])
        at += part.width
    return found


def _answer(profile: BankProfile, said: Mapping[str, str], number: int) -> Answer:
    where = f"第{number}行"
    code = said["code"]
    if code not in profile.paid and code not in profile.refused:
        raise FileUnreadable(f"{where}的状态码「{code[:12]}」没见过，请问清银行是什么意思，写进 bank_profiles.toml")
    return Answer(
        seq=_whole(said["seq"], where), account=said["account"], fen=_fen(profile, said["fen"], where),
        reason="" if code in profile.paid else profile.refused[code], words=said.get("reason", "")[:60],
        paid_on=_day(said.get("paid_on", ""), where), serial=said.get("serial", "")[:40],
    )  # fmt: skip


def _must_agree(profile: BankProfile, head: Mapping[str, str], answers: Sequence[Answer]) -> None:
    """The header's numbers are those of its lines."""
    came = [answer.fen for answer in answers if answer.came]
    found = {
        "count": len(answers), "total": sum(answer.fen for answer in answers), "paid_count": len(came),
        "paid_total": sum(came),
    }  # fmt: skip
    words = {"count": "总笔数", "total": "总金额", "paid_count": "成功笔数", "paid_total": "成功金额"}
    for name, value in found.items():
        if name not in head:
            continue
        said = _fen(profile, head[name], "表头") if name.endswith("total") else _whole(head[name], "表头")
        if said != value:
            raise FileUnreadable(f"表头的{words[name]}和明细对不上，文件可能不完整")
    if len({answer.seq for answer in answers}) != len(answers):
        raise FileUnreadable("有两行的序号一样，文件可能改过")


def _whole(said: str, where: str) -> int:
    if not (said.isascii() and said.isdigit() and len(said) <= 18):
        raise FileUnreadable(f"{where}的「{said[:20]}」应该是整数")
    return int(said)


def _fen(profile: BankProfile, said: str, where: str) -> int:
    if not profile.in_yuan:
        return _whole(said, where)
    try:
        fen = Decimal(said) * 100 if said.isascii() else Decimal("NaN")
    except InvalidOperation:
        fen = Decimal("NaN")
    if not (fen.is_finite() and 0 <= fen < _MOST_FEN and fen == fen.to_integral_value()):
        raise FileUnreadable(f"{where}的「{said[:20]}」应该是金额，比如 165.33")
    return int(fen)


def _day(said: str, where: str) -> date | None:
    if not said.strip("0"):
        return None
    try:
        return date.fromisoformat(said.replace("/", "-"))
    except ValueError:
        raise FileUnreadable(f"{where}的扣款日期「{said[:12]}」看不懂") from None
