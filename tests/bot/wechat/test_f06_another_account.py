"""F06: what is meant for another account is refused, and nothing of it is handed on."""

import pytest

from bot.wechat.crypto import encrypt
from bot.wechat.errors import FrameError
from tests.bot.wechat.frames import ACCOUNT, AES_KEY, APPID, NOW, envelope, plain_gate, safe_gate, sealed, signed, xml

MESSAGE = "<MsgType>text</MsgType><Content>您好</Content><MsgId>1</MsgId>"


@pytest.mark.parametrize(
    "appid",
    [
        "wx0000000000000000",
        "",
        APPID.upper(),
        APPID + "0",
        APPID[:-1],
        "x" + APPID,
        " " + APPID,
        APPID + "\x00",
        "微信",
    ],
    ids=lambda appid: f"F06-appid {appid!r}",
)
def test_a_frame_of_another_appid_is_refused(appid):
    encrypted = encrypt(xml(MESSAGE), AES_KEY, appid)
    with pytest.raises(FrameError) as refused:
        safe_gate().open(sealed(encrypted), envelope(encrypted), NOW)
    assert refused.value.status == 403


@pytest.mark.parametrize("account", ["gh_other", ACCOUNT.upper(), ACCOUNT + "x"], ids=lambda name: f"F06-to {name}")
def test_a_message_to_another_account_is_refused(account):
    message = xml(MESSAGE, account=account)
    encrypted = encrypt(message, AES_KEY, APPID)
    for gate, params, body in [
        (plain_gate(), signed(), message),
        (safe_gate(), sealed(encrypted), envelope(encrypted)),
        (safe_gate(), sealed(encrypted), envelope(encrypted, account=account)),
    ]:
        with pytest.raises(FrameError) as refused:
            gate.open(params, body, NOW)
        assert refused.value.status == 403


def test_an_envelope_to_another_account_is_refused():
    encrypted = encrypt(xml(MESSAGE), AES_KEY, APPID)
    with pytest.raises(FrameError) as refused:
        safe_gate().open(sealed(encrypted), envelope(encrypted, account="gh_other"), NOW)
    assert refused.value.status == 403


def test_without_a_configured_account_the_appid_still_guards():
    encrypted = encrypt(xml(MESSAGE, account="gh_other"), AES_KEY, APPID)
    gate = safe_gate(account="")
    assert gate.open(sealed(encrypted), envelope(encrypted), NOW) == xml(MESSAGE, account="gh_other")
