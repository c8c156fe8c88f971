"""Importing a member list: row by row, whole rows only, as often as one likes.

A list may have a hundred thousand rows and the tills must not wait for it, so this is a job that commits in
small batches rather than a use-case inside one unit of work. A row names its member by `external_id`, or by
an e-mail address that only one member has; it makes the member or changes what it says, so importing a
corrected list again is safe. A dry run does the same and takes every batch back.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from passes.db.engine import Database, UnitOfWork
from passes.errors import FieldError
from passes.members import queries, service
from passes.members.csv_rows import CsvRow, RowProblem, read_csv
from passes.members.queries import MemberView
from passes.members.rules import ConsentDraft, ConsentView, MemberChanges, MemberDraft, current_consents

BATCH_SIZE = 100

Progress = Callable[[int, int], None]
"""Called with how many rows are done and how many there are."""

Renamed = Callable[[UnitOfWork, str], None]
"""Called with the id of a member whose name has changed, in the unit of work that changed it."""


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do: rows by outcome, and every problem by row and column."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """How many rows were left out."""
        return len({problem.row for problem in self.problems})


class _DryRun(Exception):
    """Takes a batch back."""


def import_csv(
    database: Database,
    merchant_id: str,
    content: bytes,
    actor: str,
    *,
    dry_run: bool = False,
    progress: Progress = lambda done, total: None,
    renamed: Renamed = lambda uow, member_id: None,
) -> ImportReport:
    """Import a list of members; raises `FieldError` when it cannot be read at all, and then does nothing.

    Cards show names and lie above this room, so `renamed` is where the caller gives them their next version.
    When the database goes away (`Busy`), what was reported as progress is in; import the list again.
    """
    file = read_csv(content)
    rows, ambiguous = _unambiguous(file.rows)
    report = ImportReport(problems=[*file.problems, *ambiguous])
    report.rows = len(rows) + report.refused
    done = report.refused
    progress(done, report.rows)
    for start in range(0, len(rows), BATCH_SIZE):
        batch = rows[start : start + BATCH_SIZE]
        _import_batch(database, merchant_id, batch, actor, report, dry_run=dry_run, renamed=renamed)
        done += len(batch)
        progress(done, report.rows)
    report.problems.sort(key=lambda problem: problem.row)
    return report


def _unambiguous(rows: list[CsvRow]) -> tuple[list[CsvRow], list[RowProblem]]:
    """The rows that name their member as no other row does, and a problem for each of the others.

    Judged on the file alone, so that neither the order of rows nor the size of a batch matters.
    """
    by_id = Counter(row.member.external_id for row in rows)
    by_email = Counter(row.member.email for row in rows)
    clear, problems = [], []
    for row in rows:
        if row.member.external_id is not None:
            column, times = "external_id", by_id[row.member.external_id]
        else:
            column, times = "email", by_email[row.member.email]
        if times == 1:
            clear.append(row)
        else:
            problems.append(RowProblem(row.number, column, "stands in more than one row of this file"))
    return clear, problems


def _import_batch(
    database: Database,
    merchant_id: str,
    rows: list[CsvRow],
    actor: str,
    report: ImportReport,
    *,
    dry_run: bool,
    renamed: Renamed,
) -> None:
    outcomes: Counter[str] = Counter()
    problems: list[RowProblem] = []
    try:
        with database.write() as uow:
            for row in rows:
                try:
                    with uow.savepoint():
                        outcomes[_import_row(uow, merchant_id, row, actor, renamed)] += 1
                except FieldError as error:
                    problems += [RowProblem(row.number, e["field"], e["message"]) for e in error.errors]
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    report.created += outcomes["created"]
    report.updated += outcomes["updated"]
    report.unchanged += outcomes["unchanged"]
    report.problems += problems


def _import_row(uow: UnitOfWork, merchant_id: str, row: CsvRow, actor: str, renamed: Renamed) -> str:
    member = _member_named(uow, merchant_id, row)
    said = row.member.model_dump(exclude_unset=True)
    consents = _new_consents(row, member)
    if member is None:
        service.create_member(uow, merchant_id, MemberDraft(**said, consents=consents), actor)
        return "created"
    news = {name: value for name, value in said.items() if value != getattr(member, name)}
    if consents:
        news["consents"] = consents
    if not news:
        return "unchanged"
    service.update_member(uow, merchant_id, member.id, MemberChanges(**news), actor)
    if "name" in news:
        renamed(uow, member.id)
    return "updated"


def _member_named(uow: UnitOfWork, merchant_id: str, row: CsvRow) -> MemberView | None:
    if row.member.external_id is not None:
        return queries.by_external_id(uow, merchant_id, row.member.external_id)
    found = queries.by_email(uow, merchant_id, row.member.email or "")
    if len(found) > 1:
        raise FieldError("email", "belongs to more than one member; say which by external_id")
    return found[0] if found else None


def _new_consents(row: CsvRow, member: MemberView | None) -> tuple[ConsentDraft, ...]:
    """What the row says on consents that is not known already."""
    known = current_consents(member.consents) if member else {}
    return tuple(c for c in row.consents if not _repeats(c, known.get((c.purpose, c.channel))))


def _repeats(draft: ConsentDraft, known: ConsentView | None) -> bool:
    if known is None or draft.granted != known.granted:
        return False
    return not draft.granted or draft.wording == known.wording
