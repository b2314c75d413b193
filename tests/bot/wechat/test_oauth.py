"""The silent login (reference 3.13)."""

import pytest
import requests

from bot.wechat.errors import Consequence, WeChatError
from bot.wechat.oauth import OAuth
from models.errors import Refusal
from tests.bot.wechat.pretend import API, PretendWeChat, Raw, refused


def oauth(*answers):
    wechat = PretendWeChat(*answers)
    return OAuth("wx1", "s3cret", api_base=API, open_base="https://open.test/", http=wechat.session()), wechat


def test_the_address_has_its_parameters_in_the_order_wechat_checks():
    login, _ = oauth()
    assert login.authorize_url("https://home.test/m/bill?id=7&x=张", "a1B2") == (
        "https://open.test/connect/oauth2/authorize?appid=wx1"
        "&redirect_uri=https%3A%2F%2Fhome.test%2Fm%2Fbill%3Fid%3D7%26x%3D%E5%BC%A0"
        "&response_type=code&scope=snsapi_base&state=a1B2#wechat_redirect"
    )


@pytest.mark.parametrize("state", ["", "a b", "a&b=1#z", "a-b", "张", "a\n", "x" * 129])
def test_a_state_that_wechat_would_mangle_is_refused(state):
    with pytest.raises(ValueError, match="state"):
        oauth()[0].authorize_url("https://home.test/", state)


def test_a_code_tells_who_it_is():
    login, wechat = oauth({"access_token": "A", "expires_in": 7200, "openid": "o1", "scope": "snsapi_base"})
    assert login.openid_for("c&1") == "o1"
    assert wechat.paths() == ["/sns/oauth2/access_token"]
    assert wechat.query() == {"appid": "wx1", "secret": "s3cret", "code": "c&1", "grant_type": "authorization_code"}
    assert wechat.options[0]["timeout"] == (3.0, 5.0)


@pytest.mark.parametrize("errcode", [40029, 40163, 42003])
def test_a_spent_code_says_to_begin_again(errcode):
    with pytest.raises(WeChatError) as error:
        oauth(refused(errcode))[0].openid_for("c1")
    assert error.value.consequence is Consequence.CODE_SPENT


def test_a_preview_is_nobody():
    with pytest.raises(Refusal, match="完整服务"):
        oauth({"openid": "o1", "is_snapshotuser": 1})[0].openid_for("c1")


@pytest.mark.parametrize(
    "answer", [{}, {"openid": ""}, {"openid": 5}, Raw(b"<html>"), requests.ReadTimeout("secret=s3cret")]
)
def test_without_an_openid_nobody_is_logged_in(answer):
    with pytest.raises(WeChatError) as error:
        oauth(answer)[0].openid_for("c1")
    assert "s3cret" not in str(error.value)
