"""Everything time does, in order of how soon somebody would miss it. Times are Asia/Shanghai."""

from datetime import time, timedelta

from scheduler.jobs import (
    announce_charges,
    close_quiet_talks,
    close_unrated,
    dispatch_waiting,
    draft_bills,
    end_pauses,
    fetch_media,
    find_repeat_faults,
    forget_media,
    forget_old,
    forget_uploads,
    keep_contracts,
    keep_demands,
    let_unpaid_go_on,
    offer_to_next_worker,
    publish_bills,
    query_orders,
    reconcile_wechat,
    remind_before_due,
    remind_follow_ups,
    remind_of_debits,
    seal_audit,
    send_outbox,
    send_refunds,
    suggest_merges,
    take_charges,
    tell_about_money,
    watch_clocks,
)
from scheduler.periods import Task

TIMETABLE = (
    Task("offer_to_next_worker", offer_to_next_worker.run, every=timedelta(seconds=30)),
    Task("dispatch_waiting", dispatch_waiting.run, every=timedelta(minutes=1)),
    Task("end_pauses", end_pauses.run, every=timedelta(minutes=1)),
    Task("suggest_merges", suggest_merges.run, every=timedelta(minutes=1)),
    Task("watch_clocks", watch_clocks.run, every=timedelta(seconds=30)),
    Task("query_orders", query_orders.run, every=timedelta(seconds=15)),
    Task("send_refunds", send_refunds.run, every=timedelta(minutes=1)),
    Task("keep_contracts", keep_contracts.run, every=timedelta(minutes=1)),
    Task("announce_charges", announce_charges.run, every=timedelta(minutes=10)),
    Task("take_charges", take_charges.run, every=timedelta(minutes=1)),
    Task("seal_audit", seal_audit.run, every=timedelta(minutes=1)),
    Task("close_quiet_talks", close_quiet_talks.run, every=timedelta(minutes=10)),
    Task("close_unrated", close_unrated.run, every=timedelta(minutes=10)),
    Task("let_unpaid_go_on", let_unpaid_go_on.run, every=timedelta(minutes=10)),
    Task("send_outbox", send_outbox.run, every=timedelta(minutes=1)),
    Task("find_repeat_faults", find_repeat_faults.run, every=timedelta(minutes=10)),
    Task("remind_follow_ups", remind_follow_ups.run, at=time(8, 30)),
    Task("fetch_media", fetch_media.run, every=timedelta(minutes=1)),
    Task("publish_bills", publish_bills.run, every=timedelta(minutes=1)),
    Task("draft_bills", draft_bills.run, at=time(1, 10), catch_up=3),
    Task("remind_before_due", remind_before_due.run, at=time(9, 40)),
    Task("remind_of_debits", remind_of_debits.run, at=time(9, 10)),
    Task("tell_about_money", tell_about_money.run, at=time(8, 50)),
    # The statement of a day is there from ten o'clock of the next one on; the job knows which days are due.
    Task("reconcile_wechat", reconcile_wechat.run, every=timedelta(minutes=10)),
    Task("keep_demands", keep_demands.run, every=timedelta(minutes=10)),
    Task("forget_old", forget_old.run, at=time(3, 30)),
    Task("forget_uploads", forget_uploads.run, at=time(3, 40)),
    Task("forget_media", forget_media.run, at=time(3, 40)),
)


def task_named(name: str) -> Task:
    """Raises KeyError."""
    return {task.name: task for task in TIMETABLE}[name]
