"""What no reminder may ever say: that water, power, gas or heat would be cut off (民法典 §944: it is forbidden to threaten it).

Pure. Used by the tests over every template, and by the program on every sentence that somebody writes for a reminder.
"""

import re
import unicodedata

_SUPPLY = "自来水|热水|水电|水|燃气|天然气|煤气|气|暖气|供暖|供热|暖|电"
# The pieces people put between the words: 停了您家的水, 把电给停了.
_BETWEEN = r"(?:闭|止|供|应|您|你|家|户|们|的|了|掉|用|使|给|他|她|其|住|宅|房|屋|里|和|与|或|及)*"
_CUT = "停(?!车)|断|掐|切|限|拉|关|封|锁"
_THREATS = (
    re.compile(rf"(?:{_CUT}){_BETWEEN}(?:{_SUPPLY}|闸|阀|表)"),
    re.compile(
        rf"(?:{_SUPPLY}){_BETWEEN}(?:将|会|要|都|就|也|被|予|以|全|立|即|马|上|先|再|可|能|直|接)*(?:{_CUT}){_BETWEEN}(?!水|电|气|暖)"
    ),
    re.compile(rf"(?:不给|不再|中止|终止|暂停|停止|拒绝){_BETWEEN}(?:供|通|送|提供)?{_BETWEEN}(?:{_SUPPLY})"),
)
# Words that look like a threat and are none.
_HARMLESS = (
    *("电话", "水平", "电子", "电脑", "电梯", "水费", "电费", "关于", "相关", "有关", "无关", "关注", "关心"),
    *("限期", "期限", "截止", "气温", "天气", "客气", "封面"),
)


def threats_in(text: str) -> list[str]:
    """The words that threaten to cut something off, as they stand; [] for a text that may be sent."""
    words = unicodedata.normalize("NFKC", text)
    for harmless in _HARMLESS:
        words = words.replace(harmless, "，")
    found = []
    for sentence in re.split(r"[，。；！？,;!?\n]", words):
        plain = re.sub(r"[^\u4e00-\u9fff]", "", sentence)
        found += [match[0] for threat in _THREATS for match in threat.finditer(plain)]
    return list(dict.fromkeys(found))
