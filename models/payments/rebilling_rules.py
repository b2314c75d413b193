"""Which bills can be taken back at the desk, which can be billed anew, and what is to be done with the others, in words."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models.billing.meter_tables import BilledUse
from models.billing.metered_run import counts
from models.billing.tables import Bill, FeeItem
from models.billing.waiving import OF_OURS, needs_another
from models.errors import AlreadyDone, Refusal
from models.money import shown
from models.payments.handover_bills import refuse_invoiced
from models.payments.online import open_order_of
from models.payments.taken_off import taken_off_alone
from models.payments.terms import terms_of
from models.people.ownership import Ownership

# Items whose bills belong to something else, which has a way of its own to end them.
_ELSEWHERE = {
    "SPECIAL": "这是工单的费用。不收了，请在微信里说「免收 工单号 原因」。",
    "DAMAGE": "这是从押金里扣的，请到「退押金」那里处理。",
    "PENALTY": "这是违约金。不收了，请在微信里说「减免 房号 违约金 金额 原因」；账单错了，冲红那张账单，违约金一起退掉。",
}
NOT_LIVE = "这张账单刚刚已经冲红了，请再看一下。"


def refuse_taking_back(session: Session, bill: Bill, item: FeeItem) -> None:
    """Raises Refusal with the way to go instead, AlreadyDone for what was taken back already."""
    if bill.state != "posted":
        raise AlreadyDone(NOT_LIVE)
    if bill.amount <= 0:
        raise Refusal("这是减免，不是账单。")
    if item.code in _ELSEWHERE:
        raise Refusal(_ELSEWHERE[item.code])
    refuse_invoiced(session, bill, item.name, "冲红")
    if open_order_of(session, bill.home_id) is not None:
        raise Refusal("这一户正在用微信付款，请过半分钟再冲红。")


def refuse_anew(session: Session, bill: Bill) -> None:
    """Raises Refusal when these days cannot be billed anew, AlreadyDone when another bill stands for one of them."""
    if bill.basis.get("formula") == "share":
        raise Refusal("公摊是全体一起分的，一户不能单独重新算。这一户不该收的，请选「不再收」。")
    if bill.tariff_id is None:
        raise Refusal("这张账单不是按收费标准出的（台账里的欠费、补收的差额），不能重新算。欠费请改好台账再导入一次。")
    other = session.execute(_others(bill)).first()
    if other is not None:
        raise AlreadyDone(
            f"{other.start}到{other.end}已经另有一张{shown(other.amount)}的账单，同一段时间不能收两次。要重新出，请先冲红那一张。"
        )
    if _sold_since(session, bill):
        raise Refusal("这一户后来过户了，这张账单不能自动重新算。")
    if _counted_later(session, bill):
        raise Refusal("这块表后来又出过账，这一张不能再单独重新算。")


def refuse_alone(session: Session, bill: Bill, item: FeeItem, total: int, *, now: datetime) -> int:
    """What one person takes off a home by saying so takes two above a limit, as any other waiver and together with them.

    Returns the fen. Raises Refusal.
    """
    off = max(0, bill.amount - total) if item.fund == OF_OURS else 0
    before = taken_off_alone(session, bill.home_id, now, besides=bill.id) if off else 0
    free = terms_of(session, bill.community_id).waive_free
    if off and needs_another(off, before, free):
        lately = (
            f"最近30天这一户已经由一个人少收了{shown(before)}，再少收{shown(off)}"
            if before
            else f"一次少收{shown(off)}"
        )
        raise Refusal(f"{lately}，超过一个人能定的{shown(free)}，要两位经理：请在微信里说「减免 房号 金额 原因」。")
    return off


def refuse_others_money(session: Session, bill: Bill, held: int) -> None:
    """What is held is the home's, so nothing that a former owner paid may get there. Raises Refusal."""
    if not held:
        return
    if bill.former_id is not None:
        raise Refusal(f"这是原业主的账单，多出来的{shown(held)}要退给原业主：请先退款，再来冲红。")
    sold = sa.select(Ownership.id).where(Ownership.home_id == bill.home_id, Ownership.until_day >= bill.start)
    if session.scalar(sold.limit(1)) is not None:
        raise Refusal(f"这张账单的钱是过户以前交的，多出来的{shown(held)}要退给交钱的人：请先退款，再来冲红。")


def _others(bill: Bill) -> sa.Select[object, object, int]:
    """Bills that are owed for one of these days, or will be."""
    return (
        sa.select(Bill.start, Bill.end, Bill.amount)
        .where(
            Bill.home_id == bill.home_id, Bill.item_id == bill.item_id, Bill.id != bill.id, Bill.amount > 0,
            Bill.state.in_(("posted", "draft")), Bill.late_for.is_(None), Bill.start <= bill.end, Bill.end >= bill.start,
        )
        .order_by(Bill.id)
        .limit(1)
    )  # fmt: skip


def _sold_since(session: Session, bill: Bill) -> bool:
    """Whether the owner of the first day is another than that of the bill, or than that of the last day."""
    sold = sa.select(Ownership.id).where(
        Ownership.home_id == bill.home_id, Ownership.until_day >= bill.start,
        sa.true() if bill.former_id is None else Ownership.until_day < bill.end,
    )  # fmt: skip
    return session.scalar(sold.limit(1)) is not None


def _counted_later(session: Session, bill: Bill) -> bool:
    """Whether a later bill has gone on from where this one stopped counting a meter."""
    later = aliased(BilledUse)
    found = (
        sa.select(later.bill_id)
        .join(BilledUse, sa.and_(BilledUse.meter_id == later.meter_id, later.upto_on > BilledUse.upto_on))
        .join(Bill, Bill.id == later.bill_id)
        .where(BilledUse.bill_id == bill.id, counts())
    )
    return session.scalar(found.limit(1)) is not None
