"""What people call the things that break: categories of trouble, places, and whether something is said to be broken at all.

Source of the categories: domain reference 2.1.
"""

import re
from functools import lru_cache

# Words that name the thing or a trouble of its own. Best guess first when a sentence has words of several categories as often.
CATEGORY_WORDS: dict[str, tuple[str, ...]] = {
    category: tuple(words.split())
    for category, words in {
        "电梯": "电梯 轿厢 升降机 电提 点梯",
        "燃气": "煤气 燃气 天然气 瓦斯 液化气 煤汽 漏气 臭鸡蛋",
        "消防": """
            消防 消火栓 灭火器 烟感 喷淋 防火门 应急灯 安全出口 着火 起火 冒烟 糊味 焦味 烧焦 火警 失火 火苗
        """,
        "供暖": "暖气 地暖 暖气片 供暖 供热 取暖 热力 分水器 地热",
        "照明": "灯 路灯 楼道灯 声控灯 感应灯 灯泡 灯管 照明 日光灯 射灯 灯带",
        "门禁": "门禁 单元门 楼门 楼宇门 对讲 刷卡 门卡 人脸 刷脸 可视 呼叫机 大铁门 门口机",
        "停车": "道闸 车库 卷帘门 抬杆 栏杆机 停车 车位 地锁 车牌识别 占位 挡杆 堵车口 挪车",
        "充电桩": "充电桩 充电器 充电口 充电插 充不了电 充不上电 充不进电 充电站",
        "电动车": "电动车 电瓶车 飞线 电单车",
        "屋面": "屋顶 楼顶 房顶 屋面 顶楼漏 天台 顶层漏 顶上漏 女儿墙 天花板",
        "外墙": "外墙 外立面 墙砖 墙外 空调架 空调外机 外机 保温层 墙皮 雨棚 幕墙 广告牌",
        "管道": """
            下水 马桶 坐便 地漏 厕所堵 化粪池 排水 立管 主管道 蹲便 蹲坑 便池 污水 返味 反味 返水 反水 粪水 堵 赌住
            管道 落水管 雨水管 排污 疏通 不下水 反臭 返臭 洗手池 洗脸池 水池 水槽 洗菜池 洗菜盆 面盆 水盆 浴缸 臭味
        """,
        "水": """
            水管 水龙头 龙头 笼头 水喉 阀门 角阀 水阀 软管 停水 没水 没有水 莫得水 断水 水压 水小 水太小 水质
            水黄 黄水 浑 自来水 花洒 喷头 水表 爆管 跑水 来水 不出水 总阀 水泵 热水管 出水 水箱
        """,
        "电": """
            停电 没电 没有电 莫得电 断电 跳闸 跳炸 电闸 空开 插座 插排 开关 电线 线路 短路 电表 配电 电箱 漏电
            触电 火花 麻手 电路 总闸 保险丝 推不上 合不上闸 电压 变压器
        """,
        "门窗": """
            门锁 锁芯 房门 防盗门 入户门 家门 窗 玻璃 纱窗 窗户 门把手 把手 合页 门框 钥匙 锁坏 锁打不开 反锁
            闭门器 推拉门 铰链 锁在外 锁外 弹子锁 门关不 门打不开 自动门 门坏 锁不上 木门 铁门 大门
        """,
        "道路": "井盖 路面 坑洼 地砖 台阶 地面 坑 路沿 减速带 塌陷 积水 窨井 围墙",
        "设施": """
            扶手 健身器 秋千 滑梯 长椅 凉亭 栏杆 护栏 座椅 信箱 快递柜 晾衣 单杠 跑步机 跷跷板 健身 公告栏
            宣传栏
        """,
        "绿化": "树 草坪 绿化 花坛 树枝 杂草 灌木 草地 藤",
        "保洁": "垃圾 保洁 打扫 卫生没 清洁 狗屎 脏 尿 呕吐 污渍 小广告 异味 扫地 拖地 垃圾桶 没人扫",
        "虫害": "老鼠 蟑螂 白蚁 蚊子 虫 蚂蚁 马蜂 跳蚤 消杀 蛇 耗子 蜂窝",
        "弱电": "网络 网线 监控 摄像头 宽带 没网 断网 有线电视 电视信号 WIFI wifi 光纤",
        "家电": """
            热水器 空调 油烟机 抽烟机 冰箱 洗衣机 电视 燃气灶 煤气灶 浴霸 排风扇 换气扇 净水器 小厨宝 灶
        """,
        "高空抛物": "高空抛物 扔东西 扔垃圾下 抛物 往下扔 扔烟头",
        "噪音": "噪音 太吵 吵死 装修声 广场舞 噪声 吵得 半夜敲 唱歌 敲墙 电钻",
        "宠物": "狗叫 遛狗 没拴 狗咬 不牵绳 宠物 流浪狗 流浪猫 野狗 养鸡",
        "违建": "违建 私搭 搭建 违章 占用公共 堆放杂物 堆杂物",
        "安保": "保安 门卫 小偷 被偷 丢了 陌生人 推销 打架 巡逻",
        "服务态度": "态度 骂人 不理人 凶",
    }.items()
}

# Only asked when no word above is there: the trouble itself lets guess the trade.
_HINTS = (
    ("水", re.compile(r"[漏露渗滴淌跑]水|漏[了的]?|渗|滴")),
    ("管道", re.compile(r"堵|流不下|不通|返味|臭")),
    ("供暖", re.compile(r"不热|冰凉|不暖")),
    ("照明", re.compile(r"不亮|黑灯|摸黑|太黑")),
    ("门窗", re.compile(r"打不开|关不上|锁")),
    ("电", re.compile(r"插|电")),
)
# A longer word takes a shorter one's place: 电梯 in 电梯里的灯 is kept, but 煤气灶 is not 燃气 and 楼顶的灯 is the lamp.
_INSTEAD = (
    (re.compile(r"煤气灶|燃气灶"), "家电", "燃气"),
    (re.compile(r"(?:热水器|空调)(?!外机|架)"), "家电", "水"),
    (re.compile(r"应急灯|安全出口"), "消防", "照明"),
    (re.compile(r"充电桩"), "充电桩", "电动车"),
    (re.compile(r"车库.{0,4}(?:灯|门禁)"), "照明", "停车"),
)

# A trouble that says by itself what is wrong.
_WHOLE_TROUBLE = re.compile(
    r"[漏露渗]水|漏雨|停[水电]|[没断莫冇]得?有?[水电网](?!费|卡|表|平|管)|跳[闸炸]|返[味水臭]|"
    r"反[味水臭]|冒水|积水|短路|爆管|漏[电气]|不出水|不来[电水]|"
    r"(?:有|好多|很多|都是|闹|生|爬)(?:只|个)?(?:老鼠|蟑螂|白蚁|虫|耗子|马蜂|蛇)|井盖没|锁在?门?外|"
    r"水压.{0,3}[小低]|堵(?:住|了|死|得|上)|不下水|跑水|[呲滋飙]水|一直[流进]水|[滴渗冒]水|网断|流水停不|流不[下走]|断网|没网"
)
_TROUBLE = re.compile(
    r"坏|漏|堵|赌住|爆|断(?!了联系)|裂|破|碎|掉|脱落|松|卡住|卡死|打不开|打不着|瞎|合不[拢上严]|就响|撬|关不死|开不开|开不了|"
    r"关不[上严紧住了]|拧不|不亮|不[太大]?热|有个?大?坑|大坑|有股.{0,6}味|冰凉|不出|不通|不灵|失灵|没反应|无反应|不动|"
    r"不转|生锈|锈|倒了|倒在|歪|塌|冒|溢|渗|滴|淌|积水|不制冷|不显示|没信号|锁不|刷不|进不[去了]|"
    r"出不[来去了]|发烫|鼓包|起皮|起泡|晃|摇|缺|没了|不见了|不能用|用不了|用不成|"
    r"不好[用使]|不管用|不行|出问题|有问题|出毛病|毛病|故障|不下水|不冲水|冲不|流不|下不去|"
    r"淹|泡|臭|异响|有响声|咯吱|响个不停|哐|嗡|不走字|太小|很小|小得|变小|发黄|浑|黄的|浑浊|"
    r"没人扫|没人清|没人收|满了|"
    r"一闪一闪|闪|忽明忽暗|常亮|长亮|不灭|没亮|不充|充不|抬不|不抬|识别不|不识别|没电|没水|"
    r"不锁|合不上|推不上|烧了|烧坏|跳(?!.{0,3}舞|绳|楼)|滑|绊|挡|堆|枯|长虫|拐了|罢工|网.{0,2}(?:不好|卡|慢)|趴窝|瘫|停了|停运|废了|"
    r"挂了|不工作|没暖|没声音|听不见|看不清|黑屏|花屏|不制热|不加热|没热水|不热"
)

_LOCATIONS = """
    地下车库 地下室 楼梯间 消防通道 单元门口 单元门 小区门口 大门口 健身区 儿童乐园 自行车棚 配电房 水泵房
    垃圾站 楼道 走廊 过道 电梯口 电梯 大厅 门厅 大堂 车库 车棚 车位 天台 楼顶 屋顶 外墙 围墙 花园 广场 门口 路边
    楼下 楼上 主卫 次卫 卫生间 洗手间 厕所 茅房 浴室 淋浴间 厨房 灶房 灶屋 主卧 次卧 卧室 客厅 餐厅 书房 阳台
    飘窗 玄关 储物间 杂物间 儿童房 屋里 家里 屋头
"""
# 锦绣花园 is a name and no garden.
_NAMED = r"(?<![\u4e00-\u9fff]{2})"
_LOCATION = re.compile(
    "|".join(rf"{_NAMED}{word}" if word in ("花园", "广场") else word for word in _LOCATIONS.split())
)
_PUBLIC = re.compile(
    rf"{_NAMED}(?:花园|广场)|"
    r"楼道|走廊|过道|楼梯|电梯|大厅|门厅|大堂|车库|车棚|天台|楼顶|外墙|围墙|小区|"
    r"路灯|路面|马路|路边|单元门|楼门|门禁|道闸|井盖|健身|儿童乐园|秋千|滑梯|消防|消火栓|垃圾桶|"
    r"垃圾站|垃圾房|配电房|水泵房|"
    r"绿化|草坪|大树|树倒|树枝|监控|公共|地下室|充电桩|凉亭|公告栏|快递柜|整栋|整个单元|全楼|"
    r"大门口|岗亭|花坛|水箱|化粪池|外立面|停车场"
)
_INSIDE = re.compile(r"我家|家里|屋里|屋头|我屋|客厅|卧室|厨房|卫生间|阳台|马桶|洗手间|厕所|入户")

# 「厨房漏水了，哦不漏了」: whoever ends like this needs nobody.
_ALL_WELL = re.compile(
    r"(?:[哦噢啊哎]|现在|又|已经|好像|自己|它)*(?:不漏了|不堵了|不滴了|没坏|没漏|没事了?|好了|修好了|通了|来[水电]了)[了啊哈呀吧]*"
)
# Said to be whole, or not to be a repair at all.
_NOT_BROKEN = re.compile(
    r"没(?:有)?(?:坏|漏|堵|裂|破)(?!水)|不(?:漏|堵|响|闪)了|修好了(?!又|没)|好了(?!又|吗|没|么)|"
    r"已经(?:修好|好了|通了|不漏)"
)
_ABOUT_SOMETHING_ELSE = re.compile(
    r"多少钱|怎么收费|收费|收不收钱|要钱吗|要不要钱|免费吗|价格|价目|报价|几块钱|几钱|材料费|"
    r"物业费|水费|电费|停车费|燃气费|账单|缴费|交费|欠费|发票|收据|"
    r"取消|撤[销回掉]|不用(?:来|修)|别来|不修了|不用修|改[天期约到]|换个?时间|推迟|"
    r"修好了[吗没么]|修了[吗没么]|好了[吗没么]|到哪|进度|进展|怎么样了|处理得|报修的|报的修|"
    r"报了修|报过修|报修[了过]|上次报|昨天报|前天报|报了.{0,4}[天次遍]|催|还没(?:有)?(?:人|来|修|好|动静)|"
    r"没人(?:来|管|理|修)|还不来|"
    r"没修好|没弄好|没搞好|[才刚]修(?:好|完|过|的|了)|上次修|修过|修完.{0,8}又|修了.{0,8}(?:又|还)|"
    r"又(?:开始)?[漏坏堵].{0,6}(?:上次|刚修)|返工|"
    r"投诉|建议|希望|能不能(?:装|加|建|增|多)|投票|表决|态度|通知|公告|什么时候来[水电]|"
    r"(?:是不是|要不要|会不会|会|还要|还|又要)要?停[水电]|停[水电].{0,3}(?:几点|到什么|多长)|几点来[水电]|"
    r"为什么停[水电]|停[水电](?:到|多久|几点|通知)|停水吗|停电吗|"
    r"评价|打分|满意|谢谢|感谢|太吵|吵死|噪音|扰民|广场舞|遛狗|狗叫|不牵绳|高空抛物|扔东西|"
    r"乱扔|乱停|占用?我|违建|私搭|积分|打卡|绑定|解绑"
)


@lru_cache(maxsize=256)  # one message is looked at from several sides
def categories_of(text: str) -> tuple[str, ...]:
    """The categories a sentence speaks of, the likeliest first; () when it names none.

    The thing named right before its trouble is likeliest. What is denied (「不是水管，是暖气」) does not count.
    """
    text = re.sub(r"不是[^,，。是]{1,10}[,，\s]*(?:而?是|应该是)", "", text)
    trouble = _WHOLE_TROUBLE.search(text) or _TROUBLE.search(text)
    at = trouble.start() if trouble else 0
    found = {
        category: min(_fit(word, text, at) for word in words if word in text)
        for category, words in CATEGORY_WORDS.items()
        if any(word in text for word in words)
    }
    for longer, kept, dropped in _INSTEAD:
        if kept in found and longer.search(text):
            found.pop(dropped, None)
    if found:
        order = list(CATEGORY_WORDS)
        return tuple(sorted(found, key=lambda category: (*found[category], order.index(category))))
    return tuple(category for category, hint in _HINTS if hint.search(text))[:1]


def _fit(word: str, text: str, trouble: int) -> tuple[int, int, int]:
    """How well a word fits, small is good: how far before the trouble it ends, then the longer, then the earlier."""
    start = text.index(word)
    before = trouble - start - len(word)
    return (before if before >= 0 else len(text), -len(word), start)


def may_be_the_same_trouble(first: str, second: str, category: str) -> bool:
    """Can two reports of one home and one category be about the same thing? Not when each names another thing or place.

    A door lock and a window are both 门窗; to join them would make one repair vanish, while two orders for one thing
    only cost a look.
    """
    things = [{word for word in CATEGORY_WORDS.get(category, ()) if word in text} for text in (first, second)]
    places = [location_of(text) for text in (first, second)]
    other_thing = all(things) and not things[0] & things[1]
    other_place = all(places) and places[0] != places[1]
    return not other_thing and not other_place


@lru_cache(maxsize=256)
def names_a_fault(text: str) -> bool:
    """Is something concrete said to be broken? 「我要报修」 no; 「厨房水管漏水了」, 「灯坏了」 yes; also at the end of a long story."""
    clauses = _clauses(text)
    return not _ALL_WELL.fullmatch(clauses[-1]) and any(_one_fault(clause) for clause in clauses)


def _clauses(text: str) -> list[str]:
    """The text and each of its parts: the thing may be named before a comma and its trouble after it."""
    return [text, *(clause for clause in re.split(r"[,，。;；!！?？\s]+", text) if clause)]


def _one_fault(text: str) -> bool:
    if _NOT_BROKEN.search(text):
        return False
    if _WHOLE_TROUBLE.search(text):
        return True
    return bool(_TROUBLE.search(text)) and any(word in text for words in CATEGORY_WORDS.values() for word in words)


def reports_a_fault(text: str) -> bool:
    """Does the text report a fault, and is not about money, an order that exists already, a complaint or a notice?"""
    return names_a_fault(text) and not _ABOUT_SOMETHING_ELSE.search(text)


@lru_cache(maxsize=256)
def location_of(text: str) -> str | None:
    """Where it is, in the user's own words: 厨房, 楼道, 3楼走廊 → 走廊; None when no place is named."""
    match = _LOCATION.search(text)
    return match.group() if match else None


def speaks_of_inside(text: str) -> bool:
    """Is it said to be inside somebody's home, and no public part named outright?"""
    return bool(_INSIDE.search(text)) and not re.search(r"楼道|走廊|电梯|公共|小区", text)


def is_public_place(text: str) -> bool:
    """Is it a part of the building that belongs to everybody? 「我家」 and rooms say no, unless a public part is named outright."""
    return bool(_PUBLIC.search(text)) and not speaks_of_inside(text)
