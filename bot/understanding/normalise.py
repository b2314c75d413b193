"""One spelling for what people write in many: widths, marks, fillers, dialect, and what speech recognition mishears.

`fold` changes only how characters are written and is safe to show or store; `standard` also changes words and is only for
understanding. What the person really said stays with the message.
"""

import re
import unicodedata
from functools import lru_cache

from bot.understanding.numbers import with_figures

LONGEST = 600  # characters that are looked at; a story tells its trouble at the beginning or at the end

_KEEP = frozenset("㎡…℃")  # compatibility folding would turn these into other words
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－ー─"), "-")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe0f\ufeff]")
_SPACES = re.compile(r"\s+")
_EMOJI = re.compile(r"[\U0001f000-\U0001faff\u2600-\u27bf]|\[[\u4e00-\u9fffA-Za-z]{1,4}\]")

# Pictures that are words.
_SIGNS = str.maketrans(
    {
        "👍": "赞",
        "👎": "差评",
        "👌": "好的",
        "✅": "对",
        "❌": "不对",
        "⭐": "星",
        "🌟": "星",
        "🙏": "谢谢",
        "👋": "你好",
        "🙅": "不要",
    }
)

_FILLERS = re.compile(
    r"(?:呃|嗯|唉|哎呀|哎哟|诶|那个(?!人|时候|月)|就是说|怎么说呢|这个那个|我跟你讲|我跟你说|我说啊|你听我说|麻烦你?您?|请问一?下?)+[,，、…\s]*"
)
_GREETED = re.compile(
    r"^(?:(?:你好|您好|喂|在吗|闺女|姑娘|小同志|小伙子|同志|孩子|师傅们?|亲|管家|物业)[啊呀哎]?[,，。!！?？~\s]+)+(?=.{3,})"
)
_SAID_TWICE = re.compile(r"([一-鿿]{2,8}?)\1+")

# Dialect and colloquial words with the standard word they stand for (reference: how people talk, dialect groups).
_DIALECT = {
    "屋头": "家里",
    "屋里厢": "家里",
    "莫得": "没有",
    "冇": "没有",
    "咋个": "怎么",
    "咋整": "怎么办",
    "咋办": "怎么办",
    "咋": "怎么",
    "啷个": "怎么",
    "点解": "为什么",
    "为啥子": "为什么",
    "为啥": "为什么",
    "啥子": "什么",
    "啥前儿": "什么时候",
    "啥辰光": "什么时候",
    "啥时候": "什么时候",
    "么时候": "什么时候",
    "几时": "什么时候",
    "啥": "什么",
    "么子": "什么",
    "要得": "好的",
    "中不中": "行不行",
    "归一": "完成",
    "搞归一": "完成",
    "埋汰": "脏",
    "疙瘩": "地方",
    "恁": "你",
    "侬": "你",
    "阿拉": "我们",
    "俺": "我",
    "茅子": "厕所",
    "茅房": "厕所",
    "水喉": "水龙头",
    "水笼头": "水龙头",
    "水管子": "水管",
    "几多": "多少",
    "好多钱": "多少钱",
    "几钱": "多少钱",
    "边度": "哪里",
    "搵人": "找人",
    "拐了": "坏了",
    "一哈": "一下",
    "哈子": "一下",
    "今儿": "今天",
    "明儿": "明天",
    "打这儿": "从这里",
    "嘅": "的",
    "唔": "不",
    "冇得": "没有",
    "晓得": "知道",
    "搞么": "做什么",
}
_DIALECT_WORDS = re.compile("|".join(sorted(map(re.escape, _DIALECT), key=len, reverse=True)))

# What speech recognition and the keyboard get wrong, only where no ordinary sentence is meant by the left side.
_MISHEARD = tuple(
    (re.compile(pattern), right)
    for pattern, right in (
        # 五洞一 is a room that is read out, 五洞二单元 and 五洞二零一 are of a building.
        (r"(?<=[一二三四五六七八九幺])洞(?=[一二三四五六七八九幺](?!单|门|[零〇一二三四五六七八九十幺洞两]))", "零"),
        (r"(?<=[\d一二三四五六七八九十])[东动洞冻](?=[\d一二三四五六七八九十])", "栋"),
        (
            r"(?<![\d一二三四五六七八九十几])(\d{1,2}|[一二三四五六七八九十]{1,2})[动懂洞冻](?=[的没所全欠]|有几|\d{3})",
            r"\1栋",
        ),
        (r"物[液叶页夜野][费非飞]|物业[非飞废肥]", "物业费"),
        (r"单员|单源|单圆", "单元"),
        (r"(?<=\d{3})[是市事](?=厨|卫|客|水|马|下|漏|电|暖|门|窗|灯|家|$)", "室"),
        (r"[抱保包暴]修|报休|抱休|报秀", "报修"),
        (r"跳[炸扎砸]|电[炸扎]", "跳闸"),
        (r"[露楼搂]水|漏税", "漏水"),
        (r"水[滚馆]|水官", "水管"),
        (r"[空捆睏]在", "困在"),
        (r"被[捆空]", "被困"),
        (r"电[提踢替]|点梯|店梯", "电梯"),
        (r"马[捅筒痛]", "马桶"),
        (r"下水[到倒稻]", "下水道"),
        (r"[赌肚渡]住|[赌肚]了|[赌肚]死", "堵住"),
        (r"[绞较叫搅]费", "缴费"),
        (r"[崔吹脆]缴|催[绞叫教较]", "催缴"),
        (r"[崔吹脆]单", "催单"),
        (r"投飘", "投票"),
        (r"发飘", "发票"),
        (r"帐", "账"),
        (r"[罚伐]门", "阀门"),
        (r"水蹦|水崩", "水泵"),
        (r"门所|们锁", "门锁"),
        (r"误业|物页|无业费|勿业", "物业"),
        (r"煤汽|没气味|霉气味|媒气", "煤气味"),
        (r"[接街]但(?=$|\d|[了吧])|街单", "接单"),
        (r"完[公功](?=$|\d|了)", "完工"),
        (r"到厂(?=$|\d|了)", "到场"),
        (r"收交率|收较率|收叫率", "收缴率"),
        (r"物业废|物业肥", "物业费"),
        (r"[问文]到(?=.{0,6}[味气])", "闻到"),
        (r"楼到灯|楼倒灯", "楼道灯"),
        (r"绑顶|帮定|邦定|榜定", "绑定"),
        (r"阳抬|洋台", "阳台"),
        (r"煤气味味", "煤气味"),
    )
)

_CORRECTED = re.compile(r"不是(?!吗|吧|说过|已经|叫|让)([^,，。;；!！?？是]{1,12}?)[,，、\s]*(?:而?是|应该是)(?!不是)")

_PUTS_RIGHT = re.compile(r"(?:不对|(?:说|讲|写|打|搞|弄|填|报)错了?|错了)[,，。;；!！\s]*(?:应该)?是")


def fold(text: str) -> str:
    """The same words in one way of writing: half-width figures, letters and marks, plain dashes, no invisible characters."""
    text = "".join(c if c in _KEEP else unicodedata.normalize("NFKC", c) for c in _INVISIBLE.sub("", text))
    return _SPACES.sub(" ", text.translate(_DASHES)).strip()


def as_written(text: str, folded: str) -> str:
    """The end of `text` that folds to `folded`: people's own letters. `folded` itself when no end does."""
    begin, until = 0, len(text)
    while begin < until:  # the longer an end, the longer its folded form
        middle = (begin + until) // 2
        if len(fold(text[middle:])) > len(folded):
            begin = middle + 1
        else:
            until = middle
    own = text[begin:].strip()
    return own if fold(own) == folded else folded


@lru_cache(maxsize=256)  # one message is looked at from several sides
def standard(text: str) -> str:
    """Folded text in standard words and figures, for matching only. At most `LONGEST` characters of it."""
    text = _EMOJI.sub(" ", fold(text).translate(_SIGNS))
    if len(text) > LONGEST:
        text = text[: LONGEST // 2] + "," + text[-LONGEST // 2 :]
    text = _GREETED.sub("", text)
    text = _FILLERS.sub("", text) or text
    text = _SAID_TWICE.sub(r"\1", text)
    text = _DIALECT_WORDS.sub(lambda match: _DIALECT[match.group()], text)
    for wrong, right in _MISHEARD:
        text = wrong.sub(right, text)
    return _SPACES.sub(" ", with_figures(text)).strip(" ,，、")


def corrected(text: str) -> str:
    """What is left when somebody corrects himself: 「不是501,是502」 leaves 「502」. Other text is unchanged."""
    return _CORRECTED.sub("", text)


def is_correction(text: str) -> bool:
    """True for 「不是…，是…」."""
    return _CORRECTED.search(text) is not None


def puts_right(text: str) -> bool:
    """True for what begins like 「说错了，是…」."""
    return _PUTS_RIGHT.match(text) is not None
