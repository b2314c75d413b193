"""F11: what people write arrives as they wrote it, and goes back to them unharmed."""

import pytest

from bot.wechat.parser import read_message
from bot.wechat.replies import text_reply
from tests.bot.wechat.frames import NOW, text_frame, xml

WORDS = {
    "emoji": "水管漏水😭",
    "a family": "👨‍👩‍👧‍👦 一家四口",
    "skin tones": "👍🏽👍🏿",
    "a flag": "🇨🇳",
    "four-byte Han": "𠮷野家门口𪚥",
    "right to left": "abc\u202edcb\u202c مرحبا",
    "zero width": "3\u200b栋\u200d2\ufeff单元",
    "combining": "e\u0301 q\u0307\u0323",
    "decomposed and composed": "é e\u0301",
    "full-width digits": "３栋２单元５０１",
    "superscripts": "10m² ①②③ Ⅳ ½",
    "SQL": "'; DROP TABLE homes; --",
    "HTML": '<script>alert("x")</script> &amp; &lt;',
    "Jinja": "{{ 7*7 }} {% for x in y %}",
    "format marks": "%s %d {0} {name} $HOME `ls`",
    "XML": "<?xml version='1.0'?><xml><MsgType>event</MsgType></xml>",
    "an entity": "&#20320; &nbsp; &unknown;",
    "spaces around": "  \t 漏水 \t  ",
    "lines": "第一行\n第二行\n\n第四行",
    "private use": "\ue000\uf8ff\U0010fffd",
    "no-break": "a\u00a0b\u3000c\u2028d",
    "C1 controls": "a\x85b\x9fc\x7f",
    "WeChat's own faces": "[捂脸]/::)",
    "brackets": "]] > ]>",
}
# What XML cannot carry and a phone may still paste: only these characters go, the words around them stay.
CLEANED = {
    "NUL": ("漏\x00水", "漏水"),
    "vertical tab": ("漏\x0b水", "漏水"),
    "escape": ("\x1b[31m红", "[31m红"),
    "a lone surrogate": ("漏\ud83d水", "漏水"),
    "two lone surrogates": ("\udc00\ud800", ""),
    "no character": ("漏\uffff水\ufffe", "漏水"),
}


@pytest.mark.parametrize("words", [pytest.param(words, id=f"F11-{name}") for name, words in WORDS.items()])
def test_words_are_kept_to_the_letter(words):
    assert read_message(text_frame(words)).text == words


@pytest.mark.parametrize(("sent", "kept"), [pytest.param(*words, id=f"F11-{name}") for name, words in CLEANED.items()])
def test_only_what_is_no_character_is_dropped(sent, kept):
    frame = text_frame("@@").decode().replace("@@", sent).encode("utf-8", "surrogatepass")
    assert read_message(frame).text == kept


@pytest.mark.parametrize("words", [pytest.param(words, id=f"F11-{name}") for name, words in WORDS.items()])
def test_words_come_back_in_a_reply_to_the_letter(words):
    incoming = read_message(text_frame(words))
    reply = read_message(text_reply(incoming, words, NOW).encode())
    assert (reply.openid, reply.account) == (incoming.account, incoming.openid)
    assert (reply.kind, reply.text) == ("text", words)


def test_words_cannot_end_their_section_and_write_their_own_reply():
    words = "]]></Content><MsgType><![CDATA[news]]></MsgType><Content><![CDATA["
    reply = read_message(text_reply(read_message(xml("<MsgType>text</MsgType>")), words, NOW).encode())
    assert (reply.kind, reply.text) == ("text", words)
    assert set(reply.raw) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}


def test_a_reply_may_hold_what_xml_cannot():
    incoming = read_message(text_frame())
    assert read_message(text_reply(incoming, "漏\x00水\x0b", NOW).encode()).text == "漏水"
    assert read_message(text_reply(incoming, "漏\ud800水", NOW).encode()).text == "漏水"
