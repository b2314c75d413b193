"""`invite`: how the first manager gets in."""

from collections.abc import Callable
from datetime import datetime

from click.testing import Result

from bot.config import Settings
from models.db import Database
from models.people.codes import read_code
from models.people.staffing import Joined, join
from tests.support.books import ACCOUNT, open_books


def test_the_code_that_is_printed_makes_a_manager(
    run: Callable[..., Result], database: Database, now: datetime, settings: Settings
) -> None:
    with database.transaction() as session:
        company_id = open_books(session, now).company.id
    result = run("invite", "赵经理", "--company", "安居物业")
    assert result.exit_code == 0, result.stderr
    code = read_code(result.output)
    assert code is not None
    with database.transaction() as session:
        outcome = join(
            session,
            account=ACCOUNT,
            openid="zhao",
            company_id=company_id,
            code=code,
            pepper=settings.secret_key,
            now=now,
        )
    assert isinstance(outcome, Joined)
    assert (outcome.name, outcome.role) == ("赵经理", "manager")


def test_with_two_companies_one_must_be_named(run: Callable[..., Result], database: Database, now: datetime) -> None:
    with database.transaction() as session:
        open_books(session, now)
    result = run("invite", "赵经理")
    assert result.exit_code == 1
    assert "安居物业、别家物业" in result.output


def test_without_any_company_nobody_can_be_invited(run: Callable[..., Result]) -> None:
    result = run("invite", "赵经理")
    assert result.exit_code == 1
    assert "none yet" in result.output
