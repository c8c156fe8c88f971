"""What every page that changes a card's design shares: which card, and letting it out to phones."""

from collections.abc import Callable

from flask import abort

from passes.cards import publishing, signed_barcode
from passes.db.engine import UnitOfWork
from passes.errors import NotFound
from passes.merchants import signing_keys
from passes.merchants.access import Caller
from passes.programs import queries
from passes.programs.queries import ProgramView
from passes.wiring import Services

Change = Callable[[UnitOfWork, ProgramView], ProgramView]


def program_or_404(uow: UnitOfWork, caller: Caller, program_id: str) -> ProgramView:
    """The card, if it is the caller's merchant's."""
    try:
        return queries.get(uow, caller.merchant_id, program_id)
    except NotFound:
        abort(404)


def publish(services: Services, caller: Caller, program_id: str, change: Change) -> None:
    """Write the next version and let every live card follow; what `change` raises undoes all of it."""
    with services.database.write() as uow:
        try:
            after = change(uow, queries.lock(uow, caller.merchant_id, program_id))
        except NotFound:
            abort(404)
        if after.barcode == "signed":
            signing_keys.current_or_first(uow, services.token_key, caller.merchant_id, signed_barcode.PURPOSE)
        publishing.publish(uow, after)
