import pytest

from models.people.introductions import name_in, phone_in, phone_tail_in

PLACES = ("锦绣花园", "望江苑")


@pytest.mark.parametrize(
    ("text", "name", "tail"),
    [
        ("绑定 锦绣花园 3-2-501 张伟 8000", "张伟", "8000"),
        ("绑定锦绣花园3栋2单元501张伟8000", "张伟", "8000"),
        ("我是锦绣花园三栋二单元五零一的业主，我叫张伟，手机尾号八零零零", "张伟", "8000"),
        ("３－２－５０１　张伟先生　１３８００１３８０００", "张伟", "8000"),
        ("8000 张伟 3-2-501", "张伟", "8000"),
        ("绑定 3-2-501 张三 8000", "张三", "8000"),
        ("绑定 3-2-501 李四8000", "李四", "8000"),
        ("绑定 3-2-1203 欧阳小明 1234", "欧阳小明", "1234"),
        ("绑定 望江苑A座1203 王强", "王强", None),
        ("绑定一下我家房子", None, None),
        ("绑定", None, None),
        ("我是新搬来的", None, None),
        ("3栋2单元501", None, None),
    ],
)
def test_who_somebody_says_they_are(text: str, name: str | None, tail: str | None) -> None:
    assert (name_in(text, places=PLACES), phone_tail_in(text)) == (name, tail)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("张伟", "张伟"),
        ("我叫张伟", "张伟"),
        ("业主叫诸葛亮的", "诸葛亮"),
        ("是张伟女士", "张伟"),
        ("买买提·艾力", "买买提艾力"),
        ("8000", None),
    ],
)
def test_a_name_that_was_asked_for(text: str, name: str | None) -> None:
    assert name_in(text, asked=True) == name


def test_a_room_of_four_digits_is_not_a_telephone_number() -> None:
    assert phone_tail_in("绑定 1203 张伟", room="1203") is None
    assert phone_tail_in("绑定 1203 张伟 8000", room="1203") == "8000"
    assert phone_tail_in("1203", room="1203", asked=True) == "1203"


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("我的电话 138 0013 8000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("0571-88001234", "057188001234"),
        ("8000", None),
        ("3-2-501", None),
    ],
)
def test_a_whole_telephone_number(text: str, phone: str | None) -> None:
    assert phone_in(text) == phone
