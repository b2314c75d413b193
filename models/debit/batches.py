"""A list for the bank: what every home with a mandate owes. While it is with the bank no other list of the compound is made, so
that nobody is asked twice (domain rules 1.15)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.queries import open_bills_of
from models.db import SHANGHAI, savepoint
from models.debit.bank_files import FileUnreadable, Wanted, write_list
from models.debit.mandates import valid_on
from models.debit.profiles import BankProfile
from models.debit.tables import DebitBatch, DebitLine, DebitTerms, Mandate
from models.dunning.queries import disputed
from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.tables import Community, Home
from models.money import shown
from models.payments.actions import LARGEST
from models.payments.late_fees import accrued_on
from models.vault import Vault

LEAST = 1  # fen


@dataclass(frozen=True)
class Due:
    """What one home would be asked for: `fen` with the late fees of today, for `bills`."""

    home: Home
    mandate: Mandate
    fen: int
    bills: tuple[int, ...]


def terms_of(session: Session, community_id: int) -> DebitTerms:
    """Raises Refusal where direct debit is not set up."""
    terms = session.get(DebitTerms, community_id)
    if terms is None:
        raise Refusal("这个小区没有开通银行代扣。请经理先选银行和日子。")
    return terms


def set_terms(
    session: Session, community: Community, bank: str, days: tuple[int, int], banks: Mapping[str, BankProfile], *, by: str,
    now: datetime,
) -> None:  # fmt: skip
    """Through which bank and on which two days of the month; `bank` "" switches direct debit off. Raises Refusal."""
    terms = session.get(DebitTerms, community.id)
    if bank and bank not in banks:
        raise Refusal("请从列表里选银行。")
    if bank and not 1 <= days[0] < days[1] <= 28:
        raise Refusal("两次代扣的日子要在1号到28号之间，第二次要比第一次晚。")
    if not bank and terms is not None:
        session.delete(terms)
    elif bank and terms is None:
        session.add(DebitTerms(community_id=community.id, bank=bank, first_day=days[0], second_day=days[1]))
    elif bank and terms is not None:
        terms.bank, terms.first_day, terms.second_day = bank, *days
    record(
        session, at=now, actor=by, action="debit.terms", subject=f"community:{community.id}", source="system",
        company_id=community.company_id, details={"bank": bank, "days": list(days) if bank else []},
    )  # fmt: skip


def due_of(session: Session, community_id: int, now: datetime) -> list[Due]:
    """Every home with a valid mandate that owes something, in the order of the homes. Four statements, however many homes."""
    today = now.astimezone(SHANGHAI).date()
    rows = session.execute(
        sa.select(Home, Mandate)
        .join(Mandate, Mandate.home_id == Home.id)
        .where(Mandate.community_id == community_id, valid_on(today), ~disputed(Mandate.home_id, today))
        .order_by(Home.building, Home.entrance, Home.room, Home.id)
    ).all()
    lines = open_bills_of(session, [home.id for home, _ in rows])
    late = accrued_on(session, [line.bill for line in lines], today)
    owed: dict[int, list[tuple[int, int]]] = {}
    for line in lines:
        owed.setdefault(line.bill.home_id, []).append((line.bill.id, line.open + late[line.bill.id]))
    return [
        Due(home, mandate, sum(fen for _, fen in owed[home.id]), tuple(bill for bill, _ in owed[home.id]))
        for home, mandate in rows
        if home.id in owed and LEAST <= sum(fen for _, fen in owed[home.id]) <= LARGEST
    ]


def make_list(
    session: Session, community: Community, profile: BankProfile, vault: Vault, *, by: str, now: datetime
) -> DebitBatch:
    """Everything due now, as one list that no longer changes. Raises Refusal: nothing due, or one is with the bank."""
    due = due_of(session, community.id, now)
    if not due:
        raise Refusal("现在没有要代扣的：签了代扣的住户都交清了。")
    batch = DebitBatch(
        community_id=community.id, bank=profile.key, number="", day=now.astimezone(SHANGHAI).date(), count=len(due),
        total=sum(one.fen for one in due), by=by, at=now,
    )  # fmt: skip
    batch.number = f"{batch.day:%Y%m%d}{community.id:04d}{_how_many_today(session, batch):02d}"
    try:
        with savepoint(session):
            session.add(batch)
            session.flush()
    except IntegrityError:
        raise AlreadyDone("上一份代扣名单还在银行处理，回盘以后才能做新的。") from None
    session.add_all(
        DebitLine(
            batch_id=batch.id, seq=seq, home_id=one.home.id, mandate_id=one.mandate.id, fen=one.fen, bills=list(one.bills)
        )
        for seq, one in enumerate(due, start=1)
    )  # fmt: skip
    session.flush()
    content_of(session, batch, profile, vault)  # what the bank's file cannot hold is told now, and nothing is made
    _note(session, batch, community.company_id, "debit.list", by=by, now=now)
    return batch


def _how_many_today(session: Session, batch: DebitBatch) -> int:
    found = session.scalar(
        sa.select(sa.func.count())
        .select_from(DebitBatch)
        .where(DebitBatch.community_id == batch.community_id, DebitBatch.day == batch.day)
    )
    return int(found or 0) + 1


def content_of(session: Session, batch: DebitBatch, profile: BankProfile, vault: Vault) -> bytes:
    """The file of a list, the same every time. Raises Refusal for what the bank's file cannot hold."""
    rows = session.execute(
        sa.select(DebitLine.seq, DebitLine.fen, Mandate.sealed, Mandate.holder, Home)
        .join(Mandate, Mandate.id == DebitLine.mandate_id)
        .join(Home, Home.id == DebitLine.home_id)
        .where(DebitLine.batch_id == batch.id)
        .order_by(DebitLine.seq)
    )
    lines = [Wanted(seq, vault.open(account), holder, fen, home.label) for seq, fen, account, holder, home in rows]
    try:
        return write_list(profile, batch.number, batch.day, lines)
    except FileUnreadable as problem:
        raise Refusal(f"{problem}。") from None


def drop_list(session: Session, batch: DebitBatch, *, company_id: int, by: str, now: datetime) -> None:
    """A list that never went to the bank. Raises AlreadyDone when it is no longer open."""
    if not close(session, batch, "dropped", by=by, now=now):
        raise AlreadyDone("这份名单已经处理过了。")
    session.execute(
        sa.update(DebitLine)
        .where(DebitLine.batch_id == batch.id)
        .values(state="dropped")
        .execution_options(synchronize_session=False)
    )
    _note(session, batch, company_id, "debit.drop", by=by, now=now)


def close(session: Session, batch: DebitBatch, state: str, *, digest: str = "", by: str, now: datetime) -> bool:
    """From sent to `state`, by one only; False when somebody was first."""
    changed = session.execute(
        sa.update(DebitBatch)
        .where(DebitBatch.id == batch.id, DebitBatch.state == "sent")
        .values(state=state, digest=digest, done_at=now, done_by=by)
        .execution_options(synchronize_session=False)
    )
    session.expire(batch)
    return changed.rowcount == 1  # type: ignore[attr-defined, no-any-return]


def note_taken(session: Session, batch: DebitBatch, company_id: int, *, by: str, now: datetime) -> None:
    """Somebody has the whole account numbers in hand now."""
    _note(session, batch, company_id, "debit.file", by=by, now=now)


def _note(session: Session, batch: DebitBatch, company_id: int, action: str, *, by: str, now: datetime) -> None:
    record(
        session, at=now, actor=by, action=action, subject=f"debit:{batch.number}", source="system", company_id=company_id,
        details={"count": batch.count, "fen": batch.total},
    )  # fmt: skip


# --- looking ----------------------------------------------------------------------------------------------------------


def lists_of(session: Session, community_ids: Sequence[int], limit: int) -> Sequence[DebitBatch]:
    """The newest first."""
    return session.scalars(
        sa.select(DebitBatch)
        .where(DebitBatch.community_id.in_(community_ids))
        .order_by(DebitBatch.id.desc())
        .limit(limit)
    ).all()


def list_numbered(session: Session, number: str, community_ids: Sequence[int]) -> DebitBatch:
    """Raises NotFound, for a list of other people's too."""
    found = session.scalars(
        sa.select(DebitBatch).where(DebitBatch.number == number, DebitBatch.community_id.in_(community_ids))
    ).one_or_none()
    if found is None:
        raise NotFound(f"没有批次号是{number[:16]}的代扣名单。")
    return found


def banks_of(session: Session, community_ids: Sequence[int]) -> list[str]:
    """The keys of the banks that lists of these compounds went to."""
    keys = sa.select(DebitBatch.bank).where(DebitBatch.community_id.in_(community_ids)).distinct()
    return list(session.scalars(keys.order_by(DebitBatch.bank)))


def words_of(batch: DebitBatch) -> str:
    """3月10日 12户 3,456.00元 处理中"""
    states = {"sent": "银行处理中", "done": "已回盘", "dropped": "作废"}
    return f"{batch.day.month}月{batch.day.day}日 {batch.count}户 {shown(batch.total)} {states[batch.state]}"
