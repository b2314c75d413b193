"""What people hear about debts without having asked. None goes twice: a demand must not nag. Words: templates/messages/<name>.txt."""

from models.messaging.kinds import Kind, declare

declare(
    Kind("payment_coming", repeatable=False, template="bill"),
    Kind("payment_late", repeatable=False, template="notice"),
    Kind("payment_still_late", repeatable=False, template="notice", sms="payment", by_hand=True),
    # to the office
    Kind("payment_refused", template="notice"),
    Kind("money_to_look_at", repeatable=False, template="notice"),
)
