"""Who is calling, and what that caller may do. No I/O: whoever lets a caller in has read it all already."""

from dataclasses import dataclass

from passes.errors import Refusal

SCOPES = ("till", "manage", "marketing", "read")
"""What a key or a person may be allowed; none contains another."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody let in: a key or a person of one merchant.

    `actor` is the id of the key or person, which is what the books and the audit log name. A caller with a
    `location_id` is bound to that shop.
    """

    merchant_id: str
    actor: str
    scopes: frozenset[str]
    location_id: str | None = None


def require_scope(caller: Caller, *any_of: str) -> None:
    """Raise `Refusal` `scope_missing` unless the caller has at least one of the scopes."""
    if caller.scopes.isdisjoint(any_of):
        wanted = " or ".join(any_of)
        raise Refusal("scope_missing", f"This needs a key with the scope {wanted}.", scopes=list(any_of))


def location_for(caller: Caller, named: str | None) -> str | None:
    """The shop a call happens at: the one it names, else the one its caller is bound to.

    Raises `Refusal` `location_not_allowed` when a bound caller names another shop. That a shop named by an
    unbound caller exists is for `queries.location` to say.
    """
    if caller.location_id is None or named == caller.location_id:
        return named
    if named is not None:
        raise Refusal("location_not_allowed", "This key is bound to another location than the one named.")
    return caller.location_id
