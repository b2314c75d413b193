"""Every kind of message of the program, declared once it is imported: by whoever sends, and by the check that each has words."""

from models.billing import kinds as of_billing
from models.debit import kinds as of_debit
from models.dunning import kinds as of_dunning
from models.messaging.kinds import Kind, all_kinds, declare
from models.papay import kinds as of_papay
from models.payments import kinds as of_payments
from models.people import kinds as of_people
from models.workorders import kinds as of_workorders

declare(Kind("late_reply", urgent=True, wakes=True))

__all__ = ["all_kinds", "of_billing", "of_debit", "of_dunning", "of_papay", "of_payments", "of_people", "of_workorders"]
