"""Transcripts: conversations a property manager can read, run through the real webhook (contract, section 6).

`名字> ` says something, `名字< ` is the next message that person receives and must match (`*` anything, `{x}` captured the
first time and filled in afterwards), `名字<! ` means that nothing more is waiting, `@ +2h` moves the clock and lets the timed
tasks run; `@ 取不到文件` and `@ 取得到文件` break and mend WeChat's files. Other kinds of message:
[图片] [坏图片] [语音 文字] [扫码 code] [菜单 key] [位置 名字] [关注] [取消关注] [拒收消息], [付款]: the link in the last
message is opened and paid on the phone, and [同意自动扣款], [微信里关掉自动扣款]. `@ 开通微信自动扣款` switches 委托代扣 on.
`@ 银行代扣签了 3-2-501 张伟`, `@ 银行扣到了`, `@ 银行说余额不足`, `@ 银行流水 165.33 张伟 附言` bring what the bank does.
`@ 付款通知丢了` loses the next notice of a payment. A sticker may be called by what is printed
on it: [扫码 锦绣花园 3栋2单元电梯].

`电脑> ` types an address into a browser at the desk or presses a button there (`电脑> 退出`), and `电脑< ` is what the page
shows after looking again. Every name that begins with 电脑 is a browser of its own.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from handlers.commands.demo_stickers import stickers_to_scan
from tests.support import bank
from tests.support.computer import Computer
from tests.support.papay import agree, switch_on
from tests.support.paying import pay_by_link
from tests.support.world import World

_LINE = re.compile(r"^(?P<name>[^\s<>#@]+)(?P<way><!|<|>) ?(?P<words>.*)$")
_MOVE = re.compile(r"^@ \+(?P<count>\d+)(?P<unit>[smhd])$")
_SPECIAL = re.compile(
    r"^\[(?P<kind>图片|坏图片|语音|听懂的语音|扫码|菜单|位置|关注|取消关注|拒收消息|付款|同意自动扣款|微信里关掉自动扣款)\s*(?P<words>[^\]]*)\]$"
)
_FILES = {"@ 取不到文件": True, "@ 取得到文件": False}
_LOST = {
    "@ 付款通知丢了": ("/wxpay/notify", "lost"),
    "@ 扣款通知丢了": ("/wxpay/papay-notify", "lost"),
    "@ 签约通知丢了": ("/wxpay/contract-notify", "lost"),
    "@ 微信里没有钱": ("charge", "abnormal"),
}
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

STICKERS = {label: code for code, label in stickers_to_scan()}

# A one-pixel PNG is a picture as far as WeChat is concerned.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000"
    "000049454e44ae426082"
)


@dataclass
class Transcript:
    """One file being played: who is who, what was captured, what each person has still to read."""

    world: World
    people: dict[str, str]
    run_due_tasks: Callable[[], None]
    captured: dict[str, str] = field(default_factory=dict)
    unread: dict[str, list[str]] = field(default_factory=dict)
    computers: dict[str, Computer] = field(default_factory=dict)

    def play(self, path: Path) -> None:
        for number, line in numbered_lines(path):
            try:
                self._play_line(line)
            except AssertionError as failed:
                raise AssertionError(f"{path.name}:{number}: {line}\n{failed}") from None

    def _play_line(self, line: str) -> None:
        if move := _MOVE.match(line):
            self.world.move(timedelta(**{_UNITS[move["unit"]]: int(move["count"])}))
            self.run_due_tasks()
            self.world.settle()
            return
        if line == "@ 开通微信自动扣款":
            switch_on(self.world)
            return
        if line.startswith("@ 银行"):
            self._at_the_bank(line.removeprefix("@ ").split())
            return
        if line in _LOST:
            self.world.platform.faults.add(*_LOST[line])
            return
        if line in _FILES:
            self._let_files(away=_FILES[line])
            return
        spoken = _LINE.match(line)
        assert spoken, "neither 名字> words, 名字< words nor @ +time"
        if spoken["name"].startswith("电脑"):
            self._at_computer(spoken["name"], spoken["way"], spoken["words"])
            return
        openid = self.people[spoken["name"]]
        if spoken["way"] == ">":
            self._say(openid, self._filled(spoken["words"]))
        elif spoken["way"] == "<!":
            self._read_all()
            assert not self.unread.get(openid), f"heard more than expected: {self.unread[openid]}"
        else:
            self._hear(openid, spoken["words"])

    def _at_the_bank(self, words: list[str]) -> None:
        what, *more = words
        if what == "银行代扣签了":
            bank.sign(self.world, *more)
        elif what == "银行流水":
            bank.credit(self.world, *more)
        else:
            bank.answer(self.world, {"银行扣到了": "0000", "银行说余额不足": "E001"}[what])
        self.world.settle()

    def _at_computer(self, name: str, way: str, words: str) -> None:
        computer = self.computers.setdefault(name, Computer(self.world.app))
        if way == ">":
            computer.does(self._filled(words))
            return
        shown = computer.looks_again()
        matched = self._pattern(words).fullmatch(shown)
        assert matched, f"the page shows instead:\n{shown}"
        self.captured.update(matched.groupdict())

    def _let_files(self, *, away: bool) -> None:
        faults = self.world.platform.faults
        if away:
            faults.add("/cgi-bin/media/get", "502", times=10_000)
        else:
            faults.clear()

    def _say(self, openid: str, words: str) -> None:
        # What nobody waited for before the next thing is said was not the point of this conversation.
        self._read_all()
        self.unread[openid] = []
        special = _SPECIAL.match(words)
        if special is None:
            self.world.platform.say(openid, words)
        else:
            self._send(openid, special["kind"], special["words"])
        self.world.settle()

    def _send(self, openid: str, kind: str, words: str) -> None:
        phone = self.world.platform
        ways: dict[str, Callable[[], object]] = {
            "图片": lambda: phone.send_image(openid, PICTURE, "photo.png"),
            "坏图片": lambda: phone.send_image(openid, PICTURE[:43], "photo.png"),
            "语音": lambda: phone.send_voice(openid, words, recognised=False),
            "听懂的语音": lambda: phone.send_voice(openid, words, recognised=True),
            "扫码": lambda: phone.scan(openid, STICKERS.get(words, words)),
            "菜单": lambda: phone.click_menu(openid, words),
            "位置": lambda: phone.send_location(openid, 31.2304, 121.4737, words),
            "关注": lambda: phone.follow(openid),
            "取消关注": lambda: phone.unfollow(openid),
            "拒收消息": lambda: phone.refuse_messages(openid),
            "付款": lambda: pay_by_link(self.world, openid),
            "同意自动扣款": lambda: agree(self.world, openid),
            "微信里关掉自动扣款": lambda: phone.papay.end(phone.papay.newest_of(openid).code),
        }
        ways[kind]()

    def _hear(self, openid: str, pattern: str) -> None:
        """The next message this person has not read yet must match."""
        self._read_all()
        waiting = self.unread.setdefault(openid, [])
        assert waiting, "heard nothing"
        message = waiting.pop(0)
        matched = self._pattern(pattern).fullmatch(message)
        assert matched, f"heard instead:\n{message}"
        self.captured.update(matched.groupdict())

    def _read_all(self) -> None:
        for openid in self.people.values():
            self.unread.setdefault(openid, []).extend(self.world.heard(openid))

    def _filled(self, words: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda blank: self.captured[blank[1]], words)

    def _pattern(self, words: str) -> re.Pattern[str]:
        parts = []
        for part in re.split(r"(\*|\{\w+\})", words):
            if part == "*":
                parts.append(".*")
            elif part.startswith("{") and part[1:-1] not in self.captured:
                parts.append(rf"(?P<{part[1:-1]}>\w+)")
            else:
                parts.append(re.escape(self.captured[part[1:-1]] if part.startswith("{") else part))
        return re.compile("".join(parts), re.DOTALL)


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            yield number, line.strip()
