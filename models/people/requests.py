"""审核: somebody who cannot prove their home asks a manager, who looks at the books and decides."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.queries import HomeWords, find_homes
from models.estate.tables import Community, Home, home_label
from models.messaging import outbox
from models.people.binding import bind, enter_on_books
from models.people.names import wechat_name
from models.people.queries import managers_of, residents_of
from models.people.rights import IN_CHINESE
from models.people.tables import BindRequest

MOST_WAITING = 3  # per applicant, so that nobody can flood the managers

ALREADY_DECIDED = "这条申请已经处理过了。"


@dataclass(frozen=True)
class Waiting:
    """A request as a manager sees it, beside what the books say."""

    id: int
    place: str
    name: str
    phone: str
    relation: str
    asked_at: datetime
    on_books: str  # 业主张伟、租户赵敏; what is unusual in words


def ask_manager(
    session: Session,
    *,
    account: str,
    openid: str,
    company_id: int,
    community: Community,
    words: HomeWords,
    name: str,
    phone: str,
    relation: str,
    now: datetime,
) -> bool:
    """Put a request before the managers of the compound; False if the same one is waiting already.

    Raises Refusal when this person has too many waiting.
    """
    waiting = session.scalars(
        sa.select(BindRequest).where(
            BindRequest.account == account, BindRequest.openid == openid, BindRequest.state == "waiting"
        )
    ).all()
    place = (community.id, words.building, words.entrance, words.room, words.kind)
    if any((row.community_id, row.building, row.entrance, row.room, row.kind) == place for row in waiting):
        return False
    if len(waiting) >= MOST_WAITING:
        raise Refusal(f"您已经有 {len(waiting)} 条申请在等管理员审核，请等有了结果再申请。")
    request = BindRequest(
        company_id=company_id,
        account=account,
        openid=openid,
        community_id=community.id,
        building=words.building,
        entrance=words.entrance,
        room=words.room,
        kind=words.kind,
        name=name,
        phone=phone,
        relation=relation,
        asked_at=now,
    )
    session.add(request)
    session.flush()
    record(
        session,
        at=now,
        company_id=company_id,
        actor=wechat_name(account, openid),
        action="request.ask",
        subject=f"request:{request.id}",
        details={"relation": relation},
        source="chat",
    )
    data = {"place": place_of(request, community), "name": name, "relation": IN_CHINESE[relation]}
    for manager in managers_of(session, company_id, community.id):
        outbox.put(
            session,
            account=manager.account,
            openid=manager.openid,
            kind="binding_requested",
            data=data,
            dedupe_key=str(request.id),
            now=now,
        )
    return True


def place_of(request: BindRequest, community: Community) -> str:
    return community.name + home_label(request.building, request.entrance, request.room)


def waiting_requests(
    session: Session, company_id: int, community_ids: Collection[int] | None, limit: int = 9
) -> list[Waiting]:
    """What waits for a manager of these compounds (None: of the whole company), the oldest first."""
    query = (
        sa.select(BindRequest, Community)
        .join(Community, Community.id == BindRequest.community_id)
        .where(BindRequest.company_id == company_id, BindRequest.state == "waiting")
        .order_by(BindRequest.id)
        .limit(limit)
    )
    if community_ids is not None:
        query = query.where(BindRequest.community_id.in_(community_ids))
    return [
        Waiting(
            id=request.id,
            place=place_of(request, community),
            name=request.name,
            phone=request.phone,
            relation=request.relation,
            asked_at=request.asked_at,
            on_books=_on_books(session, request),
        )
        for request, community in session.execute(query)
    ]


def _homes_meant(session: Session, request: BindRequest) -> Sequence[Home]:
    return find_homes(session, request, community_ids=[request.community_id])


def _on_books(session: Session, request: BindRequest) -> str:
    homes = _homes_meant(session, request)
    if not homes:
        return "登记里没有这一户"
    if len(homes) > 1:
        return "登记里有几户对得上：" + "、".join(home.label for home in homes)
    people = [IN_CHINESE[relation] + person.name for person, relation in residents_of(session, homes[0].id)]
    return "登记的是" + "、".join(people) if people else "登记里这一户还没有人"


def approve(
    session: Session,
    *,
    request_id: int,
    company_id: int,
    community_ids: Collection[int] | None,
    staff_id: int,
    now: datetime,
) -> str:
    """Bind the applicant and tell them; returns the place. An applicant the books do not know is entered there.

    Raises NotFound for a request outside the manager's compounds, AlreadyDone when it was decided before, Refusal when the
    books have no such home or several.
    """
    request = _for_decision(session, request_id, company_id, community_ids)
    homes = _homes_meant(session, request)
    if not homes:
        raise Refusal("登记里没有这一户，没法通过。请先把这一户录进台账，或者回复「拒绝」。")
    if len(homes) > 1:
        raise Refusal("这个房号对得上几户，请用「绑定码」给准确的房号发一个码，再拒绝这条申请。")
    home = homes[0]
    _decide(session, request, "approved", home.id, staff_id, now)
    community = session.get_one(Community, home.community_id)
    person, relation = enter_on_books(
        session,
        company_id=company_id,
        home_id=home.id,
        name=request.name,
        phone=request.phone,
        relation=request.relation,
        now=now,
    )
    bound = bind(
        session,
        account=request.account,
        openid=request.openid,
        home=home,
        community=community,
        person=person,
        relation=relation,
        proof="manager",
        actor=f"staff:{staff_id}",
        now=now,
    )
    _tell_applicant(session, request, "binding_approved", bound.place, now)
    return bound.place


def refuse(
    session: Session,
    *,
    request_id: int,
    company_id: int,
    community_ids: Collection[int] | None,
    staff_id: int,
    now: datetime,
) -> str:
    """Turn the applicant down and tell them, without a word about the books; returns the place. Raises like `approve`."""
    request = _for_decision(session, request_id, company_id, community_ids)
    _decide(session, request, "refused", None, staff_id, now)
    place = place_of(request, session.get_one(Community, request.community_id))
    _tell_applicant(session, request, "binding_refused", place, now)
    return place


def _for_decision(
    session: Session, request_id: int, company_id: int, community_ids: Collection[int] | None
) -> BindRequest:
    request = session.get(BindRequest, request_id, populate_existing=True)
    in_scope = (
        request is not None
        and request.company_id == company_id
        and (community_ids is None or request.community_id in community_ids)
    )
    if request is None or not in_scope:
        raise NotFound("没有找到这条申请。")
    return request


def _decide(
    session: Session, request: BindRequest, state: str, home_id: int | None, staff_id: int, now: datetime
) -> None:
    decided = session.execute(
        sa.update(BindRequest)
        .where(BindRequest.id == request.id, BindRequest.state == "waiting")
        .values(state=state, home_id=home_id, decided_at=now, decided_by=staff_id)
        .returning(BindRequest.id)
        .execution_options(synchronize_session=False)
    ).first()
    if decided is None:
        raise AlreadyDone(ALREADY_DECIDED)
    record(
        session,
        at=now,
        company_id=request.company_id,
        actor=f"staff:{staff_id}",
        action=f"request.{'approve' if state == 'approved' else 'refuse'}",
        subject=f"request:{request.id}",
        source="chat",
    )


def _tell_applicant(session: Session, request: BindRequest, kind: str, place: str, now: datetime) -> None:
    outbox.put(
        session,
        account=request.account,
        openid=request.openid,
        kind=kind,
        data={"place": place, "relation": IN_CHINESE[request.relation]},
        dedupe_key=str(request.id),
        now=now,
    )
