"""What people hear of 委托代扣 without having asked. What came is told by the receipt (payment_received)."""

from models.messaging.kinds import Kind, declare

declare(
    Kind("papay_signed", template="notice"),
    Kind("papay_ended", template="notice"),
    Kind("papay_coming", template="notice"),
    Kind("papay_failed", template="notice"),
)
