"""Danger is heard in whatever words; everyday trouble is not called danger."""

import pytest

from models.workorders.urgency import is_life_threatening, priority_of, safety_advice

DANGEROUS = """
电梯困人了
我被困在电梯里了快来人
我空在电梯里面了
孩子捆在电梯里了
我妈睏在电梯头了出不来
电梯卡在三楼和四楼中间，里面有人
电梯门打不开我出不去了
有个老太太被关在电梯里
电提里有人出不来
我和我老伴被困在轿厢里了
电梯突然往下掉
卡电梯里了
困住了，救救我
孩子反锁在屋里了
两岁的娃锁在厕所里出不来
手被单元门夹住了
楼道里一股煤气味
闻到燃气味道
天然气漏了
煤汽味很大
家里好像漏煤气
一进楼就闻到瓦斯味
没气味好重啊是不是漏了煤气
厨房有臭鸡蛋味
燃气表那里嘶嘶响，有味
着火了
楼下电动车着火了
配电房冒烟
六楼窗户往外冒浓烟
闻到一股糊味
楼道有烧焦的味道
有烧塑料味
插座冒火花
空开打火花
电箱噼里啪啦冒火星
垃圾桶起火了
电瓶爆炸了
电线烧起来了
充电器烧了冒黑烟
插座烧焦了
灶台失火
热水器漏电
洗澡的时候水龙头麻手
摸洗衣机手发麻
我被电了一下
有人触电了
孩子被电到了
电着人了
铁门带电
路灯杆漏电
楼道里电线掉下来了
高压线断了垂在地上
电线裸露在外面
配电箱进水了
外墙瓷砖掉下来了
外墙皮掉了好大一块
空调外机要掉下来了
楼上的花盆砸下来差点砸到人
玻璃从天上掉下来
广告牌摇摇欲坠
楼顶往下掉水泥块
有东西坠落
砸到人了
吊顶要掉下来了
水管爆了
爆管了
厨房水管爆了水喷得到处都是
水哗哗地往外流止不住
阀门断了水往外喷
家里发大水了
地下室淹了
自来水管崩了
暖气片爆了
满屋子都是水
水管断了关不住
井盖没了
窨井盖不见了
路上的井盖被偷了
有人掉进井里了
井盖塌了
大树倒了压在电线上
树砸到车上了
围墙要倒了
墙塌了
路面塌陷了一个大洞
救命啊
有人晕倒了
屋头的水龙头摸到起麻
电梯里头有人被困哒
老人反锁家里打不开门
煤气灶那边漏气
闻着像煤气
变压器冒火
楼道着起火来了
消防通道里的电瓶车在冒烟
高空掉下来一块砖
楼上阳台的玻璃快掉了
树枝压断电线了
阳台栏杆要掉下去了
厨房喷水了
水从天花板哗哗往下流
"""

EVERYDAY = """
楼道灯坏了
热水器打不着火
热水器点不着火了
燃气灶打不着火
我想吃火锅
水管漏水
厨房水管漏水了
火警广播响是测试吗
什么时候消防演习
灭火器过期了
防火门关不上
马桶堵了
下水道返味
水龙头一直滴水
家里停电了
跳闸了
漏电保护器跳了
插座没电
电梯坏了
电梯停在一楼不动
电梯卡丢了怎么补办
电梯按键没反应
电梯有异响
门锁打不开
我锁在门外了
钥匙忘带了
暖气不热
空调不制冷
楼上装修砸墙太吵
墙皮起皮了
卫生间瓷砖松了一块
楼顶漏雨
外墙渗水
井盖响得厉害
井盖松动
树枝挡住窗户了
草坪枯了
停水通知
什么时候来水
物业费多少
煤气费怎么交
燃气公司电话多少
燃气卡怎么充值
油烟机不工作
楼下烧烤油烟大
有人在楼道抽烟
烟感报警器坏了
路灯不亮
门禁刷不开
道闸不抬杆
我要投诉保安
太让人上火了
困难户有减免吗
空置房打折吗
电动车充不进电
充电桩坏了
电话打不通
停电到几点
水压太小
水是黄的
垃圾没人收
老鼠太多了
网络断了
监控坏了
对讲机没声音
快递丢了
玻璃裂了一条缝
窗户关不上
纱窗破了
扶手松了
健身器材坏了
麻烦帮我看看
给师傅点赞
五星好评
接单 12
完工 12 换了角阀
今天没空
积分换什么
花洒喷头不出水
洗衣机不排水
灯泡烧了换一个
家里烧水壶坏了
孩子发烧了想问下附近医院
电费太贵
火车站怎么走
放烟花可以吗
我想装个充电桩
楼道堆满杂物
邻居养狗叫
小区什么时候绿化
水表坏了
电表不走
信号掉线
墙上掉漆了
没闻到煤气味就是想问下安检
卡在付款页面了
电视没信号
"""


def lines(block: str) -> list[str]:
    return block.split()


@pytest.mark.parametrize("text", lines(DANGEROUS))
def test_danger_is_never_missed(text: str) -> None:
    assert is_life_threatening(text)
    assert priority_of(text, "水") == "P0"


@pytest.mark.parametrize("text", lines(DANGEROUS))
def test_whoever_is_in_danger_is_told_what_to_do(text: str) -> None:
    assert safety_advice(text)


def test_at_most_three_in_a_hundred_everyday_sentences_raise_the_alarm() -> None:
    alarms = [text for text in lines(EVERYDAY) if is_life_threatening(text)]
    assert len(alarms) <= len(lines(EVERYDAY)) * 3 / 100, alarms


@pytest.mark.parametrize("text", ["楼道灯坏了", "热水器打不着火", "我想吃火锅", "水管漏水", "火警广播响是测试吗"])
def test_the_best_known_false_alarms_stay_silent(text: str) -> None:
    assert not is_life_threatening(text)
    assert safety_advice(text) == ""


def test_marks_and_blanks_between_the_words_do_not_hide_danger() -> None:
    assert is_life_threatening("电梯，，，里面 有人 被困")
    assert is_life_threatening("我今天早上出门。走到楼下！闻到 煤气 味")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("电梯困人了", "96333"),
        ("电梯困人了", "扒门"),
        ("楼道有煤气味", "燃气公司"),
        ("着火了", "119"),
        ("插座漏电", "电闸"),
        ("水管爆了", "阀"),
        ("井盖没了", "井口"),
        ("外墙瓷砖掉下来", "离开"),
    ],
)
def test_the_advice_fits_the_danger(text: str, word: str) -> None:
    assert word in safety_advice(text)


def test_two_dangers_get_both_advices() -> None:
    advice = safety_advice("电梯困人了，里面还冒烟")
    assert "扒门" in advice
    assert "119" in advice


@pytest.mark.parametrize(
    ("text", "category", "priority"),
    [
        ("家里没水了", "水", "P1"),
        ("整栋楼停电了", "电", "P1"),
        ("电梯坏了", "电梯", "P1"),
        ("马桶往外溢脏水", "管道", "P1"),
        ("我被锁在门外了", "门窗", "P1"),
        ("楼上往下扔东西", "高空抛物", "P1"),
        ("楼道灯坏了", "照明", "P2"),
        ("水龙头滴水", "水", "P2"),
        ("马桶堵了", "管道", "P2"),
        ("空调清洗预约", "家电", "P3"),
        ("想装个扶手，不着急", "设施", "P3"),
    ],
)
def test_priority_follows_what_life_is_like_meanwhile(text: str, category: str, priority: str) -> None:
    assert priority_of(text, category) == priority
