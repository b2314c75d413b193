"""Which links a reply may hold."""

import pytest

from handlers.links import only_our_links

BASE = "https://home.example"
OURS = f'<a href="{BASE}/m/order/12">点这里看照片和全部经过</a>'
SAYS = '<a href="weixin://bizmsgmenu?msgmenucontent=1&msgmenuid=1">1</a>'


@pytest.mark.parametrize(
    "words", [OURS, f"#12 漏水\n{OURS}\n好", SAYS, f"{OURS}{SAYS}", "3<5", "a < b", "水压<0.1", ""]
)
def test_our_own_words_stay_as_they_are(words: str) -> None:
    assert only_our_links(words, BASE) == words


@pytest.mark.parametrize(
    "words",
    [
        '<a href="https://evil.com">领红包</a>',
        "<a href='https://home.example/m/'>x</a>",
        '<A HREF="https://evil.com">x</A>',
        f'<a href="{BASE}.evil.com/">x</a>',
        f'<a href="{BASE}@evil.com/">x</a>',
        '<a  href="https://evil.com">x</a>',
        '<a onclick="x" href="https://home.example/">x</a>',
        f'<a href="{BASE}/m/" data-miniprogram-appid="wx1">x</a>',
        '<a href="weixin://dl/business">x</a>',
        f'<a href="{BASE}/">x<a href="https://evil.com">y</a>',
    ],
)
def test_a_strangers_link_is_shown_as_signs(words: str) -> None:
    said = only_our_links(f"报修：{words}，快来\n{OURS}", BASE)
    assert said.count("<a") == 1
    assert said.endswith(OURS)
    assert "＜" in said
