"""催款函: the formal demand on paper, with everything such a letter must say, and the slip that proves its delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.queries import BillLine, open_bills_of
from models.billing.tables import Tariff
from models.db import SHANGHAI, insert_or_ignore
from models.dunning.queries import Late, rules_of
from models.dunning.steps import LAWYER, LETTER
from models.dunning.tables import Demand
from models.errors import NotFound
from models.estate.tables import Community, Company, Home
from models.payments.late_fees import accrued
from models.people.queries import residents_of

BASIS = "物业服务合同；《中华人民共和国民法典》第九百四十四条"
NO_LATE_FEE = "没有约定违约金，不计收。"


@dataclass(frozen=True)
class Line:
    """物业费 2026-01-01至2026-01-31, fen."""

    item: str
    start: date
    end: date
    fen: int


@dataclass(frozen=True)
class Letter:
    """Everything that stands on the paper. `late_fee` has run up until `on`; `pay_until` is 15 to 30 days later."""

    number: str
    company: str
    hotline: str
    owner: str
    home: str
    lines: tuple[Line, ...]
    late_fee: int
    late_fee_words: str
    on: date
    pay_until: date
    pay_to: str

    @property
    def principal(self) -> int:
        return sum(line.fen for line in self.lines)

    @property
    def total(self) -> int:
        return self.principal + self.late_fee


def ready(late: Sequence[Late], step: int = LETTER) -> list[Late]:
    """Whose next step is a letter (or the lawyer's file), nothing stops it, and no repair of theirs is late."""
    return [one for one in late if one.step and one.step.number == step and not one.stops and not one.order]


def issue(session: Session, late: Sequence[Late], *, by: str, now: datetime) -> list[Demand]:
    """Write down the letters (or files) of these homes; those somebody else has issued meanwhile are left out."""
    issued = []
    for one in late:
        if one.step is None or one.step.number not in (LETTER, LAWYER):
            continue
        values = {
            "community_id": one.home.community_id, "home_id": one.home.id, "step": one.step.number, "round": one.round,
            "due": one.due, "fen": one.fen, "way": one.step.way, "by": by, "at": now, "proof": "", "photo": "",
        }  # fmt: skip
        if insert_or_ignore(session, Demand, values):
            issued.append(
                session.scalars(
                    sa.select(Demand).where(
                        Demand.home_id == one.home.id, Demand.due == one.due, Demand.step == one.step.number,
                        Demand.round == one.round,
                    )
                ).one()
            )  # fmt: skip
    return issued


def undelivered(session: Session, community_ids: Sequence[int], *, limit: int = 200) -> list[Demand]:
    """Letters that were issued and whose delivery nobody has noted yet, the oldest first."""
    return list(
        session.scalars(
            sa.select(Demand)
            .where(
                Demand.community_id.in_(community_ids), Demand.step == LETTER, Demand.way == "letter",
                Demand.delivered_on.is_(None),
            )
            .order_by(Demand.id)
            .limit(limit)
        )
    )  # fmt: skip


def letter_of(session: Session, demand: Demand, now: datetime, *, pay_to: str = "") -> Letter:
    """What the letter says, as the debt stands today. Raises NotFound when nothing is owed any more."""
    today = now.astimezone(SHANGHAI).date()
    home = session.get_one(Home, demand.home_id)
    community = session.get_one(Community, home.community_id)
    company = session.get_one(Company, community.company_id)
    owed = [line for line in open_bills_of(session, [home.id]) if line.bill.due_on < today]
    if not owed:
        raise NotFound("这一户已经交清了，不用发函。")
    owners = [person.name for person, relation in residents_of(session, home.id) if relation == "owner"]
    days = rules_of(session, company.id).days_to_pay
    return Letter(
        number=f"催字〔{demand.at.astimezone(SHANGHAI).year}〕第{demand.id:06d}号",
        company=company.name,
        hotline=company.hotline,
        owner="、".join(owners) or "业主",
        home=f"{community.name}{home.label}",
        lines=tuple(Line(line.item, line.bill.start, line.bill.end, line.open) for line in owed),
        late_fee=sum(accrued(session, line.bill, today) for line in owed),
        late_fee_words=_late_fee_words(session, owed, today),
        on=today,
        pay_until=today + timedelta(days=days),
        pay_to=pay_to,
    )


def _late_fee_words(session: Session, owed: Sequence[BillLine], today: date) -> str:
    """How it is counted, and until when."""
    tariffs = {line.bill.tariff_id for line in owed if line.bill.tariff_id is not None}
    rates = {
        (tariff.late_rate, tariff.late_cap)
        for tariff in session.scalars(sa.select(Tariff).where(Tariff.id.in_(tariffs)))
        if tariff.late_rate
    }
    if not rates:
        return NO_LATE_FEE
    said = "、".join(f"每日万分之{rate / 100:g}（最高为本金的{cap}%）" for rate, cap in sorted(rates))
    return f"按合同{said}，从到期次日起计算，截至{today}。"
