"""Who hears what of direct debit: those of the home who may see its bills, and whoever is in charge of the money."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from models.debit.agreements import masked
from models.debit.tables import DebitLine, Mandate
from models.estate.tables import Home
from models.messaging import outbox
from models.money import shown
from models.payments.actions import Taken
from models.payments.issuing import who_hears
from models.payments.receipts import number_of
from models.people.queries import managers_of

# What a home can do about each reason, as the owner is told.
WHAT_TO_DO = {
    "余额不足": "请在卡里存够钱，下次还会再扣；也可以回复「缴费」现在就交。",
    "账号不存在": "这张卡可能已经注销了，请带新卡到物业重新签代扣。",
    "户名不符": "卡上的名字和协议不一样，请带身份证和银行卡到物业改一下。",
    "账户冻结": "请先联系银行，也可以回复「缴费」现在就交。",
    "协议未签": "银行那边没有签代扣协议，请到银行或物业补签。",
    "超限额": "超过了银行的代扣限额，请联系银行提高，也可以回复「缴费」现在就交。",
    "其他": "请联系银行问一下，也可以回复「缴费」现在就交。",
}


def tell_refused(session: Session, home: Home, line: DebitLine, mandate: Mandate, *, now: datetime) -> None:
    data = {
        "home": home.label, "amount": shown(line.fen), "account": masked(mandate.tail), "reason": line.reason,
        "do": WHAT_TO_DO[line.reason],
    }  # fmt: skip
    _tell(session, home, "debit_refused", data, f"debit:{line.id}", now=now)


def tell_paid(session: Session, home: Home, line: DebitLine, taken: Taken, mandate: Mandate, *, now: datetime) -> None:
    data = {
        "home": home.label, "amount": shown(line.fen), "account": masked(mandate.tail),
        "receipt": number_of(taken.receipt), "twice": shown(line.twice) if line.twice else "",
    }  # fmt: skip
    if taken.payment.former_id is None:
        _tell(session, home, "debit_paid", data, f"debit:{line.id}", now=now)


def _tell(session: Session, home: Home, kind: str, data: dict[str, str], key: str, *, now: datetime) -> None:
    for account, openid, _ in who_hears(session, [home.id]).get(home.id, ()):
        outbox.put(session, account=account, openid=openid, kind=kind, data=data, dedupe_key=key, now=now)


def tell_office(
    session: Session, company_id: int, community_id: int, lines: Sequence[str], page: str, key: str, *, now: datetime
) -> None:
    """A list is due: to everybody who is in charge of the compound."""
    for staff in managers_of(session, company_id, community_id):
        outbox.put(
            session, account=staff.account, openid=staff.openid, kind="debit_due",
            data={"lines": "\n".join(lines), "page": page}, dedupe_key=key, now=now,
        )  # fmt: skip
