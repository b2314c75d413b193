"""A reply that breaks a rule of the platform is no reply."""

from dataclasses import replace

import pytest

from bot.simulator.replies import BadReply, read_reply
from tests.bot.simulator.conftest import SETTINGS, plain_reply, sealed

ZHANG = "demo-zhang"
PLAIN = replace(SETTINGS, mode="plain")
COMPATIBLE = replace(SETTINGS, mode="compatible")


def test_a_text_of_2048_bytes_is_the_longest() -> None:
    reply = read_reply(plain_reply(content="a" * 2048).encode(), ZHANG, PLAIN)
    assert reply is not None
    assert len(reply.text) == 2048
    with pytest.raises(BadReply, match="2049 bytes"):
        read_reply(plain_reply(content="a" * 2049).encode(), ZHANG, PLAIN)


def test_length_is_counted_in_bytes() -> None:
    with pytest.raises(BadReply, match="2049 bytes"):
        read_reply(plain_reply(content="修" * 683).encode(), ZHANG, PLAIN)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (plain_reply(ToUserName="demo-li"), "swapped"),
        (plain_reply(FromUserName="demo-zhang"), "swapped"),
        (plain_reply(MsgType="shout"), "unknown MsgType"),
        (plain_reply(Content="  "), "empty"),
        (plain_reply(CreateTime="now"), "CreateTime"),
        (plain_reply(MsgType="image"), "MediaId"),
        (plain_reply(MsgType="news", ArticleCount="2"), "one article"),
        (plain_reply()[:-1], "not XML"),
        (plain_reply().replace("xml>", "html>"), "starts with <html>"),
        ('<!DOCTYPE xml [<!ENTITY a "b">]>' + plain_reply(), "document type"),
        ("<xml>" + "x" * 70_000 + "</xml>", "bytes"),
        ("ok", "not XML"),
    ],
)
def test_what_is_wrong_is_said(reply: str, reason: str) -> None:
    with pytest.raises(BadReply, match=reason):
        read_reply(reply.encode(), ZHANG, PLAIN)


def test_safe_mode_insists_on_encryption() -> None:
    with pytest.raises(BadReply, match="lacks Encrypt"):
        read_reply(plain_reply().encode(), ZHANG, SETTINGS)


@pytest.mark.parametrize("settings", [SETTINGS, COMPATIBLE])
def test_a_sealed_reply_is_read(settings: object) -> None:
    assert isinstance(settings, type(SETTINGS))
    reply = read_reply(sealed(plain_reply()), ZHANG, settings)
    assert reply is not None
    assert (reply.kind, reply.text) == ("text", "好的")


def test_compatible_mode_takes_a_plain_reply_too() -> None:
    reply = read_reply(plain_reply().encode(), ZHANG, COMPATIBLE)
    assert reply is not None
    assert reply.text == "好的"


def test_a_sealed_reply_needs_its_signature() -> None:
    with pytest.raises(BadReply, match="MsgSignature is wrong"):
        read_reply(sealed(plain_reply(), token="BBBBB"), ZHANG, SETTINGS)


def test_a_sealed_reply_needs_the_appid() -> None:
    with pytest.raises(BadReply, match="appid"):
        read_reply(sealed(plain_reply(), appid="wx0000000000000000"), ZHANG, SETTINGS)


def test_an_article_is_read_whole() -> None:
    item = "<item><Title>停水通知</Title><Description>明天</Description><Url>http://a/b</Url></item>"
    xml = plain_reply(MsgType="news", ArticleCount="1").replace("</xml>", f"<Articles>{item}</Articles></xml>")
    reply = read_reply(xml.encode(), ZHANG, PLAIN)
    assert reply is not None
    assert reply.article == {"title": "停水通知", "description": "明天", "url": "http://a/b", "picurl": ""}
