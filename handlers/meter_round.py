"""抄表进度: how far this month's round of the meters is, and where to go next."""

from datetime import date
from fractions import Fraction

from bot.flow import Turn
from handlers.which_compounds import compounds_meant
from models.billing.meter_actions import Round, label_of, rounds_of, unread_in
from models.billing.meter_tables import Meter
from models.money import percent

NO_METERS = "还没有登记水电表。请先把抄表台账导进来，或者报一户试试，比如「抄表 3-2-501 1234」。"


def next_one(turn: Turn, meter: Meter) -> str:
    """After a meter was read: how many are done, and which one hangs next."""
    month = turn.now.date().replace(day=1)
    rounds = rounds_of(turn.session, [meter.community_id], month)[meter.community_id]
    done, of = sum(one.read for one in rounds), sum(one.of for one in rounds)
    left = unread_in(turn.session, meter.community_id, meter.building, month, limit=1)
    following = f"，下一块：{label_of(left[0])}" if left else "，这一栋抄完了" if done < of else "，全部抄完了，辛苦了"
    return f"本月已抄 {done}/{of} 块{following}。"


def progress(turn: Turn) -> str:
    """Each compound's round this month; of a single one also where to go next."""
    month = turn.now.date().replace(day=1)
    compounds = compounds_meant(turn)
    all_rounds = rounds_of(turn.session, [community.id for community in compounds], month)
    found = [(community, all_rounds[community.id]) for community in compounds if community.id in all_rounds]
    if not found:
        return NO_METERS
    lines = [f"{month:%Y-%m} 抄表："]
    for community, rounds in found:
        read, of = sum(one.read for one in rounds), sum(one.of for one in rounds)
        lines.append(f"{community.name}：已抄 {read}/{of} 块，抄表完成率 {percent(Fraction(read, of))}")
    if len(found) == 1:
        lines += _where_next(turn, found[0][0].id, found[0][1], month)
    return "\n".join([*lines, "抄一块报一块，比如「抄表 3-2-501 1234」，也可以扫表上的贴纸。"])


def _where_next(turn: Turn, community_id: int, rounds: list[Round], month: date) -> list[str]:
    """The building that was begun, else the first that is not done."""
    open_ = sorted((one for one in rounds if one.left), key=lambda one: not one.read)
    if not open_:
        return ["全部抄完了，辛苦了。"]
    following = open_[0]
    meters = unread_in(turn.session, community_id, following.building, month)
    names = "、".join(label_of(meter) for meter in meters)
    place = f"{following.building}栋" if following.building else "公共的总表"
    others = "、".join(f"{one.building or '总表'}{'栋' if one.building else ''}{one.left}块" for one in open_[1:6])
    return [
        f"接下来：{place}，还有{following.left}块没抄：{names}{'…' if following.left > len(meters) else ''}",
        *([f"其他还没抄的：{others}"] if others else []),
    ]
