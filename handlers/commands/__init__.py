"""What is typed: `flask --app wsgi <command>`. Each says in one clear line on stderr what went wrong, and exits 1."""

from flask import Flask


def register_commands(app: Flask) -> None:
    for command in ():
        app.cli.add_command(command)
