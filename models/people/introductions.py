"""What people say of themselves when they bind a home: 「绑定 锦绣花园3栋2单元501 我叫张伟 尾号8000」, in any order."""

import re
import unicodedata
from collections.abc import Collection

from models.people.names import plain_name

_HAN_DIGITS = "零〇一二三四五六七八九"
_FIGURES = str.maketrans("零〇一二三四五六七八九两幺", "001234567892" + "1")
_SPOKEN_RUN = re.compile(r"[零〇一二三四五六七八九两幺]{3,}")  # 张三 and 李四 are names; 八零零零 is a number

_PLACE = re.compile(
    rf"[\d{_HAN_DIGITS}十百两A-Za-z]+(?:栋|幢|号楼|号|座|单元|门洞|门|梯|楼|层|室|户|#)|商铺|门面|车位|[\d#./-]+|[A-Z](?=\d)"
)
_FILLERS = re.compile(
    "绑定|绑一下|申请|审核|我要|我想|我就是|我是|我叫|我们|我家|我|本人|你好|您好|姓名|名字|业主|户主|房主|房东|租户|租客|"
    "家人|家属|住在|住户|住|手机号码?|电话号码?|手机|电话|号码|尾号|后四位|末四位|房号|房屋|房子|小区|登记|没有|谢谢|一下|不是|改成|"
    "应该|他叫|她叫|名叫|叫做|邀请|添加|加入|绑定码|给"
)
_SPLIT = re.compile(r"[^\u4e00-\u9fff\U00020000-\U0002ffff·A-Za-z]+")
_EDGES = re.compile(r"^(?:叫|是|的|在|姓)+|(?:的|吧|呢|啊|哦|了|呀)+$")
_HAN_NAME = re.compile(r"[\u4e00-\u9fff\U00020000-\U0002ffff]{2,4}|[\u4e00-\u9fff·]{3,15}")

# The hundred most frequent surnames (and some more), so that an ordinary word beside a home is not taken for a name.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦"
    "贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚汤陶黎温莫易樊乔文安殷颜庄章鲁倪庞邢俞翟蓝聂齐向申葛柴伍覃骆关焦柳欧祝纪尚毕耿芦左季管符辛苗詹"
    "曲靳祁路涂兰甘裴梅童翁霍游阮尤岳柯牟滕谷卞饶凌盛查单宁解褚柏诸岑司上东"
)


def name_in(text: str, *, places: Collection[str] = (), asked: bool = False) -> str | None:
    """The person's name in what was said, without a polite title; None when there is none.

    `places`: names of compounds, which are not people. `asked`: the name was just asked for, so any word of two to four
    characters is one; otherwise it must begin with a surname.
    """
    text = unicodedata.normalize("NFKC", text)
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(place, " ")
    for noise in (_SPOKEN_RUN, _PLACE, _FILLERS):
        text = noise.sub(" ", text)
    words = [_EDGES.sub("", word) for word in _SPLIT.split(text)]
    names = [name for word in words if (name := plain_name(word)) and _HAN_NAME.fullmatch(name)]
    named = [name for name in names if name[0] in _SURNAMES]
    if asked:
        named = named or names
    return named[0] if named else None


def phone_in(text: str) -> str | None:
    """A whole telephone number (a mobile, or a landline with its area code), digits only."""
    figures = re.sub(r"(?<=\d)[ -](?=\d)", "", unicodedata.normalize("NFKC", text))
    match = re.search(r"(?<!\d)(?:86)?(1[3-9]\d{9}|0\d{9,11})(?!\d)", figures)
    return match.group(1) if match else None


def phone_tail_in(text: str, *, room: str = "", asked: bool = False) -> str | None:
    """The last four digits of a telephone number: of a whole one, behind 尾号, or standing alone.

    `room`: the room of the home in the same message, which may have four digits too. `asked`: the digits were just asked for.
    """
    text = unicodedata.normalize("NFKC", text)
    text = _SPOKEN_RUN.sub(lambda match: match.group().translate(_FIGURES), text)
    if whole := phone_in(text):
        return whole[-4:]
    if match := re.search(r"(?:尾号|[后末][四4]位)\D{0,6}(\d{4})(?!\d)", text):
        return match.group(1)
    alone = re.findall(r"(?<![\dA-Za-z栋幢座元门楼#./-])(\d{4})(?![\d室号栋幢座单门楼#./-])", text)
    others = alone if asked else [digits for digits in alone if digits != room]
    return others[-1] if others else None
