"""What can be broken: who mends it, whose part it is, how urgent it is by nature. A company may change any line."""

from dataclasses import dataclass

OTHER = "其他"

# Trades that belong to another firm: nobody of ours can be sent, the office has to call.
OUTSIDE_TRADES = frozenset({"电梯维保", "消防维保", "外委", "燃气公司"})

# Working on these without a valid certificate is against the law (特种作业操作证).
CERTIFIED_TRADES = frozenset({"电工"})


# Nothing is broken here; somebody is unhappy, and all of them are called afterwards (domain rules 2.1 and 2.7).
COMPLAINTS = frozenset({"安保", "噪音", "宠物", "高空抛物", "违建", "服务态度"})


@dataclass(frozen=True)
class CategoryRule:
    """`scope`: public, inside or mixed. `answer`: who is responsible, as the owner is told."""

    code: str
    trade: str
    scope: str
    priority: str
    answer: str


_WATER = "水表以内（户内）由业主负责，水表以外由供水公司或物业负责。师傅会先上门看清楚。"
_PIPES = "共用立管由物业疏通，户内支管由业主负责。师傅会先上门看清楚。"
_POWER = "户内空气开关以内由业主负责，以外由物业或供电公司负责。"
_PUBLIC = "这是公共部位，由物业处理，不收费。"
_COMPLAINT = "我们会登记并尽快联系您。"

DEFAULTS = {
    kind.code: kind
    for kind in (
        #    code      trade      scope     priority  answer
        CategoryRule("水", "水工", "mixed", "P2", _WATER),
        CategoryRule("管道", "水工", "mixed", "P2", _PIPES),
        CategoryRule("电", "电工", "mixed", "P2", _POWER),
        CategoryRule("照明", "电工", "public", "P2", "楼道灯、路灯由物业处理；家里的灯由业主负责，可以请师傅上门。"),
        CategoryRule("电梯", "电梯维保", "public", "P1", "电梯由维保公司处理，物业负责联系和跟进。"),
        CategoryRule("门禁", "弱电", "public", "P2", _PUBLIC),
        CategoryRule("门窗", "综合", "inside", "P2", "入户门、自家窗由业主负责；单元门等公共门由物业处理。"),
        CategoryRule("屋面", "外委", "public", "P2", "屋面由物业联系专业单位处理；质保期内由开发商负责。"),
        CategoryRule("外墙", "外委", "public", "P2", "外墙由物业联系专业单位处理；质保期内由开发商负责。"),
        CategoryRule("消防", "消防维保", "public", "P1", "消防设施由维保公司处理，物业负责联系和跟进。"),
        CategoryRule("燃气", "燃气公司", "inside", "P2", "燃气表和管道由燃气公司负责，请勿自行处理。"),
        CategoryRule("供暖", "水工", "mixed", "P2", "户内散热器和支管由业主负责，共用管道由物业或供热公司负责。"),
        CategoryRule("道路", "综合", "public", "P2", _PUBLIC),
        CategoryRule("设施", "综合", "public", "P2", _PUBLIC),
        CategoryRule("绿化", "绿化", "public", "P3", _PUBLIC),
        CategoryRule("保洁", "保洁", "public", "P3", _PUBLIC),
        CategoryRule("虫害", "保洁", "public", "P3", "公共区域由物业消杀；户内可以请师傅上门。"),
        CategoryRule("停车", "安保", "public", "P2", _COMPLAINT),
        CategoryRule("充电桩", "弱电", "public", "P2", _PUBLIC),
        CategoryRule("电动车", "安保", "public", "P2", _COMPLAINT),
        CategoryRule("弱电", "弱电", "public", "P2", "宽带、电视信号由运营商负责；监控等公共弱电由物业处理。"),
        CategoryRule("家电", "综合", "inside", "P3", "家用电器由业主负责，可以请师傅上门，费用事先说明。"),
        CategoryRule("安保", "安保", "public", "P2", _COMPLAINT),
        CategoryRule("噪音", "安保", "public", "P2", _COMPLAINT),
        CategoryRule("宠物", "安保", "public", "P2", _COMPLAINT),
        CategoryRule("高空抛物", "安保", "public", "P1", _COMPLAINT),
        CategoryRule("违建", "客服", "public", "P2", _COMPLAINT),
        CategoryRule("服务态度", "客服", "public", "P2", _COMPLAINT),
        CategoryRule(OTHER, "综合", "mixed", "P2", "师傅会先上门看清楚。"),
    )
}


def default_of(code: str) -> CategoryRule:
    """The product's own line for a category; an unknown word is 其他."""
    return DEFAULTS.get(code, DEFAULTS[OTHER])
