"""Somebody's browser inside WeChat: it opens our pages, is sent to the pretend WeChat to say whose it is, and comes back."""

from urllib.parse import urlencode, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.simulator.app import app_of
from tests.support.world import World

AUTHORIZE = "/connect/oauth2/authorize"
MOST_STEPS = 8


class Phone:
    """The browser of one person, with cookies of its own."""

    def __init__(self, world: World, openid: str) -> None:
        self._wechat = app_of(world.platform).test_client()
        self.browser: FlaskClient = world.app.test_client()
        self.openid = openid

    def opens(self, path: str) -> TestResponse:
        """Open a page and follow wherever it leads, through WeChat and back. Fails when it leads round in circles."""
        answer = self.browser.get(path)
        for _ in range(MOST_STEPS):
            if answer.status_code not in (302, 303, 308):
                return answer
            target = answer.headers["Location"]
            answer = self.browser.get(self.told_by_wechat(target) if AUTHORIZE in target else target)
        raise AssertionError(f"{path} leads round in circles: {answer.headers['Location']}")

    def signs_in(self) -> "Phone":
        self.opens("/m/")
        return self

    def told_by_wechat(self, authorize: str) -> str:
        """Where WeChat sends the browser back to: our address with a code and the state."""
        parts = urlsplit(authorize)
        answer = self._wechat.get(f"{parts.path}?{parts.query}&{urlencode({'simulator_openid': self.openid})}")
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"
