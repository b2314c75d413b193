"""What can be exported."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.logs import mask
from handlers.commands import export_meters
from handlers.commands.export_figures import COLUMNS as FIGURES
from handlers.commands.export_figures import figure_rows
from handlers.commands.export_money import BANK_LEDGER, BILLS, INVOICES, LEDGER, PAYMENTS
from handlers.commands.export_month import MONTH_CLOSE
from handlers.commands.export_settings import calendar_rows, duty_rows, limit_rows, price_rows
from handlers.commands.exporting import Export, Row
from handlers.words_of_messages import words_of
from models.audit.tables import AuditEntry
from models.billing.meter_tables import Meter
from models.billing.share_tables import Pool
from models.estate.calendar_sheet import COLUMNS as CALENDAR_COLUMNS
from models.estate.place_sheet import COLUMNS as PLACE_COLUMNS
from models.estate.place_words import spelling
from models.estate.tables import Community, Company, Home, Place, PlaceName
from models.messaging.tables import Outbox
from models.people.duty_sheet import COLUMNS as DUTY_COLUMNS
from models.people.names import masked_phone, wechat_name
from models.people.tables import Person, Resident, Staff
from models.people.telling import with_names
from models.workorders.category_settings import rules_of
from models.workorders.category_sheet import COLUMNS, SCOPE_WORDS
from models.workorders.price_sheet import COLUMNS as PRICE_COLUMNS
from models.workorders.sla_sheet import COLUMNS as LIMIT_COLUMNS
from models.workorders.tables import WorkOrder


def _home(row: Any) -> Row:
    # `area` is kept in 0.01 m²; a clerk reads m².
    area = None if row.area is None else Decimal(row.area).scaleb(-2)
    return (row.id, row.community, row.building, row.entrance, row.room, row.kind, row.floor, area)


def _resident(row: Any, phone: Callable[[str], str] = masked_phone) -> Row:
    home = "-".join(part for part in (row.building, row.entrance, row.room) if part)
    phones = phone(row.phone), phone(row.phone2)
    return (row.community, home, row.name, row.relation, *phones, row.created_at, row.ended_at)


def _whole_resident(row: Any) -> Row:
    return _resident(row, str)


def _order(row: Any) -> Row:
    # People also write phones into their sentences.
    return tuple(_without_phones(name, value) for name, value in row._mapping.items())


def _without_phones(name: str, value: Any) -> Any:
    if name == "phone":
        return masked_phone(value)
    return mask(value) if isinstance(value, str) else value


def _message(row: Any) -> Row:
    sent = dict(row._mapping)
    who = wechat_name(sent.pop("account"), sent.pop("openid"))
    # A promised message quotes names, homes and phones: outside, only its kind, its way and its end are anybody's business.
    return (sent.pop("id"), who, *(mask(value) if isinstance(value, str) else value for value in sent.values()))


def _categories(session: Session, company: Any) -> Iterator[Row]:
    for rule in rules_of(session, company.id):
        yield (rule.code, rule.trade, SCOPE_WORDS[rule.scope], rule.priority, rule.answer, "是")


def _untold(session: Session, row: Any) -> Iterator[Row]:
    message: Outbox = row[0]
    [told] = with_names(session, [message])
    home = told.to.where.removeprefix(told.to.community)
    words = mask(words_of(told))
    yield (told.id, told.to.community, home, told.to.name, masked_phone(told.to.phone), told.created_at, words)


_HOMES = Export(
    ("id", "community", "building", "entrance", "room", "kind", "floor", "area_m2"),
    sa.select(
        Home.id,
        Community.name.label("community"),
        Home.building,
        Home.entrance,
        Home.room,
        Home.kind,
        Home.floor,
        Home.area,
    )
    .join(Community, Community.id == Home.community_id)
    .order_by(Home.id),
    _home,
    Home.community_id,
)

_RESIDENTS = Export(
    ("community", "home", "name", "relation", "phone", "phone2", "since", "until"),
    sa.select(
        Community.name.label("community"),
        Home.building,
        Home.entrance,
        Home.room,
        Person.name,
        Resident.relation,
        Person.phone,
        Person.phone2,
        Resident.created_at,
        Resident.ended_at,
    )
    .join_from(Resident, Home, Home.id == Resident.home_id)
    .join(Community, Community.id == Home.community_id)
    .join(Person, Person.id == Resident.person_id)
    .order_by(Resident.id),
    _resident,
    Home.community_id,
    whole=_whole_resident,
)

_WORK_ORDERS = Export(
    (
        "number", "community", "building", "entrance", "room", "place", "category", "priority", "problem", "state",
        "source", "reporter", "phone", "worker", "created_at", "taken_at", "arrived_at", "done_at", "closed_at",
        "result", "rating", "rating_text", "unrated", "reopened",
    ),
    sa.select(
        WorkOrder.id,
        Community.name.label("community"),
        Home.building,
        Home.entrance,
        Home.room,
        WorkOrder.place,
        WorkOrder.category,
        WorkOrder.priority,
        WorkOrder.problem,
        WorkOrder.state,
        WorkOrder.source,
        WorkOrder.reporter_name,
        WorkOrder.reporter_phone.label("phone"),
        Staff.name.label("worker"),
        WorkOrder.created_at,
        WorkOrder.taken_at,
        WorkOrder.arrived_at,
        WorkOrder.done_at,
        WorkOrder.closed_at,
        WorkOrder.result,
        WorkOrder.rating,
        WorkOrder.rating_text,
        WorkOrder.unrated,
        WorkOrder.reopened,
    )
    .join(Community, Community.id == WorkOrder.community_id)
    .outerjoin(Home, Home.id == WorkOrder.home_id)
    .outerjoin(Staff, Staff.id == WorkOrder.staff_id)
    .order_by(WorkOrder.id),
    _order,
    WorkOrder.community_id,
    whole=tuple,
)  # fmt: skip

_OUTBOX = Export(
    (
        "id",
        "who",
        "kind",
        "state",
        "created_at",
        "due_at",
        "sent_at",
        "attempts",
        "channel",
        "outcome",
        "tried",
        "sent_with",
        "told_by",
    ),
    sa.select(
        Outbox.id,
        Outbox.account,
        Outbox.openid,
        Outbox.kind,
        Outbox.state,
        Outbox.created_at,
        Outbox.due_at,
        Outbox.sent_at,
        Outbox.attempts,
        Outbox.channel,
        Outbox.outcome,
        Outbox.trail,
        Outbox.sent_with,
        Outbox.told_by,
    ).order_by(Outbox.id),
    _message,
)

# For whoever rings or walks round: what nothing could carry. Phones are masked; 「待通知 N」 shows one in full.
_UNTOLD = Export(
    ("number", "community", "home", "name", "phone", "since", "words"),
    sa.select(Outbox).where(Outbox.state == "untold").order_by(Outbox.id),
    tuple,
    expand=_untold,
)

_AUDIT = Export(
    ("id", "at", "company", "actor", "action", "subject", "details", "source", "place", "digest"),
    sa.select(
        AuditEntry.id,
        AuditEntry.at,
        AuditEntry.company_id,
        AuditEntry.actor,
        AuditEntry.action,
        AuditEntry.subject,
        AuditEntry.details,
        AuditEntry.source,
        AuditEntry.place,
        AuditEntry.digest,
    ).order_by(AuditEntry.id),
    tuple,
)

_COMPANIES = sa.select(Company.id).order_by(Company.id)
_CATEGORIES = Export(COLUMNS, _COMPANIES, tuple, expand=_categories)


def _place(row: Any) -> Row:
    nicknames = sorted(set((row.words or "").split("、")) - {spelling(row.name), ""})
    return (row.community, row.name, "、".join(nicknames), row.building, row.entrance, row.tag)


_PLACES = Export(
    ("小区", *PLACE_COLUMNS, "贴纸字母"),
    sa.select(
        Community.name.label("community"),
        Place.name,
        Place.building,
        Place.entrance,
        Place.tag,
        sa.select(sa.func.aggregate_strings(PlaceName.word, "、"))
        .where(PlaceName.place_id == Place.id)
        .scalar_subquery()
        .label("words"),
    )
    .join(Community, Community.id == Place.community_id)
    .order_by(Place.id),
    _place,
    Place.community_id,
)

_WORKER_FIGURES = Export(
    FIGURES, sa.select(Company.id, Company.name).order_by(Company.id), tuple, quarterly=figure_rows
)

EXPORTS = {
    "places": _PLACES,
    "categories": _CATEGORIES,
    "calendar": Export(CALENDAR_COLUMNS, _COMPANIES, tuple, expand=calendar_rows),
    "sla": Export(LIMIT_COLUMNS, _COMPANIES, tuple, expand=limit_rows),
    "prices": Export(PRICE_COLUMNS, _COMPANIES, tuple, expand=price_rows),
    "duty": Export(DUTY_COLUMNS, _COMPANIES, tuple, expand=duty_rows),
    "homes": _HOMES,
    "readings": Export(
        export_meters.READING_COLUMNS, export_meters.READINGS, export_meters.reading, Meter.community_id
    ),
    "shares": Export(export_meters.SHARE_COLUMNS, export_meters.SHARES, export_meters.share, Pool.community_id),
    "residents": _RESIDENTS,
    "bills": BILLS,
    "payments": PAYMENTS,
    "ledger": LEDGER,
    "bank-ledger": BANK_LEDGER,
    "invoices": INVOICES,
    "month-close": MONTH_CLOSE,
    "work-orders": _WORK_ORDERS,
    "outbox": _OUTBOX,
    "untold": _UNTOLD,
    "audit": _AUDIT,
    "worker-figures": _WORKER_FIGURES,
}
