"""F11: whatever people write in is kept letter for letter, shown as it is, and never run, rendered or taken for a number."""

from datetime import timedelta
from unicodedata import normalize

import pytest
import sqlalchemy as sa

from models.messaging.tables import Inbox
from tests.faults.facts import facts, newest_order
from tests.support.world import World

TEXTS = {
    "emoji": "😀",
    "emoji-many": "😱😱😱💧",
    "family": "👨‍👩‍👧‍👦",
    "skin": "👍🏽",
    "flag": "🇨🇳",
    "keycap": "5️⃣",
    "wechat-face": "[流泪][强]",
    "rare-han": "𠮷",
    "rare-han-2": "𪚥龘",
    "rtl-override": "abc\u202edef",
    "arabic": "مرحبا",
    "hebrew": "שלום",
    "zero-width-space": "左\u200b右",
    "zero-width-joiner": "左\u200d右",
    "bom-inside": "左\ufeff右",
    "soft-hyphen": "左\u00ad右",
    "combining": "e\u0301a\u0308",
    "zalgo": "Z\u0351\u036b\u0343",
    "full-width": "ＡＢＣ１２３",
    "superscript": "²³",
    "circled": "①②③",
    "roman": "Ⅳ",
    "arabic-digits": "٣٤٥",
    "devanagari-digits": "३४५",
    "fraction": "½",
    "unit": "㎡℃",
    "sql": "'; DROP TABLE homes;--",
    "sql-or": "' OR '1'='1",
    "sql-comment": "/* */ UNION SELECT 1",
    "sql-percent": "100%_",
    "html": "<b>粗</b>",
    "script": "<script>alert(1)</script>",
    "img": '<img src=x onerror="x">',
    "entity": "&lt;&amp;&#39;",
    "cdata": "]]>",
    "cdata-open": "<![CDATA[x]]>",
    "jinja": "{{ 7*7 }}",
    "jinja-block": "{% if 1 %}x{% endif %}",
    "jinja-comment": "{# x #}",
    "format": "{0} {order} %s %d",
    "shell": "$(ls) `ls` ;ls",
    "json": '{"a": [1, null]}',
    "backslash": "\\n \\u0041 \\",
    "quotes": "“”‘’\"'",
    "tilde": "~!@$%^&*()_+|",
    "greek": "αβγ",
    "kana": "ﾊﾝｶｸかな",
    "hangul": "한국어",
    "dash": "——…—",
    "private-use": "\ue000",
}
NOT_DIGITS = ("²", "①", "٣", "३", "½", "Ⅳ", "5️⃣", "一二", "壹", "1️⃣", "1.5", "-1", "1e3", "0x1", "+1", "1_0")
CHEN = "demo-chen"


@pytest.mark.parametrize("text", [pytest.param(text, id=f"F11-{name}") for name, text in TEXTS.items()])
def test_f11_text_is_kept_and_shown_as_it_was_written(shared_world: World, text: str) -> None:
    said = f"楼道灯坏了 {text}"
    before, _ = newest_order(shared_world)
    reply = shared_world.says(CHEN, f"报修 {said}")
    number, problem = newest_order(shared_world)
    shared_world.move(timedelta(minutes=1))
    assert number == before + 1
    assert normalize("NFC", problem) == normalize("NFC", said)
    assert f"#{number}" in reply
    assert problem[:28] in reply, "a longer one is shown in part"
    last = sa.select(Inbox.text).where(Inbox.openid == CHEN, Inbox.kind == "text").order_by(Inbox.id.desc()).limit(1)
    with shared_world.services.database.reading() as session:
        assert session.scalar(last) == f"报修 {problem}"
    assert shared_world.platform.failures == []


@pytest.mark.parametrize("text", [pytest.param(text, id=f"F11-alone-{name}") for name, text in TEXTS.items()])
def test_f11_such_text_alone_does_nothing(shared_world: World, text: str) -> None:
    before = facts(shared_world)
    assert shared_world.says("demo-wang", text)
    shared_world.says("demo-wang", "取消")
    shared_world.move(timedelta(minutes=1))
    assert facts(shared_world) == before


@pytest.mark.parametrize("figure", NOT_DIGITS, ids=lambda figure: f"F11-{figure}")
def test_f11_only_figures_are_the_number_of_an_order(shared_world: World, figure: str) -> None:
    before = facts(shared_world)
    reply = shared_world.says("demo-zhang", f"取消报修 {figure}")
    shared_world.says("demo-zhang", "取消")
    shared_world.move(timedelta(minutes=1))
    assert facts(shared_world) == before
    assert "出了点问题" not in reply
