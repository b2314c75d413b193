"""The whole matrix state × event × role, against the table written out a second time, by hand, from the domain rules."""

import itertools

import pytest

from models.errors import Refusal
from models.workorders.states import STATE_NAMES
from models.workorders.transitions import EVENT_NAMES, NOTHING, ROLES, leads_to, next_state

ALLOWED = {
    # T1
    ("-", "create", "reporter"): "NEW",
    ("-", "create", "other_worker"): "NEW",
    ("-", "create", "lead"): "NEW",
    ("-", "create", "clerk"): "NEW",
    ("-", "create", "manager"): "NEW",
    # T2
    ("NEW", "accept", "clerk"): "ACCEPTED",
    ("NEW", "accept", "manager"): "ACCEPTED",
    ("NEW", "accept", "system"): "ACCEPTED",
    # T3
    ("NEW", "reject", "clerk"): "REJECTED",
    ("NEW", "reject", "manager"): "REJECTED",
    ("ACCEPTED", "reject", "clerk"): "REJECTED",
    ("ACCEPTED", "reject", "manager"): "REJECTED",
    # T4
    ("NEW", "merge", "reporter"): "MERGED",
    ("NEW", "merge", "clerk"): "MERGED",
    ("NEW", "merge", "manager"): "MERGED",
    ("ACCEPTED", "merge", "reporter"): "MERGED",
    ("ACCEPTED", "merge", "clerk"): "MERGED",
    ("ACCEPTED", "merge", "manager"): "MERGED",
    ("DISPATCHED", "merge", "reporter"): "MERGED",
    ("DISPATCHED", "merge", "clerk"): "MERGED",
    ("DISPATCHED", "merge", "manager"): "MERGED",
    # T5
    ("ACCEPTED", "dispatch", "system"): "DISPATCHED",
    ("ACCEPTED", "dispatch", "manager"): "DISPATCHED",
    ("ACCEPTED", "dispatch", "lead"): "DISPATCHED",
    # T6
    ("ACCEPTED", "grab", "other_worker"): "TAKEN",
    ("ACCEPTED", "grab", "lead"): "TAKEN",
    # T7
    ("DISPATCHED", "take", "worker"): "TAKEN",
    # T8
    ("DISPATCHED", "hand_back", "worker"): "ACCEPTED",
    ("TAKEN", "hand_back", "worker"): "ACCEPTED",
    # T9
    ("DISPATCHED", "timeout", "system"): "ACCEPTED",
    # T10
    ("DISPATCHED", "transfer", "worker"): "DISPATCHED",
    ("DISPATCHED", "transfer", "manager"): "DISPATCHED",
    ("TAKEN", "transfer", "worker"): "DISPATCHED",
    ("TAKEN", "transfer", "manager"): "DISPATCHED",
    ("ON_SITE", "transfer", "worker"): "DISPATCHED",
    ("ON_SITE", "transfer", "manager"): "DISPATCHED",
    ("PAUSED", "transfer", "worker"): "DISPATCHED",
    ("PAUSED", "transfer", "manager"): "DISPATCHED",
    # T11
    ("TAKEN", "arrive", "worker"): "ON_SITE",
    # T12
    ("TAKEN", "pause", "worker"): "PAUSED",
    ("ON_SITE", "pause", "worker"): "PAUSED",
    # T13 (it stood ON_SITE before)
    ("PAUSED", "resume", "worker"): "ON_SITE",
    ("PAUSED", "resume", "manager"): "ON_SITE",
    ("PAUSED", "resume", "system"): "ON_SITE",
    # T14
    ("ON_SITE", "done", "worker"): "WAIT_CONFIRM",
    # T15, T16, T17
    ("ON_SITE", "done_paid", "worker"): "WAIT_PAY",
    ("WAIT_PAY", "paid", "system"): "WAIT_CONFIRM",
    ("WAIT_PAY", "waive", "manager"): "WAIT_CONFIRM",
    ("WAIT_PAY", "dispute", "reporter"): "WAIT_PAY",
    ("WAIT_PAY", "unpaid", "system"): "WAIT_CONFIRM",
    # T18, T19, T20 (not sampled)
    ("WAIT_CONFIRM", "rate_good", "reporter"): "CLOSED",
    ("WAIT_CONFIRM", "rate_bad", "reporter"): "WAIT_VISIT",
    ("WAIT_CONFIRM", "close_unrated", "system"): "CLOSED",
    # T21
    ("WAIT_CONFIRM", "reopen", "reporter"): "ACCEPTED",
    ("WAIT_CONFIRM", "reopen", "clerk"): "ACCEPTED",
    ("WAIT_CONFIRM", "reopen", "manager"): "ACCEPTED",
    ("WAIT_VISIT", "reopen", "reporter"): "ACCEPTED",
    ("WAIT_VISIT", "reopen", "clerk"): "ACCEPTED",
    ("WAIT_VISIT", "reopen", "manager"): "ACCEPTED",
    ("CLOSED", "reopen", "reporter"): "ACCEPTED",
    ("CLOSED", "reopen", "clerk"): "ACCEPTED",
    ("CLOSED", "reopen", "manager"): "ACCEPTED",
    # T22
    ("WAIT_VISIT", "visited", "clerk"): "CLOSED",
    ("WAIT_VISIT", "visited", "manager"): "CLOSED",
    # T23
    ("NEW", "cancel", "reporter"): "CANCELLED",
    ("NEW", "cancel", "manager"): "CANCELLED",
    ("ACCEPTED", "cancel", "reporter"): "CANCELLED",
    ("ACCEPTED", "cancel", "manager"): "CANCELLED",
    ("DISPATCHED", "cancel", "reporter"): "CANCELLED",
    ("DISPATCHED", "cancel", "manager"): "CANCELLED",
    ("TAKEN", "cancel", "reporter"): "CANCELLED",
    ("TAKEN", "cancel", "manager"): "CANCELLED",
    ("PAUSED", "cancel", "reporter"): "CANCELLED",
    ("PAUSED", "cancel", "manager"): "CANCELLED",
    # T24
    ("ON_SITE", "cancel", "manager"): "CANCELLED",
    # T25
    ("NEW", "set_priority", "clerk"): "NEW",
    ("NEW", "set_priority", "manager"): "NEW",
    ("NEW", "set_priority", "system"): "NEW",
    ("ACCEPTED", "set_priority", "clerk"): "ACCEPTED",
    ("ACCEPTED", "set_priority", "manager"): "ACCEPTED",
    ("ACCEPTED", "set_priority", "system"): "ACCEPTED",
    ("DISPATCHED", "set_priority", "clerk"): "DISPATCHED",
    ("DISPATCHED", "set_priority", "manager"): "DISPATCHED",
    ("DISPATCHED", "set_priority", "system"): "DISPATCHED",
    ("TAKEN", "set_priority", "clerk"): "TAKEN",
    ("TAKEN", "set_priority", "manager"): "TAKEN",
    ("TAKEN", "set_priority", "system"): "TAKEN",
    ("ON_SITE", "set_priority", "clerk"): "ON_SITE",
    ("ON_SITE", "set_priority", "manager"): "ON_SITE",
    ("ON_SITE", "set_priority", "system"): "ON_SITE",
    ("PAUSED", "set_priority", "clerk"): "PAUSED",
    ("PAUSED", "set_priority", "manager"): "PAUSED",
    ("PAUSED", "set_priority", "system"): "PAUSED",
    ("WAIT_PAY", "set_priority", "clerk"): "WAIT_PAY",
    ("WAIT_PAY", "set_priority", "manager"): "WAIT_PAY",
    ("WAIT_PAY", "set_priority", "system"): "WAIT_PAY",
    ("WAIT_CONFIRM", "set_priority", "clerk"): "WAIT_CONFIRM",
    ("WAIT_CONFIRM", "set_priority", "manager"): "WAIT_CONFIRM",
    ("WAIT_CONFIRM", "set_priority", "system"): "WAIT_CONFIRM",
    ("WAIT_VISIT", "set_priority", "clerk"): "WAIT_VISIT",
    ("WAIT_VISIT", "set_priority", "manager"): "WAIT_VISIT",
    ("WAIT_VISIT", "set_priority", "system"): "WAIT_VISIT",
}

EVERYTHING = list(itertools.product([NOTHING, *STATE_NAMES], EVENT_NAMES, ROLES))
FORBIDDEN = [triple for triple in EVERYTHING if triple not in ALLOWED]


@pytest.mark.parametrize("event", EVENT_NAMES)
def test_the_table_allows_exactly_what_the_rules_say(event: str) -> None:
    outcome = {}
    for state, role in itertools.product([NOTHING, *STATE_NAMES], ROLES):
        try:
            outcome[state, event, role] = next_state(state, event, role, before_pause="ON_SITE")
        except Refusal:
            continue
    assert outcome == {triple: after for triple, after in ALLOWED.items() if triple[1] == event}


def test_the_matrix_is_whole() -> None:
    assert len(EVERYTHING) == 14 * 26 * 7
    assert set(ALLOWED) <= set(EVERYTHING)


@pytest.mark.parametrize(("state", "event", "role"), FORBIDDEN[::37])
def test_a_forbidden_step_is_refused_in_words(state: str, event: str, role: str) -> None:
    with pytest.raises(Refusal) as refused:
        next_state(state, event, role)
    assert refused.value.message.endswith("。")


def test_a_paused_order_goes_back_to_where_it_stood() -> None:
    assert next_state("PAUSED", "resume", "worker", before_pause="TAKEN") == "TAKEN"


@pytest.mark.parametrize("event", ["rate_good", "close_unrated"])
def test_a_sampled_order_is_called_about(event: str) -> None:
    role = "system" if event == "close_unrated" else "reporter"
    assert next_state("WAIT_CONFIRM", event, role, sampled=True) == "WAIT_VISIT"


def test_a_bad_rating_is_always_called_about() -> None:
    assert next_state("WAIT_CONFIRM", "rate_bad", "reporter", sampled=False) == "WAIT_VISIT"


def test_what_is_done_already_is_recognised() -> None:
    assert leads_to("cancel", "CANCELLED")
    assert not leads_to("cancel", "TAKEN")
