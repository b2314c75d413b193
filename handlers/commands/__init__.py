"""What is typed: `flask --app wsgi <command>`. Each says in one clear line on stderr what went wrong, and exits 1."""

from flask import Flask

<<<<<<< HEAD
from handlers.commands import demo, import_ledger, migrate, serve_check

COMMANDS = (migrate.migrate, demo.demo, import_ledger.import_command, serve_check.serve_check)
=======
from handlers.commands import audit, backup, demo, export, import_ledger, migrate, serve_check, understand

COMMANDS = (
    migrate.migrate,
    demo.demo,
    import_ledger.import_command,
    export.export,
    understand.understand,
    audit.audit,
    backup.backup,
    backup.restore,
    serve_check.serve_check,
)
>>>>>>> house


def register_commands(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
