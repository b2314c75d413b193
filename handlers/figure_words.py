"""Quarterly figures in words: every share with what it is a share of, and what made the work hard."""

from models.workorders.figures import Figures, hours, two_decimals
from models.workorders.quarters import Quarter
from models.workorders.worker_figures import WorkerFigures

FAIR = "从派到手上算起，挂起的时间不算，没到时限的不算，没评价的不算好评也不算差评。"


def line_of(one: WorkerFigures) -> str:
    """One worker of a list: 陈师傅：修完45/48 93.75%，按时43/45 95.56%，一次修好43/45 95.56%，满意30/33 90.91%，难度61"""
    figures = one.figures
    return (
        f"{one.name}：修完{figures.finished.words}，按时{figures.in_time['finish'].words}，"
        f"一次修好{figures.fixed_at_once.words}，满意{figures.good.words}，难度{_load(figures)}"
    )


def details_of(one: WorkerFigures, quarter: Quarter) -> str:
    figures = one.figures
    if not figures.finished.whole:
        return f"{one.name} {quarter} 没有工单。"
    satisfaction = f"{two_decimals(figures.satisfaction)}分" if figures.satisfaction is not None else "—"
    lines = [
        f"{one.name} {quarter}",
        f"修完：{figures.finished.words}",
        f"按时接单：{figures.in_time['response'].words}",
        f"按时上门：{figures.in_time['arrive'].words}",
        f"按时修好：{figures.in_time['finish'].words}",
        f"用时：一半在{hours(figures.median_seconds)}以内，九成在{hours(figures.p90_seconds)}以内",
        f"一次修好：{figures.fixed_at_once.words}",
        f"满意（4、5分）：{figures.good.words}，满意度{satisfaction}",
        f"有评价的：{figures.rated.words}",
        f"难度合计：{_load(figures)}{_hard(figures)}",
        FAIR,
    ]
    return "\n".join(lines)


def _load(figures: Figures) -> str:
    """特急4、紧急3、一般1、预约0.5, added up: 61 or 61.5."""
    whole, half = divmod(int(figures.load * 2), 2)
    return f"{whole}.5" if half else str(whole)


def _hard(figures: Figures) -> str:
    """（特急紧急6单，外委配合1单）, or "" when nothing was."""
    parts = (
        (figures.urgent, "特急紧急{}单"),
        (figures.outside, "外委配合{}单"),
        (figures.storm, "暴雨期间{}单"),
        (figures.reopened_not_theirs, "返修但不怪师傅{}单"),
    )
    said = "，".join(words.format(count) for count, words in parts if count)
    return f"（{said}）" if said else ""
