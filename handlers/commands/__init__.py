"""What is typed: `flask --app wsgi <command>`. Each says in one clear line on stderr what went wrong, and exits 1."""

from flask import Flask


def register_commands(app: Flask) -> None:
    # Loaded here and not above, so that one part of this package (the cast, `prepare`) can be had without all the others.
    from handlers.commands import (  # noqa: PLC0415
        audit,
        backup,
        check_share,
        demand_letters,
        demo,
        export,
        import_ledger,
        invite,
        menu,
        migrate,
        serve_check,
        stickers,
        understand,
        undo_import,
    )

    for command in (
        migrate.migrate,
        demo.demo,
        demand_letters.demand_letters_command,
        import_ledger.import_command,
        undo_import.undo_import_command,
        export.export,
        invite.invite_command,
        menu.menu_command,
        stickers.stickers,
        understand.understand,
        audit.audit,
        backup.backup,
        backup.restore,
        check_share.check_share,
        serve_check.serve_check,
    ):
        app.cli.add_command(command)
