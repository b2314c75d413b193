"""How people say 1 to 5. What is not clear is never guessed."""

import pytest

from bot.understanding.normalise import standard
from models.workorders.rating_words import verdict_of

CLEAR = {
    5: "五星 5 ５ 五 5分 五分 5星 给五分 给个5分 五颗星 五星好评 好评 满分 100分 非常满意 很满意 十分满意 很好 非常好 好得很 棒 点赞 真棒 "
    "没得说 巴适 师傅很负责 5分，师傅不错 5，师傅不错 5分，就是来得晚 师傅人很好修得也快 没话说",
    4: "四星 4 四分 4分吧 满意 比较满意 不错 还不错 挺好的 还可以 还行 没毛病 不差 不赖 没有不满意 修好了，满意 满意满意 手艺好",
    3: "三星 3 三分 三颗星 一般 一般般 一般吧 凑合 还凑合吧 马马虎虎 勉强 勉勉强强 就那样 中评 还行吧 满意度一般 马马虎虎给三分",
    2: "两分 二星 两星 两颗星 2 二 2分，来得太晚了 不满意 不太满意 不是很满意 谈不上满意 不怎么样 不太好 不咋样 师傅态度差 差 不行 不满意，还在漏",
    1: "一星 1 一 1分 一分 差评 太差了 很差 非常不满意 很不满意 差劲 糟糕 一星差评 零分 0分 负分 一分都不想给 糊弄人 态度恶劣",
}
DOUBTFUL = (
    "师傅不错就是来得太慢 修得不错但是地上弄脏了 好是好就是贵 说不上来 说不清 不能说不好 4.5分 3到4分 三四分 九分 8分 1分，非常满意 "
    "5分，太差了 服务一般手艺好 满意，但是不满意收费 好 行 可以 嗯 嗯嗯 ok 好的 要得 修得慢 气死我了 有好有坏"
)
NO_OPINION = (
    "谢谢 收到 厨房水管漏水 5号楼楼道灯不亮 501 5-6 10 0 6 等了5分钟 3栋2单元501 帮助 师傅什么时候来 明天下午 我家5楼"
)


@pytest.mark.parametrize(
    ("words", "stars"), [(words, stars) for stars, said in CLEAR.items() for words in said.split()]
)
def test_what_is_clear_is_taken(words: str, stars: int) -> None:
    verdict = verdict_of(standard(words), awaited=True)
    assert (verdict.stars, verdict.doubtful) == (stars, False)


@pytest.mark.parametrize("words", DOUBTFUL.split())
def test_what_may_mean_anything_is_asked_about(words: str) -> None:
    verdict = verdict_of(standard(words), awaited=True)
    assert (verdict.stars, verdict.doubtful) == (None, True)


@pytest.mark.parametrize("words", NO_OPINION.split())
def test_what_is_no_opinion_is_no_rating(words: str) -> None:
    verdict = verdict_of(standard(words), awaited=True)
    assert (verdict.stars, verdict.doubtful) == (None, False)


@pytest.mark.parametrize(
    "words", ["5", "五", "很好", "好", "不错", "太差了", "师傅不错就是来得太慢", "凑合", "5，师傅不错"]
)
def test_nothing_is_a_rating_while_none_is_awaited(words: str) -> None:
    verdict = verdict_of(standard(words), awaited=False)
    assert (verdict.stars, verdict.doubtful) == (None, False)


@pytest.mark.parametrize(
    ("words", "stars"), [("五星", 5), ("评价很好", 5), ("给两分", 2), ("我很不满意", 1), ("差评", 1)]
)
def test_words_that_name_it_are_a_rating_at_any_time(words: str, stars: int) -> None:
    assert verdict_of(standard(words), awaited=False).stars == stars
