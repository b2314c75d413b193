"""委托代扣: when WeChat may take money, and its words read strictly."""

from datetime import date, datetime, timedelta

import pytest

from models.calendar import SHANGHAI
from models.papay.facts import read_contract
from models.papay.rules import ONE_TRY, WHAT_TO_DO, Tries, again_on, charge_day, may_charge, next_look, reason_of
from models.payments.facts import NotReadable

NOTICE = {
    "contract_code": "C1", "plan_id": "12535", "contract_id": "Wx1", "openid": "o1", "change_type": "ADD",
}  # fmt: skip


def test_the_due_day_or_as_soon_after_it_as_the_notice_allows() -> None:
    due = date(2026, 3, 31)
    assert charge_day(due, date(2026, 3, 30), 1) == due
    assert charge_day(due, date(2026, 3, 31), 1) == date(2026, 4, 1)
    assert charge_day(due, date(2026, 3, 31), 0) == due


@pytest.mark.parametrize(
    ("moment", "may"),
    [("31T06:59", False), ("31T07:00", True), ("31T21:59", True), ("31T22:00", False), ("30T12:00", False)],
)
def test_only_on_its_day_and_within_the_hours(moment: str, may: bool) -> None:
    now = datetime.fromisoformat(f"2026-03-{moment}").replace(tzinfo=SHANGHAI)
    assert may_charge(now, date(2026, 3, 31), 7, 22) is may


def test_who_has_not_agreed_is_asked_about_a_few_times_and_then_no_more() -> None:
    asked = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)
    at, steps = asked, []
    while (later := next_look(asked, at)) is not None:
        steps.append(later - asked)
        at = later
    assert steps == [timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=12)]


def test_every_reason_has_words_of_what_to_do() -> None:
    assert reason_of("NOTENOUGH") == "余额不足"
    assert reason_of("never heard of") == "其他"
    assert {
        reason_of(code) for code in ("RULELIMIT", "CONTRACT_NOT_EXIST", "USER_ACCOUNT_ABNORMAL", "BANK_FAIL", "")
    } <= set(WHAT_TO_DO)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "signed"),
        ({"change_type": "DELETE"}, "ended"),
        ({"change_type": "x"}, None),
        ({"openid": ""}, None),
        ({"contract_code": "C 1"}, None),
        ({"contract_id": "../../refund"}, None),
    ],
)
def test_a_notice_is_read_strictly(change: dict[str, str], state: str | None) -> None:
    told = {**NOTICE, **change}
    if state is None:
        with pytest.raises(NotReadable):
            read_contract(told)
    else:
        assert read_contract(told).state == state


def test_an_answer_says_who_never_agreed_and_who_has_ended_it() -> None:
    answer = {name: text for name, text in NOTICE.items() if name != "change_type"}
    assert read_contract({**answer, "contract_state": "0"}).state == "signed"
    assert read_contract({**answer, "contract_state": "1"}).state == "ended"
    assert read_contract({**answer, "contract_state": "1", "contract_id": ""}).state == "open"
    assert read_contract({**answer, "contract_state": "9", "contract_id": ""}).state == "open"


@pytest.mark.parametrize(
    ("reason", "run", "tries", "day"),
    [
        ("余额不足", 1, Tries(), date(2026, 4, 20)),
        ("超限额", 1, Tries(2, 3), date(2026, 4, 13)),
        ("银行没有扣成", 2, Tries(3, 5), date(2026, 4, 15)),
        ("其他", 1, Tries(), date(2026, 4, 20)),
        ("余额不足", 2, Tries(), None),
        ("余额不足", 3, Tries(3, 5), None),
        ("余额不足", 1, ONE_TRY, None),
        ("已经解约", 1, Tries(), None),
        ("账户异常", 1, Tries(3, 5), None),
    ],
)
def test_it_is_tried_again_some_days_later_and_not_for_ever(
    reason: str, run: int, tries: Tries, day: date | None
) -> None:
    assert again_on(reason, run, tries, date(2026, 4, 10)) == day
