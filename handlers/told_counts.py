"""How many, where a number of things is what matters, as it is told outside (domain reference 6.2): points, people, the first ten."""

import re

from bot.understanding.numbers import spoken_integer

_NUMBER = r"(\d{1,5}|[一二两俩仨三四五六七八九十]{1,3})"
_THINGS = r"(?:个|根|盏|处|条|项|具|台|块|路|只|张|卷|瓶|袋|斤|节|把|份|支|扇|车|桶|套)"
_POINTS = re.compile(r"(\d{2,5})\s*(?:分|积分)|攒够?(?:了)?(\d{2,5})|[扣少](?:了)?(\d{2,4})(?!块|元)|(百|千)分")
_COUNTS: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(("inspection_report", "maintenance_done"), re.compile(rf"(?<![第\d号#.]){_NUMBER}{_THINGS}(?!单元|月|小时|钟|星期)")),
    "manager_arrears_list": re.compile(rf"前{_NUMBER}(?:名|户|家)?|(?<![\d]){_NUMBER}户"),
    "manager_dun": re.compile(rf"前{_NUMBER}(?:名|户|家)?|(?<![\d]){_NUMBER}户"),
    "manager_collection_rate": re.compile(rf"前{_NUMBER}(?:名|户|家)?"),
    "bill_history": re.compile(rf"(?:最?近的?|这){_NUMBER}[笔次]"),
    "manager_dispatch": re.compile(r"(?<!第)(?<![\d#])([\d一二两俩三四五六])个?(?:人儿?|单|个单)(?!元)"),
    "manager_poll_create": re.compile(rf"{_NUMBER}(?:道题|种方案|个?候?选项?|个方案|家|位|个候选人)|选([一二三四五六七八九])(?=[,，。]|$)"),
    "checkin": re.compile(rf"{_NUMBER}(?:人|口人|个(?:人|$)|节)"),
    "repair_reopen": re.compile(rf"第{_NUMBER}[次回遍趟]"),
    "repair_urge": re.compile(rf"(?:催|报)了?{_NUMBER}[次回遍趟]"),
}  # fmt: skip


def counts_told(intent: str, words: str) -> list[int]:
    """At most one. `words`: standard text."""
    pattern = _POINTS if intent in ("points_query", "points_redeem") else _COUNTS.get(intent)
    match = pattern.search(words) if pattern else None
    said = next(filter(None, match.groups()), "") if match else ""
    value = {"俩": 2, "仨": 3, "百": 100, "千": 1000}.get(said) or spoken_integer(said)
    return [value] if value and value > 1 else []
