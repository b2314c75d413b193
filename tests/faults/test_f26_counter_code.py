"""The code on the cashier's screen: whoever stands at the counter scans it, and the money is in the books."""

import re

from tests.faults.test_f17_paying import clean, paid_online, states
from tests.support.computer import Computer
from tests.support.world import World


def at_desk(world: World, openid: str) -> Computer:
    computer = Computer(world.app)
    computer.opens("/desk/login")
    number = re.search(r"\b(\d{4,8})\b", computer.text)
    assert number is not None, computer.text
    world.says(openid, f"登录 {number[1]}")
    computer.looks_again()
    return computer


def test_a_code_for_the_counter_is_scanned_and_posted(world: World) -> None:
    world.says("demo-sun", "收款 锦绣花园 3-2-501 100 扫码")
    said = world.says("demo-sun", "1")
    link = re.search(r"/desk/code/\w+", said)
    assert link is not None, said
    desk = at_desk(world, "demo-sun")
    desk.opens(link[0])
    assert "扫一扫" in desk.text, desk.text
    assert desk.opens(f"{link[0]}.png").data.startswith(b"\x89PNG")
    token = next(order.token for order in world.platform.payments.all_orders())
    world.platform.scan("demo-guest", token)
    world.settle()
    assert (paid_online(world), states(world)) == ([10000], ["paid"])
    desk.opens(link[0])
    assert "已经付好" in desk.text
    other = at_desk(world, "demo-qian")
    assert other.opens(link[0]).status_code == 404
    clean(world)
