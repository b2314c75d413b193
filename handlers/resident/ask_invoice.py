"""开发票: for which payment, of which kind, for whom, and where to; the office makes it."""

from collections.abc import Callable

from bot.flow import Again, Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.payments_seen import homes_of_payments
from handlers.speaker import Person
from models.errors import NotFound, Refusal
from models.money import shown
from models.payments import invoice_rules
from models.payments.invoicing import ask_for, bills_to_invoice
from models.payments.queries import payments_of
from models.payments.tables import Payment

NOTHING = "没有可以开发票的缴费：还没交过，或者都开过了。有疑问请回复「人工」。"


def _payment(turn: Turn) -> Payment:
    payment = turn.session.get(Payment, int(turn.slots["payment"]))
    if payment is None or payment.former_id is not None or payment.home_id not in homes_of_payments(turn.speaker):
        raise NotFound(NOTHING)
    return payment


def ask_payment(turn: Turn) -> Question:
    homes = homes_of_payments(turn.speaker)
    found = payments_of(turn.session, homes) if homes else ()
    choices = tuple(
        Choice(payment.id, f"{payment.at:%Y-%m-%d} {shown(payment.fen)}")
        for payment, _ in found
        if bills_to_invoice(turn.session, payment.id)
    )
    return Ask("给哪一笔开发票？", choices) if choices else Done(NOTHING)


def take_payment(turn: Turn) -> Outcome:
    return Next(int(turn.choice)) if turn.asked == "payment" and turn.choice is not None else None


def take_kind(turn: Turn) -> Outcome:
    return Next(str(turn.choice)) if turn.asked == "kind" and turn.choice is not None else None


def _checked(rule: Callable[[str], str], words: str) -> Outcome:
    """What is wrong is said, and asked for again."""
    try:
        return Next(rule(words))
    except Refusal as refusal:
        return Again(refusal.message)


def take_title(turn: Turn) -> Outcome:
    return _checked(invoice_rules.title, turn.text) if turn.asked == "title" else None


def take_tax_number(turn: Turn) -> Outcome:
    if turn.asked != "tax_number":
        return None
    if turn.slots.get("kind") == "plain" and turn.text.strip() in ("个人", "没有", "无"):
        return Next("")
    return _checked(invoice_rules.tax_number, turn.text)


def take_email(turn: Turn) -> Outcome:
    return _checked(invoice_rules.email, turn.text) if turn.asked == "email" else None


def question(turn: Turn) -> str:
    said = turn.slots
    total = sum(bill.amount for bill in bills_to_invoice(turn.session, _payment(turn).id))
    tax = f"，税号{said['tax_number']}" if said["tax_number"] else ""
    return f"开{invoice_rules.KINDS[said['kind']]}{shown(total)}，抬头「{said['title']}」{tax}，发到{said['email']}。对吗？"


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    said = turn.slots
    invoice = ask_for(
        turn.session, _payment(turn), kind=said["kind"], title=said["title"], tax_number=said["tax_number"],
        email=said["email"], by=person.log_name, now=turn.now,
    )  # fmt: skip
    return Done(f"记下了，发票申请{invoice.id}号，{shown(invoice.fen)}。物业开好后发到您的邮箱。")


FLOW = Flow(
    intent="invoice_request",
    title="开发票",
    roles=frozenset({"resident"}),
    commands=("申请发票",),
    slots=(
        Slot("payment", take=take_payment, ask=ask_payment),
        Slot(
            "kind",
            take=take_kind,
            ask=lambda turn: Ask("开哪一种？", tuple(Choice(*kind) for kind in invoice_rules.KINDS.items())),
        ),
        Slot("title", take=take_title, ask="发票抬头是什么？公司请写全称。", free_text=True),
        Slot("tax_number", take=take_tax_number, ask="税号是多少？个人开普票回复「个人」。", free_text=True),
        Slot("email", take=take_email, ask="发到哪个邮箱？", free_text=True),
    ),
    confirm=question,
    finish=finish,
    refusal="要开发票，请先回复「绑定」绑定房屋。",
)
