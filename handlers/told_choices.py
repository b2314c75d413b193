"""What is chosen in a poll or from a list, as it is told outside (domain reference 6.2): a number, a letter, or the words of the option."""

import re

from bot.understanding.normalise import corrected, fold

_FIGURES = {
    "一": "1",
    "二": "2",
    "三": "3",
    "四": "4",
    "五": "5",
    "六": "6",
    "而": "2",
    "尔": "2",
    "头": "1",
    "两": "2",
}
_FIGURE = "[一二三四五六而尔两]"
_CIRCLED = str.maketrans("①②③④⑤⑥", "123456")
_VOTE = re.compile(
    r"[不唔勿反][同赞支][意成持]|不赞[成城乘]|同[意益易]|反[对對队]|弃权?|赞[成乘城]?|支持|举双?手|^好啊?[,，]?我?撑?$|👍"
)
_VOTES = {
    "同益": "同意",
    "同易": "同意",
    "反队": "反对",
    "弃": "弃权",
    "赞": "赞成",
    "赞乘": "赞成",
    "赞城": "赞成",
    "👍": "同意",
    "举手": "赞成",
}
_ORDINAL = re.compile(
    rf"(?:方[案按]|选项?|[投撑揀拣]给?|[第弟笫]|给)\s*(?:第)?([A-Fa-f]|\d{{1,2}}|{_FIGURE})(?!\d)(?=[个各过项号种款只隻套间版吧啊呀撒啦嘛噻。!！,，]|$)"
    rf"|(头)(?:先[嗰那])?[一个套间個]|(?<![\d栋])([1-9]|{_FIGURE})号(?:候选人|方案)?(?=$|[,，。吧])|^\s*([A-Fa-f]|\d|{_FIGURE})\s*[。!！吧,，]?(?=$|选|[,，])"
)
_PLAN = re.compile(rf"方案(?:[A-Fa-f]|{_FIGURE})(?![\u4e00-\u9fff\w]?选)")
_LAST_PLACE = re.compile(r"[改变]成\s*([A-Fa-f]|\d)(?!\d)")
_NAMED = re.compile(
    r"(?:我?[选投](?:给|那个|的是|票给)?|推荐|支持(?!票))(?:\d+号楼|.单元的)?([\u4e00-\u9fff]{2,8}?)(?=这个|那个|那款|那版|这条|的那|一票|[,，。!！吧]|$)"
)
_SHORT = re.compile(r"^(好|行|可以|否|中|不装|装|要|不要)[吧啊呀]?[。!！]?$")
_UPPER = re.compile(r"^(?:上面|前面|最上面)")

_SLASHED = re.compile(r"([^\s,，:：/。]{1,8}(?:/[^\s,，:：/。]{1,8})+)")
_OR = re.compile(r"([^\s,，:：。?？、]{1,6}?)还是([^\s,，:：。?？]{1,6})")
_YES_OR_NO = re.compile(r"(同意|赞成|支持)[、,，]?(不同意|反对|不赞成)(?:[、,，]?(弃权))?")
_BEFORE_AN_OPTION = re.compile(r"^.*(?:[是在放选建办用想]|颜色)(?=.)")


def choices_told(intent: str, text: str, awaiting: str) -> list[str]:
    words = corrected(fold(text).translate(_CIRCLED))
    if intent == "poll_vote":
        return _voted(words)
    if intent == "provide_info" and awaiting == "choose_house":
        return [one for one in _ordinals(words)][:1] or (["1"] if _UPPER.match(words) else [])
    return _offered(words) if intent == "manager_poll_create" else []


def _voted(words: str) -> list[str]:
    if last := _LAST_PLACE.search(words):
        return [last[1].upper()]
    if plan := _PLAN.search(words):
        return [plan.group()]
    if ordinals := _ordinals(words):
        return ordinals[-1:]
    if votes := _VOTE.findall(words):
        said = votes[-1].replace("唔", "不").replace("勿", "不")
        return ["同意" if said.startswith("好") else _VOTES.get(said, said)]
    if (short := _SHORT.match(words)) or (short := _NAMED.search(words)):
        return [short[1]]
    return []


def _ordinals(words: str) -> list[str]:
    found = [next(filter(None, groups)) for groups in _ORDINAL.findall(words)]
    return [_FIGURES.get(one, one.upper()) for one in found]


def _offered(words: str) -> list[str]:
    """What a new poll shall ask: 收/不收, 东门还是西门, 同意反对."""
    if slashed := _SLASHED.search(words):
        return slashed[1].split("/")
    if votes := _YES_OR_NO.search(words):
        return [one for one in votes.groups() if one]
    if either := _OR.search(words):
        return [_BEFORE_AN_OPTION.sub("", either[1]), either[2]]
    return []
