"""What people hear about payments without having asked. Words: templates/messages/<name>.txt."""

from models.messaging.kinds import Kind, declare

declare(
    # Whoever pays is looking at the phone: a receipt does not wait for the morning, and may use what is kept back.
    Kind("payment_received", template="notice", wakes=True, reserved=True),
    Kind("money_taken", template="notice"),
    Kind("payment_refunded", template="notice"),
    Kind("pay_trouble", template="notice", wakes=True),
    Kind("refund_wanted", template="notice"),
    Kind("waiver_wanted", template="notice"),
    Kind("waiver_given", template="notice"),
    Kind("home_handed_over", template="notice"),
    Kind("bill_corrected", template="notice"),
    # of a day once, and again only when it has come further
    Kind("day_reconciled", repeatable=False, template="notice"),
)
