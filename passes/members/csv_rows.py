"""Reading a member list as shops have them: out of a till, a mailing tool or a spreadsheet.

Only form is judged here: encoding, separator, headings, and what stands in a row. Everything is read as
text, so a cell that looks like a formula is only an odd name.
"""

import csv
import difflib
import io
import re
from dataclasses import dataclass

from passes.errors import FieldError
from passes.fields import checked
from passes.members.rules import ConsentDraft, MemberChanges

COLUMNS = {
    "external_id": ("external_id", "customer_id", "customer number", "kundennummer", "kunden-nr", "id"),
    "name": ("name", "full name", "kunde", "customer"),
    "email": ("email", "e-mail", "mail", "e-mail-adresse", "e-mail address"),
    "phone": ("phone", "telephone", "mobile", "telefon", "telefonnummer", "mobil", "handy"),
    "birthday": ("birthday", "birthdate", "date of birth", "geburtstag", "geburtsdatum"),
    "locale": ("locale", "language", "sprache"),
    "time_zone": ("time_zone", "time zone", "timezone", "zeitzone"),
    "tags": ("tags", "tag", "schlagworte", "schlagwörter"),
    "consent_wallet": ("consent_wallet", "einwilligung wallet"),
    "consent_email": ("consent_email", "einwilligung e-mail"),
    "consent_wording": ("consent_wording", "wording", "wortlaut"),
    "consent_source": ("consent_source", "source", "quelle"),
}
"""Our name of each column, and what else it may be called; case, spaces, `_` and `-` do not count."""

CHANNELS = ("wallet", "email")
REFUSAL_WORDING = "no"
"""What a no is recorded as where the list gives no words for it."""
DEFAULT_SOURCE = "import"

_YES_NO = dict.fromkeys("yes ja true wahr 1 y j x".split(), True) | dict.fromkeys(
    "no nein false falsch 0 n".split(), False
)
_GERMAN_DAY = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})?")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row that reads well: its number as a spreadsheet counts (headings are row 1) and what it says.

    Empty cells say nothing.
    """

    number: int
    member: MemberChanges
    consents: tuple[ConsentDraft, ...]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in a row, and in which of our columns."""

    row: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A list as read: the rows that read well, and what is wrong with the others."""

    rows: list[CsvRow]
    problems: list[RowProblem]


def read_csv(content: bytes) -> CsvFile:
    """Read a whole list; empty rows are skipped.

    UTF-8 with or without a byte order mark, else Windows-1252, which is what spreadsheets mean by Latin-1;
    commas or semicolons. Raises `FieldError` naming `file` or a column when it cannot be read at all.
    """
    text = _decoded(content)
    first_line = text.partition("\n")[0]
    separator = ";" if first_line.count(";") > first_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    found = CsvFile([], [])
    try:
        headings = _headings(next(reader, []))
        for number, cells in enumerate(reader, start=2):
            if any(cell.strip() for cell in cells):
                _read_row(found, number, headings, cells)
    except csv.Error as error:
        raise FieldError("file", f"line {reader.line_num} is no CSV: {error}") from None
    return found


def _decoded(content: bytes) -> str:
    if b"\0" in content:
        raise FieldError("file", "is no CSV file; save the sheet as CSV (UTF-8) and import that")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _plain(heading: str) -> str:
    return re.sub(r"[\s_\-]+", " ", heading).strip().lower()


_BY_HEADING = {_plain(name): column for column, names in COLUMNS.items() for name in names}


def _headings(cells: list[str]) -> list[str]:
    """Our names of the columns, in the file's order."""
    headings = []
    for cell in cells:
        column = _BY_HEADING.get(_plain(cell))
        if column is None:
            near = difflib.get_close_matches(_plain(cell), _BY_HEADING, n=1)
            hint = f"did you mean {_BY_HEADING[near[0]]}?" if near else f"known are {', '.join(COLUMNS)}"
            raise FieldError(cell.strip() or "file", f"is a heading we do not know; {hint}")
        if column in headings:
            raise FieldError(column, "stands above two columns")
        headings.append(column)
    if "external_id" not in headings and "email" not in headings:
        raise FieldError("file", "needs a column external_id or email to know its members by")
    return headings


def _read_row(found: CsvFile, number: int, headings: list[str], cells: list[str]) -> None:
    if len(cells) > len(headings):
        problem = f"has {len(cells)} cells under {len(headings)} headings; quote cells that hold a separator"
        found.problems.append(RowProblem(number, "file", problem))
        return
    said = {column: cell.strip() for column, cell in zip(headings, cells, strict=False) if cell.strip()}
    try:
        found.rows.append(_row(number, said))
    except FieldError as error:
        for wrong in error.errors:
            field = wrong["field"].partition(".")[0]
            column = field if field in COLUMNS else f"consent_{field}"
            found.problems.append(RowProblem(number, column, wrong["message"]))


def _row(number: int, said: dict[str, str]) -> CsvRow:
    if "external_id" not in said and "email" not in said:
        raise FieldError("external_id", "is missing, and so is email; one of them must say who this is")
    consents = _consents(said)
    values: dict[str, str | list[str]] = {k: v for k, v in said.items() if not k.startswith("consent_")}
    if "birthday" in said:
        values["birthday"] = _iso_day(said["birthday"])
    if "tags" in said:
        values["tags"] = [tag.strip() for tag in re.split(r"[,;|]", said["tags"]) if tag.strip()]
    return CsvRow(number, checked(MemberChanges, values), consents)


def _consents(said: dict[str, str]) -> tuple[ConsentDraft, ...]:
    found = []
    for channel in CHANNELS:
        granted = _yes_or_no(f"consent_{channel}", said.get(f"consent_{channel}"))
        if granted is None:
            continue
        if granted and "consent_wording" not in said:
            raise FieldError("consent_wording", "is missing; a yes needs the words that were agreed to")
        draft = {
            "purpose": "marketing",
            "channel": channel,
            "granted": granted,
            "wording": said.get("consent_wording", REFUSAL_WORDING),
            "source": said.get("consent_source", DEFAULT_SOURCE),
        }
        found.append(checked(ConsentDraft, draft))
    return tuple(found)


def _yes_or_no(column: str, cell: str | None) -> bool | None:
    if cell is None:
        return None
    if cell.lower() not in _YES_NO:
        raise FieldError(column, "must be yes or no (ja or nein)")
    return _YES_NO[cell.lower()]


def _iso_day(cell: str) -> str:
    """A day as Germans write it in the form we read; anything else as it is."""
    match = _GERMAN_DAY.fullmatch(cell)
    if match is None:
        return cell
    day, month, year = match.groups()
    return f"{year or '-'}-{int(month):02}-{int(day):02}"
