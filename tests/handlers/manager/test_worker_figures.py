from datetime import timedelta

import pytest

from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking


@pytest.fixture
def done(order: WorkOrder, talk: Talking) -> WorkOrder:
    talk.wait(minutes=30)
    talk.says("chen", f"完工 {order.id} 换了角阀")
    talk.wait(minutes=1)
    return order


@pytest.mark.parametrize("words", ["本季", "季度考核", "绩效", "绩效 2026Q1", "绩效 2026年一季度", "季度考核 一季度"])
def test_the_manager_sees_everybody_with_what_each_share_is_of(done: WorkOrder, talk: Talking, words: str) -> None:
    reply = talk.says("manager", words)
    assert "2026Q1" in reply
    assert "陈师傅：修完1/1 100.00%，按时1/1 100.00%，一次修好1/1 100.00%，满意0/0 —" in reply


@pytest.mark.parametrize(
    "words", ["绩效 陈师傅 2026Q1", "绩效 陈师傅", "绩效 陈", "看看陈师傅的绩效", "陈师傅这个季度怎么样"]
)
def test_one_of_them_in_detail(done: WorkOrder, talk: Talking, words: str) -> None:
    reply = talk.says("manager", words)
    assert "陈师傅 2026Q1" in reply
    assert "一半在0.5小时以内" in reply
    assert "有评价的：0/1 0.00%" in reply


def test_another_quarter_has_its_own_figures(done: WorkOrder, talk: Talking) -> None:
    assert talk.says("manager", "绩效 陈师傅 2025Q4") == "陈师傅 2025Q4 没有工单。"
    assert talk.says("manager", "上季度考核") == "2025Q4 还没有派过工单。"


@pytest.mark.parametrize("words", ["绩效 2026Q5", "绩效 陈师傅 第五季度"])
def test_a_fifth_quarter_is_refused_in_one_sentence(done: WorkOrder, talk: Talking, words: str) -> None:
    assert talk.says("manager", words) == "一年只有四个季度，请说比如「绩效 陈师傅 2026Q1」。"


def test_an_unknown_name_is_said_to_be_unknown(done: WorkOrder, talk: Talking) -> None:
    assert "没有找到叫「马师傅」的同事" in talk.says("manager", "绩效 马师傅")


@pytest.mark.parametrize(("who", "heard"), [("chen", "我的绩效"), ("liu", "我的绩效"), ("clerk", "只有经理能看")])
def test_colleagues_do_not_read_each_others(done: WorkOrder, talk: Talking, who: str, heard: str) -> None:
    for words in ("绩效 陈师傅", "本季", "季度考核"):
        reply = talk.says(who, words)
        assert heard in reply
        assert "1/1" not in reply


def test_a_worker_reads_their_own(done: WorkOrder, talk: Talking) -> None:
    assert "陈师傅 2026Q1\n修完：1/1 100.00%" in talk.says("chen", "我的绩效")
    assert talk.says("liu", "我的绩效 2026Q1") == "刘师傅 2026Q1 没有工单。"
    assert "一年只有四个季度" in talk.says("chen", "我的绩效 2026Q7")


def test_the_manager_of_another_compound_counts_nothing_of_this_one(done: WorkOrder, talk: Talking) -> None:
    talk.now += timedelta(seconds=1)
    assert talk.says("qian", "本季") == "2026Q1 还没有派过工单。"
    assert talk.says("qian", "绩效 陈师傅") == "陈师傅 2026Q1 没有工单。"
