"""Telling people in time that a certificate ends, and letting go what waited once it was renewed.

A tick compares how each identity stands with what was last seen of it. A step towards the end is announced
once: in the log, the audit log and to webhooks. A certificate that signs again makes due at once whatever
waits for Apple. Certificates live in real time, so this does too.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from passes.audit import service as audit
from passes.clock import format_rfc3339, real_now
from passes.db.engine import Database, UnitOfWork
from passes.merchants.models import Merchant
from passes.outbox import service as outbox
from passes.wallets.signing.models import SigningWatch
from passes.wallets.signing.status import IdentityStatus, standing_of
from passes.wallets.signing.store import IdentityStore

ACTOR = "scheduler"
WARNED = "signing.warned"
"""The outbox topic, the webhook's event type and, with the room before it, the audit log's action."""
APNS = "apns"
# Of a merchant whose files cannot be read nobody knows the pass type.
_ANY = ""
_DAMAGED, _WHOLE = "damaged", "whole"

Seen = tuple[str, str, int | None]
"""Fingerprint, state and step."""

log = structlog.get_logger(__name__)


def watch(
    database: Database,
    store: IdentityStore,
    keep_going: Callable[[], bool] = lambda: True,
    *,
    is_https: bool,
) -> int:
    """Look at every merchant's identities once; returns how many had changed since the last look."""
    with database.read() as uow:
        known = set(store.slugs())
        merchants = [
            (row.id, row.slug)
            for row in uow.conn.execute(select(Merchant.id, Merchant.slug).order_by(Merchant.id))
            if row.slug in known
        ]
    changed = 0
    for merchant_id, slug in merchants:
        if not keep_going():
            break
        changed += watch_merchant(database, store, merchant_id, slug, is_https=is_https)
    return changed


def watch_merchant(
    database: Database, store: IdentityStore, merchant_id: str, slug: str, *, is_https: bool
) -> int:
    """The same for one merchant, whose identities have just been changed or whose turn it is."""
    at = real_now()
    standing = standing_of(store, slug, at, is_https=is_https)
    serving = [one for one in standing.identities if one.serves != "nothing"]
    changed = _notice_damage(database, merchant_id, slug, at, damaged=standing.damaged)
    return changed + _notice(database, merchant_id, serving, at)


def _notice_damage(database: Database, merchant_id: str, slug: str, at: datetime, *, damaged: bool) -> int:
    """Log a file that cannot be read, once; what waited for it is due when it can be again."""
    with database.read() as uow:
        mine = (SigningWatch.merchant_id == merchant_id, SigningWatch.pass_type == _ANY)
        last = uow.conn.execute(select(SigningWatch.state).where(*mine)).scalar()
    state = _DAMAGED if damaged else _WHOLE
    if state == (last or _WHOLE):
        return 0
    with database.write() as uow:
        before = None if last is None else ("", last, None)
        if not _write(uow, merchant_id, _ANY, ("", state, None), before, at):
            return 0
        if damaged:
            log.error("identity_damaged", merchant=slug)
        else:
            outbox.hurry(uow, at, merchant_id=merchant_id, channel=APNS)
    return 1


def _notice(database: Database, merchant_id: str, serving: Sequence[IdentityStatus], at: datetime) -> int:
    with database.read() as uow:
        query = select(SigningWatch.__table__).where(SigningWatch.merchant_id == merchant_id)
        seen = {row.pass_type: row for row in uow.conn.execute(query)}
    changed = 0
    for one in serving:
        last = seen.get(one.pass_type)
        before = None if last is None else (last.fingerprint, last.state, last.step)
        seen_now = (one.fingerprint, one.state, one.step)
        if before == seen_now:
            continue
        with database.write() as uow:
            if not _write(uow, merchant_id, one.pass_type, seen_now, before, at):
                continue  # somebody else noticed it in the meantime
            changed += 1
            if one.step is not None and (before is None or (one.fingerprint, one.step) != before[::2]):
                _warn(uow, merchant_id, one)
            if one.signs:
                outbox.hurry(uow, at, merchant_id=merchant_id, channel=APNS)
    return changed


def _write(
    uow: UnitOfWork, merchant_id: str, pass_type: str, now: Seen, before: Seen | None, at: datetime
) -> bool:
    """Write down what was seen; False if somebody else did since `before` was read."""
    values = {**dict(zip(("fingerprint", "state", "step"), now, strict=True)), "seen_at": at}
    mine = {"merchant_id": merchant_id, "pass_type": pass_type}
    if before is None:
        try:
            with uow.savepoint():
                uow.conn.execute(insert(SigningWatch).values(**mine, **values))
        except IntegrityError:
            return False
        return True
    fingerprint, state, step = before
    unchanged = (
        SigningWatch.merchant_id == merchant_id,
        SigningWatch.pass_type == pass_type,
        SigningWatch.fingerprint == fingerprint,
        SigningWatch.state == state,
        SigningWatch.step.is_not_distinct_from(step),
    )
    return uow.conn.execute(update(SigningWatch).where(*unchanged).values(**values)).rowcount == 1


def _warn(uow: UnitOfWork, merchant_id: str, one: IdentityStatus) -> None:
    noted = {
        "pass_type_identifier": one.pass_type,
        "state": one.state,
        "not_after": format_rfc3339(one.not_after),
        "within_days": one.step,
    }
    log.warning("identity_ends", merchant=one.merchant_slug, **noted)
    audit.record(uow, merchant_id, ACTOR, WARNED, one.pass_type[:80], **noted)
    outbox.enqueue(uow, merchant_id, WARNED, "signing", 0, noted)
