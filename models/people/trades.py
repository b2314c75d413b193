"""工种: what workers can do, and how people call it."""

TRADES = ("水工", "电工", "综合", "弱电", "保洁", "绿化", "安保")

# 特种作业: nobody may be sent to work on these without a certificate that is still valid.
CERTIFIED = frozenset({"电工"})

_CALLED = {
    "水工": ("水工", "水暖", "管道"),
    "电工": ("电工",),
    "综合": ("综合", "维修", "泥瓦", "木工"),
    "弱电": ("弱电", "门禁", "监控"),
    "保洁": ("保洁", "清洁"),
    "绿化": ("绿化", "园艺"),
    "安保": ("安保", "保安", "门卫"),
}
WORDS = tuple(word for words in _CALLED.values() for word in words)


def trades_in(text: str) -> list[str]:
    """The trades a sentence names, each once, in the order of the list."""
    return [trade for trade in TRADES if any(word in text for word in _CALLED[trade])]
