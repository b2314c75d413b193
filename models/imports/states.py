"""Where an import stands, what people call it, and how long it can be taken back."""

from datetime import datetime, timedelta

WAITING = "waiting"  # uploaded, to be read
READY = "ready"  # read, somebody must agree
REFUSED = "refused"  # nothing was written: cells must be mended first, or the file cannot be read
AGREED = "agreed"  # to be written
DONE = "done"
UNDOING = "undoing"  # to be taken back
UNDONE = "undone"
DROPPED = "dropped"  # nobody wanted it

STATE_NAMES = {
    WAITING: "正在读",
    READY: "等您确认",
    REFUSED: "要先改好",
    AGREED: "正在写入",
    DONE: "已写入",
    UNDOING: "正在撤销",
    UNDONE: "已撤销",
    DROPPED: "没有导入",
}

TO_BE_DONE = (WAITING, AGREED, UNDOING)  # the worker's
MOVING = frozenset(TO_BE_DONE)

READINGS = "readings"  # a kind whose rows are only ever added to: the next one corrects it, nothing takes it back

UNDO_WITHIN = timedelta(hours=24)


def why_not_undo(state: str, written_at: datetime | None, now: datetime) -> str:
    """One sentence, or "" when it may be tried. Twice says so; a day later the books have moved on."""
    if state == UNDONE:
        return "这次导入已经撤销过了，什么也没有改。"
    if state not in (DONE, UNDOING) or written_at is None:
        return "这次导入没有写入过，没有可以撤销的。"
    if now - written_at > UNDO_WITHIN:
        return "写入已经超过 24 小时，不能撤销了。要改的地方，请改好台账重新导入。"
    return ""


def why_not_undo_kind(kind: str) -> str:
    return "抄表记录只增不改，不能整批撤销；抄错的，再抄一次就改过来了。" if kind == READINGS else ""
