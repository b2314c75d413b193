"""The custom menu a new account begins with. Three buttons: nobody needs them, everybody finds them (reference 3.11)."""

from typing import Any


def click(name: str, key: str) -> dict[str, Any]:
    return {"type": "click", "name": name, "key": key}


DEFAULT_MENU: dict[str, Any] = {
    "button": [
        click("报修", "repair"),
        {
            "name": "我的家",
            "sub_button": [
                click("我的报修", "my_repairs"),
                click("我的房屋", "my_home"),
                click("绑定房屋", "bind"),
            ],
        },
        click("帮助", "help"),
    ]
}
