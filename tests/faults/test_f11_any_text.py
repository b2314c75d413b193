"""F11: whatever people write in is kept letter for letter, shown as it is, and never run, rendered or taken for a number."""

from datetime import timedelta
from unicodedata import normalize

import pytest
import sqlalchemy as sa

from models.messaging.tables import Inbox
from models.workorders.tables import WorkOrder
from tests.faults.facts import facts, newest_order
from tests.support.world import World

pytestmark = pytest.mark.thorough

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
    "astral-han": "𡃁𠝹",
    "stroke-order": "⿰木目",
    "radicals": "⻌⺮",
    "bopomofo": "ㄅㄆㄇ",
    "hangzhou-digits": "〡〢〣",
    "chinese-zero": "〇零",
    "capital-numbers": "壹贰叁",
    "parenthesised": "⑴⒈㈠",
    "subscript": "H₂O",
    "math": "𝟏𝟐𝐀",
    "thai-digits": "๑๒๓",
    "bengali-digits": "১২৩",
    "cyrillic": "ремонт",
    "look-alikes": "аrе",
    "hebrew-marks": "שָׁלוֹם",
    "lri-pdi": "a\u2066b\u2069c",
    "lrm-rlm": "a\u200eb\u200fc",
    "word-joiner": "左\u2060右",
    "no-break-space": "左\u00a0右",
    "ideographic-space": "左\u3000右",
    "line-separator": "左\u2028右",
    "tab": "左\t右",
    "variation": "☔\ufe0e☔\ufe0f",
    "tag-flag": "🏴\U000e0067\U000e0062\U000e007f",
    "hand-couple": "👩🏻‍🤝‍👨🏿",
    "many-marks": "a" + "\u0301" * 20,
    "object-replacement": "左\ufffc右",
    "replacement": "左\ufffd右",
    "c1": "左\x85右",
    "del": "左\x7f右",
    "xxe": "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>&x;",
    "svg": "<svg/onload=alert(1)>",
    "js-url": "javascript:alert(1)",
    "style": "</style><script>1</script>",
    "template-literal": "${7*7} #{7*7} <%= 7*7 %>",
    "python-format": "%(order)s {order.__class__} {0.__init__}",
    "sql-union": "1) UNION SELECT openid FROM staff--",
    "sql-like": "%' ESCAPE '\\' --",
    "nosql": '{"$gt": ""}',
    "path": "../../../etc/passwd C:\\Windows",
    "crlf": "左%0d%0aSet-Cookie: a=b",
    "log-forging": "x] ERROR [y",
    "csv-formula": "=1+1 @SUM(A1) -2+3",
    "full-width-formula": "＝１＋１",
    "regex": "^(a+)+$ [a-z]* (?P<x>.)",
    "shell-pipe": "| cat /etc/passwd && echo",
    "long-word": "a" * 200,
    "only-punctuation": "！？。，、；：",
    "old-emoji": "\ue415\ue056",
    "currency": "￥¥€₽",
}
NOT_DIGITS = ("²", "①", "٣", "३", "½", "Ⅳ", "5️⃣", "一二", "壹", "1️⃣", "1.5", "-1", "1e3", "0x1", "+1", "1_0")
CHEN = "demo-chen"
# A phone keeps its last three hundred messages, so that several people share the texts.
WORKERS = (CHEN, "demo-liu", "demo-zhou")
OTHERS = ("demo-wang", "demo-li", "demo-guest")


def one_of(people: tuple[str, ...], text: str) -> str:
    return people[list(TEXTS.values()).index(text) % len(people)]


@pytest.mark.parametrize("text", [pytest.param(text, id=f"F11-{name}") for name, text in TEXTS.items()])
def test_f11_text_is_kept_and_shown_as_it_was_written(shared_world: World, text: str) -> None:
    said = f"楼道灯坏了 {text}"
    before, _ = newest_order(shared_world)
    worker = one_of(WORKERS, text)
    reply = shared_world.says(worker, f"报修 {said}")
    number, problem = newest_order(shared_world)
    shared_world.move(timedelta(minutes=1))
    assert number == before + 1
    assert normalize("NFC", problem) == normalize("NFC", said)
    assert f"#{number}" in reply
    assert " ".join(problem.split())[:28] in reply, "on one line; a longer one is shown in part"
    last = sa.select(Inbox.text).where(Inbox.openid == worker, Inbox.kind == "text").order_by(Inbox.id.desc()).limit(1)
    with shared_world.services.database.reading() as session:
        assert session.scalar(last) == f"报修 {problem}"
    assert shared_world.platform.failures == []


@pytest.mark.parametrize("text", [pytest.param(text, id=f"F11-alone-{name}") for name, text in TEXTS.items()])
def test_f11_such_text_alone_does_nothing(shared_world: World, text: str) -> None:
    before = facts(shared_world)
    who = one_of(OTHERS, text)
    assert shared_world.says(who, text)
    shared_world.says(who, "取消")
    shared_world.move(timedelta(minutes=1))
    assert facts(shared_world) == before


@pytest.fixture(scope="module")
def rated(shared_world: World) -> int:
    """An order of Zhang's that is finished and rated, so that its rating may be changed all day."""
    for who, words in (("demo-zhang", "厨房水管漏水"), (CHEN, "接单"), (CHEN, "完工 换了角阀"), ("demo-zhang", "5")):
        shared_world.says(who, words)
    shared_world.move(timedelta(minutes=1))
    return newest_order(shared_world)[0]


@pytest.mark.parametrize("text", [pytest.param(text, id=f"F11-rating-{name}") for name, text in TEXTS.items()])
def test_f11_why_somebody_rates_so_is_kept_as_it_was_written(shared_world: World, rated: int, text: str) -> None:
    said = f"来得快 {text}"
    reply = shared_world.says("demo-zhang", f"评价 {rated} 4 {said}")
    shared_world.move(timedelta(seconds=11))
    assert "记下了4分" in reply
    with shared_world.services.database.reading() as session:
        row = session.execute(sa.select(WorkOrder.rating, WorkOrder.rating_text).where(WorkOrder.id == rated)).one()
    assert (row.rating, normalize("NFC", row.rating_text)) == (4, normalize("NFC", said).strip())
    assert shared_world.platform.failures == []


@pytest.mark.parametrize("figure", NOT_DIGITS, ids=lambda figure: f"F11-{figure}")
def test_f11_only_figures_are_the_number_of_an_order(shared_world: World, figure: str) -> None:
    before = facts(shared_world)
    reply = shared_world.says("demo-zhang", f"取消报修 {figure}")
    shared_world.says("demo-zhang", "取消")
    shared_world.move(timedelta(minutes=1))
    assert facts(shared_world) == before
    assert "出了点问题" not in reply
