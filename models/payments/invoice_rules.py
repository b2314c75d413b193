"""发票: what must be right before an invoice can be asked for, and how a request goes on (domain rules 1.12)."""

import re

from models.errors import Refusal

KINDS = {"plain": "普票", "special": "专票"}
STATES = {"asked": "待开", "issued": "已开", "sent": "已发送", "reversed": "红冲"}
NEXT = {"issued": ("asked",), "sent": ("issued",), "reversed": ("issued", "sent")}

LONGEST_TITLE = 60
_TAX_NUMBER = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{18}|[0-9A-Z]{20}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def tax_number(words: str) -> str:
    """税号 as it is printed: 15, 18 or 20 letters and digits. Raises Refusal."""
    number = re.sub(r"[\s-]", "", words).upper()
    if not _TAX_NUMBER.fullmatch(number):
        raise Refusal(f"税号是15、18或20位的数字和字母，您发的是{len(number)}位，请再核对一遍。")
    return number


def email(words: str) -> str:
    """Raises Refusal."""
    address = words.strip()
    if len(address) > 100 or not _EMAIL.fullmatch(address):
        raise Refusal("邮箱没看懂，请写成 name@example.com 这样。")
    return address


def title(words: str) -> str:
    """抬头. Raises Refusal."""
    name = " ".join(words.split())
    if not 2 <= len(name) <= LONGEST_TITLE:
        raise Refusal(f"抬头请写公司全称或姓名，2到{LONGEST_TITLE}个字。")
    return name


def must_follow(state: str, wanted: str) -> None:
    """Raises Refusal for a step that does not come next."""
    if state not in NEXT[wanted]:
        raise Refusal(f"这张发票现在是「{STATES[state]}」，不能改成「{STATES[wanted]}」。")
