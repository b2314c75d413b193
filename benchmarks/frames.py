"""What WeChat would post: signed requests, plain or in safe mode, each with a MsgId of its own and from a person of its own."""

import itertools
import time
from urllib.parse import urlencode

from benchmarks.books import openid
from bot.config import PRETEND
from bot.wechat.crypto import encrypt
from bot.wechat.signature import sign

ACCOUNT = PRETEND["WECHAT_ACCOUNT"]

# Ten different things, so that a person who reports again does not report the same again. None is dangerous, all are at home.
REPORTS = (
    "厨房水龙头一直滴水，关不紧",
    "马桶堵了，冲不下去",
    "客厅插座没电了",
    "入户门锁拧不动了",
    "卧室的灯不亮了",
    "洗菜池下面的软管漏水",
    "卫生间地漏返味，味道很大",
    "一开电磁炉就跳闸",
    "阳台窗户关不严，下雨往里进水",
    "对讲机按了没声音",
)
READING = ("我的报修",)
# Nobody says it in quite the same words as somebody else.
_BEFORE = (
    "",
    "你好，",
    "师傅你好，",
    "您好，",
    "在吗，",
    "物业你好，",
    "麻烦一下，",
    "早，",
    "打扰了，",
    "请帮个忙，",
    "喂，",
)
_AFTER = (
    "",
    "，谢谢",
    "，麻烦看看",
    "，辛苦了",
    "，请安排一下",
    "，帮忙看看",
    "，麻烦了",
    "，多谢",
    "，拜托了",
    "，好几天了",
    "，怎么办",
    "，快修修吧",
    "，家里有老人",
)

_numbers = itertools.count(time.time_ns() // 1_000_000)
_turns = itertools.count()  # over all calls: nobody says the same twice before everybody has said everything


def requests(count: int, people: int, texts: tuple[str, ...], *, sealed: bool) -> list[bytes]:
    """`count` whole HTTP requests from `people` different persons in turn; a person says the next text each time."""
    return [_request(*addressed, sealed=sealed) for addressed in turns(count, people, texts)]


def turns(count: int, people: int, texts: tuple[str, ...]) -> list[tuple[str, str]]:
    """Who says what, in the same order as `requests`."""
    said = []
    for number in itertools.islice(_turns, count):
        person = number % people
        said.append((openid(person), in_own_words(texts[(number // people + person) % len(texts)], number)))
    return said


def in_own_words(said: str, number: int) -> str:
    """The same, as the `number`-th person puts it; exact words stay exact."""
    return said if said in READING else _BEFORE[number % len(_BEFORE)] + said + _AFTER[number % len(_AFTER)]


def post(person: str, said: str, *, sealed: bool) -> tuple[str, bytes]:
    """The address and the body of one message."""
    now, nonce = int(time.time()), str(next(_numbers))
    xml = _xml(person, said, now, next(_numbers))
    query, body = (_sealed if sealed else _plain)(xml, now, nonce)
    return f"/wechat?{urlencode(query)}", body.encode()


def _request(person: str, said: str, *, sealed: bool) -> bytes:
    address, body = post(person, said, sealed=sealed)
    head = (
        f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _xml(person: str, said: str, now: int, number: int) -> str:
    return (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><FromUserName><![CDATA[{person}]]></FromUserName>"
        f"<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{said}]]></Content>"
        f"<MsgId>{number}</MsgId></xml>"
    )


def _plain(xml: str, now: int, nonce: str) -> tuple[dict[str, object], str]:
    signature = sign([PRETEND["WECHAT_TOKEN"], str(now), nonce])
    return {"signature": signature, "timestamp": now, "nonce": nonce}, xml


def _sealed(xml: str, now: int, nonce: str) -> tuple[dict[str, object], str]:
    secret = encrypt(xml.encode(), PRETEND["WECHAT_AES_KEY"], PRETEND["WECHAT_APPID"])
    signature = sign([PRETEND["WECHAT_TOKEN"], str(now), nonce, secret])
    query = {"encrypt_type": "aes", "timestamp": now, "nonce": nonce, "msg_signature": signature}
    return query, f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><Encrypt><![CDATA[{secret}]]></Encrypt></xml>"
