"""有偿服务 before the work (domain rules 2.6): a quote by the price list, looked at by the manager when it is off the list,
and agreed to by the home before anything is done. Each takes a session and never commits."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import AlreadyDone, NotFound, Refusal
from models.money import shown
from models.people.rights import MAY
from models.people.tables import Binding
from models.workorders.actors import Actor
from models.workorders.announce import tell_each, tell_office, tell_staff
from models.workorders.move import Mark, Step, hats, not_found, note
from models.workorders.place import Contact, snapshot, view_of
from models.workorders.price_settings import prices_of
from models.workorders.prices import read_quote
from models.workorders.service_tables import Quote
from models.workorders.states import DISPATCHED, IN_HAND, STATE_NAMES
from models.workorders.tables import WorkOrder

LIVE = ("checking", "offered", "agreed")
FREE = "公共部位的维修不向住户收费"


def quote(session: Session, order: WorkOrder, *, now: datetime, actor: Actor, text: str) -> Quote:
    """报价: offered to the home at once when the price list covers it, else the manager looks at it first.

    A newer quote takes the place of one not yet worked on, agreed or not. Raises Refusal for a public part, an order without a
    home or not in hand, and words that are no quote.
    """
    worn = hats(order, actor)
    if not worn or worn == ("reporter",):
        raise NotFound(not_found(order.id))
    if "worker" not in worn and "manager" not in worn:
        raise Refusal(f"#{order.id} 不在您手上，由接单的师傅或经理来报价。")
    _must_be_chargeable(order)
    works = read_quote(text, prices_of(session, order.company_id, now.date()))
    why = "；".join(work.why_not for work in works if work.why_not)
    by_manager = "manager" in worn
    withdraw_live(session, order)
    made = Quote(
        order_id=order.id,
        works=[[work.words, work.fen] for work in works],
        fen=sum(work.fen for work in works),
        state="checking" if why and not by_manager else "offered",
        off_list=why,
        by=actor.log_name,
        approved_by=actor.log_name if why and by_manager else "",
        at=now,
    )
    session.add(made)
    session.flush()
    mark = _note(session, order, made, "quote", actor, now, reason=works_words(made))
    if made.state == "checking":
        data = _data(session, order, made, why=why, by=actor.name)
        tell_office(session, order, mark, "quote_to_check", data, actor=actor)
    else:
        _offer(session, order, made, mark)
    return made


def approve(session: Session, order: WorkOrder, *, now: datetime, actor: Actor) -> Quote:
    """The manager lets a quote off the list go to the home. Raises Refusal when there is none to look at."""
    if "manager" not in hats(order, actor):
        raise Refusal("价目表以外的报价由经理来同意。")
    live = _live_or_refuse(session, order)
    if live.state != "checking":
        raise AlreadyDone(f"#{order.id} 的报价不用经理同意，{_stands(live)}。")
    _change(session, live, "checking", {"state": "offered", "approved_by": actor.log_name})
    mark = _note(session, order, live, "quote_approved", actor, now)
    _offer(session, order, live, mark)
    _tell_worker(session, order, live, mark, "经理同意了，已发给住户，等住户答复", actor)
    return live


def agree(session: Session, order: WorkOrder, *, now: datetime, actor: Actor) -> Quote:
    """The home takes the quote: from now on the work may be done and will be charged. Raises Refusal, AlreadyDone."""
    _must_be_of_the_home(session, order, actor)
    live = _live_or_refuse(session, order)
    if live.state == "agreed":
        raise AlreadyDone(f"#{order.id} 的报价您已经同意过了。")
    if live.state != "offered" or order.state not in IN_HAND:
        raise Refusal(f"#{order.id} 现在没有等您同意的报价。")
    _change(session, live, "offered", {"state": "agreed", "answered_by": actor.log_name, "answered_at": now})
    mark = _note(session, order, live, "quote_agreed", actor, now, role="reporter")
    _tell_worker(session, order, live, mark, "住户同意了，可以动手", actor)
    return live


def refuse(session: Session, order: WorkOrder, *, now: datetime, actor: Actor, reason: str = "") -> Quote:
    """The home does not want it, or the manager sends one off the list back: nothing may be charged by this quote."""
    live = _live_or_refuse(session, order)
    if live.state == "checking":
        if "manager" not in hats(order, actor):
            raise Refusal(f"#{order.id} 现在没有等您答复的报价。")
        role, who = "manager", "经理没有同意"
    else:
        _must_be_of_the_home(session, order, actor)
        role, who = "reporter", "住户没有同意"
    _change(session, live, live.state, {"state": "refused", "answered_by": actor.log_name, "answered_at": now})
    mark = _note(session, order, live, "quote_refused", actor, now, role=role, reason=reason)
    _tell_worker(session, order, live, mark, f"{who}{f'：{reason}' if reason else ''}，先别动手", actor)
    return live


def withdraw(session: Session, order: WorkOrder, *, now: datetime, actor: Actor) -> Quote:
    """撤回报价: the work will be done for nothing, or quoted anew. Raises Refusal when there is none."""
    if not {"worker", "manager"} & set(hats(order, actor)):
        raise Refusal(f"#{order.id} 不在您手上，由接单的师傅或经理来撤回。")
    live = _live_or_refuse(session, order)
    _change(session, live, live.state, {"state": "withdrawn"})
    _note(session, order, live, "quote_withdrawn", actor, now)
    return live


def live_quote(session: Session, order_id: int) -> Quote | None:
    """The quote that still counts, if there is one."""
    return session.scalars(sa.select(Quote).where(Quote.order_id == order_id, Quote.state.in_(LIVE))).first()


def agreed_quote(session: Session, order: WorkOrder) -> Quote | None:
    """What the work of this order is charged by, None for nothing. Raises Refusal while a quote waits for its answer."""
    live = live_quote(session, order.id)
    if live is not None and live.state != "agreed":
        raise Refusal(
            f"#{order.id} 报了价，{_stands(live)}，还不能报完工。住户答应了再做；不收钱就先说「撤回报价 {order.id}」。"
        )
    return live


def withdraw_live(session: Session, order: WorkOrder) -> None:
    session.execute(
        sa.update(Quote)
        .where(Quote.order_id == order.id, Quote.state.in_(LIVE))
        .values(state="withdrawn")
        .execution_options(synchronize_session=False)
    )


def payers_of(session: Session, order: WorkOrder) -> list[Contact]:
    """Who of the home may agree and pay: the reporter if they live there, else everybody there whom WeChat reaches."""
    everybody = _of_the_home(session, order)
    own = [one for one in everybody if (one.account, one.openid) == (order.account, order.openid)]
    return own or everybody


def works_words(made: Quote) -> str:
    """换龙头30.00元，材料15.00元"""
    return "，".join(f"{words}{shown(fen)}" for words, fen in made.works)


def _must_be_chargeable(order: WorkOrder) -> None:
    if order.public or order.place_id is not None:
        raise Refusal(f"#{order.id} 是公共部位。{FREE}，不用报价。")
    if order.home_id is None:
        raise Refusal(f"#{order.id} 没有写是哪一户，不能报价。")
    if order.state == DISPATCHED:
        raise Refusal(f"请先接单：「接单 {order.id}」，再报价。")
    if order.state not in IN_HAND:
        raise Refusal(f"#{order.id} 现在是「{STATE_NAMES[order.state]}」，不能报价。")


def decides_there(session: Session, order: WorkOrder, actor: Actor) -> bool:
    """Whether this WeChat may decide about money of the home."""
    return any((one.account, one.openid) == (actor.account, actor.openid) for one in _of_the_home(session, order))


def _of_the_home(session: Session, order: WorkOrder) -> list[Contact]:
    rows = session.execute(
        sa.select(Binding.account, Binding.openid)
        .where(Binding.home_id == order.home_id, Binding.relation.in_(sorted(MAY["pay"])))
        .order_by(Binding.id)
    )
    return [Contact(0, "", "", account, openid) for account, openid in rows]


def _must_be_of_the_home(session: Session, order: WorkOrder, actor: Actor) -> None:
    if not decides_there(session, order, actor):
        raise Refusal("报价要这一户的业主、家人或租户自己来答复。")


def _live_or_refuse(session: Session, order: WorkOrder) -> Quote:
    live = live_quote(session, order.id)
    if live is None:
        raise Refusal(f"#{order.id} 现在没有等着答复的报价。")
    return live


def _stands(live: Quote) -> str:
    return {"checking": "要经理先同意", "offered": "住户还没有答复", "agreed": "住户已经同意"}[live.state]


def _change(session: Session, live: Quote, before: str, values: dict[str, Any]) -> None:
    """Raises AlreadyDone when somebody was first."""
    hit = session.execute(
        sa.update(Quote)
        .where(Quote.id == live.id, Quote.state == before)
        .values(**values)
        .returning(Quote.id)
        .execution_options(synchronize_session=False)
    ).first()
    session.refresh(live)
    if hit is None:
        raise AlreadyDone(f"#{live.order_id} 的报价刚刚已经有人处理了。")


def _note(
    session: Session,
    order: WorkOrder,
    made: Quote,
    event: str,
    actor: Actor,
    now: datetime,
    *,
    role: str | None = None,
    reason: str = "",
) -> Mark:
    step = Step(event, reason=reason, details={"quote": made.id, "fen": made.fen})
    return note(session, order, step, actor=actor, now=now, role=role)


def _offer(session: Session, order: WorkOrder, made: Quote, mark: Mark) -> None:
    payers = payers_of(session, order)
    if not payers:
        raise Refusal(f"#{order.id} 这一户还没有人绑定微信，没法请住户同意。请住户先绑定，再报价。")
    # A card shows the state and not our words: it must say what is asked.
    data = _data(session, order, made, state=f"报价{shown(made.fen)}，等您同意")
    tell_each(session, payers, mark, "quote_offered", data)


def _tell_worker(session: Session, order: WorkOrder, made: Quote, mark: Mark, news: str, actor: Actor) -> None:
    view = view_of(session, order)
    if view.worker is not None and view.worker.staff_id != actor.staff_id:
        tell_staff(session, view.worker, mark, "quote_answered", _data(session, order, made, news=news))


def _data(session: Session, order: WorkOrder, made: Quote, **more: Any) -> dict[str, Any]:
    return snapshot(order, view_of(session, order), works=works_words(made), total=shown(made.fen), **more)
