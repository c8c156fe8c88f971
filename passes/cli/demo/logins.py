"""The demo's keys and its login for the console, kept in a file so that every start prints the same.

The database knows hashes only. What the file lacks, or what does not let anybody in any more, is made anew;
so a start that broke off, or a database that was thrown away, is put right by the next start.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from passes.cli.base import ACTOR
from passes.cli.demo.offers import MERCHANT
from passes.db.engine import UnitOfWork
from passes.errors import ConfigurationError, FieldError
from passes.fields import checked
from passes.merchants import keys, staff
from passes.merchants.access import SCOPES
from passes.merchants.rules import KeyDraft, StaffDraft

_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class Login:
    """How a person signs in: to the console by e-mail and password, to the scanner by PIN."""

    email: str
    password: str
    pin: str


@dataclass(frozen=True, slots=True)
class Logins:
    """A key for each scope, by scope, and a person."""

    keys: dict[str, str]
    staff: Login


def working_logins(uow: UnitOfWork, merchant_id: str, path: Path) -> Logins:
    """What is in the file at `path` and works, completed; to be saved once the unit of work is committed."""
    kept = _read(path)
    kept_keys = kept.get("keys", {})
    return Logins(
        keys={scope: _key(uow, merchant_id, scope, kept_keys.get(scope, "")) for scope in SCOPES},
        staff=_login(uow, merchant_id, kept.get("staff", {})),
    )


def save(logins: Logins, path: Path) -> None:
    """Write the file whole or not at all, readable for its owner alone."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(logins), file, indent=2)
        file.write("\n")
    draft.replace(path)


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read ({error}); remove it for new keys") from None
    if not isinstance(kept, dict) or not all(isinstance(part, dict) for part in kept.values()):
        raise ConfigurationError(f"{path} does not hold what the demo wrote; remove it for new keys")
    return kept


def _key(uow: UnitOfWork, merchant_id: str, scope: str, kept: str) -> str:
    caller = keys.authenticate(uow, str(kept))
    if caller is not None and caller.merchant_id == merchant_id and scope in caller.scopes:
        return str(kept)
    return keys.create_key(uow, merchant_id, KeyDraft(scopes=(scope,)), ACTOR).key


def _login(uow: UnitOfWork, merchant_id: str, kept: dict[str, Any]) -> Login:
    login = Login(*(str(kept.get(name, "")) for name in ("email", "password", "pin")))
    caller = staff.authenticate_staff(uow, login.email, login.password)
    if caller is not None and caller.merchant_id == merchant_id:
        return login
    return _new_login(uow, merchant_id)


def _new_login(uow: UnitOfWork, merchant_id: str) -> Login:
    """A person under the first address that is free: one whose password is lost keeps theirs."""
    for number in range(1, _ATTEMPTS):
        login = Login(
            email=f"demo{number if number > 1 else ''}@morgenrot.example",
            password=secrets.token_urlsafe(12),
            pin=f"{secrets.randbelow(10**6):06}",
        )
        draft = checked(StaffDraft, {"name": f"{MERCHANT.name}, Demo", "scopes": SCOPES, **asdict(login)})
        try:
            staff.create_staff(uow, merchant_id, draft, ACTOR)
        except FieldError:
            continue
        return login
    raise ConfigurationError("The demo finds no free login; let it have a database of its own.")
