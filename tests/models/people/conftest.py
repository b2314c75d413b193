from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tests.support.books import Books, open_books


@pytest.fixture
def books(session: Session, now: datetime) -> Books:
    return open_books(session, now)
