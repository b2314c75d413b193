import pytest

from models.people.names import masked_name, masked_phone, same_name, wechat_name


@pytest.mark.parametrize(
    "said",
    ["张伟", " 张 伟 ", "张伟先生", "张　伟", "张\u200b伟", "张伟女士"],
)
def test_a_name_is_the_same_however_politely_it_is_written(said: str) -> None:
    assert same_name(said, "张伟")


@pytest.mark.parametrize("said", ["买买提·艾力", "买买提•艾力", "买买提 艾力", "买买提艾力"])
def test_the_dot_in_a_name_does_not_matter(said: str) -> None:
    assert same_name(said, "买买提·艾力")


@pytest.mark.parametrize("said", ["", " ", "张", "张三", "张伟伟", "先生", "张先生"])
def test_another_name_is_another_name(said: str) -> None:
    assert not same_name(said, "张伟")


def test_nobody_is_called_nothing() -> None:
    assert not same_name("", "")


def test_names_and_phones_are_shown_with_their_middle_hidden() -> None:
    assert masked_name("李娜") == "李*"
    assert masked_name("欧阳小明") == "欧***"
    assert masked_name("") == "*"
    assert masked_phone("13800138000") == "138****8000"
    assert masked_phone("8000") == ""


def test_the_log_name_of_a_wechat_hides_the_openid_and_stays_the_same() -> None:
    name = wechat_name("gh_1", "demo-zhang")
    assert name == wechat_name("gh_1", "demo-zhang") != wechat_name("gh_2", "demo-zhang")
    assert "zhang" not in name
    assert len(name) == len("wechat:") + 10
