"""What people hear of direct debit without having asked. None goes twice. Words: templates/messages/<name>.txt."""

from models.messaging.kinds import Kind, declare

declare(
    Kind("debit_paid", template="notice"),
    Kind("debit_refused", template="notice"),
    # to the office
    Kind("debit_due", repeatable=False, template="notice"),
)
