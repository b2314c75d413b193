"""绑定 as people say it."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from handlers.resident import bind_home, show_my_home, unbind_home
from models.people.proofs import make_bind_code
from models.people.tables import Binding, BindRequest
from tests.support.books import OTHER_ACCOUNT, PEPPER, Books
from tests.support.chat import Chat


@pytest.fixture
def chat(session: Session, books: Books, now: datetime) -> Chat:
    return Chat(session, now, (*bind_home.FLOWS, *show_my_home.FLOWS, unbind_home.FLOW))


def bound(session: Session) -> list[tuple[str, str]]:
    return [(row.openid, row.relation) for row in session.execute(sa.select(Binding.openid, Binding.relation))]


@pytest.mark.parametrize(
    "words",
    [
        "绑定 锦绣花园 3-2-501 张伟 8000",
        "绑定锦绣花园3栋2单元501张伟8000",
        "绑定 ３－２－５０１ 张伟先生 ８０００",
        "我要绑定，三栋二单元五零一，我叫张伟，手机尾号八零零零",
        "绑定 3-501 张伟 13800138000",
    ],
)
def test_one_message_is_enough(chat: Chat, words: str) -> None:
    assert "绑定好了：锦绣花园3栋2单元501，您是业主" in chat.says("guest", words)
    assert bound(chat.session) == [("guest", "owner")]


def test_step_by_step_only_what_is_missing_is_asked_for(chat: Chat) -> None:
    assert chat.says("guest", "绑定") == bind_home.ASK_HOUSE
    assert chat.says("guest", "锦绣花园3栋2单元501") == bind_home.ASK_NAME
    assert chat.says("guest", "张伟") == bind_home.ASK_PHONE4
    assert "绑定好了" in chat.says("guest", "8000")


def test_a_room_without_its_building_is_asked_about_once(chat: Chat) -> None:
    chat.says("guest", "绑定")
    assert "几栋几单元" in chat.says("guest", "501")
    assert chat.says("guest", "3栋2单元") == bind_home.ASK_NAME


def test_corrections_are_welcome(chat: Chat) -> None:
    chat.says("guest", "绑定")
    chat.says("guest", "锦绣花园3栋2单元502")
    assert chat.says("guest", "不是502，是501") == bind_home.ASK_NAME
    chat.says("guest", "张伟")
    assert "3栋2单元501" in chat.says("guest", "8000")


WRONG = {
    "wrong home": "绑定 锦绣花园 3-2-502 张伟 8000",
    "unknown home": "绑定 锦绣花园 99-9-901 张伟 8000",
    "wrong name": "绑定 锦绣花园 3-2-501 张三丰 8000",
    "wrong phone": "绑定 锦绣花园 3-2-501 张伟 8001",
    "no phone on record": "绑定 锦绣花园 3-2-503 吴刚 8000",
    "a home of another compound": "绑定 望江苑 3-2-501 张伟 8000",
}


def test_every_wrong_guess_is_answered_word_for_word_the_same(chat: Chat) -> None:
    answers = {chat.says(f"guest-{number}", words) for number, words in enumerate(WRONG.values())}
    assert len(answers) == 1
    assert "没有对上" in answers.pop()
    assert bound(chat.session) == []


def test_after_a_wrong_guess_the_right_one_can_follow_at_once(chat: Chat) -> None:
    chat.says("guest", WRONG["wrong phone"])
    assert "绑定好了" in chat.says("guest", "8000")


def test_after_a_wrong_name_the_whole_can_be_said_again(chat: Chat) -> None:
    chat.says("guest", WRONG["wrong name"])
    assert "绑定好了" in chat.says("guest", "3-2-501 张伟 8000")


def test_the_third_wrong_guess_offers_a_manager_and_the_sixth_is_the_end_of_the_day(chat: Chat) -> None:
    answers = [chat.says("guest", WRONG["wrong phone"]) for _ in range(6)]
    assert [bind_home.OFFER in words for words in answers[:5]] == [False, False, True, True, True]
    assert "明天再试" in answers[5]
    assert "0571-88001234" in answers[5]
    assert "明天再试" in chat.says("guest", "绑定 锦绣花园 3-2-501 张伟 8000")
    chat.now += timedelta(days=1)
    assert "绑定好了" in chat.says("guest", "绑定 锦绣花园 3-2-501 张伟 8000")


def test_the_last_words_are_the_same_for_a_home_that_does_not_exist(chat: Chat) -> None:
    real = [chat.says("one", WRONG["wrong phone"]) for _ in range(6)]
    unreal = [chat.says("two", WRONG["unknown home"]) for _ in range(6)]
    assert real == unreal


def test_who_cannot_prove_it_asks_a_manager_with_what_was_said_already(chat: Chat, books: Books) -> None:
    chat.says("guest", "绑定 锦绣花园 3-2-501 张小伟 0000")
    assert "手机号" in chat.says("guest", "申请审核")
    assert "您是这一户的" in chat.says("guest", "13511112222")
    assert "交给管理员了" in chat.says("guest", "2")
    request = chat.session.scalars(sa.select(BindRequest)).one()
    assert (request.name, request.phone, request.relation) == ("张小伟", "13511112222", "family")
    assert (request.community_id, request.building, request.room) == (books.jinxiu.id, "3", "501")


def test_the_compound_is_asked_for_only_when_a_manager_must_look(chat: Chat) -> None:
    chat.says("guest", "申请审核 3-2-501 张小伟 13511112222 家人")
    assert "交给管理员了" in chat.says("guest", "锦绣花园")


def test_a_code_alone_is_enough(chat: Chat, books: Books, now: datetime) -> None:
    code = make_bind_code(
        books.session,
        home_id=books.homes["3-2-501"].id,
        relation="family",
        name="张小伟",
        made_by="staff:1",
        staff_id=None,
        company_id=books.company.id,
        pepper=PEPPER,
        now=now,
    )
    assert "您是家人" in chat.says("guest", f"绑定 {code.lower()}")
    assert chat.says("other", f"绑定 {code}") == bind_home.CODE_FAULTS["used"]
    assert chat.says("other", "绑定 K7M3PQ2X") == bind_home.WRONG_CODE


def test_a_code_without_any_word_is_enough_even_in_the_middle(chat: Chat) -> None:
    assert chat.says("guest", "K7M3-PQ2X") == bind_home.WRONG_CODE
    chat.says("guest", "绑定")
    assert chat.says("guest", "k7m3pq2x") == bind_home.WRONG_CODE


def test_binding_again_is_told_kindly(chat: Chat) -> None:
    chat.says("guest", "绑定 锦绣花园 3-2-501 张伟 8000")
    assert "已经绑定过" in chat.says("guest", "绑定 锦绣花园 3-2-501 张伟 8000")


def test_an_account_of_no_company_binds_nothing(chat: Chat) -> None:
    chat.account = "gh_nobody"
    assert chat.says("guest", "绑定 3-2-501 张伟 8000") == bind_home.NOT_OPEN


def test_another_company_knows_none_of_these_homes(chat: Chat) -> None:
    chat.account = OTHER_ACCOUNT
    assert "绑定好了" not in chat.says("guest", "绑定 3-2-501 张伟 8000")


@pytest.mark.parametrize("words", ["' OR 1=1 --", "{{ 7*7 }}", "<b>3</b>", "👨‍👩‍👧", "０", "-" * 500])
def test_nonsense_binds_nothing_and_the_question_stays(chat: Chat, words: str) -> None:
    chat.says("guest", "绑定")
    assert bind_home.ASK_HOUSE in chat.says("guest", words)
    assert bound(chat.session) == []


# --- 我的家, 解绑, 添加家人 ---------------------------------------------------------------------------------------------


def test_my_home_shows_the_others_with_hidden_names(chat: Chat, books: Books) -> None:
    books.bind("张伟", "zhang")
    books.bind("赵敏", "zhao")
    shown = chat.says("zhang", "我的家")
    assert "锦绣花园3栋2单元501，您是业主" in shown
    assert "赵*（租户）" in shown
    assert "赵敏" not in shown
    assert "添加家人" in shown
    assert "添加家人" not in chat.says("zhao", "我的家")


def test_the_outsider_sees_only_their_own_home(chat: Chat, books: Books) -> None:
    books.bind("张伟", "zhang")
    books.bind("王强", "wang")
    shown = chat.says("wang", "我的家")
    assert "望江苑1栋1单元101" in shown
    assert "锦绣花园" not in shown


def test_unbinding_names_the_home_and_waits_for_yes(chat: Chat, books: Books) -> None:
    books.bind("张伟", "zhang")
    assert "锦绣花园3栋2单元501" in chat.says("zhang", "解绑")
    assert bound(chat.session) == [("zhang", "owner")]
    assert "已解绑" in chat.says("zhang", "是")
    assert bound(chat.session) == []


def test_saying_no_keeps_the_home(chat: Chat, books: Books) -> None:
    books.bind("张伟", "zhang")
    chat.says("zhang", "解绑")
    chat.says("zhang", "2")
    assert bound(chat.session) == [("zhang", "owner")]


def test_who_has_two_homes_chooses_one(chat: Chat, books: Books) -> None:
    books.bind("张伟", "zhang")
    books.bind("李娜", "zhang")
    assert "2. 锦绣花园3栋2单元502" in chat.says("zhang", "解绑")
    assert "502" in chat.says("zhang", "2")
    assert "已解绑锦绣花园3栋2单元502" in chat.says("zhang", "1")
    assert len(bound(chat.session)) == 1


def test_an_owner_brings_in_a_family_member_with_a_code(chat: Chat, books: Books) -> None:
    books.bind("张伟", "zhang")
    chat.says("zhang", "添加家人")
    reply = chat.says("zhang", "张小伟")
    code = reply.split("绑定码：")[1][:8]
    assert "您是家人" in chat.says("son", f"绑定 {code}")
    assert ("son", "family") in bound(chat.session)


def test_a_tenant_brings_in_nobody(chat: Chat, books: Books) -> None:
    books.bind("赵敏", "zhao")
    assert chat.says("zhao", "添加家人") == show_my_home.ONLY_OWNERS
