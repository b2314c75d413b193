"""`menu`: the buttons below the chat, put on the official account."""

import click
from flask import current_app
from flask.cli import with_appcontext

from bot.services import Services
from bot.wechat.errors import WeChatError
from bot.wechat.menu import DEFAULT_MENU


@click.command("menu")
@with_appcontext
def menu_command() -> None:
    """Put Linli's menu on the official account, in place of the one that is there. People see it within five minutes."""
    services: Services = current_app.extensions["services"]
    try:
        services.wechat.create_menu(DEFAULT_MENU)
    except WeChatError as problem:
        raise click.ClickException(f"menu: WeChat did not take it ({problem})") from None
    click.echo("菜单已放到公众号：" + " · ".join(button["name"] for button in DEFAULT_MENU["button"]))
