"""How a till's call is refused."""

from passes.errors import Refusal
from passes.money import Money


class InsufficientBalance(Refusal):
    """There is less on the card than was asked for; `available` says how much there is."""

    def __init__(self, available: Money) -> None:
        super().__init__(
            "insufficient_balance", "There is not enough on the card.", available=available.as_dict()
        )


class WrongKind(Refusal):
    """This kind of card cannot do that."""

    def __init__(self, kind: str, what: str) -> None:
        super().__init__("wrong_kind", f"A {kind} card cannot {what}.", kind=kind)


class AssetMismatch(Refusal):
    """An amount in something the card or the rule does not count in."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__("asset_mismatch", f"{field} must be in {expected}.", expected=expected)


class RefundTooLarge(Refusal):
    """More than was taken, or than is left of it; `refundable` says how much is left."""

    def __init__(self, refundable: Money) -> None:
        super().__init__(
            "refund_exceeds_redemption",
            "Less than that is left to refund.",
            refundable=refundable.as_dict(),
        )


class AlreadyReversed(Refusal):
    """It was undone before."""

    def __init__(self) -> None:
        super().__init__("reversed", "This has been reversed.")


class HoldNotOpen(Refusal):
    """The hold has come to its end; `hold_status` says to which."""

    def __init__(self, status: str) -> None:
        super().__init__("hold_not_open", f"The hold is {status}.", hold_status=status)


class OfferNotApplicable(Refusal):
    """The coupon is good, but not for this order or not today; `reason` says which."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__("offer_not_applicable", detail, reason=reason)
