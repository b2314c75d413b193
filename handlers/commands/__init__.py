"""What is typed: `flask --app wsgi <command>`. Each says in one clear line on stderr what went wrong, and exits 1."""

from flask import Flask

from handlers.commands import demo, migrate, serve_check

COMMANDS = (migrate.migrate, demo.demo, serve_check.serve_check)


def register_commands(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
