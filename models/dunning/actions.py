"""Reminding: what is written down before it is sent, what stops it, and what people answer. A demand happens once."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.queries import open_bills_of
from models.db import SHANGHAI, insert_or_ignore
from models.dunning.forbidden import threats_in
from models.dunning.queries import SETTING, Late, in_force
from models.dunning.steps import COMING, DISPUTES, FIRST, REASONS, STOPS, TRYING, rules_from
from models.dunning.tables import Demand, DemandSent, DunningStop, UnpaidReason
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, CompanySetting, Home
from models.estate.working_days import calendars_of
from models.messaging import outbox
from models.messaging.quiet_hours import DEFAULT, quiet_until
from models.money import shown
from models.payments import purses
from models.payments.issuing import who_hears
from models.people.queries import managers_of

KIND_OF_STEP = {0: "payment_coming", 1: "payment_late", 2: "payment_still_late"}
THREAT = "提醒里不能说停水停电一类的话（民法典第944条），请改掉：{words}。"
LINES = 6


def why_not_now(session: Session, company_id: int, community_ids: Sequence[int], now: datetime) -> str:
    """One sentence when nobody may be reminded at this moment: the night, and days off by the company's calendar."""
    if quiet_until(now, *DEFAULT) is not None:
        return "晚上9点到早上8点不打扰业主，请白天再发。"
    calendars, today = calendars_of(session, company_id, now), now.astimezone(SHANGHAI).date()
    closed = [number for number in community_ids if not calendars.of(number).hours_on(today)]
    if closed and len(closed) == len(community_ids):
        note = calendars.of(closed[0]).note_on(today)
        return f"今天{note or '休息'}，不催缴，请上班再发。"
    return ""


def remind(session: Session, late: Late, *, by: str, now: datetime) -> bool:
    """Promise the next reminder to everybody who may see the home's bills. False when somebody was faster or it is not to be sent.

    The purse is locked first: whoever pays at this moment is either before us, and nothing is sent, or after.
    """
    if late.step is None or late.stops or not late.rested or late.step.number not in (1, 2):
        return False
    purses.lock(session, late.home.id)
    today = now.astimezone(SHANGHAI).date()
    lines = [line for line in open_bills_of(session, [late.home.id]) if line.bill.due_on < today]
    fen = sum(line.open for line in lines)
    if not fen or lines[0].bill.due_on != late.due or _heard_lately(session, late.home.id, now):
        return False
    demand = _write(session, late, late.step.number, fen, "chat", by=by, now=now)
    if demand is None:
        return False
    data = {
        "home": late.label,
        "amount": shown(fen),
        "since": late.due.isoformat(),
        "lines": [f"{line.item} {line.bill.start:%Y-%m-%d}到{line.bill.end:%m-%d} {shown(line.open)}" for line in lines[:LINES]],
        "more": max(0, len(lines) - LINES),
        "order": late.order or 0,
        "note": note_of(session, late.home.community_id),
        "where": late.label,
        "problem": "",
    }  # fmt: skip
    _tell_home(session, demand, data, now=now)
    return True


def remind_coming(session: Session, home: Home, due: date, fen: int, where: str, *, now: datetime) -> bool:
    """A week before: the friendly word that a bill falls due. Nobody has to agree to it; the caps and stops hold all the same."""
    purses.lock(session, home.id)
    today = now.astimezone(SHANGHAI).date()
    # Word of a bill that is not late yet may go out while another is being taken again.
    held = sa.and_(DunningStop.home_id == home.id, DunningStop.why != TRYING, in_force(today))
    stopped = session.scalar(sa.select(DunningStop.id).where(held).limit(1))
    if stopped is not None or _heard_lately(session, home.id, now):
        return False
    late = Late(home, "", fen, 1, due, 0, None)
    demand = _write(session, late, COMING, fen, "chat", by="system", now=now)
    if demand is None:
        return False
    data = {
        "home": where,
        "period": f"{due:%Y-%m}",
        "amount": shown(fen),
        "left": shown(fen),
        "due": due.isoformat(),
        "where": where,
    }
    _tell_home(session, demand, data, now=now)
    return True


def _heard_lately(session: Session, home_id: int, now: datetime) -> bool:
    """Seven days count from day to day, not from minute to minute."""
    day = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    since = day - timedelta(days=6)
    heard = sa.select(Demand.id).where(Demand.home_id == home_id, Demand.way == "chat", Demand.at >= since).limit(1)
    return session.scalar(heard) is not None


def _write(session: Session, late: Late, step: int, fen: int, way: str, *, by: str, now: datetime) -> Demand | None:
    """The demand's row, before anything is sent; None when this step was taken for this debt already."""
    values = {
        "community_id": late.home.community_id, "home_id": late.home.id, "step": step, "round": late.round,
        "due": late.due, "fen": fen, "way": way, "order_id": late.order, "by": by, "at": now, "proof": "", "photo": "",
    }  # fmt: skip
    if not insert_or_ignore(session, Demand, values):
        return None
    return session.scalars(
        sa.select(Demand).where(
            Demand.home_id == late.home.id, Demand.due == late.due, Demand.step == step, Demand.round == late.round
        )
    ).one()


def _tell_home(session: Session, demand: Demand, data: dict[str, Any], *, now: datetime) -> None:
    kind = KIND_OF_STEP[demand.step]
    for account, openid, _ in who_hears(session, [demand.home_id]).get(demand.home_id, ()):
        key = f"demand:{demand.id}"
        if outbox.put(session, account=account, openid=openid, kind=kind, data=data, dedupe_key=key, now=now):
            session.add(DemandSent(demand_id=demand.id, key=f"{kind}:{key}:{openid}", state="waiting"))


def note_demand(
    session: Session, late: Late, way: str, proof: str, *, by: str, now: datetime, photo: str = ""
) -> Demand:
    """A call, a visit or a delivered letter, as its proof. A letter that was printed before is the one that was delivered."""
    if not proof.strip():
        raise Refusal("请写明怎么催的，比如「电话 本人说下周交」「EMS 123456」。")
    today = now.astimezone(SHANGHAI).date()
    if way == "letter":
        printed = session.scalar(
            sa.select(Demand)
            .where(Demand.home_id == late.home.id, Demand.way == "letter", Demand.delivered_on.is_(None))
            .order_by(Demand.id.desc())
            .limit(1)
        )
        if printed is None:
            raise Refusal("这一户没有等着送的催款函，先回复「催款函」出函。")
        printed.delivered_on, printed.proof, printed.photo = today, proof[:200], photo
        return printed
    # A call is a demand of its own, of no step: each has its own number below zero.
    last = session.scalar(
        sa.select(sa.func.min(Demand.step)).where(Demand.home_id == late.home.id, Demand.due == late.due)
    )
    demand = Demand(
        community_id=late.home.community_id, home_id=late.home.id, step=min(last or 0, 0) - 1, round=late.round,
        due=late.due, fen=late.fen, way=way, by=by, at=now, proof=proof[:200], photo=photo, delivered_on=today,
    )  # fmt: skip
    session.add(demand)
    session.flush()
    return demand


# --- what stops it ------------------------------------------------------------------------------------------------------


def stop(
    session: Session, home: Home, why: str, note: str, *, by: str, now: datetime, until: date | None = None
) -> DunningStop:
    """No more reminders for a home, for one of the reasons of steps.STOPS. Raises AlreadyDone when it is stopped for that reason."""
    today = now.astimezone(SHANGHAI).date()
    session.execute(
        sa.update(DunningStop)
        .where(DunningStop.home_id == home.id, DunningStop.ended_at.is_(None), DunningStop.until < today)
        .values(ended_at=now, ended_by="system")
    )
    values = {
        "community_id": home.community_id, "home_id": home.id, "why": why, "note": note[:200], "by": by, "at": now,
        "until": until, "ended_by": "",
    }  # fmt: skip
    if not insert_or_ignore(session, DunningStop, values):
        raise AlreadyDone(f"这一户已经因为{STOPS[why]}暂停催缴了。")
    _note(session, home, "dunning.stop", {"why": why}, by=by, now=now)
    return session.scalars(
        sa.select(DunningStop).where(
            DunningStop.home_id == home.id, DunningStop.why == why, DunningStop.ended_at.is_(None)
        )
    ).one()


def go_on(session: Session, home: Home, *, by: str, now: datetime) -> int:
    """Every stop of a home but a running plan is over; returns how many. Raises Refusal when there was none."""
    ended = session.execute(
        sa.update(DunningStop)
        .where(DunningStop.home_id == home.id, DunningStop.ended_at.is_(None), DunningStop.why != "plan")
        .values(ended_at=now, ended_by=by)
        .returning(DunningStop.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not ended:
        raise Refusal("这一户没有暂停催缴。")
    _note(session, home, "dunning.go_on", {"stops": len(ended)}, by=by, now=now)
    return len(ended)


# --- what people answer -------------------------------------------------------------------------------------------------


def answer(session: Session, home: Home, reason: int, words: str, *, by: str, now: datetime) -> bool:
    """Why a home has not paid. True when that stops the reminders; the office hears of everything but 忘记了."""
    session.add(
        UnpaidReason(community_id=home.community_id, home_id=home.id, reason=reason, words=words[:200], by=by, at=now)
    )
    opened(session, [home.id], now)
    stops = reason in DISPUTES
    if stops:
        with suppress(AlreadyDone):  # it was stopped for the same reason before
            stop(session, home, "dispute", REASONS[reason], by=by, now=now)
    if reason != 1:
        community = session.get_one(Community, home.community_id)
        for manager in managers_of(session, community.company_id, community.id):
            outbox.put(
                session, account=manager.account, openid=manager.openid, kind="payment_refused",
                data={"home": f"{community.name}{home.label}", "key": home.key, "reason": REASONS[reason], "stopped": stops},
                dedupe_key=f"{home.id}:{reason}:{now:%Y-%m-%d}", now=now,
            )  # fmt: skip
    return stops


def opened(session: Session, home_ids: Sequence[int], now: datetime) -> None:
    """Somebody of these homes has seen what they owe: demands that nobody had opened are opened now."""
    if not home_ids:
        return
    session.execute(
        sa.update(Demand)
        .where(
            Demand.home_id.in_(home_ids), Demand.step >= COMING, Demand.step <= FIRST + 1, Demand.opened_at.is_(None)
        )
        .values(opened_at=now)
        .execution_options(synchronize_session=False)
    )


# --- what managers write ------------------------------------------------------------------------------------------------


def note_of(session: Session, community_id: int) -> str:
    """The company's own sentence at the end of a reminder, "" for none."""
    value = _setting(session, session.get_one(Community, community_id).company_id)
    return str(value.get("note", ""))


def write_note(session: Session, company_id: int, words: str, *, by: str, now: datetime) -> None:
    """Raises Refusal for a threat and for an essay."""
    refuse_threats(words)
    if len(words) > 60:
        raise Refusal("附言最多60个字。")
    set_rules(session, company_id, {"note": words}, by=by, now=now)


def refuse_threats(words: str) -> None:
    if threats := threats_in(words):
        raise Refusal(THREAT.format(words="、".join(threats)))


def set_rules(
    session: Session, company_id: int, changes: dict[str, Any], *, by: str, source: str = "system", now: datetime
) -> None:
    """Change some of the company's own numbers (steps.rules_from says which). Raises Refusal for an order that cannot be."""
    value = {**_setting(session, company_id), **changes}
    try:
        rules_from(value)
    except ValueError:
        raise Refusal("催缴的天数要一步比一步晚，第一步在到期以前；催款函给15到30天。什么都没有改。") from None
    if not insert_or_ignore(session, CompanySetting, {"company_id": company_id, "name": SETTING, "value": value}):
        session.execute(
            sa.update(CompanySetting)
            .where(CompanySetting.company_id == company_id, CompanySetting.name == SETTING)
            .values(value=value)
            .execution_options(synchronize_session="fetch")
        )
    record(
        session, at=now, actor=by, action="dunning.rules", subject=f"company:{company_id}", source=source,
        company_id=company_id, details=changes,
    )  # fmt: skip


def _setting(session: Session, company_id: int) -> dict[str, Any]:
    value = session.scalar(
        sa.select(CompanySetting.value).where(CompanySetting.company_id == company_id, CompanySetting.name == SETTING)
    )
    return dict(value or {})


def _note(session: Session, home: Home, action: str, details: dict[str, Any], *, by: str, now: datetime) -> None:
    company_id = session.scalar(sa.select(Community.company_id).where(Community.id == home.community_id))
    record(
        session, at=now, actor=by, action=action, subject=f"home:{home.id}", source="system", company_id=company_id,
        details=details,
    )  # fmt: skip
