"""What a till needs before it goes without network: keys for barcodes, its limits, what is stopped."""

from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from passes.cards import queries as cards
from passes.cards import signed_barcode
from passes.clock import format_rfc3339
from passes.errors import FieldError
from passes.fields import Strict, Whole, WrongTogether
from passes.merchants import offline_limits, signing_keys
from passes.merchants.offline_limits import Limit, OwnLimits
from passes.merchants.signing_keys import SigningKey
from passes.money import MAX_AMOUNT, is_asset
from passes.redemption.offline import MAX_OPERATIONS, REACH
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call, Nothing
from passes.web.api_v1.schemas import Answered, AnyId, ListQuery, page_of

api = Api("Offline tills")
MAX_STOPPED = 10_000
ASSETS = "^([A-Z]{3}|POINT|REWARD)$"
Json = dict[str, Any]


def _asset(value: str) -> str:
    if not is_asset(value):
        raise ValueError("must be an ISO 4217 currency, POINT, USE or REWARD")
    return value


Most = Annotated[Whole, Field(ge=0, le=MAX_AMOUNT)]


class LimitRequest(Strict):
    """How much of an asset; null is no limit."""

    asset: Annotated[str, AfterValidator(_asset), WithJsonSchema({"type": "string", "pattern": ASSETS})]
    per_card_and_day: Most | None = None
    exposure: Most | None = None


class LimitsRequest(Strict):
    """For one till (the id of its key), one shop, or with neither for all that have none of their own."""

    till_id: AnyId | None = None
    location_id: AnyId | None = None
    limits: Annotated[list[LimitRequest], Field(max_length=50)]

    @model_validator(mode="after")
    def _each_once(self) -> "LimitsRequest":
        if self.till_id is not None and self.location_id is not None:
            raise WrongTogether("location_id", "give till_id or location_id, not both")
        return self


class LimitAnswer(Answered):
    """At most so much against one card a day, and so much in all before it is told; null is no limit."""

    asset: str
    per_card_and_day: int | None
    exposure: int | None


class LimitsAnswer(Answered):
    """What is set for a till, a shop, or with neither for the rest."""

    till_id: str | None
    location_id: str | None
    limits: list[LimitAnswer]


class PublicKeyAnswer(Answered):
    """A public key as a JSON Web Key (RFC 8037); after `valid_until` nothing it has signed counts."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    use: Literal["sig"]
    kid: str
    x: str
    created_at: datetime
    valid_until: datetime | None


class BarcodeTerms(Answered):
    """How to read a signed barcode: the format, and for how long one counts."""

    format: Literal["ST1"]
    valid_for_days: int


class SyncTerms(Answered):
    """What `/sync` takes: how old, and how much at a time."""

    within_days: int
    max_operations: int


class TermsAnswer(Answered):
    """What a till has to keep to while it has no network.

    `stopped` are cards that must not be taken: the first 16 hexadecimal digits of the SHA-256 of their
    barcode's token, most recently stopped first.
    """

    till_id: str
    location_id: str | None
    limits: list[LimitAnswer]
    keys: list[PublicKeyAnswer]
    barcode: BarcodeTerms
    sync: SyncTerms
    stopped: list[str]
    told_at: datetime


@api.operation(
    "GET", "/offline/keys", scopes=("till", "read"), takes=ListQuery, answers=page_of(PublicKeyAnswer)
)
def list_barcode_keys(call: Call[ListQuery]) -> Any:
    """The public keys that check signed barcodes, newest first, as JSON Web Keys."""
    found = signing_keys.listing(
        call.uow,
        call.merchant_id,
        signed_barcode.PURPOSE,
        retired_after=call.uow.now - signed_barcode.GRACE,
        limit=call.body.limit,
        cursor=call.body.cursor,
    )
    return present.page(found, _key)


@api.operation("GET", "/offline/terms", scopes=("till",), answers=TermsAnswer)
def get_offline_terms(call: Call[Nothing]) -> Any:
    """All that the asking till needs to sell without the network; fetch it again whenever there is one."""
    uow, caller = call.uow, call.caller
    limits = offline_limits.limits_of(uow, caller.merchant_id, caller.actor, caller.location_id)
    since = uow.now - signed_barcode.VALID
    return {
        "till_id": caller.actor,
        "location_id": caller.location_id,
        "limits": [_limit(limits[asset]) for asset in sorted(limits)],
        "keys": _keys(call),
        "barcode": {"format": signed_barcode.PREFIX, "valid_for_days": signed_barcode.VALID.days},
        "sync": {"within_days": REACH.days, "max_operations": MAX_OPERATIONS},
        "stopped": [
            signed_barcode.fingerprint(token)
            for token in cards.stopped_since(uow, caller.merchant_id, since, MAX_STOPPED)
        ],
        "told_at": format_rfc3339(uow.now),
    }


@api.operation(
    "GET", "/offline/limits", scopes=("manage", "read"), takes=ListQuery, answers=page_of(LimitsAnswer)
)
def list_offline_limits(call: Call[ListQuery]) -> Any:
    """Every offline limit that is set, what was set last first."""
    found = offline_limits.listing(call.uow, call.merchant_id, limit=call.body.limit, cursor=call.body.cursor)
    return present.page(found, lambda own: _limits(call, own))


@api.operation(
    "PUT",
    "/offline/limits",
    scopes=("manage",),
    takes=LimitsRequest,
    answers=LimitsAnswer,
    codes=("not_found",),
)
def set_offline_limits(call: Call[LimitsRequest]) -> Any:
    """Replace the offline limits of one till, one shop, or of all that have none of their own."""
    body = call.body
    limits = [Limit(one.asset, one.per_card_and_day, one.exposure) for one in body.limits]
    if len({limit.asset for limit in limits}) < len(limits):
        raise FieldError("limits", "must name each asset once")
    owner_id = body.till_id or body.location_id or call.merchant_id
    offline_limits.set_limits(call.uow, call.merchant_id, owner_id, limits, call.caller.actor)
    return _limits(call, OwnLimits(owner_id, limits))


def _limits(call: Call[Any], own: OwnLimits) -> Json:
    is_location = own.owner_id.startswith("loc_")
    is_till = not is_location and own.owner_id != call.merchant_id
    return {
        "till_id": own.owner_id if is_till else None,
        "location_id": own.owner_id if is_location else None,
        "limits": [_limit(limit) for limit in own.limits],
    }


def _limit(limit: Limit) -> Json:
    return {
        "asset": limit.asset,
        "per_card_and_day": limit.per_card_and_day,
        "exposure": limit.exposure,
    }


def _keys(call: Call[Any]) -> list[Json]:
    found = signing_keys.public_keys(call.uow, call.merchant_id, signed_barcode.PURPOSE)
    return [_key(key) for key in found if signed_barcode.is_good(key, call.uow.now)]


def _key(key: SigningKey) -> Json:
    until = signed_barcode.good_until(key)
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "use": "sig",
        "kid": key.id,
        "x": urlsafe_b64encode(key.public).decode().rstrip("="),
        "created_at": format_rfc3339(key.created_at),
        "valid_until": None if until is None else format_rfc3339(until),
    }
