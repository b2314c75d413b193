"""What speech recognition, quick fingers and old forms make of the words of an address, put right before it is read: 四洞幺单源五零三,
六号搂, 捌栋贰单元, A坐1203.

Only where numbers stand on both sides, or the word can mean nothing else, so that no ordinary sentence is changed into an address. Ledgers
are typed and read as they are (address_spelling).
"""

import re

_DIGIT = r"[\d零〇一二两三四五六七八九十]"
# Figures as on a cheque, and letters of the traditional script.
_OTHER_LETTERS = str.maketrans("壹贰叁肆伍陆柒捌玖拾樓號", "一二三四五六七八九十楼号")
_HEARD = tuple(
    (re.compile(pattern), meant)
    for pattern, meant in (
        (rf"(?<={_DIGIT})[单但][园员圆远院源原缘元兀]|(?<=[幺拐])单[园员圆远院源原缘兀]", "单元"),
        (rf"(?<={_DIGIT})[冻洞动懂](?={_DIGIT}|幺?单)", "栋"),
        (rf"(?<={_DIGIT})[东动洞栋]({_DIGIT})(?:单?[员园圆源原])(?={_DIGIT})", r"栋\1单元"),
        (rf"(?<![A-Z])([A-Z])[坐做](?={_DIGIT})", r"\1座"),
        (r"[两俩](?=[栋幢座]|单元|[洞动东][一二三四五六七八九\d])", "2"),
        (r"十幺(?=[栋幢座动洞]|号楼)", "十一"),
        (r"儿(?=单元)", "二"),
        (r"仨(?=单元)", "3"),
        (r"(?<=[零〇洞幺0])仨|仨(?=[零〇洞0])", "三"),
        (r"廿(?=[一二三四五六七八九]?(?:号楼|[栋幢座楼]))", "二十"),
        (r"(?<=[栋座幢元])十([一二三四五六七八九]?)零([一二三四五六七八九])", r"1\g<1>0\2"),
        (r"拐(?=[栋幢动]|号楼|单元)", "7"),
        (r"幺(?=[栋幢动]|号楼|单元)", "1"),
        (rf"(?<={_DIGIT})(?:[号好][搂娄喽]|好楼|栋楼(?={_DIGIT}))", "号楼"),
    )
)


def as_meant(text: str) -> str:
    """The same words with the parts of addresses as they were meant."""
    text = text.translate(_OTHER_LETTERS)
    for pattern, meant in _HEARD:
        text = pattern.sub(meant, text)
    return text
