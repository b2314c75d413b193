"""Spreadsheets that come from outside and go outside: read row by row, never whole, and never trusted."""
