"""WeChat's own numbers, from its page on message pushes (reference 1.9)."""

import json

from bot.wechat.crypto import encrypt
from bot.wechat.signature import jssdk_signature, sign
from tests.bot.wechat.frames import ACCOUNT, AES_KEY, APPID, NOW, OPENID, envelope, plain_gate, safe_gate, text_frame

ENCRYPTED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR"
    "8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km3"
    "2IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
REPLY = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
TICKET = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"


def test_the_address_check_is_answered_with_its_echo():
    params = {
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
        "timestamp": "1714036504",
        "nonce": "1514711492",
        "echostr": "4375120948345356249",
    }
    assert plain_gate().check_url(params) == "4375120948345356249"


def test_a_frame_in_plain_mode_is_opened():
    params = {
        "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
        "timestamp": "1714037059",
        "nonce": "486452656",
    }
    assert plain_gate(window_seconds=0).open(params, text_frame(), NOW) == text_frame()


def test_a_frame_in_safe_mode_is_opened():
    params = {
        "signature": "6c5c811b55cc85e0e1b54100749188c20beb3f5d",
        "timestamp": "1714112445",
        "nonce": "415670741",
        "encrypt_type": "aes",
        "msg_signature": "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
    }
    assert json.loads(safe_gate().open(params, envelope(ENCRYPTED), NOW)) == {
        "ToUserName": ACCOUNT,
        "FromUserName": OPENID,
        "CreateTime": 1714112445,
        "MsgType": "event",
        "Event": "debug_demo",
        "debug_str": "hello world",
    }


def test_a_reply_is_encrypted_and_signed_as_on_the_page():
    assert encrypt(b'{"demo_resp":"good luck"}', AES_KEY, APPID, random=b"707722b803182950") == REPLY
    assert sign(["AAAAA", "1713424427", "415670741", REPLY]) == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"


def test_a_page_is_signed_for_the_javascript_library():
    nonce, timestamp = "Wm3WZYTPz0wzccnW", 1414587457
    plain = jssdk_signature(TICKET, nonce, timestamp, "http://mp.weixin.qq.com")
    with_query = jssdk_signature(TICKET, nonce, timestamp, "http://mp.weixin.qq.com?params=value")
    assert plain == "f4d90daf4b3bca3078ab155816175ba34c443a7b"
    assert with_query == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
