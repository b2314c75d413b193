"""What reaches the pretend WeChat through the product's own address, so that one open port is enough."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from bot.config import PRETEND
from tests.browser.conftest import Company, running

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def company(loaded: Path) -> Iterator[Company]:
    with running(loaded) as company:
        yield company


def test_a_page_learns_through_the_door_who_is_looking(company: Company) -> None:
    query = {
        "appid": PRETEND["WECHAT_APPID"],
        "redirect_uri": "http://127.0.0.1/m/bills?month=3",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "abc123",
    }
    address = f"{company.address}/connect/oauth2/authorize"
    whose = {"simulator_openid": "demo-zhang"}
    answer = requests.get(address, params=query, cookies=whose, allow_redirects=False, timeout=5)
    assert answer.status_code == 302
    back = urlsplit(answer.headers["Location"])
    assert (back.path, parse_qs(back.query)["month"], parse_qs(back.query)["state"]) == ("/m/bills", ["3"], ["abc123"])
    assert parse_qs(back.query)["code"]
    unknown = requests.get(address, params=query, timeout=5)
    assert "请选择，你现在是谁？" in unknown.text


@pytest.mark.parametrize("megabytes", [12, 20])
def test_a_picture_above_the_limit_is_refused_in_words(company: Company, megabytes: int) -> None:
    picture = b"\xff\xd8\xff" + os.urandom(megabytes * 2**20)
    answer = requests.post(
        f"{company.address}/api/act/image",
        data={"openid": "demo-zhang"},
        files={"media": ("漏水.jpg", picture)},
        timeout=30,
    )
    assert answer.status_code == 400
    assert answer.json() == {"sorry": "图片太大了，最大 10 MB。"}


def test_nearly_ten_megabytes_get_through(company: Company) -> None:
    picture = b"\xff\xd8\xff" + os.urandom(10 * 2**20 - 3)
    files = {"media": ("漏水.jpg", picture)}
    answer = requests.post(f"{company.address}/api/act/image", data={"openid": "demo-zhang"}, files=files, timeout=30)
    assert answer.json() == {"ok": True}
