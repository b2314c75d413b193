"""Which trade a report goes to: by what was learned, by the words, or by nothing when nothing was said."""

import pytest

from handlers.troubles import kinds_of_trouble


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        ("厨房水管漏水", "水"),
        ("水管坏了，不对不是水管，是暖气不热", "供暖"),
        ("马桶冲不下去一直往上返", "管道"),
        ("三楼平台上一窝蟑螂", "虫害"),
        ("楼道里好大一股尿骚味没人扫", "保洁"),
    ],
)
def test_the_likeliest_kind(problem: str, kind: str) -> None:
    assert kinds_of_trouble(problem, "owner")[0] == kind


@pytest.mark.parametrize("problem", ["坏了", "来个人看看", "abc坏了"])
def test_words_that_name_nothing_tell_no_kind(problem: str) -> None:
    assert kinds_of_trouble(problem, "owner") == ()
