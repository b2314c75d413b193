"""The machine of conversations, run on a small program of its own: lending tools, with a question in between."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.flow import Again, Ask, Choice, Detour, Done, Flow, GoTo, Later, Next, Outcome, Program, Slot, Turn
from bot.guard import APOLOGY
from bot.incoming import Incoming
from bot.router import answer
from bot.steps import NO_RIGHT, NOTHING
from bot.understanding.meaning import Context, Meaning
from models.errors import Refusal
from models.job_runs import JobRun, claim
from models.messaging.tables import Conversation

TOOLS = ("锤子", "梯子", "电钻")


@dataclass
class Speaker:
    account: str = "gh_test"
    openid: str = "someone"
    role: str = "owner"
    roles: frozenset[str] = frozenset({"owner"})
    awaiting: str = ""


def take_tool(turn: Turn) -> Outcome:
    if turn.asked == "tool" and turn.choice:
        return Next(turn.choice)
    said = [tool for tool in TOOLS if tool in turn.text]
    if said:
        return Next(said[-1])
    return Again("没有这样的工具。") if turn.asked == "tool" and turn.text.startswith("大") else None


def take_day(turn: Turn) -> Outcome:
    said = [day for day in ("今天", "明天") if day in turn.text]
    return Next(said[-1]) if said else None


def lend(turn: Turn) -> Outcome:
    claim(turn.session, "lend", turn.slots["tool"], turn.now)
    if turn.slots["tool"] == "电钻":
        raise Refusal("电钻借出去了。")
    if turn.slots["tool"] == "梯子" and turn.slots["day"] == "今天":
        return GoTo("day", "梯子今天不在。")
    return Done(f"{turn.slots['day']}借您{turn.slots['tool']}。")


def break_down(turn: Turn) -> Outcome:
    claim(turn.session, "broken", "once", turn.now)
    raise RuntimeError("a bug")


LEND = Flow(
    intent="lend",
    title="借工具",
    slots=(
        Slot("tool", take=take_tool, ask=lambda turn: Ask("借什么？", tuple(Choice(tool, tool) for tool in TOOLS))),
        Slot("day", take=take_day, ask="哪天借？"),
    ),
    finish=lend,
)
PRICE = Flow(intent="price", title="问价", finish=lambda turn: Done("一天两元。"), quick=True)
SELL = Flow(
    intent="sell",
    title="卖掉工具",
    finish=lambda turn: Done("卖了。"),
    confirm=lambda turn: "要把全部工具卖掉吗？",
    roles=frozenset({"keeper"}),
)
BREAK = Flow(intent="break", title="弄坏", finish=break_down)
JOIN = Flow(
    intent="join",
    title="登记",
    slots=(
        Slot(
            "name", take=lambda turn: Next(turn.text) if turn.asked == "name" else None, ask="您贵姓？", free_text=True
        ),
    ),
    finish=lambda turn: Done(f"{turn.slots['name']}，登记好了。"),
)
MEMBERS = Flow(
    intent="members",
    title="会员借",
    slots=(
        Slot(
            "name",
            take=lambda turn: None,
            ask=lambda turn: Detour("join", say="先登记。"),
            known=lambda turn: _joined.get("name"),
        ),
    ),
    finish=lambda turn: Done("会员借好了。"),
)
_joined: dict[str, str] = {}


def refuse(turn: Turn) -> Any:
    raise Refusal("这里没有。")


REFUSED = tuple(
    Flow(f"refused_{what}", title="看看", finish=lambda turn: Done("看了。"), **how)  # type: ignore[arg-type]
    for what, how in {
        "confirm": {"confirm": refuse},
        "ask": {"slots": (Slot("x", take=lambda turn: None, ask=refuse),)},
        "known": {"slots": (Slot("x", take=lambda turn: None, ask="?", known=refuse),)},
    }.items()
)
ALARM = Flow(intent="alarm", title="报警", finish=lambda turn: Done("快跑！", alone=True))
WAITING = Flow(
    intent="waiting",
    title="等货",
    slots=(
        Slot(
            "goods",
            take=lambda turn: None,
            ask=lambda turn: Later("货到了再说。", until="join"),
            known=lambda turn: _joined.get("goods"),
        ),
    ),
    finish=lambda turn: Done("货给您。"),
)

WORDS = {
    "我要借": Meaning("lend", {}, 0.9),
    "多少钱": Meaning("price", {}, 0.9),
    "卖掉": Meaning("sell", {}, 1.0),
    "弄坏": Meaning("break", {}, 1.0),
    "会员": Meaning("members", {}, 1.0),
    "取消": Meaning("cancel", {}, 1.0),
    "好的": Meaning("confirm", {}, 0.9),
    "不要": Meaning("deny", {}, 0.9),
    "登记": Meaning("join", {}, 1.0),
    "没货": Meaning("waiting", {}, 1.0),
    "着火": Meaning("alarm", {}, 1.0),
    **{flow.intent: Meaning(flow.intent, {}, 1.0) for flow in REFUSED},
    "借不借": Meaning("lend", {}, 0.6),
    "几点关门": Meaning("hours", {}, 0.9),
    "有猫吗": Meaning("cat", {}, 0.9),
}


def understand(text: str, role: str, context: Context) -> Meaning:
    if text.startswith("我要借") and "多少钱" in text:
        return Meaning("lend", {}, 0.9, also=(WORDS["多少钱"],))
    if "，" in text:
        main, *also = (WORDS.get(part) or Meaning("out_of_scope", {}, 0.1) for part in text.split("，"))
        return replace(main, also=tuple(also))
    if text.startswith("我要借"):
        return WORDS["我要借"]
    return WORDS.get(text, Meaning("out_of_scope", {}, 0.1))


PROGRAM = Program(
    flows={flow.intent: flow for flow in (LEND, PRICE, SELL, BREAK, JOIN, MEMBERS, ALARM, WAITING, *REFUSED)},
    events={},
    wordless=lambda turn: Done("收到照片。"),
    unclear=lambda turn, times: f"没明白（{times}）",
    dropped=lambda title: f"「{title}」放下了。",
    identify=lambda session, incoming, now: Speaker(),
    unserved=lambda turn, meaning: {"hours": "几点关门还不能问。", "cat": "猫的事还不能问。"}.get(meaning.intent, ""),
)


@dataclass
class Talker:
    session: Session
    now: datetime
    speaker: Speaker = field(default_factory=Speaker)
    conversation: Conversation = field(default_factory=lambda: Conversation(frames=[], misunderstood=0))

    def says(self, text: str, kind: str = "text") -> str:
        incoming = Incoming("gh_test", "someone", kind, text, self.now, text=text if kind == "text" else "")
        turn = Turn(self.session, self.now, incoming, self.speaker, NOTHING)
        return answer(PROGRAM, understand, turn, self.conversation)

    def rows(self, task: str) -> list[Any]:
        return list(self.session.scalars(sa.select(JobRun.period).where(JobRun.task == task)))


@pytest.fixture
def talker(session: Session, now: datetime) -> Talker:
    _joined.clear()
    return Talker(session, now)


def test_nothing_is_asked_when_nothing_is_missing(talker: Talker) -> None:
    assert talker.says("我要借锤子明天用") == "明天借您锤子。"


def test_only_what_is_missing_is_asked(talker: Talker) -> None:
    assert talker.says("我要借锤子") == "哪天借？"
    assert talker.says("明天") == "明天借您锤子。"


def test_choices_have_numbers_and_the_number_works(talker: Talker) -> None:
    assert talker.says("我要借") == "借什么？\n1. 锤子\n2. 梯子\n3. 电钻"
    assert talker.says("2") == "哪天借？"
    assert talker.says("明天") == "明天借您梯子。"


def test_a_number_that_is_not_on_offer_changes_nothing(talker: Talker) -> None:
    talker.says("我要借")
    assert talker.says("7").startswith("请回复 1–3 里的一个数字。\n借什么？")


def test_a_later_answer_can_correct_an_earlier_one(talker: Talker) -> None:
    talker.says("我要借锤子")
    assert talker.says("不是锤子，是梯子") == "哪天借？"
    assert talker.says("明天") == "明天借您梯子。"


def test_a_side_question_is_answered_and_the_open_question_asked_again(talker: Talker) -> None:
    talker.says("我要借锤子")
    assert talker.says("多少钱") == "一天两元。\n哪天借？"
    assert talker.says("明天") == "明天借您锤子。"


def test_two_wishes_in_one_message_are_both_served(talker: Talker) -> None:
    assert talker.says("我要借锤子，多少钱") == "一天两元。\n哪天借？"


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("多少钱，几点关门", "一天两元。\n几点关门还不能问。"),
        ("几点关门，多少钱", "几点关门还不能问。\n一天两元。"),
        ("几点关门，有猫吗", "几点关门还不能问。\n猫的事还不能问。"),
        ("几点关门，登记", "几点关门还不能问。\n您贵姓？"),
        ("登记，几点关门", "几点关门还不能问。\n您贵姓？"),
        ("多少钱，卖掉", f"一天两元。\n{NO_RIGHT}"),
        ("登记，卖掉", f"您贵姓？\n{NO_RIGHT}"),
        ("借不借，多少钱", "一天两元。\n您是要借工具吗？\n1. 是\n2. 不是"),
        ("借不借，登记", "您贵姓？\n「借工具」请等这件办完再说一遍。"),
        ("嗯嗯，多少钱", "一天两元。"),
    ],
)
def test_no_wish_of_a_message_is_passed_over_in_silence(talker: Talker, said: str, answered: str) -> None:
    assert talker.says(said) == answered


def test_the_question_of_the_first_wish_comes_last_and_is_still_open(talker: Talker) -> None:
    talker.says("登记，几点关门")
    assert talker.says("王") == "王，登记好了。"


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("锤子，多少钱", "一天两元。\n哪天借？"),
        ("锤子，几点关门", "几点关门还不能问。\n哪天借？"),
        ("几点关门，登记", "几点关门还不能问。\n您贵姓？"),
        ("嗯嗯，登记", "您贵姓？"),
    ],
)
def test_nor_one_that_comes_with_an_answer_or_instead_of_it(talker: Talker, said: str, answered: str) -> None:
    talker.says("我要借")
    assert talker.says(said) == answered


def test_what_there_is_no_room_for_is_said_to_be_put_off(talker: Talker) -> None:
    assert (
        talker.says("我要借，登记，会员，没货") == "借什么？\n1. 锤子\n2. 梯子\n3. 电钻\n「等货」请等这件办完再说一遍。"
    )


def test_cancel_always_works(talker: Talker) -> None:
    talker.says("我要借锤子")
    assert talker.says("取消") == "好的，「借工具」不办了，什么都没有改动。"
    assert talker.says("明天") == "没明白（1）"


def test_a_finish_may_send_back_to_a_question(talker: Talker) -> None:
    assert talker.says("我要借梯子今天用") == "梯子今天不在。\n哪天借？"
    assert talker.says("明天") == "明天借您梯子。"


def test_a_refusal_undoes_what_the_step_began(talker: Talker) -> None:
    assert talker.says("我要借电钻明天用") == "电钻借出去了。"
    assert talker.rows("lend") == []
    assert talker.says("我要借锤子明天用") == "明天借您锤子。"
    assert talker.rows("lend") == ["锤子"]


def test_a_bug_is_apologised_for_and_undone(talker: Talker) -> None:
    assert talker.says("弄坏") == APOLOGY
    assert talker.rows("broken") == []


def test_an_unusable_answer_is_explained_and_the_question_stays(talker: Talker) -> None:
    talker.says("我要借")
    assert talker.says("大炮").startswith("没有这样的工具。\n借什么？")


def test_who_has_no_right_hears_so(talker: Talker) -> None:
    assert talker.says("卖掉") == NO_RIGHT


def test_what_is_dangerous_waits_for_yes(talker: Talker) -> None:
    talker.speaker = Speaker(roles=frozenset({"keeper"}))
    assert talker.says("卖掉") == "要把全部工具卖掉吗？\n1. 是\n2. 不是"
    assert talker.says("好的") == "卖了。"
    assert talker.says("1") == "没明白（1）"


def test_no_is_no(talker: Talker) -> None:
    talker.speaker = Speaker(roles=frozenset({"keeper"}))
    talker.says("卖掉")
    assert talker.says("2") == "好的，「卖掉工具」不办了，什么都没有改动。"


def test_an_unsure_meaning_is_asked_for(talker: Talker) -> None:
    assert talker.says("借不借") == "您是要借工具吗？\n1. 是\n2. 不是"
    assert talker.says("1").startswith("借什么？")


def test_another_message_instead_of_yes_or_no_is_taken_for_itself(talker: Talker) -> None:
    talker.says("借不借")
    assert talker.says("多少钱") == "一天两元。"


def test_a_detour_comes_back_by_itself(talker: Talker) -> None:
    assert talker.says("会员") == "先登记。\n您贵姓？"
    _joined["name"] = "王"
    assert talker.says("王") == "王，登记好了。\n会员借好了。"


def test_free_text_is_an_answer_even_if_it_sounds_like_something_else(talker: Talker) -> None:
    talker.says("会员")
    _joined["name"] = "x"
    assert talker.says("多少钱") == "多少钱，登记好了。\n会员借好了。"


def test_the_third_misunderstanding_is_told_to_the_program(talker: Talker) -> None:
    assert [talker.says("嗯哼") for _ in range(4)] == ["没明白（1）", "没明白（2）", "没明白（3）", "没明白（1）"]


def test_an_answer_that_comes_too_late_does_nothing(talker: Talker) -> None:
    talker.says("我要借锤子")
    talker.now += timedelta(minutes=31)
    assert talker.says("明天") == "「借工具」放下了。"
    assert talker.rows("lend") == []
    assert talker.says("继续") == "哪天借？"
    assert talker.says("明天") == "明天借您锤子。"


def test_after_a_day_nothing_can_be_taken_up(talker: Talker) -> None:
    talker.says("我要借锤子")
    talker.now += timedelta(hours=25)
    assert talker.says("继续") == "没明白（1）"


def test_a_new_wish_drops_what_was_left_lying(talker: Talker) -> None:
    talker.says("我要借锤子")
    talker.now += timedelta(minutes=31)
    assert talker.says("我要借梯子") == "哪天借？"
    assert talker.says("明天") == "明天借您梯子。"


def test_what_lies_aside_survives_a_side_question(talker: Talker) -> None:
    talker.says("我要借锤子")
    talker.now += timedelta(minutes=31)
    assert talker.says("多少钱") == "一天两元。"
    assert talker.says("继续") == "哪天借？"


def test_what_lies_aside_can_be_cancelled(talker: Talker) -> None:
    talker.says("我要借锤子")
    talker.now += timedelta(minutes=31)
    assert talker.says("取消") == "好的，「借工具」不办了，什么都没有改动。"
    assert talker.says("继续") == "没明白（1）"


@pytest.mark.parametrize("flow", REFUSED, ids=lambda flow: flow.intent)
def test_a_question_that_is_refused_tells_why_and_ends_the_flow(talker: Talker, flow: Flow) -> None:
    assert talker.says(flow.intent) == "这里没有。"
    assert talker.conversation.frames == []


def test_in_danger_nothing_else_is_asked(talker: Talker) -> None:
    talker.says("我要借锤子")
    assert talker.says("着火") == "快跑！"
    assert talker.says("明天") == "「借工具」放下了。", "the old question is not open any more"
    assert talker.says("继续") == "哪天借？"


def test_a_flow_that_cannot_go_on_waits_for_its_person(talker: Talker) -> None:
    assert talker.says("没货") == "货到了再说。"
    assert talker.says("明天") == "「等货」放下了。"
    _joined["goods"] = "x"
    assert talker.says("继续") == "货给您。"


def test_what_waits_for_another_flow_goes_on_after_it(talker: Talker) -> None:
    talker.says("没货")
    assert talker.says("登记") == "您贵姓？"
    _joined["goods"] = "x"
    assert talker.says("张") == "张，登记好了。\n货给您。"
    assert talker.conversation.frames == []


def test_a_picture_outside_of_a_flow_goes_to_the_program(talker: Talker) -> None:
    assert talker.says("", kind="image") == "收到照片。"


def test_a_flow_that_no_longer_exists_is_left_behind(talker: Talker) -> None:
    talker.conversation.frames = [{"flow": "gone", "slots": {}, "asking": "x", "choices": []}]
    assert talker.says("多少钱") == "一天两元。"
