"""F01: a bad, missing, empty, upper-case or doubled signature is refused with 403, whatever else is right."""

import pytest
from wechatpy.crypto import WeChatCrypto

from bot.wechat.crypto import encrypt
from bot.wechat.errors import FrameError
from tests.bot.wechat.frames import (
    AES_KEY,
    APPID,
    NONCE,
    NOW,
    TIMESTAMP,
    envelope,
    plain_gate,
    safe_gate,
    sealed,
    sha1,
    signed,
    text_frame,
)

ENCRYPTED = encrypt(text_frame(), AES_KEY, APPID)

# What may be wrong about any one parameter: how it is made from the right one. None leaves it out.
WRONG = {
    "missing": lambda right: None,
    "empty": lambda right: "",
    "doubled": lambda right: [right, right],
    "an empty list": lambda right: [],
    "a list of an empty text": lambda right: [""],
}
WRONG_SIGNATURE = {
    "upper case": str.upper,
    "one digit changed": lambda right: ("0" if right[0] != "0" else "1") + right[1:],
    "one digit short": lambda right: right[:-1],
    "one digit more": lambda right: right + "0",
    "a space before": lambda right: " " + right,
    "a line end behind": lambda right: right + "\n",
    "not ASCII": lambda right: "é" * 40,
    "full-width": lambda right: right.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789abcdef"}),
    "of another token": lambda right: sha1("BBBBB", TIMESTAMP, NONCE),
    "of no token": lambda right: sha1(TIMESTAMP, NONCE),
    "very long": lambda right: right * 1000,
}


def cases(signature: str, others: tuple[str, ...]):
    for name, change in {**WRONG, **WRONG_SIGNATURE}.items():
        yield pytest.param(signature, change, id=f"F01-{signature} {name}")
    for parameter in others:
        for name, change in WRONG.items():
            yield pytest.param(parameter, change, id=f"F01-{parameter} {name}")


def spoiled(params, parameter, change):
    return {
        name: value for name, value in {**params, parameter: change(params[parameter])}.items() if value is not None
    }


@pytest.mark.parametrize(("parameter", "change"), list(cases("signature", ("timestamp", "nonce"))))
def test_a_plain_frame_with_a_wrong_signature_is_refused(parameter, change):
    with pytest.raises(FrameError) as refused:
        plain_gate().open(spoiled(signed(), parameter, change), text_frame(), NOW)
    assert refused.value.status == 403


@pytest.mark.parametrize(("parameter", "change"), list(cases("msg_signature", ("timestamp", "nonce"))))
def test_a_sealed_frame_with_a_wrong_signature_is_refused(parameter, change):
    with pytest.raises(FrameError) as refused:
        safe_gate().open(spoiled(sealed(ENCRYPTED), parameter, change), envelope(ENCRYPTED), NOW)
    assert refused.value.status == 403


@pytest.mark.parametrize(("parameter", "change"), list(cases("signature", ("timestamp", "nonce", "echostr"))))
def test_an_address_check_with_a_wrong_signature_gets_no_echo(parameter, change):
    with pytest.raises(FrameError) as refused:
        plain_gate().check_url(spoiled({**signed(), "echostr": "4375120948345356249"}, parameter, change))
    assert refused.value.status == 403


def test_the_right_ones_are_let_in():
    assert plain_gate().open(signed(), text_frame(), NOW) == text_frame()
    assert safe_gate().open(sealed(ENCRYPTED), envelope(ENCRYPTED), NOW) == text_frame()
    assert plain_gate().open({name: [value] for name, value in signed().items()}, text_frame(), NOW) == text_frame()


def test_the_signature_in_the_address_does_not_vouch_for_a_sealed_body():
    other = encrypt(text_frame("退款"), AES_KEY, APPID)
    with pytest.raises(FrameError, match="signature"):
        safe_gate().open(sealed(ENCRYPTED), envelope(other), NOW)


def test_a_plain_body_is_no_way_around_safe_mode():
    with pytest.raises(FrameError) as refused:
        safe_gate().open(signed(), text_frame(), NOW)
    assert refused.value.status == 403


def test_an_encrypted_frame_is_refused_where_none_is_expected():
    with pytest.raises(FrameError) as refused:
        plain_gate().open(sealed(ENCRYPTED), envelope(ENCRYPTED), NOW)
    assert refused.value.status == 403


def test_compatible_mode_takes_both_and_checks_each():
    gate = safe_gate(mode="compatible")
    both = text_frame().replace(b"</xml>", f"<Encrypt>{ENCRYPTED}</Encrypt></xml>".encode())
    assert gate.open(sealed(ENCRYPTED), both, NOW) == text_frame()
    assert gate.open(signed(), both, NOW) == both
    with pytest.raises(FrameError):
        gate.open({**sealed(ENCRYPTED), "msg_signature": signed()["signature"]}, both, NOW)


def test_the_words_of_a_person_cannot_pose_as_the_encrypted_part():
    gate = safe_gate(mode="compatible")
    both = text_frame("<Encrypt>AAAA</Encrypt>").replace(b"</xml>", f"<Encrypt>{ENCRYPTED}</Encrypt></xml>".encode())
    assert gate.open(sealed(ENCRYPTED), both, NOW) == text_frame()


def test_the_old_token_and_the_old_key_work_while_they_are_being_changed():
    gate = safe_gate(tokens=("new", "AAAAA"), aes_keys=("B" * 43, AES_KEY))
    assert gate.open(sealed(ENCRYPTED), envelope(ENCRYPTED), NOW) == text_frame()
    newest = encrypt(text_frame(), "B" * 43, APPID)
    assert gate.open(sealed(newest, token="new"), envelope(newest), NOW) == text_frame()


def test_a_sealed_reply_is_opened_by_wechatpy():
    sealed_reply = safe_gate().seal("<xml><Content>您好</Content></xml>", NOW, NONCE)
    signature = sealed_reply.split("<MsgSignature><![CDATA[")[1][:40]
    opened = WeChatCrypto("AAAAA", AES_KEY, APPID).decrypt_message(sealed_reply, signature, TIMESTAMP, NONCE)
    assert opened == "<xml><Content>您好</Content></xml>"


def test_a_reply_in_plain_mode_goes_out_as_it_is():
    assert plain_gate().seal("<xml/>", NOW, NONCE) == "<xml/>"


@pytest.mark.parametrize(
    "setting",
    [
        {"appid": ""},
        {"tokens": ()},
        {"tokens": ("",)},
        {"aes_keys": ()},
        {"aes_keys": ("A" * 42,)},
        {"aes_keys": ("A" * 42 + "=",)},
    ],
    ids=str,
)
def test_a_gate_with_unusable_settings_is_not_built(setting):
    with pytest.raises(ValueError, match=r"token|AES|appid"):
        safe_gate(**setting)


def test_a_gate_does_not_print_its_secrets():
    assert "AAAAA" not in repr(safe_gate())
