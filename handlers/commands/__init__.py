"""What is typed at a terminal: one file per `flask --app wsgi` command."""
