"""`menu`: the buttons get onto the official account, or it is said why not."""

from collections.abc import Callable
from typing import Any

from click.testing import Result
from flask import Flask

from bot.wechat.errors import WeChatError
from handlers.events import MENU


class Account:
    """An official account that takes a menu, or refuses it with `error`."""

    def __init__(self, error: WeChatError | None = None) -> None:
        self.error = error
        self.menus: list[Any] = []

    def create_menu(self, menu: Any) -> None:
        if self.error:
            raise self.error
        self.menus.append(menu)


def test_every_button_that_is_put_up_begins_something(run: Callable[..., Result], command_app: Flask) -> None:
    account = Account()
    command_app.extensions["services"].__dict__["wechat"] = account
    assert run("menu").exit_code == 0
    (menu,) = account.menus
    keys = [leaf["key"] for button in menu["button"] for leaf in button.get("sub_button", [button])]
    assert set(keys) == set(MENU)


def test_a_refusal_of_wechat_is_told_in_one_line(run: Callable[..., Result], command_app: Flask) -> None:
    command_app.extensions["services"].__dict__["wechat"] = Account(WeChatError(48001, "api unauthorized"))
    result = run("menu")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "48001" in result.stderr
