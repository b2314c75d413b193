"""What is typed: `flask --app wsgi <command>`. Each says in one clear line on stderr what went wrong, and exits 1."""

from flask import Flask

from handlers.commands import (
    audit,
    backup,
    demo,
    export,
    import_ledger,
    invite,
    migrate,
    prepare,
    serve_check,
    understand,
)

COMMANDS = (
    migrate.migrate,
    demo.demo,
    import_ledger.import_command,
    export.export,
    invite.invite_command,
    understand.understand,
    audit.audit,
    backup.backup,
    backup.restore,
    prepare.prepare,
    serve_check.serve_check,
)


def register_commands(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
