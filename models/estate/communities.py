"""Which community a ledger belongs to, and adding one that is new to the books."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import NotFound, Refusal
from models.estate.tables import Community, Company

FIRST_COMPANY = "物业服务中心"  # what a company is called until somebody says its name


def community_to_import_into(session: Session, name: str, *, may_be_new: bool) -> Community | None:
    """The community of that name, or the only one there is when no name is given. None: it is new and may be added.

    Raises Refusal when the name is missing, too long, unknown, or borne by communities of two companies.
    """
    if len(name) > 64:
        raise Refusal("小区名太长了，最多 64 个字。")
    query = sa.select(Community).order_by(Community.id)
    found = session.scalars(query.where(Community.name == name) if name else query).all()
    if len(found) == 1:
        return found[0]
    if found and name:
        raise Refusal(f"有几家公司都有小区「{name}」，分不清是哪一个。")
    if found or not name:
        names = "、".join(community.name for community in found[:10])
        raise Refusal(f"请用 --community 写明小区名{f'（现有：{names}）' if names else ''}。")
    if not may_be_new:
        raise NotFound(f"系统里没有小区「{name}」，请先导入它的房产台账。")
    if session.scalar(sa.select(sa.func.count()).select_from(Company)) not in (0, 1):
        raise Refusal(f"系统里没有小区「{name}」，也分不清它属于哪一家公司。")
    return None


def new_community(session: Session, name: str, *, now: datetime) -> Community:
    """Add a community to the only company there is; the very first ledger also begins the company's books."""
    company = session.scalars(sa.select(Company)).one_or_none()
    if company is None:
        company = Company(name=FIRST_COMPANY, created_at=now)
        session.add(company)
        session.flush()
    community = Community(company_id=company.id, name=name, created_at=now)
    session.add(community)
    session.flush()
    return community
