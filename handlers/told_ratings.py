"""How many stars a sentence stands for, as it is told outside (domain reference 6.2). The conversation itself is more careful: where this
takes the likeliest, it asks (models/workorders/rating_words.py)."""

import re

_FIGURES = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "无": 5, "仨": 3, "司": 4, "伍": 5, "武": 5}
_FIGURE = "[1-5一二两三四五]"
_FULL = re.compile(r"满[分星]|[给打]满|最多的?那个|(?:100|一?百)分(?!之)|最高|顶格")
_POINTS_OFF = re.compile(r"扣(?:掉|了)?([1-4一二两三四])\s*[分个]")
# What speech recognition makes of 星 and 分 is meant, too. A figure that is denied (不是三分), or that stood before (五星改三星), is not.
_STARS = re.compile(
    rf"(?<![\d.扣十百第少那])(?<!不是)(?<!没有)(?<!默认)({_FIGURE}|[无武](?=[星心])|[仨伍](?=[星分])|司(?=分$|分[,，]))\s*(?:[颗个粒只]?(?:[星心兴性形⭐🌟](?!期)|新(?!的|换))|颗|[分芬份](?!钟)|行(?=$|[吧。！!]))(?!改)"
)
_PICTURES = re.compile("[⭐🌟★]")
_OF_AN_ORDER = re.compile(r"评价\s*#?\d+\s+([1-5])(?!\d)")
_BARE = re.compile(
    rf"(?:给|打|评|改|改成|就是?|选|记|必须|算)(?:它|他|她|个|了|你们|师傅)?\s*({_FIGURE})(?![\d.\-]|[^\W吧啦])|(?<![\d.\w-])({_FIGURE})(?:个|吧|[！!。]|$)"
    rf"|(?:^|[,，] ?)({_FIGURE}) ?[,，]|^({_FIGURE}) |给({_FIGURE})个(?=[,，。!！])|^(伍)$"
    rf"|({_FIGURE})个(?=吧|$)"
)
# What somebody comes to in the end goes before the stars he weighed: 技术五星,说话零星,给个2.
_AT_LAST = re.compile(rf"[,，?？](?:折中[,，]?)?(?:就?给|打|评|算|那就|就)个?({_FIGURE})(?:吧|[分星颗])?[!！。]?$")
_REFUSED = re.compile(r"别(?:让|叫)我打分|不(?:想|会|给你们?)?打分|评价就?免了?吧")
_HALF = re.compile(r"^\s*([1-4])\.[5-9]\s*$")
_WORDS = (
    (3, re.compile(r"不好不坏|差强人意|谈不上满意|一般般?[吧。]?$|谈不上好|不算满意.*不算|态度.{1,2},?活还行|说话有点冲|中间分")),
    (1, re.compile(r"最低分|[给畀]{1,2}[個个]?差评|差評|满嘴脏话|^差(?:[得透]|[,，。!！]|$)")),
    (5, re.compile(r"没毛病|好评|老[满慢]意|灵[额咯]|四点五|没得挑|[挺十]分?满意|满意满意|非长满意|^(?:很?[满慢][一义意])+$|^6{3,}|点赞")),
    (4, re.compile(r"^(?:良好|较好|没意见|可以的)[。！!]*$")),
    (5, re.compile(r"没(?:什么|啥|有)?(?:可|啥)?不满意|打心里满意|没啥说的|真不错|挺好挺好|蛮好蛮好|可得劲|[冇没]问题|都好|👍|👌|^好的?[。！!]?$")),
    (3, re.compile(r"对付|勉强|就那个样|说不上好|中间那个")),
    (2, re.compile(r"^不[行中][。！!]?$")),
    (2, re.compile(r"不[太大]?满[意益]")),
    (5, re.compile(r"(?<!不)(?<!不太)(?:[满蛮漫慢][意益]|瞒意|非常好)")),
    (4, re.compile(r"^(?:行|中|可以|要得|还成|几好|成)[吧。！!]*$|这回行")),
)  # fmt: skip


def rating_told(text: str, known: int | None, *, awaited: bool) -> int | None:
    """1–5. `known` is what the conversation would take."""
    if _REFUSED.search(text):
        return None
    if awaited and (last := _AT_LAST.search(text)):
        return _number(last[1])
    if (exact := _in_figures(text)) is not None:
        return exact
    if not awaited:
        return known
    if half := _HALF.search(text):
        return int(half[1]) + 1
    if _FULL.search(text):
        return 5
    if bare := [next(filter(None, groups)) for groups in _BARE.findall(text)]:
        return _number(bare[-1])
    return next((stars for stars, words in _WORDS if words.search(text)), known)


def _in_figures(text: str) -> int | None:
    """Stars and points by their number, whatever was asked."""
    if off := _POINTS_OFF.search(text):
        return 5 - _number(off[1])
    if named := _OF_AN_ORDER.search(text):
        return int(named[1])
    if stars := _STARS.findall(text):
        return _number(stars[-1])
    return min(5, len(_PICTURES.findall(text))) or None


def _number(figure: str) -> int:
    return _FIGURES.get(figure) or int(figure)
