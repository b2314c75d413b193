"""回盘: what the bank says became of a list. Taken as a whole or not at all, and once: the same file again changes nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.queries import open_bills_of
from models.db import savepoint
from models.debit.bank_files import Answer, FileUnreadable, Returned, read_return
from models.debit.batches import close, list_numbered
from models.debit.profiles import BankProfile
from models.debit.tables import DebitBatch, DebitLine, Mandate
from models.debit.telling import tell_paid, tell_refused
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, Home
from models.payments.actions import Money, take_in
from models.payments.late_fees import accrued_on
from models.payments.troubles import keep_trouble
from models.people.ownership import owner_at
from models.vault import Vault


class SameFile(AlreadyDone):
    """This very file was taken before; there is nothing to mend."""


@dataclass
class Outcome:
    """What a file did. Fen and homes: `paid` with `fen`, of which `twice` fen had been paid by other ways and are now held;
    `refused` by reason; `to_look_at`: the labels of homes where a person must say for whom the money is."""

    number: str
    paid: int = 0
    fen: int = 0
    twice: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    to_look_at: list[str] = field(default_factory=list)


def look(session: Session, content: bytes, profile: BankProfile, vault: Vault, community_ids: Sequence[int]) -> Outcome:
    """What the file says of which list, nothing written. Raises as `take_return` does."""
    returned, batch, _ = _checked(session, content, profile, vault, community_ids)
    outcome = Outcome(batch.number)
    for answer in returned.answers:
        outcome.paid += answer.came
        outcome.fen += answer.fen if answer.came else 0
        outcome.refused.update([answer.reason] if answer.reason else [])
    return outcome


def take_return(
    session: Session,
    content: bytes,
    profile: BankProfile,
    vault: Vault,
    community_ids: Sequence[int],
    *,
    by: str,
    now: datetime,
) -> Outcome:
    """Post what came, note what did not. Raises Refusal when anything in the file does not agree, SameFile for it again,
    AlreadyDone for another answer to a list that has one."""
    returned, batch, lines = _checked(session, content, profile, vault, community_ids)
    if not close(session, batch, "done", digest=sha256(content).hexdigest(), by=by, now=now):
        raise AlreadyDone(f"批次{batch.number}刚刚入过账了，没有再记。")
    outcome = Outcome(batch.number)
    # In the order of the homes, as everybody else who locks several purses does.
    for answer in sorted(returned.answers, key=lambda answer: lines[answer.seq][1].id):
        line, home, mandate = lines[answer.seq]
        line.serial, line.paid_on = answer.serial, answer.paid_on
        if answer.came:
            _post(session, outcome, batch, line, home, mandate, by=by, now=now)
        else:
            line.state, line.reason = "refused", answer.reason
            outcome.refused[answer.reason] += 1
            if (
                owner_at(session, home.id, batch.at) is None
            ):  # else it is the card of somebody who has sold the home since
                tell_refused(session, home, line, mandate, now=now)
    session.flush()
    record(
        session, at=now, actor=by, action="debit.return", subject=f"debit:{batch.number}", source="system",
        company_id=session.get_one(Community, batch.community_id).company_id,
        details={"paid": outcome.paid, "fen": outcome.fen, "refused": sum(outcome.refused.values())},
    )  # fmt: skip
    return outcome


Line = tuple[DebitLine, Home, Mandate]


def _checked(
    session: Session, content: bytes, profile: BankProfile, vault: Vault, community_ids: Sequence[int]
) -> tuple[Returned, DebitBatch, dict[int, Line]]:
    """An answer that agrees with itself and with a list of ours that is still open."""
    try:
        returned = read_return(profile, content)
    except FileUnreadable as problem:
        raise Refusal(f"{problem}，什么也没有入账。") from None
    batch = list_numbered(session, returned.batch, community_ids)
    if batch.state == "done" and batch.digest == sha256(content).hexdigest():
        raise SameFile(f"批次{batch.number}已经用这份文件入过账了，没有再记。")
    if batch.state != "sent":
        raise AlreadyDone(f"批次{batch.number}已经{'作废' if batch.state == 'dropped' else '入过账'}了，没有再记。")
    if batch.bank != profile.key:
        raise Refusal("这份名单是另一家银行的，请选对银行。")
    lines = _lines_of(session, batch)
    _must_be_ours(returned, batch, lines, vault)
    return returned, batch, lines


def _lines_of(session: Session, batch: DebitBatch) -> dict[int, Line]:
    rows = session.execute(
        sa.select(DebitLine, Home, Mandate)
        .join(Home, Home.id == DebitLine.home_id)
        .join(Mandate, Mandate.id == DebitLine.mandate_id)
        .where(DebitLine.batch_id == batch.id)
    )
    return {line.seq: (line, home, mandate) for line, home, mandate in rows}


def _must_be_ours(returned: Returned, batch: DebitBatch, lines: dict[int, Line], vault: Vault) -> None:
    """Every line of ours, and nothing else, with the account and the sum it went out with."""
    if {answer.seq for answer in returned.answers} != lines.keys() or returned.total != batch.total:
        raise Refusal("回盘文件的笔数或金额和送出去的名单不一样，什么也没有入账，请和银行核对。")
    for answer in returned.answers:
        line, home, mandate = lines[answer.seq]
        if not _agrees(answer, line, mandate, vault):
            raise Refusal(f"{home.label}这一行的账号或金额和送出去的不一样，什么也没有入账，请和银行核对。")


def _agrees(answer: Answer, line: DebitLine, mandate: Mandate, vault: Vault) -> bool:
    return answer.fen == line.fen and vault.open(mandate.sealed) == answer.account


def _post(
    session: Session, outcome: Outcome, batch: DebitBatch, line: DebitLine, home: Home, mandate: Mandate, *, by: str,
    now: datetime,
) -> None:  # fmt: skip
    """The money came: to the bills it was asked for, as far as they are still open; the rest was paid twice and is kept."""
    reference = f"{batch.number}-{line.seq}"
    money = Money(line.fen, "debit", reference, mandate.holder)
    former = _former(session, batch, line, home, now)
    open_now = {one.bill.id for one in open_bills_of(session, [home.id], former=former)}
    chosen = [bill for bill in line.bills if bill in open_now]
    try:
        with savepoint(session):
            if former is None and owner_at(session, home.id, batch.at) is not None:
                raise Refusal("房子已经过户，原业主不欠这么多。")
            taken = take_in(
                session, home, money, chosen=chosen, beyond=former is not None, principal_first=True, former=former, by=by,
                now=now,
            )  # fmt: skip
    except Refusal as refusal:
        line.state, line.reason = "look", refusal.message[:60]
        outcome.to_look_at.append(home.label)
        keep_trouble(
            session, "debit_not_posted", reference, f"{home.label}代扣到了钱但入不了账：{refusal.message}请退给原来的付款人。",
            company_id=session.get_one(Community, batch.community_id).company_id, fen=line.fen, now=now,
        )  # fmt: skip
        return
    line.state, line.payment_id = "paid", taken.payment.id
    line.twice = (
        taken.prepaid
    )  # it was asked for to the fen: what is left was paid by another way meanwhile, whole or in part
    outcome.paid += 1
    outcome.fen += line.fen
    outcome.twice += line.twice
    tell_paid(session, home, line, taken, mandate, now=now)


def _former(session: Session, batch: DebitBatch, line: DebitLine, home: Home, now: datetime) -> int | None:
    """Whoever's account it is has sold the home since, and still owes that much: it is their money for their debt."""
    owner = owner_at(session, home.id, batch.at)
    if owner is None:
        return None
    bills = [one.bill for one in open_bills_of(session, [home.id], former=owner.id)]
    late = accrued_on(session, bills, now.date())
    owed = sum(bill.amount - bill.paid + late[bill.id] for bill in bills)
    return owner.id if owed >= line.fen else None
