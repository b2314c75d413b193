"""A sentence without anybody in it: what may leave the machine. Two sieves, because neither is perfect by itself: what looks like a
name, a number, a home or a plate is replaced, and then every pair of letters that our own sentences do not know."""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache

from handlers.phrases.sentences import CORPUS, sentences

SOMETHING = "某"
# Sentences of ours a pair of letters must stand in: a name that some writers happened to use is still a name.
_LEAST, _OF = 3, 10_000

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖"
    "邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段漕钱汤尹黎易常武乔贺赖龚文"
)
_SURNAMES_OF_TWO = (
    "欧阳|司马|上官|诸葛|夏侯|令狐|皇甫|尉迟|公孙|慕容|司徒|南宫|长孙|宇文|端木|轩辕|钟离|淳于|澹台|申屠|闻人|赫连"
)
_TITLE = "先生|女士|小姐|师傅|老师|阿姨|大爷|大妈|叔叔|伯伯|奶奶|爷爷|经理|主任|会计|医生|律师|家|那户"
_SIEVES = (
    re.compile(r"[\w.+-]+@[\w.-]+"),
    re.compile(r"(?:https?://|www\.)\S+"),
    re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z]·?[A-Za-z0-9]{4,6}"),
    re.compile(r"(?:我叫|我是|名字叫?|姓名是?|姓|户主是?|业主是?|[他她]叫)\s*[\u4e00-\u9fff]{2,4}"),
    re.compile(rf"(?:{_SURNAMES_OF_TWO})[\u4e00-\u9fff]{{0,2}}"),
    re.compile(rf"[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}(?={_TITLE})"),
    re.compile(r"[\d零〇一二两三四五六七八九十百A-Za-z甲乙丙丁-]+(?:号楼|栋|幢|座|单元|层|楼|室|号|弄|期)?(?:[\d零〇一二两三四五六七八九十]+)?"),
)  # fmt: skip


def nameless(text: str, known: Callable[[str], bool] | None = None) -> str:
    """`known`: does a pair of letters occur in our own sentences? None asks phrases/corpus."""
    for sieve in _SIEVES:
        text = sieve.sub(SOMETHING, text)
    known = known or _pairs().__contains__
    kept = [letter == SOMETHING for letter in text]
    for at in range(len(text) - 1):
        if SOMETHING not in text[at : at + 2] and known(text[at : at + 2]):
            kept[at] = kept[at + 1] = True
    marked = "".join(
        letter if keep or not letter.isalnum() else SOMETHING for letter, keep in zip(text, kept, strict=True)
    )
    return re.sub(f"{SOMETHING}+", SOMETHING, marked)


@cache
def _pairs() -> frozenset[str]:
    counted: Counter[str] = Counter()
    texts = [sentence.text for sentence in sentences(CORPUS)]
    for text in texts:
        counted.update({text[at : at + 2] for at in range(len(text) - 1)})
    least = max(_LEAST, len(texts) // _OF)
    return frozenset(pair for pair, times in counted.items() if times >= least)
