"""The platform's own numbers (developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html)."""

import json

import pytest

from bot.simulator.signing import BadEnvelope, Envelope, page_signature, signature

APPID = "wxba5fad812f8e6fb9"
KEY = "A" * 43
ENCRYPTED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR"
    "8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km3"
    "2IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
ENCRYPTED_REPLY = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
TICKET = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"


@pytest.mark.parametrize(
    ("timestamp", "nonce", "expected"),
    [
        ("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
        ("1714112445", "415670741", "6c5c811b55cc85e0e1b54100749188c20beb3f5d"),
    ],
)
def test_the_url_signature_is_the_platforms(timestamp: str, nonce: str, expected: str) -> None:
    assert signature("AAAAA", timestamp, nonce) == expected


def test_the_message_signature_is_the_platforms() -> None:
    expected = "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
    assert signature("AAAAA", "1714112445", "415670741", ENCRYPTED) == expected


def test_the_platforms_own_message_opens() -> None:
    assert json.loads(Envelope(KEY, APPID).open(ENCRYPTED)) == {
        "ToUserName": "gh_97417a04a28d",
        "FromUserName": "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
        "CreateTime": 1714112445,
        "MsgType": "event",
        "Event": "debug_demo",
        "debug_str": "hello world",
    }


def test_a_reply_is_sealed_as_the_platform_seals_it() -> None:
    assert Envelope(KEY, APPID).seal('{"demo_resp":"good luck"}', b"707722b803182950") == ENCRYPTED_REPLY
    expected = "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"
    assert signature("AAAAA", "1713424427", "415670741", ENCRYPTED_REPLY) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://mp.weixin.qq.com", "f4d90daf4b3bca3078ab155816175ba34c443a7b"),
        ("http://mp.weixin.qq.com?params=value", "0f9de62fce790f9a083d5c99e95740ceb90c27ed"),
    ],
)
def test_the_page_signature_is_the_platforms(url: str, expected: str) -> None:
    assert page_signature(TICKET, "Wm3WZYTPz0wzccnW", 1414587457, url) == expected


@pytest.mark.parametrize("broken", ["", "AAAA", "not base64!", ENCRYPTED[:-24], ENCRYPTED.replace("qdx1", "qdx2")])
def test_what_is_not_whole_does_not_open(broken: str) -> None:
    with pytest.raises(BadEnvelope):
        Envelope(KEY, APPID).open(broken)


def test_a_message_for_another_account_does_not_open() -> None:
    with pytest.raises(BadEnvelope, match="appid"):
        Envelope(KEY, "wx0000000000000000").open(ENCRYPTED)
