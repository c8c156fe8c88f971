"""A merchant's Ed25519 keys: one for the roots over the books, one for barcodes that tills check offline.

Only the public half is stored. The private half is derived (HKDF-SHA256, RFC 5869) from the installation's
TOKEN_KEY, which lies in the backup and is never rotated, and from what the row says; so a copy of the
database signs nothing, and a restored one signs as before. Every row is signed with its own key, so none of
it can be changed by hand.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import or_, select, update

from passes.audit import service as audit
from passes.canonical import plain, stated
from passes.db.engine import UnitOfWork
from passes.db.paging import DEFAULT_LIMIT, Page, after_cursor, as_page, newest_first
from passes.db.upsert import insert_once
from passes.errors import ConfigurationError
from passes.ids import new_key_id
from passes.merchants.models import Ed25519Key

PURPOSES = ("root", "barcode")


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A key as it is stored; `public` is its 32 bytes (RFC 8032), `seal` the row signed with it."""

    id: str
    merchant_id: str
    purpose: str
    public: bytes
    created_at: datetime
    retired_at: datetime | None
    seal: bytes


_COLUMNS = [getattr(Ed25519Key, f.name) for f in fields(SigningKey)]


def public_keys(uow: UnitOfWork, merchant_id: str, purpose: str) -> list[SigningKey]:
    """Every key the merchant ever had for `purpose`, the current one first, then from the newest on."""
    query = select(*_COLUMNS).where(Ed25519Key.merchant_id == merchant_id, Ed25519Key.purpose == purpose)
    found = [SigningKey(**row._mapping) for row in uow.conn.execute(query)]
    return sorted(found, key=lambda key: (key.retired_at is None, key.created_at, key.id), reverse=True)


def listing(
    uow: UnitOfWork,
    merchant_id: str,
    purpose: str,
    *,
    retired_after: datetime,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> Page[SigningKey]:
    """The keys that sign or did so after a moment, newest first; raises `FieldError` for a bad `cursor`."""
    query = select(*_COLUMNS).where(
        Ed25519Key.merchant_id == merchant_id,
        Ed25519Key.purpose == purpose,
        or_(Ed25519Key.retired_at.is_(None), Ed25519Key.retired_at > retired_after),
        *after_cursor(cursor, Ed25519Key.created_at, Ed25519Key.id),
    )
    rows = uow.conn.execute(newest_first(query, Ed25519Key.created_at, Ed25519Key.id, limit)).all()
    return as_page([SigningKey(**row._mapping) for row in rows], limit)


def current(uow: UnitOfWork, merchant_id: str, purpose: str) -> SigningKey | None:
    """The key that signs now; None before the first."""
    query = select(*_COLUMNS).where(
        Ed25519Key.merchant_id == merchant_id,
        Ed25519Key.purpose == purpose,
        Ed25519Key.retired_at.is_(None),
    )
    row = uow.conn.execute(query).first()
    return None if row is None else SigningKey(**row._mapping)


def current_or_first(uow: UnitOfWork, token_key: bytes, merchant_id: str, purpose: str) -> SigningKey:
    """The key that signs now, made here and now if the merchant has none."""
    while (found := current(uow, merchant_id, purpose)) is None:
        _make(uow, token_key, merchant_id, purpose)
    return found


def rotate(uow: UnitOfWork, token_key: bytes, merchant_id: str, purpose: str, actor: str) -> SigningKey:
    """Retire the current key and make the next; what the old one signed stays valid."""
    old = current_or_first(uow, token_key, merchant_id, purpose)
    retired = replace(old, retired_at=uow.now)
    values = {"retired_at": uow.now, "seal": _sealed(token_key, retired)}
    still = (Ed25519Key.id == old.id, Ed25519Key.retired_at.is_(None))
    uow.conn.execute(update(Ed25519Key).where(*still).values(values))
    new = current_or_first(uow, token_key, merchant_id, purpose)
    audit.record(uow, merchant_id, actor, "signing_keys.rotate", new.id, purpose=purpose, retired=old.id)
    return new


def sign(token_key: bytes, key: SigningKey, message: bytes) -> bytes:
    """The 64 bytes of an Ed25519 signature.

    Raises `ConfigurationError` when TOKEN_KEY is not the one the key was made under.
    """
    private = _private(token_key, key)
    if private.public_key().public_bytes_raw() != key.public:
        raise ConfigurationError(
            f"STEMPEL_TOKEN_KEY: the signing key {key.id} was made under another one; set it to the one in "
            "the backup"
        )
    return private.sign(message)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` over `message` was made with the private half of `public`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_genuine(key: SigningKey, token_key: bytes | None) -> bool:
    """Whether the row is as it was written; with `token_key` also whether it was written here."""
    if token_key is not None and _private(token_key, key).public_key().public_bytes_raw() != key.public:
        return False
    return is_signed(key.public, _statement(key), key.seal)


def _make(uow: UnitOfWork, token_key: bytes, merchant_id: str, purpose: str) -> None:
    made = SigningKey(
        id=new_key_id(),
        merchant_id=merchant_id,
        purpose=purpose,
        public=b"",
        created_at=uow.now,
        retired_at=None,
        seal=b"",
    )
    made = replace(made, public=_private(token_key, made).public_key().public_bytes_raw())
    # Another may be making the first key too; the unique index lets one of them through.
    insert_once(uow, Ed25519Key, asdict(replace(made, seal=_sealed(token_key, made))))


def _sealed(token_key: bytes, key: SigningKey) -> bytes:
    return sign(token_key, key, _statement(key))


def _statement(key: SigningKey) -> bytes:
    said: Mapping[str, object] = asdict(replace(key, seal=b""))
    return stated({"format": "stempel-key-1", **plain(said)})


def _private(token_key: bytes, key: SigningKey) -> Ed25519PrivateKey:
    info = "\0".join(("stempel ed25519", key.merchant_id, key.purpose, key.id)).encode()
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(token_key)
    return Ed25519PrivateKey.from_private_bytes(seed)
