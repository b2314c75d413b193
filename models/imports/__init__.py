"""Imports: a company's own ledgers become the books, are looked at first, and can be taken back for a day."""
