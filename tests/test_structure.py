"""What the shape of the code promises, checked so that a forgotten line fails the build and not a resident."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import handlers.manager
import handlers.resident
import handlers.staff
import models.kinds
import scheduler.jobs
from bot.flow import Flow
from handlers.program import FLOWS, build_program
from handlers.web import register_all
from models.messaging.kinds import all_kinds
from scheduler.timetable import TIMETABLE
from tests.support.routes import CLASSIFIED

ROOT = Path(__file__).parents[1]
CODE = ("bot", "models", "handlers", "scheduler")
MESSAGES = ROOT / "templates" / "messages"


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders or CODE:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Every module a file imports, by its full name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def attributes(path: Path) -> Iterator[str]:
    """Every `something.name` of a file that is called."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr


# --- rules -----------------------------------------------------------------------------------------------------------

RULES = (
    "calendar",
    *("estate/calendar_sheet", "messaging/quiet_hours", "people/duty_hours", "people/duty_sheet"),
    *("workorders/climb", "workorders/clock_facts", "workorders/sla", "workorders/sla_sheet", "workorders/time_words"),
    "workorders/why_late",
    *(
        "billing/alike",
        "billing/allocation",
        "billing/appropriation",
        "billing/collection",
        "billing/cycles",
        "billing/discounts",
    ),
    *(
        "billing/explain",
        "billing/explain_meters",
        "billing/figures",
        "billing/handover",
        "billing/late_fee",
        "billing/lines",
        "billing/metered",
        "billing/meters",
        "billing/months",
        "billing/pool_sheet",
        "billing/proration",
        "billing/reading_sheet",
        "billing/share_file",
        "billing/shares",
        "billing/suspicion",
        "billing/tariff_sheet",
        "billing/tax",
        "billing/tiers",
        "billing/vacancy",
        "billing/waiving",
    ),
    *("debit/agreements", "debit/bank_files", "debit/profiles"),
    *("dunning/forbidden", "dunning/instalments", "dunning/steps"),
    *("estate/address_spelling", "estate/addresses", "estate/ledger_amounts", "estate/ledger_dates", "estate/numerals"),
    *("estate/misheard", "estate/place_codes", "estate/place_words"),
    *("media/patience", "media/signs"),
    *("messaging/breaker", "messaging/grants", "messaging/ladder"),
    *("papay/facts", "papay/rules"),
    *("payments/month_ties", "payments/reconcile", "payments/trade_bill"),
    *("people/codes", "people/names", "people/rights"),
    *("payments/advance", "payments/facts", "payments/order_states"),
    *("imports/states", "sheets/formula_guard"),
    *(
        "workorders/alike",
        "workorders/categories",
        "workorders/category_sheet",
        "workorders/dispatch_score",
        "workorders/follow_up",
        "workorders/path",
    ),
    *(
        "workorders/rating_words",
        "workorders/reopening",
        "workorders/repeat_faults",
        "workorders/figures",
        "workorders/rounds",
        "workorders/quarters",
    ),
    "payments/invoice_rules",
    *("workorders/price_sheet", "workorders/prices"),
    *("workorders/states", "workorders/transitions", "workorders/urgency", "workorders/words"),
)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_needs_no_database_no_web_and_no_template(rule: str) -> None:
    names = imported(ROOT / "models" / f"{rule}.py")
    outside = {name for name in names if name.split(".")[0] in ("sqlalchemy", "flask", "jinja2", "requests", "redis")}
    impure = {
        name for name in names if name.startswith("models.") and name.split(".")[-1] in ("db", "tables", "queries")
    }
    assert outside | impure == set()


def test_every_file_of_a_topic_is_a_rule_or_has_to_do_with_rows() -> None:
    """A file that could be a rule is named as one above, so that it stays one."""
    touching = {"sqlalchemy", "models.db"}
    topics = [path for path in sources("models") if len(path.relative_to(ROOT).parts) == 3 and path.stem != "__init__"]
    pure = {
        "/".join(path.relative_to(ROOT / "models").with_suffix("").parts)
        for path in topics
        if not touching
        & {part for name in imported(path) for part in (name, name.split(".")[0], ".".join(name.split(".")[:2]))}
    }
    known = {
        # They pass rows or sheets on without asking the database themselves.
        "audit/__init__",
        "estate/ledger", "estate/ledger_header", "estate/ledger_homes", "estate/ledger_people", "estate/ledger_rows",
        "estate/ledger_totals", "estate/ledger_values", "estate/place_sheet", "estate/unclear",
        "imports/__init__", "imports/findings",
        "messaging/kinds", "migrations/__main__",
        "billing/arrears_columns", "billing/arrears_sheet",
        "sheets/__init__", "sheets/csv_text", "sheets/files", "sheets/grid", "sheets/package", "sheets/progress",
        "sheets/sheet_xml", "sheets/values", "sheets/workbook",
        "people/introductions", "people/kinds", "people/ledger_ties", "people/trades",
        "billing/kinds", "debit/kinds", "debit/mandate_sheet", "dunning/kinds", "papay/kinds", "payments/kinds", "payments/owing", "payments/transfer_sheet",
        "workorders/actions", "workorders/actors", "workorders/kinds",
    }  # fmt: skip
    assert pure - known - set(RULES) == set()


# --- the one way for transactions, time and settings ------------------------------------------------------------------


def test_only_the_database_module_commits_or_rolls_back() -> None:
    ending = [path for path in sources() if {"commit", "rollback"} & set(attributes(path))]
    assert [str(path.relative_to(ROOT)) for path in ending] == ["models/db.py"]


def test_only_entry_points_open_transactions() -> None:
    opening = {
        str(path.relative_to(ROOT))
        for path in sources("models", "handlers/resident", "handlers/staff", "handlers/manager")
        if {"transaction", "reading"} & set(attributes(path))
    }
    assert opening == set()


def test_only_the_clock_asks_what_time_it_is_and_only_the_settings_read_the_environment() -> None:
    asking = re.compile(r"datetime\.now\(|datetime\.utcnow\(|date\.today\(|\btime\.time\(|os\.environ|os\.getenv")
    found = {str(path.relative_to(ROOT)) for path in sources() if asking.search(path.read_text())}
    assert found == {"bot/clock.py", "bot/config.py"}


# --- every list against the files ------------------------------------------------------------------------------------


def modules_of(package: object) -> Iterator[str]:
    for found in pkgutil.iter_modules(package.__path__):  # type: ignore[attr-defined]
        yield f"{package.__name__}.{found.name}"  # type: ignore[attr-defined]


def test_every_kind_of_message_has_its_words_and_all_words_have_a_kind() -> None:
    importlib.import_module("bot.dispatch")
    assert models.kinds
    kinds = {kind.name for kind in all_kinds()}
    assert {path.stem for path in MESSAGES.glob("*.txt")} == kinds


def test_every_job_is_in_the_timetable_and_the_reverse() -> None:
    jobs = {name.rsplit(".", 1)[1] for name in modules_of(scheduler.jobs)}
    assert {task.name for task in TIMETABLE} == jobs


@pytest.mark.parametrize("who", [handlers.resident, handlers.staff, handlers.manager])
def test_every_flow_that_was_written_is_offered(who: object) -> None:
    for name in modules_of(who):
        module = importlib.import_module(name)
        written = [value for value in vars(module).values() if isinstance(value, Flow)]
        written += [flow for flow in getattr(module, "FLOWS", ()) if isinstance(flow, Flow)]
        assert all(any(flow is offered for offered in FLOWS) for flow in written), name


def test_no_two_flows_answer_the_same_intent() -> None:
    intents = [flow.intent for flow in FLOWS]
    assert len(build_program().flows) == len(intents) == len(set(intents))


def test_every_route_is_in_a_group_that_says_who_may_open_it() -> None:
    app = Flask("linli", static_folder=None)
    register_all(app, training=True)
    groups = app.extensions["groups"]
    assert set(app.view_functions) == set(groups)
    assert set(groups.values()) <= {"signed", "open", "training", "resident", "desk"}


def test_every_route_is_classified_by_what_it_shows() -> None:
    """tests/support/routes.py: from there it is opened as everybody who must not see it."""
    app = Flask("linli", static_folder=None)
    register_all(app, training=True)
    assert set(app.view_functions) == CLASSIFIED


def test_every_file_of_pages_is_registered() -> None:
    files = {path.stem for path in (ROOT / "handlers" / "web").glob("*.py")} - {"__init__"}
    listed = (ROOT / "handlers" / "web" / "__init__.py").read_text()
    assert {name for name in files if f"{name}.register" not in listed} == set()


def test_every_setting_is_explained_and_every_explained_one_is_read() -> None:
    source = "".join(path.read_text() for path in (ROOT / "bot").glob("config*.py"))
    read = set(re.findall(r'read\.\w+\(\s*"([A-Z_]+)"', source))
    read |= {f"WECHAT_TEMPLATE_{name.upper()}" for name in importlib.import_module("bot.config").TEMPLATES}
    sending = importlib.import_module("bot.config_sending")
    read |= {f"WECHAT_SUBSCRIPTION_{name.upper()}" for name in sending.SUBSCRIPTIONS}
    read |= {f"SMS_TEMPLATE_{name.upper()}" for name in sending.SMS_TEMPLATES}
    explained = set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert explained == read


def test_every_test_file_stands_where_its_subject_stands() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        folder = path.parent.relative_to(ROOT / "tests")
        if folder.parts and folder.parts[0] in CODE:
            assert (ROOT / folder).is_dir(), path


# --- sizes and directions --------------------------------------------------------------------------------------------


def test_no_module_has_more_than_300_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if "versions" not in path.parts and (lines := len(path.read_text().splitlines())) > 300
    }
    assert long == {}


def test_imports_point_the_way_they_should() -> None:
    checked = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_warning_is_an_error_and_no_test_is_skipped() -> None:
    settings = (ROOT / "pyproject.toml").read_text()
    assert re.search(r'filterwarnings = \[\s*"error"', settings)
    marks = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail)\b")
    skipped = [
        path
        for path in (ROOT / "tests").rglob("*.py")
        if marks.search(path.read_text()) and path.name != Path(__file__).name
    ]
    assert skipped == []
