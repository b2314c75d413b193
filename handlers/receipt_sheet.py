"""What stands on a receipt, for its page and for its paper alike."""

from dataclasses import dataclass

from handlers.speaker import Person
from models.money import shown
from models.payments.receipts import number_of
from models.payments.tables import Payment, Receipt
from models.people.names import masked_name
from models.people.rights import may

# Who deals with money or answers for it reads the payer's whole name; a colleague on the way to a repair does not need it.
OFFICE = frozenset({"cashier", "clerk", "lead", "manager"})


@dataclass(frozen=True)
class Sheet:
    """Ready to be shown. `marks`: 作废, 补打, 已退款. `lines`: (what for and for which time, how much)."""

    title: str
    number: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str], ...]
    total: str
    capitals: str
    marks: tuple[str, ...]


def opens_for(person: Person, payment: Payment) -> bool:
    """The owner's family sees what the home paid, whoever lives there what they paid themselves, staff their compounds'."""
    if person.company_id != payment.company_id:
        return False
    if person.staff is not None and (
        person.staff.community_ids is None or payment.community_id in person.staff.community_ids
    ):
        return True
    paid_it = (payment.account, payment.openid) == (person.account, person.openid)
    return any(
        # What a former owner paid is no business of today's.
        (may(home.relation, "see_bills") and payment.former_id is None) or (paid_it and may(home.relation, "pay"))
        for home in person.homes
        if home.home_id == payment.home_id
    )


def sheet_of(receipt: Receipt, payment: Payment, person: Person) -> Sheet:
    content = receipt.content
    at_home = any(home.home_id == payment.home_id for home in person.homes)
    whole = at_home or (person.staff is not None and person.staff.role in OFFICE)
    payer = str(content["payer"])
    facts = [
        ("房屋", str(content["home"])),
        ("交款人", payer if whole or not payer else masked_name(payer)),
        ("收款方式", str(content["channel"])),
        ("收款日期", f"{payment.at:%Y-%m-%d}"),
        ("收款人", content.get("cashier") or "系统自动收款"),
        ("收款单位", content.get("company", "")),
    ]
    return Sheet(
        title="押金收据" if receipt.kind == "deposit" else "收款收据",
        number=number_of(receipt),
        facts=tuple((name, words) for name, words in facts if words),
        lines=tuple((words, shown(fen)) for words, fen in content["positions"]),
        total=str(content["shown"]),
        capitals=str(content["capitals"]),
        marks=tuple(_marks(receipt, payment)),
    )


def _marks(receipt: Receipt, payment: Payment) -> list[str]:
    marks = []
    if receipt.voided_at is not None:
        marks.append(f"作废（{receipt.voided_at:%Y-%m-%d}，{receipt.void_reason}）")
    if receipt.reprints:
        marks.append(f"补打（第{receipt.reprints}次）")
    if receipt.kind == "deposit" and not payment.refunded:
        marks.append("退押金时请交回本收据")
    if payment.refunded:
        marks.append(f"已退款{shown(payment.refunded)}")
    return marks
