"""How far Google has what we meant it to show: the comparison under way, and what the last one found."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from passes.clock import format_rfc3339
from passes.installs import google_checks as checks
from passes.installs.google_checks import CheckView
from passes.web.api_v1.operation import Api, Call, Nothing
from passes.web.api_v1.schemas import Answered

api = Api("Google")


class GoogleFindingAnswer(Answered):
    """One class or object at Google that is not as meant; `fields` are those that differ."""

    fault: Literal["missing", "different", "orphaned", "unknown"]
    id: str
    card_id: str | None
    fields: list[str]


class ComparisonAnswer(Answered):
    """One comparison of all of the merchant's cards at Google with what they are to show there.

    `started_by` is a staff member's id, or `cli`. `objects` of `objects_total` were looked at; what is
    `waiting` to be sent anyway is neither the same nor a fault. `findings` are the first few faults;
    `failure` says why it ended early.
    """

    started_by: str
    wanted_at: datetime
    finished_at: datetime | None
    failure: str | None
    repair: bool
    objects: int
    objects_total: int
    same: int
    different: int
    missing: int
    orphaned: int
    unknown: int
    waiting: int
    put_in_line: int
    findings: list[GoogleFindingAnswer]


class ReconciliationAnswer(Answered):
    """The comparison that is wanted or under way, and the last that is through; null where there is none."""

    google_is_on: bool
    running: ComparisonAnswer | None
    last: ComparisonAnswer | None


@api.operation("GET", "/google/reconciliation", scopes=("read", "manage"), answers=ReconciliationAnswer)
def get_reconciliation(call: Call[Nothing]) -> Any:
    """What Google has of the merchant's cards against what was meant.

    It is started in the console or with `python -m passes google reconcile --merchant SLUG`.
    """
    running, last = checks.latest(call.uow, call.merchant_id)
    return {
        "google_is_on": call.services.google is not None,
        "running": None if running is None else _comparison(running),
        "last": None if last is None else _comparison(last),
    }


def _comparison(check: CheckView) -> dict[str, Any]:
    told = asdict(check)
    return {
        "started_by": check.actor,
        "wanted_at": format_rfc3339(check.wanted_at),
        "finished_at": format_rfc3339(check.finished_at) if check.finished_at else None,
        "objects": check.done,
        "objects_total": check.total,
        **{name: told[name] for name in ("failure", "repair", "findings")},
        **check.counts,
    }
