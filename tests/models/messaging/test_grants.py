from datetime import datetime

import pytest

from models.messaging import grants
from models.messaging.grants import PLATFORM, UNLIMITED, GrantRules, trigger_of

HOUR, MARGIN = 3600, PLATFORM.margin
T = 1_800_000_000
EXACT = GrantRules(margin=0, reserve=0)


def left(book: dict, at: int, *, urgent: bool = True, rules: GrantRules = EXACT) -> int:
    return grants.left(book, at, urgent=urgent, rules=rules)


def sent(book: dict, at: int, times: int = 1) -> dict:
    for _ in range(times):
        book = grants.spent(book, at)
    return book


@pytest.mark.parametrize(
    ("kind", "more", "trigger"),
    [
        *[(kind, {}, "message") for kind in ("text", "image", "voice", "video", "location", "link")],
        ("text", {"menu_id": "3"}, "menu"),  # a tap on a choice counts as a menu click
        ("menu", {"event": "CLICK"}, "menu"),
        ("menu", {"event": "pic_weixin"}, ""),  # only buttons for clicking and scanning grant anything
        ("scanned", {"event": "scancode_waitmsg"}, "menu"),
        ("scan", {}, "scan"),
        ("follow", {}, "follow"),
        ("follow", {"scene": "lift-3"}, "scan"),  # whoever follows by a code scanned it
        *[(kind, {}, "") for kind in ("view", "located", "sent", "subscription", "unfollow", "unknown")],
    ],
)
def test_what_counts_as_what(kind: str, more: dict[str, str], trigger: str) -> None:
    assert trigger_of(kind, **more) == trigger


def test_a_message_gives_five_for_two_days() -> None:
    book = grants.opened({}, "message", T, EXACT)
    assert [left(book, at) for at in (T, T + 48 * HOUR - 1, T + 48 * HOUR)] == [5, 5, 0]


@pytest.mark.parametrize("touch", ["menu", "scan", "follow"])
def test_a_touch_gives_three_for_a_minute(touch: str) -> None:
    book = grants.opened({}, touch, T, EXACT)
    assert [left(book, at) for at in (T, T + 59, T + 60)] == [3, 3, 0]


def test_a_payment_gives_any_number_for_two_days() -> None:
    book = sent(grants.opened({}, "payment", T, EXACT), T, times=100)
    assert [left(book, at) for at in (T, T + 48 * HOUR)] == [UNLIMITED, 0]


def test_grants_of_different_triggers_stand_beside_each_other() -> None:
    book = grants.opened(grants.opened({}, "message", T, EXACT), "menu", T + 100, EXACT)
    assert left(book, T + 100) == 8


def test_what_ends_first_is_spent_first() -> None:
    book = grants.opened(grants.opened({}, "message", T, EXACT), "menu", T + 100, EXACT)
    assert left(sent(book, T + 110, times=3), T + 200) == 5
    assert left(sent(book, T + 110, times=4), T + 200) == 4


def test_the_same_trigger_renews_its_own_grant() -> None:
    book = sent(grants.opened({}, "message", T, EXACT), T + 10, times=4)
    assert left(book, T + 500) == 1
    assert left(grants.opened(book, "message", T + 500, EXACT), T + 500) == 5


def test_a_trigger_that_arrives_late_takes_nothing_back_from_what_is_spent() -> None:
    book = sent(grants.opened({}, "message", T + 50, EXACT), T + 60, times=2)
    assert grants.opened(book, "message", T + 20, EXACT) == book


def test_what_was_sent_after_the_trigger_is_taken_off_the_renewal() -> None:
    """The person wrote at +500; before we had read it, a message of ours left: WeChat took it from the renewed five."""
    book = sent(grants.opened({}, "message", T, EXACT), T + 501)
    assert left(grants.opened(book, "message", T + 500, EXACT), T + 502) == 4


def test_every_grant_is_taken_to_end_a_little_early() -> None:
    book = grants.opened({}, "scan", T)
    assert left(book, T + 60 - MARGIN - 1, rules=PLATFORM) == 3
    assert left(book, T + 60 - MARGIN, rules=PLATFORM) == 0


class TestReserve:
    def test_the_last_one_is_kept_for_what_is_urgent(self) -> None:
        book = sent(grants.opened({}, "message", T), T, times=4)
        assert left(book, T + 1, urgent=False, rules=PLATFORM) == 0
        assert left(book, T + 1, urgent=True, rules=PLATFORM) == 1

    def test_nothing_is_kept_of_a_minute(self) -> None:
        book = grants.opened({}, "scan", T)
        assert left(book, T + 1, urgent=False, rules=PLATFORM) == 3

    def test_a_touch_does_not_set_the_reserve_free(self) -> None:
        book = grants.opened(sent(grants.opened({}, "message", T), T, times=4), "menu", T + 9)
        assert left(book, T + 10, urgent=False, rules=PLATFORM) == 3
        assert left(book, T + 10, urgent=True, rules=PLATFORM) == 4


def test_wechats_no_closes_everything_until_the_next_trigger() -> None:
    book = grants.closed(grants.opened(grants.opened({}, "message", T, EXACT), "menu", T, EXACT))
    assert left(book, T + 1) == 0
    assert left(grants.opened(book, "message", T + 10, EXACT), T + 10) == 5


def test_the_end_of_the_last_open_grant(now: datetime) -> None:
    book = grants.opened(grants.opened({}, "message", T, EXACT), "menu", T, EXACT)
    assert grants.ends_at(book, T) == T + 48 * HOUR
    assert grants.ends_at({}, T) is None
