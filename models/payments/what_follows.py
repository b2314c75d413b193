"""What else becomes true when bills are paid off. Whoever settles bills calls this once, after the money has been posted."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from models.billing.tables import Bill
from models.workorders.charging import bills_paid


def paid_off(session: Session, bills: Iterable[Bill], *, receipt: str = "", now: datetime) -> None:
    """`bills` were just settled, wholly or in part; `receipt` is the number of the receipt, "" without one."""
    # Only a bill that no monthly run made can belong to a repair; the many others cost nothing here.
    done = [bill.id for bill in bills if bill.run_id is None and bill.late_for is None and bill.paid == bill.amount]
    if done:
        bills_paid(session, done, receipt=receipt, now=now)
