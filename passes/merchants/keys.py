"""API keys: made once, shown once, kept as a hash.

A key is `sk_stempel_`, 256 random bits and a checksum. The prefix lets a secret scanner recognise one that
has leaked, the checksum lets it, and a person who typed one, know a real key from a random string. The
secret has so much entropy that a plain SHA-256 hides it, which is what lets every till call afford it.
"""

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from passes.audit import service as audit
from passes.db.engine import UnitOfWork
from passes.db.prepared import Prepared
from passes.errors import NotFound
from passes.ids import new_id
from passes.merchants import queries
from passes.merchants.access import Caller
from passes.merchants.models import ApiKey
from passes.merchants.rules import KeyDraft

PREFIX = "sk_stempel_"

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_LENGTH = 43
_CHECKSUM_LENGTH = 6
_SHAPE = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_SECRET_LENGTH + _CHECKSUM_LENGTH}}}", re.ASCII)

_AUTHENTICATE = Prepared(
    select(ApiKey.id, ApiKey.merchant_id, ApiKey.scopes, ApiKey.location_id).where(
        ApiKey.secret_hash == bindparam("secret_hash"), ApiKey.revoked_at.is_(None)
    )
)


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as it stands. `hint` is its beginning, enough to tell it from others and no more."""

    id: str
    merchant_id: str
    hint: str
    scopes: tuple[str, ...]
    location_id: str | None
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key at the only moment its secret is known. Printing it shows the id alone."""

    id: str
    key: str

    def __repr__(self) -> str:
        return f"NewKey({self.id})"


def create_key(uow: UnitOfWork, merchant_id: str, draft: KeyDraft, actor: str) -> NewKey:
    """Make a key; raises `NotFound` for a merchant or a location of the merchant that does not exist."""
    queries.merchant(uow, merchant_id)
    if draft.location_id is not None:
        queries.location(uow, merchant_id, draft.location_id)
    new = NewKey(new_id("key"), new_secret())
    uow.conn.execute(
        insert(ApiKey).values(
            id=new.id,
            merchant_id=merchant_id,
            secret_hash=hash_of(new.key),
            hint=new.key[: len(PREFIX) + 4],
            scopes=list(draft.scopes),
            location_id=draft.location_id,
            created_at=uow.now,
        )
    )
    audit.record(
        uow,
        merchant_id,
        actor,
        "merchants.create_key",
        new.id,
        scopes=list(draft.scopes),
        location_id=draft.location_id,
    )
    return new


def revoke_key(uow: UnitOfWork, merchant_id: str, key_id: str, actor: str) -> KeyView:
    """End a key now and for good; ending it again changes nothing. Raises `NotFound`."""
    ended = uow.conn.execute(
        update(ApiKey)
        .where(ApiKey.merchant_id == merchant_id, ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
        .values(revoked_at=uow.now)
    )
    if ended.rowcount:
        audit.record(uow, merchant_id, actor, "merchants.revoke_key", key_id)
    view = find_key(uow, key_id)
    if view.merchant_id != merchant_id:
        raise NotFound("There is no such key.")
    return view


def find_key(uow: UnitOfWork, key_id: str) -> KeyView:
    """The key, whichever merchant's it is: for the operator, who is no merchant. Raises `NotFound`."""
    row = uow.conn.execute(select(ApiKey.__table__).where(ApiKey.id == key_id)).first()
    if row is None:
        raise NotFound("There is no such key.")
    return _view(row)


def keys(uow: UnitOfWork, merchant_id: str) -> list[KeyView]:
    """The merchant's keys, oldest first, revoked ones too."""
    query = select(ApiKey.__table__).where(ApiKey.merchant_id == merchant_id)
    return [_view(row) for row in uow.conn.execute(query.order_by(ApiKey.created_at, ApiKey.id))]


def authenticate(uow: UnitOfWork, presented_key: str) -> Caller | None:
    """Whoever holds the key, or None for one that is unknown, revoked or no key at all.

    The same work for all of these: one hash, one look-up of it. Runs on every call of every till.
    """
    row = _AUTHENTICATE.first(uow, {"secret_hash": hash_of(presented_key)})
    if row is None:
        return None
    return Caller(row["merchant_id"], row["id"], frozenset(row["scopes"]), row["location_id"])


def new_secret() -> str:
    """A key no one has ever had."""
    secret = _base62(secrets.randbits(256), _SECRET_LENGTH)
    return PREFIX + secret + _checksum(secret)


def is_well_formed(text: str) -> bool:
    """Whether `text` can be a key at all: shape and checksum; a slip of the fingers is neither."""
    if not _SHAPE.fullmatch(text):
        return False
    secret = text[len(PREFIX) : -_CHECKSUM_LENGTH]
    return _checksum(secret) == text[-_CHECKSUM_LENGTH:]


def _checksum(secret: str) -> str:
    return _base62(zlib.crc32(secret.encode()), _CHECKSUM_LENGTH)


def _base62(value: int, length: int) -> str:
    digits = []
    for _ in range(length):
        value, digit = divmod(value, 62)
        digits.append(_BASE62[digit])
    return "".join(reversed(digits))


def hash_of(key: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).digest()


def _view(row: Row[Any]) -> KeyView:
    values = dict(row._mapping)
    del values["secret_hash"]
    return KeyView(**{**values, "scopes": tuple(row.scopes)})
