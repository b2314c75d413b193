"""F03: declarations, entities and monsters are refused with 400 before the signature is looked at, and at once."""

import time

import pytest

from bot.wechat.errors import FrameError
from bot.wechat.frame import read_fields
from bot.wechat.parser import read_message
from tests.bot.wechat.frames import NOW, plain_gate, safe_gate, signed, text_frame, xml

LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))

DECLARED = {
    "an internal entity": '<!DOCTYPE xml [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>',
    "an external file": '<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>',
    "an external address": '<!DOCTYPE xml [<!ENTITY a SYSTEM "http://127.0.0.1:9/a">]><xml><Content>&a;</Content></xml>',
    "an external DTD": '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/a.dtd"><xml/>',
    "a parameter entity": '<!DOCTYPE xml [<!ENTITY % a SYSTEM "http://127.0.0.1:9/a"> %a;]><xml/>',
    "a billion laughs": f'<!DOCTYPE xml [<!ENTITY l0 "ha">{LAUGHS}]><xml><Content>&l9;</Content></xml>',
    "a quadratic blow-up": f'<!DOCTYPE xml [<!ENTITY a "{"a" * 30000}">]><xml><Content>{"&a;" * 5000}</Content></xml>',
    "a bare declaration": "<!DOCTYPE xml><xml/>",
    "after an XML declaration": '<?xml version="1.0"?><!DOCTYPE xml><xml/>',
    "after a comment with a root": "<!--<xml>--><!DOCTYPE xml><xml/>",
    "in lower case": "<!doctype xml><xml/>",
    "a comment": "<!-- harmless --><xml/>",
}


@pytest.mark.parametrize("body", [pytest.param(body, id=f"F03-{name}") for name, body in DECLARED.items()])
@pytest.mark.parametrize("gate", [plain_gate(), safe_gate()], ids=["plain", "safe"])
def test_a_declaration_is_refused_whatever_the_signature(gate, body):
    began = time.thread_time()
    for params in ({}, signed()):
        with pytest.raises(FrameError) as refused:
            gate.open(params, body.encode(), NOW)
        assert refused.value.status == 400
    assert time.thread_time() - began < 0.05


def test_a_declaration_hidden_behind_an_instruction_is_not_read_either():
    body = b'<?pi <xml ?><!DOCTYPE xml [<!ENTITY a "b">]><xml><ToUserName>&a;</ToUserName></xml>'
    with pytest.raises(FrameError) as refused:
        read_fields(body)
    assert refused.value.status == 400


MONSTERS = {
    "nested": b"<xml>" + b"<a>" * 9000 + b"</a>" * 7000,
    "nine deep": b"<xml>" + b"<a>" * 8 + b"</a>" * 8 + b"</xml>",
    "many": b"<xml>" + b"<a/>" * 15000 + b"</xml>",
    "attributes": b"<xml " + b" ".join(b'a%d="1"' % i for i in range(6000)) + b"/>",
    "unknown entities": b"<xml><a>" + b"&a;" * 20000 + b"</a></xml>",
    "UTF-16": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE xml><xml/>'.encode("utf-16"),
    "UTF-7 claimed": b'<?xml version="1.0" encoding="UTF-7"?>+ADw-xml/+AD4-',
    "another root": b"<html><body/></html>",
    "two roots": b"<xml><a>1</a></xml><xml/>",
}


@pytest.mark.parametrize("body", [pytest.param(body, id=f"F03-{name}") for name, body in MONSTERS.items()])
def test_a_monster_is_dropped_at_the_first_excess(body):
    began = time.thread_time()
    with pytest.raises(FrameError) as refused:
        safe_gate().open(signed(), body, NOW)
    assert refused.value.status == 400
    assert time.thread_time() - began < 0.05


def test_a_person_may_write_about_declarations():
    words = '<!DOCTYPE html><!ENTITY a "b"> &a; <xml>'
    assert read_message(plain_gate().open(signed(), text_frame(words), NOW)).text == words


def test_nine_pictures_are_no_monster():
    items = "<item><PicMd5Sum>1b5f7c23b5bf75682a53e7b6d163e185</PicMd5Sum></item>" * 9
    frame = xml(
        "<MsgType>event</MsgType><Event>pic_weixin</Event><EventKey>k</EventKey>"
        f"<SendPicsInfo><Count>9</Count><PicList>{items}</PicList></SendPicsInfo>"
    )
    assert read_message(frame).scene == "k"
