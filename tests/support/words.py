"""A folder of words small enough to be read in a test, and kinds to go with them."""

from pathlib import Path

import pytest

from bot.rendering import Granted, Renderer
from models.messaging import kinds
from models.messaging.kinds import Kind

NEWS = Kind("test_news", template="test_form")
ALARM = Kind("test_alarm", urgent=True, template="test_form")
DEMAND = Kind("test_demand", repeatable=False, template="test_form")
CHAT_ONLY = Kind("test_chat_only")
EVERY_WAY = Kind("test_every_way", template="test_form", subscription="test_form", sms="test_form", by_hand=True)
URGENT_EVERY_WAY = Kind(
    "test_alarm_every_way", urgent=True, template="test_form", subscription="test_form", sms="test_form", by_hand=True
)

FORM = """
[test_form]
title = "测试"
setting = "WECHAT_TEMPLATE_TEST"
[test_form.fields]
character_string1 = { label = "工单编号", value = "{{ order }}" }
thing2 = { label = "进度", value = "{{ words }}" }
time3 = { label = "时间", value = "{{ at }}" }
"""

SMS_FORM = """
[test_form]
setting = "SMS_TEMPLATE_TEST"
text = "报修{1}：{2}"
values = ["#{{ order }}", "{{ words }}"]
"""

KINDS = (NEWS, ALARM, DEMAND, CHAT_ONLY, EVERY_WAY, URGENT_EVERY_WAY)


@pytest.fixture
def small_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kinds are known while the test runs, and not a moment longer."""
    for kind in KINDS:
        monkeypatch.setitem(kinds._KINDS, kind.name, kind)


def write_words(folder: Path) -> Path:
    (folder / "messages").mkdir(parents=True)
    for kind in KINDS:
        (folder / "messages" / f"{kind.name}.txt").write_text("您的报修 #{{ order }} {{ problem }}\n第二行\n")
    (folder / "wechat_templates.toml").write_text(FORM)
    (folder / "wechat_subscriptions.toml").write_text(FORM)
    (folder / "sms_templates.toml").write_text(SMS_FORM)
    return folder


def small_renderer(folder: Path) -> Renderer:
    return Renderer({"test_form": "TID"}, write_words(folder))


def every_way_renderer(folder: Path) -> Renderer:
    """With subscription and text messages, too."""
    ids = {"test_form": "TID"}
    return Renderer(Granted(ids, {"test_form": "SID"}, {"test_form": "1001"}), write_words(folder))
