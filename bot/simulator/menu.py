"""The custom menu and its limits. Source: D/service/api/custommenu/api_createcustommenu."""

from dataclasses import dataclass
from typing import Any

from bot.simulator.errors import ApiError
from bot.simulator.store import Shelf, Store
from bot.simulator.strict import Shape

_LEAF_FIELDS = {
    "type?": str,
    "key?": str,
    "url?": str,
    "media_id?": str,
    "appid?": str,
    "pagepath?": str,
    "article_id?": str,
}
BODY: Shape = {"button": [{"name": str, **_LEAF_FIELDS, "sub_button?": [{"name": str, **_LEAF_FIELDS}]}]}

_WITH_KEY = (
    "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select",
)  # fmt: skip
_NEEDS = {
    **dict.fromkeys(_WITH_KEY, ("key",)),
    "view": ("url",),
    "miniprogram": ("url", "appid", "pagepath"),
    "media_id": ("media_id",),
    "article_id": ("article_id",),
    "article_view_limited": ("article_id",),
}
# The errcodes (number of buttons, type, name, key, url) of the first row and of the rows that fold out.
_TOP = {"count": 40016, "type": 40017, "name": 40018, "key": 40019, "url": 40020}
_SUB = {"count": 40023, "type": 40024, "name": 40025, "key": 40026, "url": 40027}


def check_menu(buttons: list[dict[str, Any]]) -> None:
    """Raise the ApiError of the limit that is broken: 3 buttons of 16 bytes, 5 below each of 60, key 128, url 1024."""
    _count(buttons, 3, _TOP)
    for button in buttons:
        _name(button, 16, _TOP)
        if "sub_button" in button:
            _count(button["sub_button"], 5, _SUB)
            for below in button["sub_button"]:
                _name(below, 60, _SUB)
                _leaf(below, _SUB)
        else:
            _leaf(button, _TOP)


def buttons_of(menu: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All buttons that do something, in order."""
    return [leaf for button in menu for leaf in (button.get("sub_button") or [button])]


def _count(buttons: list[dict[str, Any]], most: int, codes: dict[str, int]) -> None:
    if not 1 <= len(buttons) <= most:
        raise ApiError(codes["count"])


def _name(button: dict[str, Any], most: int, codes: dict[str, int]) -> None:
    if not 1 <= len(button["name"].encode()) <= most:
        raise ApiError(codes["name"])


def _leaf(button: dict[str, Any], codes: dict[str, int]) -> None:
    needs = _NEEDS.get(button.get("type", ""))
    if needs is None:
        raise ApiError(codes["type"])
    for name in needs:
        if not button.get(name):
            raise ApiError(codes["url" if name == "url" else "key"], f"hint: [{name}] is missing")
    if len(button.get("key", "").encode()) > 128:
        raise ApiError(codes["key"])
    if len(button.get("url", "").encode()) > 1024:
        raise ApiError(codes["url"])


@dataclass(frozen=True)
class Menu:
    buttons: list[dict[str, Any]]
    version: int


class MenuBoard:
    """The one menu of the account; `version` lets a phone see that it changed."""

    def __init__(self, store: Store) -> None:
        self._menus: Shelf[Menu] = Shelf(store, "menu", Menu)

    @property
    def version(self) -> int:
        return self._now().version

    def buttons(self) -> list[dict[str, Any]]:
        return self._now().buttons

    def put(self, buttons: list[dict[str, Any]]) -> None:
        self._menus.put("menu", Menu(buttons, self.version + 1))

    def button(self, key: str) -> dict[str, Any] | None:
        """The button with this key. Before any menu was made every key is taken as that of a click button."""
        if not self.buttons():
            return {"type": "click", "name": key, "key": key}
        return next((button for button in buttons_of(self.buttons()) if button.get("key") == key), None)

    def _now(self) -> Menu:
        return self._menus.get("menu") or Menu([], 0)
