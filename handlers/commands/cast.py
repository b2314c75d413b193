"""The people of the demo company who have a phone, as data; and the pretend WeChat they hold in their hands."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.clock import CLOCK_FILE
from bot.config import PRETEND, Settings
from bot.wechat.menu import DEFAULT_MENU

if TYPE_CHECKING:
    from bot.simulator import SimulatorSettings

COMPANY = "安居物业"
HOTLINE = "0000-8800110"
JINXIU, WANGJIANG = "锦绣花园", "望江苑"

TEMPLATES = Path(__file__).parents[2] / "templates"


@dataclass(frozen=True)
class Dweller:
    """Somebody who lives in a compound. `home` is (compound, building, entrance, room)."""

    openid: str
    name: str
    phone: str
    home: tuple[str, str, str, str]
    relation: str
    note: str
    short: str
    says: tuple[str, ...]


@dataclass(frozen=True)
class Worker:
    """Somebody on the staff. No `areas`: the whole company. No `openid`: has not joined by WeChat, and is not on duty."""

    name: str
    phone: str
    role: str
    openid: str = ""
    trades: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    note: str = ""
    short: str = ""
    says: tuple[str, ...] = ()


ZHANG_HOME = (JINXIU, "3", "2", "501")

DWELLERS = (
    Dweller(
        "demo-zhang",
        "张伟",
        "13800138001",
        ZHANG_HOME,
        "owner",
        "业主 · 锦绣花园 3栋2单元501",
        "业主 · 501",
        ("厨房水管漏水了", "电梯里有人被困了", "账单", "缴费记录", "我的报修", "进度", "催单", "帮助"),
    ),
    Dweller(
        "demo-li",
        "李娜",
        "13800138002",
        (JINXIU, "3", "2", "502"),
        "owner",
        "业主 · 锦绣花园 3栋2单元502，张伟的邻居",
        "业主 · 502",
        ("楼道灯不亮了", "家里突然没电了", "账单", "我的报修", "帮助"),
    ),
    Dweller(
        "demo-wang",
        "王强",
        "13800138003",
        (WANGJIANG, "1", "1", "101"),
        "owner",
        "业主 · 望江苑 1栋1单元101，另一个小区",
        "业主 · 望江苑",
        ("马桶堵了", "我的报修", "我的家", "人工"),
    ),
    Dweller(
        "demo-zhao-tenant",
        "赵敏",
        "13800138004",
        ZHANG_HOME,
        "tenant",
        "租户 · 租住张伟的 501",
        "租户 · 501",
        ("热水器打不着火", "账单", "我的报修", "我的家"),
    ),
)

STAFF = (
    Worker(
        "陈师傅",
        "13800138011",
        "worker",
        "demo-chen",
        ("水工", "综合"),
        (JINXIU,),
        "维修员 · 水工、综合，负责锦绣花园",
        "水工 · 锦绣花园",
        ("我的任务", "接单", "到场", "完工 换了角阀", "挂起 等配件", "退单 手头有急活", "代报修 3-2-502 下水道堵了"),
    ),
    Worker(
        "刘师傅",
        "13800138012",
        "worker",
        "demo-liu",
        ("电工",),
        (JINXIU,),
        "维修员 · 电工，负责锦绣花园",
        "电工 · 锦绣花园",
        ("我的任务", "接单", "到场", "完工 换了灯泡", "退单 手头有急活", "下班", "上班"),
    ),
    Worker(
        "周师傅",
        "13800138013",
        "worker",
        "demo-zhou",
        ("水工",),
        (WANGJIANG,),
        "维修员 · 水工，负责望江苑",
        "水工 · 望江苑",
        ("我的任务", "接单", "到场", "完工 已疏通", "退单 手头有急活"),
    ),
    Worker(
        "孙会计",
        "13800138014",
        "cashier",
        "demo-sun",
        (),
        (),
        "收费员 · 全公司",
        "收费员",
        ("收款 锦绣花园 3-2-501 165.33 现金", "收缴率", "欠费", "帮助"),
    ),
    Worker(
        "赵经理",
        "13800138015",
        "manager",
        "demo-zhaomgr",
        (),
        (),
        "经理 · 管六个小区",
        "经理 · 六个小区",
        ("工单", "派单 刘师傅", "审核", "邀请 马师傅 水工", "帮助"),
    ),
    Worker(
        "钱主任",
        "13800138016",
        "manager",
        "demo-qian",
        (),
        (WANGJIANG,),
        "经理 · 只管望江苑",
        "经理 · 望江苑",
        ("工单", "派单 周师傅", "审核", "帮助"),
    ),
    Worker("吴师傅", "13800138017", "lead", "", ("水工", "综合"), ("东风新村", "春晓里", "柳荫小区")),
    Worker("郑师傅", "13800138018", "worker", "", ("水工", "综合"), ("东风新村", "和平家园", WANGJIANG)),
    Worker("冯师傅", "13800138019", "worker", "", ("电工",), (WANGJIANG, "东风新村", "和平家园")),
    Worker("褚师傅", "13800138020", "worker", "", ("电工", "弱电"), (JINXIU, "春晓里", "柳荫小区")),
    Worker("卫师傅", "13800138021", "worker", "", ("水工", "弱电"), ("柳荫小区", "和平家园", WANGJIANG, "东风新村")),
    Worker(
        "蒋阿姨",
        "13800138022",
        "worker",
        "",
        ("保洁", "绿化"),
        (JINXIU, WANGJIANG, "东风新村", "春晓里", "柳荫小区", "和平家园"),
    ),
    Worker(
        "韩队长",
        "13800138023",
        "worker",
        "",
        ("安保",),
        (JINXIU, WANGJIANG, "东风新村", "春晓里", "柳荫小区", "和平家园"),
    ),
    Worker("杨客服", "13800138024", "clerk"),
)

# The phones that lie on the desk at first: an owner, who repairs it, and who answers for both.
FIRST_PHONES = ("demo-zhang", "demo-chen", "demo-zhaomgr")

GUEST = "demo-guest"
GUEST_SAYS = ("你好", "绑定 锦绣花园 3-2-501 张伟 8001", "楼道的灯不亮", "人工")

# What the page offers to answer to a message whose own words do not say it, as (words in it, answer); an order's
# number is added, and nobody is offered what is not among the things they say. Everything else stands in the messages themselves, in 「」.
PROMPTS = (
    ("有新工单", "接单"),
    ("返修提醒", "接单"),
    ("紧急事项提醒", "接单"),
    ("紧急事项提醒", "工单"),
    ("已为您报修", "进度"),
)


def account_of(settings: Settings) -> str:
    """The official account the demo company speaks through; without one set, the simulator's."""
    return settings.wechat_account or PRETEND["WECHAT_ACCOUNT"]


def simulator_settings(settings: Settings) -> "SimulatorSettings":
    """A pretend WeChat with the whole cast."""
    from bot.simulator import Merchant, PhoneOwner, SimulatorSettings  # noqa: PLC0415 (only a training set-up loads it)
    from handlers.commands.demo_stickers import stickers_to_scan  # noqa: PLC0415 (it needs what stands here)

    cast: tuple[Dweller | Worker, ...] = (*DWELLERS, *(worker for worker in STAFF if worker.openid))
    in_front = sorted(cast, key=lambda person: person.openid not in FIRST_PHONES)
    people = [PhoneOwner(person.openid, person.name, person.note, person.short, person.phone) for person in in_front]
    return SimulatorSettings(
        appid=settings.wechat_appid,
        secret=settings.wechat_secret,
        token=settings.wechat_token,
        aes_key=settings.wechat_aes_key,
        account=settings.wechat_account,
        mode=settings.wechat_mode,
        webhook_url=f"http://127.0.0.1:{settings.port}/wechat",
        people=(*people, PhoneOwner(GUEST, "游客", "刚关注，还没有绑定房屋", "还没绑定房屋")),
        templates=tuple(_templates(settings)),
        state_file=settings.data_dir / "simulator.db",
        clock_file=settings.data_dir / CLOCK_FILE,
        scenes=stickers_to_scan(settings.public_url),
        examples=(*((person.openid, person.says) for person in cast), (GUEST, GUEST_SAYS)),
        prompts=PROMPTS,
        menu=tuple(DEFAULT_MENU["button"]),
        sms=_text_messages(settings),
        merchant=Merchant(
            settings.wxpay_mchid,
            settings.wechat_appid,
            settings.wxpay_apiv3_key,
            settings.wxpay_cert_serial,
            settings.wxpay_public_key_id,
            settings.papay.api_key,
        ),
    )


def _templates(settings: Settings) -> list[Any]:
    from bot.simulator import MessageTemplate  # noqa: PLC0415 (only a training set-up loads it)

    files = (
        ("wechat_templates.toml", settings.wechat_templates),
        ("wechat_subscriptions.toml", settings.sending.subscriptions),
    )
    return [
        MessageTemplate(
            template_id=ids[name],
            title=template["title"],
            fields=tuple((key, field["label"]) for key, field in template["fields"].items()),
        )
        for file, ids in files
        for name, template in tomllib.loads((TEMPLATES / file).read_text()).items()
    ]


def _text_messages(settings: Settings) -> Any:
    from bot.simulator import TextMessages  # noqa: PLC0415 (only a training set-up loads it)

    sms = settings.sending.sms
    texts = tomllib.loads((TEMPLATES / "sms_templates.toml").read_text())
    templates = tuple((sms.templates[name], each["text"]) for name, each in texts.items() if sms.templates.get(name))
    return TextMessages(sms.secret_id, sms.secret_key, sms.app_id, sms.sign_name, templates)
