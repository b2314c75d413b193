"""What meters and instruments show, as it is told outside (domain reference 6.2): numbers without units, as they were read."""

import re
from collections.abc import Iterator

from bot.understanding.normalise import corrected, standard
from bot.understanding.numbers import DIGITS, spoken_integer
from handlers.told_homes import mended
from models.estate.addresses import find_addresses

_READ_OUT = "零〇一二三四五六七八九幺两"
_WITH_POINT = re.compile(rf"([{_READ_OUT}十百]+|\d+)点([{_READ_OUT}\d]+)(?![钟半分\d{_READ_OUT}])")
_NUMBER = re.compile(r"(?<![\d.A-Za-z#-])(\d{1,7}(?:\.\d{1,3})?)(?![\d-]|\.\d|[:：]\d)")
_HOME = r"[\dA-Z栋幢座单元号楼层门商铺面甲乙丙丁东西#\-]*"
_NOT_SHOWN = re.compile(
    r"\s*(?:号(?!表)|月|日|点|楼|栋|幢|座|单元|室|户|层|单|人|台|个|次|条|项|块|元|年|天|根|只|家|路|分钟|%|处|盏|梯|#)"
)
_EARLIER = re.compile(r"(?:上个?月[那是]?个?|上次|昨天还?是?|原来|不是|别记|从|写的|比昨天[高低掉涨]了?)\s*$")
_SAID_TO_SHOW = re.compile(
    r"(?:读数|度数|数[字是]?|表[头数底是]*|止码|走到[了]?|本月|现在|今天|写着|看是?不?是?|抄[到了]?|是|应该|[水电气])[是了:：,， ]{0,2}$"
)

_UNIT = re.compile(
    r"\s*(?:度|℃|A(?![A-Za-z])|安|MPa|mpa|兆帕|公斤|米|公分|厘米|毫米|V(?![A-Za-z])|伏|欧|Hz|赫兹|h(?![A-Za-z])|吨|方)"
)
_MEASURED = re.compile(
    r"(?:压力?|电[流留]|温度?|液位|水位|余氯|浊度|电压|湿度|进水|出水|回水|供水|误差|[ABC]相|相|读数|小时数|表|测|运行|频率|那个)"
    r"(?:是|到|只有|大概|有|在|指在|为|掉到|今天|零|了|约)*[:： ]?\s*$"
)
_NEXT_TO_ONE = re.compile(r"^[\s、,，/和]{1,2}$")
_HALF = re.compile(r"半米")
_PUMP = re.compile(r"[泵机梯](?:今天|现在)?$")


def readings_told(intent: str, text: str) -> list[str]:
    words = _with_points(mended(corrected(standard(text))))
    if intent == "meter_reading":
        return list(_of_a_meter(_without_homes(words)))[:1]
    return list(_of_instruments(words))


def _with_points(words: str) -> str:
    """九十八点六 is 98.6, 零点四三 is 0.43."""

    def decimal(match: re.Match[str]) -> str:
        whole = spoken_integer(match[1])
        return match.group() if whole is None else f"{whole}." + "".join(str(DIGITS.get(c, c)) for c in match[2])

    return _WITH_POINT.sub(decimal, words)


def _without_homes(words: str) -> str:
    """Whole addresses, or else the first lone number that may be a room when there is another number besides."""
    homes = [home for home in find_addresses(words) if home.room] or find_addresses(words, bare_room=True)[:1]
    for home in homes:
        if home.room and re.search(r"\d", words.replace(home.room, "", 1)):
            words = re.sub(rf"{_HOME}{re.escape(home.room)}[室号]?", " ", words, count=1)
    return words


def _of_a_meter(words: str) -> Iterator[str]:
    """The likeliest first."""
    shown = [
        match
        for match in _NUMBER.finditer(words)
        if not _NOT_SHOWN.match(words[match.end() :]) and not _EARLIER.search(words[: match.start()])
    ]
    shown.sort(key=lambda match: _SAID_TO_SHOW.search(words[: match.start()]) is None)
    for match in shown:
        yield match[1] if "." in match[1] else str(int(match[1]))


def _of_instruments(words: str) -> Iterator[str]:
    end = -1
    for match in _NUMBER.finditer(words):
        before, after = words[: match.start()], words[match.end() :]
        beside = end >= 0 and _NEXT_TO_ONE.match(words[end : match.start()])
        measured = _UNIT.match(after) or _MEASURED.search(before) or "." in match[1] or beside or _PUMP.search(before)
        if measured and not _NOT_SHOWN.match(after) and not _EARLIER.search(before):
            end = match.end() + (unit.end() if (unit := _UNIT.match(after)) else 0)
            yield match[1]
    if end < 0 and _HALF.search(words):
        yield "0.5"
