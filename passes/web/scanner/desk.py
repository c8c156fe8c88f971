"""A card on the counter: who serves, which card, and the page that shows what can be done with it."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for

from passes.cards import faces
from passes.cards import queries as cards
from passes.cards.rules import CardView
from passes.db.engine import Asker, UnitOfWork
from passes.errors import StempelError
from passes.ledger import queries as books
from passes.ledger.queries import TransactionFilter
from passes.ledger.rules import Entry
from passes.merchants import queries as merchants
from passes.merchants.access import Caller
from passes.programs import queries as programs
from passes.programs.queries import ProgramView
from passes.wallets.web.picture import render_card
from passes.web import pages
from passes.web.approvals import open_of
from passes.web.history import recent
from passes.web.scanner import session
from passes.web.scanner.wishes import order_currency, purchase_currency
from passes.wiring import Services

KEY_PREFIX = "scanner-"
_UNDOABLE = ("earn", "redeem")


class NotSignedIn(StempelError):
    """Nobody is at the till, or nobody who still may be."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One card in front of one caller, as read in `uow`."""

    uow: UnitOfWork
    services: Services
    caller: Caller
    card: CardView
    program: ProgramView

    def page(
        self,
        *,
        status: int = 200,
        said: str | None = None,
        refused: str | None = None,
        errors: dict[str, str] | None = None,
        sent: dict[str, str] | None = None,
    ) -> Response:
        """The card and what can be done with it.

        `said` is good news, `refused` bad news, both in words; `errors` are text keys by field; `sent` is the
        form that was not carried out, to be filled in again.
        """
        spoken = pages.language()
        picture = render_card(faces.face_for(self.uow, self.services.base_url, self.card), spoken)
        zone = merchants.merchant(self.uow, self.card.merchant_id).time_zone
        return pages.page(
            "scanner/card.html",
            status=status,
            brand=picture.brand,
            address=url_for("scanner.card", card_id=self.card.id),
            card=picture,
            view=self.card,
            rules=self.program.rules,
            purchase_currency=purchase_currency(self.program),
            order_currency=order_currency(self.program),
            approvals=[one for one in open_of(self.uow, self.caller, spoken) if one.card_id == self.card.id],
            history=recent(self.uow, self.card, zone, spoken),
            undoable=self._undoable(),
            said=said,
            refused=refused,
            errors=errors or {},
            sent=sent or {},
            new_key=new_key,
        )

    def _undoable(self) -> Entry | None:
        """The card's last transaction if that can be taken back here."""
        wanted = TransactionFilter(card_id=self.card.id)
        newest: list[Any] = list(books.transactions(self.uow, self.caller.merchant_id, wanted, 1, None).items)
        if not newest or newest[0].type not in _UNDOABLE or self.card.state == "deactivated":
            return None
        entry: Entry = newest[0]
        return None if books.undone(self.uow, entry.id) else entry


def open_desk(uow: UnitOfWork, services: Services, card_id: str) -> Desk:
    """The desk with that card on it; raises `NotSignedIn` and `CardNotFound`."""
    caller = signed_in(uow)
    card = cards.get(uow, caller.merchant_id, card_id)
    return Desk(uow, services, caller, card, programs.at_version(uow, card.program_id, card.program_version))


def signed_in(uow: UnitOfWork) -> Caller:
    """Whoever is at the till; raises `NotSignedIn`."""
    caller = session.current(uow)
    if caller is None:
        raise NotSignedIn("Nobody is signed in at this till.")
    pages.at_home(merchants.merchant(uow, caller.merchant_id))
    uow.asker = Asker(caller.actor, request.remote_addr or "")
    return caller


def new_key() -> str:
    """An idempotency key for one form."""
    return f"{KEY_PREFIX}{uuid.uuid4()}"
