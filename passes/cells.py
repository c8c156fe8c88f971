"""Cells of the tables we hand out, which spreadsheets open."""


def plain_cell(text: str) -> str:
    """`text` so that a spreadsheet shows it and never computes it.

    A leading `=`, `+`, `-`, `@`, tab or line end begins a formula (OWASP, CSV injection); an apostrophe
    before it makes it text.
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
