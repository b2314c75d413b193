"""委托代扣 on the pretend phone: the page is opened, WeChat asks, and the person agrees."""

import html
import re
from dataclasses import replace
from urllib.parse import urlsplit

from bot.simulator.app import app_of
from tests.support.pages import Phone
from tests.support.world import World

_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
_HOME = re.compile(r'name="home" value="(\d+)"')
_WAY = re.compile(r'href="([^"]*/papay/entrustweb[^"]*)"')
_CODE = re.compile(r'name="code" value="([^"]+)"')


def switch_on(world: World, *, on: bool = True, **more: int) -> None:
    settings = world.services.settings
    world.services.settings = replace(settings, papay=replace(settings.papay, on=on, **more))
    world.app.extensions["desk"] = replace(world.app.extensions["desk"], settings=world.services.settings)


def way_to_wechat(world: World, openid: str) -> str:
    """Press the button of our page; the address at WeChat that it then shows."""
    phone = Phone(world, openid).signs_in()
    page = phone.opens("/m/papay").get_data(as_text=True)
    token, home = _TOKEN.search(page), _HOME.search(page)
    assert token is not None, page
    assert home is not None, page
    shown = phone.browser.post("/m/papay", data={"form_token": token[1], "home": home[1]}).get_data(as_text=True)
    way = _WAY.search(shown)
    assert way is not None, shown
    return html.unescape(way[1])


def agree(world: World, openid: str) -> None:
    way = urlsplit(way_to_wechat(world, openid))
    wechat = app_of(world.platform).test_client()
    code = _CODE.search(wechat.get(f"{way.path}?{way.query}").get_data(as_text=True))
    assert code is not None
    assert wechat.post(way.path, data={"code": code[1]}).status_code == 200
