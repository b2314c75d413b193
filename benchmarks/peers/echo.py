"""Flask + wechatpy: says back what was said. `plain` takes frames as they are, `sealed` in safe mode."""

from flask import Flask, abort, request
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.utils import check_signature

from benchmarks.peers.setting import AES_KEY, APPID, TOKEN

plain, sealed = Flask("plain"), Flask("sealed")
crypto = WeChatCrypto(TOKEN, AES_KEY, APPID)


@plain.post("/wechat")
def say_back() -> str:
    said = request.args
    try:
        check_signature(TOKEN, said.get("signature", ""), said.get("timestamp", ""), said.get("nonce", ""))
    except InvalidSignatureException:
        abort(403)
    message = parse_message(request.data)
    return str(create_reply(message.content, message).render())


@sealed.post("/wechat")
def say_back_sealed() -> str:
    said = request.args
    timestamp, nonce = said.get("timestamp", ""), said.get("nonce", "")
    try:
        opened = crypto.decrypt_message(request.data, said.get("msg_signature", ""), timestamp, nonce)
    except (InvalidSignatureException, InvalidAppIdException):
        abort(403)
    message = parse_message(opened)
    return str(crypto.encrypt_message(create_reply(message.content, message).render(), nonce, timestamp))
