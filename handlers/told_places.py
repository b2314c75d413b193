"""Where something is, in the user's own words, as it is told outside (domain reference 6.2): 厨房, 3栋楼道, 地库B2坡道, 五楼."""

import re

from bot.understanding.normalise import corrected, fold

_FIGURES = "一二三四五六七八九十两"
_NUMBER = rf"(?:\d{{1,3}}|[{_FIGURES}]{{1,3}}|[A-Z](?![A-Za-z]))"
_BUILDING = rf"(?<![\d{_FIGURES}-])(?:{_NUMBER}(?:号楼|号院|栋|幢|座|[动洞东]|期)|[{_FIGURES}]栋)"
_ENTRANCE = rf"{_NUMBER}(?:单[元员源圆]|号门(?!禁)|门洞)"
_STOREY = (
    rf"(?:(?:地下|负)[{_FIGURES}\d](?:楼|层)?|B\d(?!\d)|{_NUMBER}(?:楼|层)(?![上下])|顶[楼层]|架空层|夹层|首层|每层)"
)
_ROOMS = """
    厨房 卫生间 洗手间 厕所 茅房 茅子 茅厕 浴室 淋浴间 淋浴房 冲凉房 客卫 主卫 次卫 公卫 公厕 外卫 干区 主卧 次卧 北卧
    南卧 东卧 西卧 小卧室 大卧室 卧室 睡房 客厅 餐厅 书房 阳台 露台 飘窗 玄关 储物间 储藏间 储藏室 杂物间 儿童房 婴儿房
    保姆间 保姆房 衣帽间 洗衣房 灶房 灶屋 灶间 灶披间 灶脚 堂屋 里屋 西屋 东屋 北屋 南屋 小屋 阁楼 亭子间 浴间 过厅 厅里
    入户花园 房东屋 廚房 廁所 次卧室 主卧室 後生間 晒台
"""
_PUBLIC = """
    地下车库 地下停车场 地下室 地库 车库 停车场 电动车棚 电瓶车棚 自行车棚 非机动车库 非机动车棚 车棚 充电棚 充电站 楼梯间
    楼梯口 楼梯拐角 楼梯 楼道 走廊 过道 公共走廊 消防通道 消防楼梯 安全通道 连廊 单元门厅 单元门口 单元门 楼门口 楼洞 门洞
    门厅 大堂 大厅 电梯厅 电梯间 电梯机房 电梯口 电梯井 梯厅 前室 天台 楼顶 屋顶 房顶 顶棚 围墙 中心花园 花园 小花园 广场
    中庭 小广场 凉亭 亭子 健身区 健身房 健身广场 儿童乐园 儿童区 儿童滑梯 游乐场 游乐区 沙坑 篮球场 网球场 羽毛球场 足球场
    泳池 游泳池 水池边 池塘 人工湖 景观湖 草坪 草地 绿化带 绿地 花坛 树池 岗亭 门岗 保安亭 保安室 值班室 监控室 消控室
    中控室 配电房 配电室 配电间 水泵房 泵房 换热站 锅炉房 机房 弱电井 强电井 电井 水表井 管道井 管井 水表箱 表箱 电表间
    垃圾站 垃圾房 垃圾桶旁 垃圾点 垃圾亭 信报箱 会所 活动室 活动中心 物业办公室 物业中心 服务中心 大厅门口 大门口 大门 正门
    东门口 西门口 南门口 北门口 东门 西门 南门 北门 侧门 后门 小门 小区门口 小区大门 出入口 入口 出口 坡道 车库入口 车库出口
    地库入口 地库出口 步道 主干道 主路 路口 路边 围墙边 拐角 转角 后院 前院 院子 天井 底坑 东区 西区 南区 北区
"""
_NOUN = "|".join(sorted({*_ROOMS.split(), *_PUBLIC.split()}, key=len, reverse=True))
_SIDE = (
    r"(?:的)?(?:(?:靠)?[东南西北]{1,2}[侧边角头面]|正?[上下里外前后](?:面|边|头|方)|[左右](?:边|侧|手边)|旁边|边上|隔壁|门口|入口处?|出口处?|拐角处?|墙角|墙根|墙边|窗边|窗户边|靠窗|角落|顶上|底下|中间|之间|吊顶|顶棚|天花板|坡道|柱子旁|台阶|"
    r"门外|里屋|通道|那面墙|的墙|[上下]方|地面|地漏旁|水池下|台盆下|洗手池下|[里内](?=的?(?:面|边|头)))"
)
_PLACE = re.compile(
    rf"(?P<where>(?:{_BUILDING})?(?:{_ENTRANCE})?(?:门口)?(?:的)?(?:{_STOREY})?(?:的)?(?:公共|公用)?(?P<noun>{_NOUN})(?P<side>{_SIDE})?)"
    rf"|(?P<bare>(?P<building>{_BUILDING})(?P<entrance>{_ENTRANCE})?(?P<storey>{_STOREY})?|(?P<only>{_ENTRANCE})(?:{_STOREY})?|(?P<high>{_STOREY}))(?P<near>门口|楼下|门前|后面|前面|旁边)?"
    r"|(?P<around>楼下|门口(?!机))"
)
_A_ROOM_FOLLOWS = re.compile(rf"[-的]?[\d{_FIGURES}零〇幺洞]{{3,4}}(?![年块元])|\d{{1,2}}(?:单元|门)\d{{3}}|[-\d]")
_NOT_A_PLACE = re.compile(r"(?:那户|那家|住户|邻居|人家|业主|的人|[几多]|梯|号)")
_MOST = 2
# Often the thing that is broken, or who suffers from it, and not where it is: told when nothing better is.
_WEAK = frozenset(
    (
        *("屋顶", "房顶", "楼顶", "顶楼", "楼梯", "单元门", "花坛", "花园", "草坪", "坡道", "出口"),
        *("消防通道", "大门", "广场", "围墙", "沙坑", "门口", "楼下", "水池边"),
    )
)
# Where somebody is asked where, or sends people somewhere, a building by itself is a place.
_ALL_OF_IT = frozenset(
    {"manager_broadcast", "manager_dun", "manager_arrears_list", "manager_collection_rate", "manager_poll_create"}
)


_TOLD = frozenset(
    (
        *(
            "repair_report",
            "provide_info",
            "inspection_report",
            "complaint",
            "repair_status",
            "equipment_query",
            "price_query",
        ),
        *("staff_my_tasks", "maintenance_done", "meter_reading"),
        *("manager_broadcast", "manager_dispatch", "manager_dun", "manager_arrears_list", "manager_collection_rate"),
        *("manager_fee_op",),
    )
)
_NOT_ASKED_FOR = ("ask_house", "choose_house", "ask_phone", "ask_time")
_BEFORE_IT = re.compile(
    r"^(?:[呃嗯啊哦噢]|闺女|同志|姑娘|孩子|就是|就在|就|那个|这个|在|是|喺|我们?家?的?|俺家?|咱家?|你们|屋头)+[,，]?"
)
_BEHIND_IT = re.compile(
    r"(?:那里|那儿|那边儿?|那块儿?|那点|那疙瘩|这边|这里|的?地方|里头|里向|里|头|吧|呢|啊|呀|啦|的|个)+$|[。!！~.]+$"
)
_LONGEST = 16  # characters; more is a story


def places_told(intent: str, text: str, awaiting: str) -> list[str]:
    if intent not in _TOLD or awaiting in _NOT_ASKED_FOR:
        return []
    words = corrected(fold(text))
    if (
        awaiting == "ask_location"
        and intent == "provide_info"
        and not re.search(r"[,，;；?？]", words)
        and len(words) <= _LONGEST
    ):
        whole = _BEHIND_IT.sub("", _BEHIND_IT.sub("", _BEFORE_IT.sub("", words)))
        return [whole] if whole else []
    return _named(words, intent)


def _named(words: str, intent: str) -> list[str]:
    strong: list[str] = []
    weak: list[str] = []
    for match in _PLACE.finditer(words):
        after = words[match.end() :]
        if match["bare"] and (_A_ROOM_FOLLOWS.match(after) or _NOT_A_PLACE.match(after)):
            continue
        said = match.group().removeprefix("的")
        bare = match["bare"] and not match["near"] and intent not in _ALL_OF_IT and not match["only"]
        (weak if bare or said in _WEAK else strong).append(said)
    return list(dict.fromkeys(strong))[:_MOST] or weak[:1]
