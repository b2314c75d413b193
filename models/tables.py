"""Every table of the program, imported once so that `Base.metadata` is whole (migrations, tests, checks)."""

from models import job_runs
from models.audit import tables as audit
from models.db import Base
from models.estate import tables as estate
from models.media import tables as media
from models.messaging import tables as messaging
from models.people import tables as people
from models.workorders import tables as workorders

metadata = Base.metadata

__all__ = ["audit", "estate", "job_runs", "media", "messaging", "metadata", "people", "workorders"]
