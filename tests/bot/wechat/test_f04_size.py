"""F04, the cap: nothing larger than a frame is looked into."""

import pytest

from bot.wechat.errors import FrameError
from bot.wechat.signature import MAX_FRAME_BYTES
from tests.bot.wechat.frames import NOW, plain_gate, safe_gate, signed, text_frame


@pytest.mark.parametrize("gate", [plain_gate(), safe_gate()], ids=["F04-plain", "F04-safe"])
@pytest.mark.parametrize("size", [64 * 1024 + 1, 10 * 1024 * 1024], ids=["one byte more", "10 MB"])
@pytest.mark.parametrize("params", [{}, signed()], ids=["unsigned", "signed"])
def test_too_large_is_refused_before_anything_else(gate, size, params):
    with pytest.raises(FrameError) as refused:
        gate.open(params, b"<" * size, NOW)
    assert refused.value.status == 413


def test_the_cap_itself_is_let_in():
    body = text_frame("x" * (MAX_FRAME_BYTES - len(text_frame(""))))
    assert len(body) == 64 * 1024
    assert plain_gate().open(signed(), body, NOW) == body
