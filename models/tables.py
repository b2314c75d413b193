"""Every table of the program, imported once so that `Base.metadata` is whole (migrations, tests, checks)."""

from models import job_runs
from models.audit import tables as audit
from models.billing import closed_months, ledger, meter_tables, share_tables, vacancy_tables, waiver_tables
from models.billing import tables as billing
from models.db import Base
from models.debit import tables as debit
from models.dunning import tables as dunning
from models.estate import tables as estate
from models.imports import tables as imports
from models.media import tables as media
from models.messaging import tables as messaging
from models.papay import tables as papay
from models.payments import (
    counter_tables,
    deposit_tables,
    invoice_tables,
    online_tables,
    reconcile_tables,
    transfer_tables,
)
from models.payments import tables as payments
from models.people import ownership, talks
from models.people import tables as people
from models.workorders import service_tables
from models.workorders import tables as workorders

metadata = Base.metadata

__all__ = [
    "audit",
    "billing",
    "closed_months",
    "counter_tables",
    "debit",
    "deposit_tables",
    "dunning",
    "estate",
    "imports",
    "invoice_tables",
    "job_runs",
    "ledger",
    "media",
    "messaging",
    "metadata",
    "meter_tables",
    "online_tables",
    "ownership",
    "papay",
    "payments",
    "people",
    "reconcile_tables",
    "service_tables",
    "share_tables",
    "talks",
    "transfer_tables",
    "vacancy_tables",
    "waiver_tables",
    "workorders",
]
