"""Every message about an order. Words: templates/messages/<name>.txt. All carry the snapshot of `place.py` and what is named there."""

from datetime import timedelta

from models.messaging.kinds import Kind, declare

# In the quiet hours news of a P0 or P1 always goes (announce.py); of the others to whoever wrote a moment ago, except new
# work: on night duty people are given what is urgent and nothing else.
declare(
    # to the worker
    Kind("order_assigned", urgent=True, template="order_task", sms="order_task", by_hand=True),
    Kind("order_reassigned", urgent=True, template="order_task", sms="order_task", to_awake=True),
    Kind("order_added", template="order_task", to_awake=True),
    Kind("order_nudged", urgent=True, template="order_task", to_awake=True, worthless_after=timedelta(hours=4)),
    Kind("order_priority", urgent=True, template="order_task", to_awake=True),
    Kind("order_repeated", template="order_task"),
    Kind("quote_answered", urgent=True, template="order_task", to_awake=True),
    Kind("order_due_soon", urgent=True, template="order_task", worthless_after=timedelta(hours=4)),
    # to the owner
    Kind("order_opened", template="order_news", subscription="order_news", to_awake=True),
    Kind("order_taken", template="order_news", subscription="order_news", to_awake=True),
    Kind(
        "order_arrived",
        template="order_news",
        subscription="order_news",
        to_awake=True,
        worthless_after=timedelta(hours=4),
    ),
    Kind("order_paused", template="order_news", subscription="order_news", to_awake=True),
    Kind("order_resumed", template="order_news", subscription="order_news", to_awake=True),
    Kind("order_done", template="order_news", subscription="order_news", sms="order_news", by_hand=True, to_awake=True),
    Kind("order_delayed", template="order_news", subscription="order_news", to_awake=True),
    Kind(
        "order_rejected",
        template="order_news",
        subscription="order_news",
        sms="order_news",
        by_hand=True,
        to_awake=True,
    ),
    Kind("order_merged", template="order_news", subscription="order_news", to_awake=True),
    Kind("order_closed", template="order_news", subscription="order_news", to_awake=True),
    Kind("order_followed", template="order_news", subscription="order_news", to_awake=True),
    Kind("order_late", template="order_news", subscription="order_news", to_awake=True),
    Kind("order_storm", template="order_news", subscription="order_news", to_awake=True),
    Kind(
        "quote_offered", urgent=True, template="order_news", subscription="order_news", sms="order_news", to_awake=True
    ),
    Kind(
        "order_to_pay", template="order_news", subscription="order_news", sms="order_news", by_hand=True, to_awake=True
    ),
    Kind("order_fee", template="order_news", subscription="order_news", to_awake=True),
    # to whoever sent a picture or a recording that could not be kept
    Kind("photo_wanted", template="notice", to_awake=True),
    # to whoever is concerned on the other side
    Kind(
        "order_cancelled",
        template="order_news",
        subscription="order_news",
        sms="order_news",
        by_hand=True,
        to_awake=True,
    ),
    Kind("order_reopened", urgent=True, template="alarm"),
    # to leads and managers
    Kind("order_urgent", urgent=True, template="alarm", wakes=True, sms="alarm", by_hand=True),
    Kind("order_call", urgent=True, template="alarm", wakes=True, sms="alarm", by_hand=True),
    Kind("danger_heard", urgent=True, template="alarm", wakes=True, sms="alarm", by_hand=True),
    Kind("order_overdue", urgent=True, template="alarm"),
    Kind("order_pause_review", urgent=True, template="alarm"),
    Kind("order_unassigned", urgent=True, template="alarm", sms="alarm", by_hand=True),
    Kind("order_impatient", urgent=True, template="alarm"),
    Kind("order_alike", template="alarm"),
    Kind("quote_to_check", urgent=True, template="alarm"),
    Kind("fee_disputed", urgent=True, template="alarm"),
    Kind("order_low_rating", urgent=True, template="alarm"),
    Kind("fault_repeated", template="alarm"),
    # to the office, every morning there is something to do; a list that came twice would only nag
    Kind("follow_ups_due", repeatable=False, template="notice"),
)
