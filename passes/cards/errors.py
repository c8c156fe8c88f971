"""How a card says no."""

from passes.errors import Refusal, StempelError

_SENTENCES = {
    "pending": "The card has not been loaded yet.",
    "blocked": "The card is blocked.",
    "deactivated": "The card has been closed for good.",
}


class CardNotActive(Refusal):
    """The card's state does not allow this; `state` says which it is in."""

    def __init__(self, state: str) -> None:
        super().__init__("card_not_active", _SENTENCES.get(state, f"The card is {state}."), state=state)


class CardExpired(Refusal):
    """The card's time has run out."""

    def __init__(self) -> None:
        super().__init__("card_expired", "The card has expired.")


class BarcodeStale(Refusal):
    """A rotating barcode that its card showed at another time: a picture of it, or a scan kept back."""

    def __init__(self) -> None:
        super().__init__(
            "barcode_stale",
            "That barcode has changed since. Scan it again from the phone itself, not from a picture of it.",
        )


class CardMovedOn(StempelError):
    """Somebody changed the card between our look and our write; trying again from the start is right."""
