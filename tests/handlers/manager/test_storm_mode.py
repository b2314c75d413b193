from datetime import datetime

from sqlalchemy.orm import Session

from models.workorders.storms import storms_now
from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import Cast


def ends(session: Session, cast: Cast, now: datetime) -> list[str]:
    return [f"{storm.ends_at:%m-%d %H:%M}" for storm in storms_now(session, cast.worker("manager"), now)]


def test_it_is_opened_after_a_yes_and_says_who_waits(
    session: Session, cast: Cast, order: WorkOrder, talk: Talking, now: datetime
) -> None:
    asked = talk.says("manager", "暴雨模式 开 到明天8点")
    assert "03月11日08:00" in asked
    assert "延长50%" in asked
    assert "正在等的 1 单" in asked
    assert ends(session, cast, now) == []
    assert "已打开" in talk.says("manager", "是")
    assert ends(session, cast, now) == ["03-11 08:00"]


def test_no_means_nothing_happened(session: Session, cast: Cast, talk: Talking, now: datetime) -> None:
    talk.says("manager", "暴雨模式 开 6小时")
    talk.says("manager", "不")
    assert ends(session, cast, now) == []


def test_without_an_end_it_is_asked_for_and_a_bad_one_again(
    session: Session, cast: Cast, talk: Talking, now: datetime
) -> None:
    assert "开到什么时候" in talk.says("manager", "暴雨模式")
    assert "最长7天" in talk.says("manager", "300小时")
    assert "03月10日15:30" in talk.says("manager", "6个小时")
    talk.says("manager", "是")
    assert ends(session, cast, now) == ["03-10 15:30"]


def test_it_ends_by_itself_or_by_word(session: Session, cast: Cast, talk: Talking, now: datetime) -> None:
    talk.says("manager", "暴雨模式 开 6小时")
    talk.says("manager", "是")
    assert "已经开着" in _yes(talk, "暴雨模式 开 2小时")
    assert "已结束" in _yes(talk, "暴雨模式 关")
    assert ends(session, cast, now) == []
    assert "现在没有开暴雨模式" in _yes(talk, "暴雨模式 关")


def _yes(talk: Talking, words: str) -> str:
    talk.says("manager", words)
    return talk.says("manager", "是")


def test_a_manager_of_one_compound_decides_for_it_alone(
    session: Session, cast: Cast, talk: Talking, now: datetime
) -> None:
    talk.says("qian", "暴雨模式 开 6小时")
    talk.says("qian", "是")
    (storm,) = storms_now(session, cast.worker("manager"), now)
    assert storm.community_id == cast.river


def test_nobody_else_may(session: Session, cast: Cast, talk: Talking, now: datetime) -> None:
    assert "由物业经理来开" in talk.says("chen", "暴雨模式 开 6小时")
    assert "由物业经理来开" in talk.says("zhang", "暴雨模式 开 6小时")
    assert ends(session, cast, now) == []
