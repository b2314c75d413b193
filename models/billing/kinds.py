"""What people hear about bills without having asked. Words: templates/messages/<name>.txt."""

from models.messaging.kinds import Kind, declare

declare(
    # A bill is told of once: twice would look like a second bill.
    Kind("bill_issued", repeatable=False, template="bill"),
    Kind("bills_ready", template="notice"),
)
