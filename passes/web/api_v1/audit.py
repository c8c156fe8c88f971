"""The audit log over the API: who did what, when, where."""

from datetime import datetime
from typing import Any

from passes.audit import queries
from passes.audit.queries import AuditFilter, Noted
from passes.clock import format_rfc3339
from passes.fields import Instant
from passes.merchants import actors
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call
from passes.web.api_v1.schemas import Answered, AnyId, ListQuery, page_of

api = Api("Audit log")


class AuditQuery(ListQuery):
    """Which lines of the log."""

    since: Instant | None = None
    until: Instant | None = None
    actor: AnyId | None = None
    action: AnyId | None = None
    subject: AnyId | None = None


class AuditEntryAnswer(Answered):
    """One line: `actor` (a key, a person, `cli`, `scheduler` ...) did `action` to `subject`, an id.

    `actor_name` is a person's name or the beginning of a key, null for everybody else.
    """

    id: str
    action: str
    actor: str
    actor_name: str | None
    subject: str
    details: dict[str, Any]
    created_at: datetime


@api.operation("GET", "/audit-log", scopes=("manage",), takes=AuditQuery, answers=page_of(AuditEntryAnswer))
def list_audit_log(call: Call[AuditQuery]) -> Any:
    """Who did what: acts of people and keys, refusals at limits, lock-outs, settings; the latest first.

    What moved value stands in the books instead; `ledger export` says who did that.
    """
    q = call.body
    wanted = AuditFilter(since=q.since, until=q.until, actor=q.actor, action=q.action, subject=q.subject)
    found = queries.listing(call.uow, call.merchant_id, q.limit, q.cursor, wanted=wanted)
    names = actors.names(call.uow, call.merchant_id, {noted.actor for noted in found.items})
    return present.page(found, lambda noted: entry(noted, names))


def entry(noted: Noted, names: dict[str, str]) -> present.Json:
    """A line as it is answered."""
    return {
        "id": noted.id,
        "action": noted.action,
        "actor": noted.actor,
        "actor_name": names.get(noted.actor),
        "subject": noted.subject,
        "details": noted.details,
        "created_at": format_rfc3339(noted.created_at),
    }
