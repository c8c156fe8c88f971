"""What the till API takes and answers, as models: they validate requests and describe both."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    WithJsonSchema,
    create_model,
    field_validator,
    model_validator,
)

from passes.db.paging import DEFAULT_LIMIT, MAX_LIMIT
from passes.fields import (
    Amount,
    Currency,
    HexColor,
    Instant,
    Line,
    Name,
    Reference,
    Strict,
    Whole,
    WrongTogether,
)
from passes.money import MAX_AMOUNT
from passes.programs.bundles import Texts
from passes.programs.design import LOOK_PARTS, Barcode, ImageName, Look

Kind = Literal["stamp", "coupon", "gift", "points"]
TransactionType = Literal[
    "issue", "earn", "load", "redeem", "refund", "capture", "adjust", "transfer", "expire", "reversal"
]
ReplaceReason = Literal["lost", "stolen", "damaged", "other"]
BlockReason = Literal["lost", "stolen", "fraud_suspected", "customer_request", "closed", "other"]


def _yes(value: bool) -> bool:
    if not value:
        raise ValueError("must be true, or left out")
    return value


Slug = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9\-]{0,78}[a-z0-9])?$")]
AnyId = Annotated[Line, Field(min_length=1, max_length=200)]
"""What somebody holds to be an id of ours: one of another shape is unknown, not wrong."""
Code = Annotated[Line, Field(min_length=1, max_length=300)]
Yes = Annotated[
    bool, Field(strict=True), AfterValidator(_yes), WithJsonSchema({"type": "boolean", "const": True})
]
Base64Image = Annotated[str, Field(min_length=1, max_length=6_000_000)]


class Answered(BaseModel):
    """The parent of every answer: the form is exact."""

    model_config = ConfigDict(extra="forbid")


class WordsAnswer(Answered):
    """A sentence in both languages."""

    de: str
    en: str


class AmountAnswer(Answered):
    """An amount in an answer; unlike in a request it may be 0."""

    amount: Annotated[int, Field(ge=0, le=MAX_AMOUNT)]
    asset: str


class DeltaAnswer(Answered):
    """A signed change."""

    amount: int
    asset: str


class ListQuery(Strict):
    """How to walk a list: newest first, up to 200 a page."""

    limit: Annotated[Whole, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: Annotated[str, Field(max_length=300)] | None = None


class Colors(Strict):
    """Colours as #rrggbb."""

    background: HexColor | None = None
    foreground: HexColor | None = None
    label: HexColor | None = None


class Images(Strict):
    """Pictures as base64 PNG or JPEG; null goes back to the default art."""

    logo: Base64Image | None = None
    icon: Base64Image | None = None
    strip: Base64Image | None = None
    stamp_empty: Base64Image | None = None
    stamp_full: Base64Image | None = None
    stamp_reward: Base64Image | None = None
    wide_logo: Base64Image | None = None


class Design(Look):
    """How the program's cards look; a `signed` barcode is larger, and tills can check it without network.

    Each part that is given replaces the one before as a whole; docs/design.md explains them.
    """

    colors: Colors = Colors()
    images: Images = Images()
    barcode: Barcode | None = None

    def look_given(self) -> dict[str, Any]:
        """The optional parts that were written, as JSON."""
        return self.model_dump(mode="json", include=self.model_fields_set.intersection(LOOK_PARTS))


class ProgramRequest(Strict):
    """A new program."""

    kind: Kind
    name: Name
    slug: Slug | None = None
    currency: Currency | None = None
    rules: dict[str, Any]
    design: Design = Design()
    texts: Texts = Texts()


def _without_null(schema: dict[str, Any]) -> None:
    (other,) = (option for option in schema.pop("anyOf") if option != {"type": "null"})
    schema.pop("default", None)
    schema.update(other)


_NEVER_NULL = Field(json_schema_extra=_without_null)
"""For a field that reads as None when it is left out and may not be written so."""


class ProgramChange(Strict):
    """What to change of a program; the rest stays."""

    name: Annotated[Name | None, _NEVER_NULL] = None
    rules: Annotated[dict[str, Any] | None, _NEVER_NULL] = None
    design: Annotated[Design | None, _NEVER_NULL] = None
    texts: Annotated[Texts | None, _NEVER_NULL] = None

    @field_validator("*", mode="before")
    @classmethod
    def _given_means_something(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("must not be null; leave it out to keep it as it is")
        return value


class DesignAnswer(Look):
    """The design with the addresses of the program's own pictures."""

    colors: dict[str, str]
    images: dict[ImageName, str | None]
    barcode: Barcode


class ProgramLinks(Answered):
    """Where customers enrol."""

    enrol: str
    poster: str


class ProgramAnswer(Answered):
    """A program at its current version."""

    id: str
    kind: Kind
    name: str
    slug: str
    currency: str | None
    rules: dict[str, Any]
    design: DesignAnswer
    texts: dict[str, dict[str, str]]
    version: int
    links: ProgramLinks
    created_at: datetime
    updated_at: datetime


class CardLinks(Answered):
    """Where a customer finds the card; `google` is null while Google is off."""

    page: str
    apple: str
    google: str | None


class EndingAnswer(Answered):
    """What runs out at a time unless it is spent by then."""

    at: datetime
    amount: AmountAnswer


class CardAnswer(Answered):
    """A card as it stands."""

    id: str
    kind: Kind
    program_id: str
    member_id: str | None
    state: Literal["pending", "active", "blocked", "expired", "deactivated"]
    code: str
    balance: AmountAnswer
    available: AmountAnswer
    stamps_required: int | None = None
    rewards: int | None = None
    owed: AmountAnswer | None = None
    offer: dict[str, Any] | None = None
    version: int
    expires_at: datetime | None
    expires_next: EndingAnswer | None
    created_at: datetime
    updated_at: datetime
    links: CardLinks


class TransactionAnswer(Answered):
    """One entry of the ledger; the last three only of what a till did without the network."""

    id: str
    type: TransactionType
    card_id: str
    amount: AmountAnswer
    delta: DeltaAnswer
    balance_after: AmountAnswer
    rewards_after: int | None
    discount: AmountAnswer | None
    remaining_due: AmountAnswer | None
    reference: str | None
    location_id: str | None
    note: str | None
    created_at: datetime
    occurred_at: datetime | None = None
    overspend: AmountAnswer | None = None
    limit_exceeded: list[str] | None = None


class LookupRequest(Strict):
    """A code as typed, scanned or signed."""

    code: Code


class ReasonRequest(Strict):
    """Why."""

    reason: BlockReason


class ReplaceRequest(Strict):
    """Why the card needs another in its place."""

    reason: ReplaceReason


class TransactionQuery(ListQuery):
    """Which transactions."""

    since: Instant | None = None
    until: Instant | None = None
    type: TransactionType | None = None
    location_id: AnyId | None = None
    reference: Reference | None = None


class TillRequest(Strict):
    """What every call may say about where and under which receipt it happens.

    `approval_id` is what a second person has approved of it, where a limit asked for one.
    """

    reference: Reference | None = None
    location_id: AnyId | None = None
    approval_id: AnyId | None = None
    note: Annotated[Line, Field(max_length=500)] | None = None


class CardTillRequest(TillRequest):
    """A call about a card, named by exactly one of `code` and `card_id`."""

    code: Code | None = None
    card_id: AnyId | None = None

    @model_validator(mode="after")
    def _one_name(self) -> "CardTillRequest":
        if (self.code is None) == (self.card_id is None):
            raise WrongTogether("card_id", "give exactly one of code and card_id")
        return self


class StampRequest(CardTillRequest):
    """Stamps or points: a count, or a purchase that the program's rule turns into some."""

    count: Annotated[Whole, Field(ge=1, le=MAX_AMOUNT)] | None = None
    purchase: Amount | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> "StampRequest":
        if (self.count is None) == (self.purchase is None):
            raise WrongTogether("count", "give exactly one of count and purchase")
        return self


class LoadRequest(CardTillRequest):
    """Money onto a gift card."""

    amount: Amount


class RedemptionRequest(CardTillRequest):
    """What is spent; which field depends on the kind of card."""

    amount: Amount | None = None
    allow_partial: Annotated[bool, Field(strict=True)] = False
    reward: Yes | None = None
    reward_id: Annotated[Line, Field(min_length=1, max_length=60)] | None = None
    order_total: Amount | None = None


class RefundRequest(TillRequest):
    """How much to give back; without an amount all that is left."""

    amount: Amount | None = None


class ReverseRequest(TillRequest):
    """Nothing needs to be said."""


class GoogleLinkAnswer(Answered):
    """Google's save address and the resources behind it."""

    save_url: str
    class_: Annotated[dict[str, Any], Field(alias="class")]
    object: dict[str, Any]


def page_of(answer: type[BaseModel]) -> type[BaseModel]:
    """The answer of a list of `answer`."""
    return create_model(
        answer.__name__.removesuffix("Answer") + "List",
        __base__=Answered,
        __doc__="A page of a list; `next_cursor` is null on the last one.",
        items=(list[answer], ...),  # type: ignore[valid-type]  # a type made at run time
        next_cursor=(str | None, ...),
    )
