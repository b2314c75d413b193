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
                click("我的报修", "progress"),
                click("催一催", "nudge"),
                click("小区公告", "notices"),
                click("绑定房屋", "bind"),
            ],
        },
        click("帮助", "help"),
    ]
}
