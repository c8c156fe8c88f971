"""Making and changing members, and recording what they agree to.

The audit log hears who did what to which member, never what is known of the member.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Insert, Update, insert, update
from sqlalchemy.exc import IntegrityError

from passes.audit import service as audit
from passes.db.engine import UnitOfWork
from passes.errors import FieldError
from passes.ids import new_id
from passes.members import queries
from passes.members.models import Consent, Member
from passes.members.queries import MemberView
from passes.members.rules import ConsentDraft, MemberChanges, MemberDraft, MemberFields, parse_birthday
from passes.merchants import queries as merchants

_EARLIEST_ZONE = timedelta(hours=14)


def create_member(uow: UnitOfWork, merchant_id: str, draft: MemberDraft, actor: str) -> MemberView:
    """Make a member; raises `FieldError` for a taken `external_id` or a birthday to come, `NotFound`."""
    member_id = new_id("mem")
    row = {
        "id": member_id,
        "merchant_id": merchant_id,
        **_columns(uow, merchant_id, draft, set(MemberDraft.model_fields)),
        "created_at": uow.now,
        "updated_at": uow.now,
    }
    _unless_taken(uow, insert(Member).values(row))
    _write_consents(uow, merchant_id, member_id, draft.consents)
    audit.record(uow, merchant_id, actor, "members.create", member_id)
    return queries.get(uow, merchant_id, member_id)


def update_member(
    uow: UnitOfWork, merchant_id: str, member_id: str, changes: MemberChanges, actor: str
) -> MemberView:
    """Change what `changes` names and nothing else; raises like `create_member`.

    Cards show the member's name, and cards lie above: whoever changes a name gives the member's cards their
    next version in the same unit of work.
    """
    before = queries.get(uow, merchant_id, member_id, lock=True)
    named = changes.model_fields_set
    if not named:
        return before
    values = _columns(uow, merchant_id, changes, named) | {"updated_at": uow.now}
    mine = (Member.merchant_id == merchant_id, Member.id == member_id)
    _unless_taken(uow, update(Member).where(*mine).values(values))
    _write_consents(uow, merchant_id, member_id, changes.consents)
    audit.record(uow, merchant_id, actor, "members.update", member_id, fields=sorted(named))
    return queries.get(uow, merchant_id, member_id)


def record_consent(
    uow: UnitOfWork, merchant_id: str, member_id: str, consent: ConsentDraft, actor: str
) -> MemberView:
    """Write down a yes or a no, which counts from now on; raises `NotFound`."""
    queries.get(uow, merchant_id, member_id, lock=True)
    _write_consents(uow, merchant_id, member_id, [consent])
    audit.record(
        uow,
        merchant_id,
        actor,
        "members.consent",
        member_id,
        purpose=consent.purpose,
        channel=consent.channel,
        granted=consent.granted,
    )
    return queries.get(uow, merchant_id, member_id)


def _columns(uow: UnitOfWork, merchant_id: str, written: MemberFields, names: set[str]) -> dict[str, Any]:
    """The columns that `names` of `written` stand for."""
    merchant = merchants.merchant(uow, merchant_id)
    values = written.model_dump(include=names - {"birthday", "consents"})
    for name in values.keys() & {"locale", "time_zone"}:
        values[name] = values[name] or getattr(merchant, name)
    if "tags" in values:
        values["tags"] = list(values["tags"] or ())
    if "birthday" in names:
        values |= _birthday_columns(uow, written.birthday)
    return values


def _birthday_columns(uow: UnitOfWork, text: str | None) -> dict[str, int | None]:
    if text is None:
        return {"birth_month_day": None, "birth_year": None}
    birthday = parse_birthday(text)
    if birthday.year is not None:
        # Somewhere on earth it is already tomorrow.
        today = (uow.now + _EARLIEST_ZONE).date()
        if date(birthday.year, birthday.month, birthday.day) > today:
            raise FieldError("birthday", "lies in the future")
    return {"birth_month_day": birthday.month_day, "birth_year": birthday.year}


def _unless_taken(uow: UnitOfWork, statement: Insert | Update) -> None:
    try:
        with uow.savepoint():
            uow.conn.execute(statement)
    except IntegrityError:
        raise FieldError("external_id", "belongs to another member already") from None


def _write_consents(
    uow: UnitOfWork, merchant_id: str, member_id: str, consents: Iterable[ConsentDraft]
) -> None:
    rows = [
        {"merchant_id": merchant_id, "member_id": member_id, "at": uow.now, **consent.model_dump()}
        for consent in consents
    ]
    if rows:
        uow.conn.execute(insert(Consent), rows)
