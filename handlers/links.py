"""Links to our own pages, as the chat shows them. The address is the one that was set, never one somebody called us by."""

import re

from bot.flow import Turn
from handlers.speaker import Person
from models.people.rights import may
from models.workorders.place import page_of
from models.workorders.tables import WorkOrder

_TAG = re.compile(r"<(?=/?a[\s/>])", re.IGNORECASE)  # the only tag WeChat knows in a text


def order_link(turn: Turn, order: WorkOrder) -> str:
    """A line that opens the order's page, or "" for whom it would not open."""
    base = getattr(turn.settings, "public_url", "")
    if not base or not opens_for(turn.speaker, order):
        return ""
    return f'<a href="{base}{page_of(order.id)}">点这里看照片和全部经过</a>'


def share_link(turn: Turn, code: str) -> str:
    """A link to the proof sheet of a common cost; "" where we have no address."""
    base = getattr(turn.settings, "public_url", "")
    return f'<a href="{base}/m/share/{code}">看分摊明细</a>' if base else ""


def receipt_link(turn: Turn, receipt_id: int) -> str:
    """A link to a receipt, its file too; "" where we have no address."""
    base = getattr(turn.settings, "public_url", "")
    return f'<a href="{base}/m/receipt/{receipt_id}">点这里看收据、下载PDF</a>' if base else ""


def opens_for(person: Person, order: WorkOrder) -> bool:
    """Of an order the person may see in the chat: does its page with the photos open, too?

    They show the rooms. At home they belong to whom rights.py lets see the home's orders; a tenant sees those of what the tenant
    reported.
    """
    reported = (order.account, order.openid) == (person.account, person.openid)
    at_home = any(home.home_id == order.home_id and may(home.relation, "see_home_orders") for home in person.homes)
    return reported or at_home or person.is_staff


def only_our_links(words: str, base: str) -> str:
    """WeChat makes `<a href=…>` in a reply a link. Of ours that is wanted; in what a neighbour wrote it is a trap, and is shown
    as the signs it is made of. Links that only say something in the chat (bizmsgmenu) stay, too."""
    if "<" not in words:
        return words
    ours = re.compile(rf'<a href="(?:{re.escape(base)}/|weixin://bizmsgmenu\?)[^"<>]*">[^<>]*</a>')
    parts, end = [], 0
    for link in ours.finditer(words):
        parts += [_TAG.sub("＜", words[end : link.start()]), link[0]]
        end = link.end()
    return "".join([*parts, _TAG.sub("＜", words[end:])])
