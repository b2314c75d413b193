"""The default menu keeps WeChat's limits (reference 3.11)."""

from bot.wechat.menu import DEFAULT_MENU


def test_three_buttons_with_at_most_five_below_and_short_names():
    buttons = DEFAULT_MENU["button"]
    below = [entry for button in buttons for entry in button.get("sub_button", [])]
    assert len(buttons) == 3
    assert all(len(button.get("sub_button", [])) <= 5 for button in buttons)
    assert all(len(button["name"].encode()) <= 16 for button in buttons)
    assert all(len(entry["name"].encode()) <= 60 for entry in below)


def test_every_key_is_named_once():
    entries = [entry for button in DEFAULT_MENU["button"] for entry in button.get("sub_button", [button])]
    keys = [entry["key"] for entry in entries]
    assert len(keys) == len(set(keys)) == 5
    assert all(entry["type"] == "click" and 1 <= len(entry["key"].encode()) <= 128 for entry in entries)
