"""Whom a piece of work is given to, by the name colleagues call him, as it is told outside (domain reference 6.2): 老乔, 小武子, 王师傅, 阮工.

The conversation itself looks a name up among the colleagues (handlers/which_colleague.py); here nobody is known.
"""

import re

_NO_NAME = (
    r"(?!老(?:人|板|太|师|伴|头|业主|房|是|婆|公|小区|乡|旧|化|式|鼠|客|样|规矩|地方|楼|家|年|毛病|早|远|实|两口|爷|奶|大|妈|了|的|子(?!们)|问|账|幼|师傅)"
    r"|小(?:区|时|伙|姐(?!姐)|孩|工|心|同志|朋友|广告|便|卖|学|事|卡|程|票|件|的|组|活|问题|费|心|修|门|路|坑|块|号|单[^子,，。]|公|花|狗|洞|店))"
)
# A family name is one character behind 老, 小 and 阿; titles stand behind one or two.
_NAME = (
    rf"{_NO_NAME}(?:[老小阿][\u4e00-\u9fff](?:子(?!单)|仔)?|[\u4e00-\u9fff]仔"
    r"|(?![给派让叫由找喊转换归就告喊去]|我是|他们|维保|安保|保安|[电水梯木瓦技员]工|[\u4e00-\u9fff]?员工|熟练|实习)[\u4e00-\u9fff]{1,2}(?:师傅|经理|班长|主管|队长|工(?![单人具作种程地资序])|姐|哥|叔|伯))"
)
_GIVEN = re.compile(
    r"(?:[给派让叫由找喊转换拨拍改归调带畀俾跟和挂]|转给|换成|指派|改派|安排|接收人|名下|交给|合给|再把|先派|主管|电工|水工|保安|弱电|绿化|队长|班长"
    rf"|^|[,，。;；!！ ]|\d号?)\s*(?:那个|个|咱们?|电工|水工|就)?({_NAME})"
)
_NOT_HIM = re.compile(r"(?:别|不|不要|莫)(?:给|派|让|叫|找|转|是)?(?:给|派)?$")
_STARTS_A_CLAUSE = re.compile(r"(?:^|[,，。;；!！ ])\s*(?:那个|咱们?)?$")
# By itself at the beginning of a clause a name is whose work it is when something follows that he shall do.
_SHALL = re.compile(
    r"(?:亲自|今晚|下午|明天|马上|自己)?(?:去|来|上(?!次|回|午)|搞|带|行|跟|接|负责|顶|处理|看)|$|[!！,，。]"
)


def names_told(words: str) -> list[str]:
    """`words`: folded text, without what somebody took back. At most one: of those named the last who is not ruled out."""
    found = []
    for match in _GIVEN.finditer(words):
        before = words[: match.start(1)]
        if _NOT_HIM.search(before):
            continue
        if not _STARTS_A_CLAUSE.search(before) or _SHALL.match(words[match.end(1) :]):
            found.append(match[1])
    return found[:1]
