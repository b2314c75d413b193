"""Somebody pays on the page of the pretend phone: the order, the sheet, and what came of it."""

import re
from typing import Any

from tests.support.pages import Phone
from tests.support.world import World

_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
_BILL = re.compile(r'name="bill" value="(\d+)"')
_HOME = re.compile(r'name="home" value="(\d+)"')


class Payer:
    def __init__(self, world: World, openid: str) -> None:
        self.world = world
        self.openid = openid
        self.phone = Phone(world, openid).signs_in()

    def orders(self, *, query: str = "", bills: list[str] | None = None, **fields: Any) -> dict[str, Any]:
        """Press the button: {number, sheet}, or {sorry}. All bills on the page unless `bills` says otherwise."""
        page = self.phone.opens(f"/m/pay{query}").get_data(as_text=True)
        token, home = _TOKEN.search(page), _HOME.search(page)
        assert token is not None, page
        assert home is not None, page
        given = _BILL.findall(page) if bills is None else bills
        data = {"form_token": token[1], "home": home[1], "bill": given, **fields}
        told: dict[str, Any] = self.phone.browser.post("/m/pay", data=data).get_json()
        return told

    def pays(self, order: dict[str, Any]) -> None:
        """Agree on the sheet; WeChat tells us when it next gets round to it."""
        self.world.platform.pay_sheet(self.openid, order["sheet"])

    def result(self, order: dict[str, Any]) -> str:
        return self.phone.opens(f"/m/paid/{order['number']}").get_data(as_text=True)


def pay_by_link(world: World, openid: str) -> None:
    """Open the link to the pay page in the newest message, press the button, agree on the sheet."""
    said = next(message["text"] for message in reversed(world.platform.chat(openid)) if "/m/pay?" in message["text"])
    query = "?" + said.split("/m/pay?")[1].split('"')[0]
    payer = Payer(world, openid)
    page = payer.phone.opens(f"/m/pay{query}").get_data(as_text=True)
    amount = re.search(r'name="amount"[^>]* value="([^"]*)"', page)
    hold = {"hold": "1"} if 'name="hold"' in page else {}
    ticked = re.findall(r'name="bill" value="(\d+)" data-fen="\d+" checked', page)
    order = payer.orders(query=query, bills=ticked, amount=amount[1] if amount else "", **hold)
    assert "sheet" in order, order
    payer.pays(order)
