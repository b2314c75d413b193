"""The one thing a pretend adapter cannot show: how real connections fail. Loopback only."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
import requests

from bot.wechat.client import WeChatClient
from bot.wechat.errors import Consequence, WeChatError
from bot.wechat.pool import PooledSession
from tests.bot.wechat.pretend import ListedTokens


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture(params=[requests.Session, lambda: PooledSession(4)], ids=["requests", "the short way"])
def client(request: pytest.FixtureRequest) -> Callable[[socket.socket], WeChatClient]:
    def client(server: socket.socket) -> WeChatClient:
        base = f"http://127.0.0.1:{server.getsockname()[1]}"
        return WeChatClient("wx1", "s3cret", ListedTokens(), base, http=request.param())

    return client


def answer_with(server: socket.socket, answer: bytes) -> threading.Thread:
    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def test_a_refused_connection_means_nothing_was_sent(listener, client):
    wechat = client(listener)
    listener.close()
    with pytest.raises(WeChatError) as error:
        wechat.send_text("o1", "您好")
    assert error.value.consequence is Consequence.NOT_REACHED


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", b"SSH-2.0\r\n", b"HTTP/1.1 200 OK\r\n\r\n{}x"],
    ids=["hung up", "half a body", "another protocol", "no JSON"],
)
def test_a_connection_lost_after_sending_means_nobody_knows(listener, client, answer):
    thread = answer_with(listener, answer)
    with pytest.raises(WeChatError) as error:
        client(listener).send_text("o1", "您好")
    thread.join(5)
    assert error.value.outcome_unknown


def test_a_real_answer_is_understood(listener, client):
    body = b'{"errcode":0,"errmsg":"ok","msgid":7}'
    thread = answer_with(listener, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    assert client(listener).send_template("o1", "T1", {}) == "7"
    thread.join(5)
