from models.audit.log import broken_links
from scheduler.jobs import seal_audit
from tests.scheduler.jobs.conftest import Town


def test_what_was_done_is_sealed_once_and_holds(town: Town) -> None:
    town.report()
    first = seal_audit.run(town, town.clock.now())
    assert first != "0 sealed"
    assert seal_audit.run(town, town.clock.now()) == "0 sealed"
    with town.database.reading() as session:
        assert list(broken_links(session)) == []
