"""The card face: what a card says and shows, before any wallet has a word in it.

Plain data, no I/O. `wallets/apple`, `wallets/google`, `wallets/web` and `wallets/print` each turn a face
into their own form; nothing here knows how a wallet looks. Texts come in every language the service
speaks, so a renderer never has to ask anybody anything.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from passes.money import Money

LANGUAGES = ("de", "en")

Kind = Literal["stamp", "coupon", "gift", "points"]
State = Literal["pending", "active", "blocked", "expired", "deactivated"]
Role = Literal["header", "primary", "secondary", "auxiliary", "back"]
BarcodeFormat = Literal["qr", "aztec", "pdf417", "code128"]
StampShape = Literal["circle", "star", "heart", "square", "cup"]


@dataclass(frozen=True, slots=True)
class Text:
    """One text in German and English; a name or a number is the same in both."""

    de: str
    en: str

    @classmethod
    def same(cls, text: str) -> "Text":
        """A text that needs no translation."""
        return cls(text, text)

    def in_language(self, language: str) -> str:
        """The text in `language` ("de", "de-AT", ...); English where the language is unknown."""
        return self.de if language.lower().startswith("de") else self.en


@dataclass(frozen=True, slots=True)
class FaceField:
    """One thing the card says: a key that never changes, a label, a value, and where it belongs.

    `value` is what a person reads. `money` or `at` holds the same value typed where a wallet can format
    it itself. `change_message` (with `%@` for the new value) lets a phone announce a change.
    """

    key: str
    role: Role
    label: Text
    value: Text
    money: Money | None = None
    at: datetime | None = None
    change_message: Text | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Colors:
    """Three `#rrggbb` colours."""

    background: str
    foreground: str
    label: str


@dataclass(frozen=True, slots=True)
class Stamps:
    """How a stamp card stands: `filled` of `required`, and how many rewards wait."""

    filled: int
    required: int
    rewards: int


@dataclass(frozen=True, slots=True)
class Place:
    """A shop where the card is worth showing; coordinates in degrees, WGS 84."""

    latitude: float
    longitude: float
    name: str
    text: Text | None = None


@dataclass(frozen=True, slots=True)
class Beacon:
    """A Bluetooth beacon beside which the card is worth showing."""

    uuid: str
    major: int | None = None
    minor: int | None = None
    text: Text | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time in which the card is worth showing, such as a happy hour or an event."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """An address worth tapping (https, tel or mailto) and what to call it."""

    key: str
    label: Text
    url: str


@dataclass(frozen=True, slots=True)
class Focus:
    """The point of a picture that stays in sight however it is cut: 0, 0 is the upper left corner."""

    x: float = 0.5
    y: float = 0.5


@dataclass(frozen=True, slots=True)
class DesignImages:
    """The merchant's own pictures as PNG bytes, None where the default art is used.

    `strip` is the band behind the front fields, which Google calls the hero. The stamp pictures replace the
    drawn stamps: one to collect, one collected, and the last one, which brings the reward. `wide_logo`
    is what Google shows in place of the logo. `focus` holds the points that were chosen, by the names of the
    pictures.
    """

    logo: bytes | None = None
    icon: bytes | None = None
    strip: bytes | None = None
    stamp_empty: bytes | None = None
    stamp_full: bytes | None = None
    stamp_reward: bytes | None = None
    wide_logo: bytes | None = None
    focus: tuple[tuple[str, Focus], ...] = ()

    def focus_of(self, name: str) -> Focus:
        """The point of the picture `name` that must stay in sight; its middle unless one was chosen."""
        return dict(self.focus).get(name, Focus())


@dataclass(frozen=True, slots=True)
class Loss:
    """Something of the face that a rendering left out or had to change, in words a marketer understands.

    `part` names it as the face does: `field:reward`, `places`, `colors.label`, `links:menu`.
    """

    part: str
    how: Literal["left_out", "changed"]
    says: Text


@dataclass(frozen=True, slots=True)
class CardFace:
    """Everything a wallet needs to show one card.

    `design_id` is equal exactly when colours, images, program texts and kind are equal, so a renderer
    may cache by it what all cards of a design share. `barcode` is what the scanner reads, `code` the
    typed fallback printed under it. `balance` is what the card holds now; `version` grows with every
    change a phone could see. `barcode_formats` are tried in their order; `places` may be more than a wallet
    takes, and `places_used` are those this card was used at, the latest first; `nfc` is what a reader is
    given; `rotates` asks for a barcode that changes by itself where a wallet can do that.
    """

    card_id: str
    kind: Kind
    state: State
    version: int
    merchant_id: str
    merchant_slug: str
    program_id: str
    program_slug: str
    design_id: str
    organization: str
    title: Text
    description: Text
    colors: Colors
    barcode: str
    code: str
    balance: Money
    available: Money
    updated_at: datetime
    page_url: str
    enrol_url: str
    fields: tuple[FaceField, ...] = ()
    images: DesignImages = field(default_factory=DesignImages)
    stamps: Stamps | None = None
    places: tuple[Place, ...] = ()
    places_used: tuple[Place, ...] = ()
    expires_at: datetime | None = None
    news: Text | None = None
    news_at: datetime | None = None
    member_name: str | None = None
    terms: Text | None = None
    website: str | None = None
    links: tuple[Link, ...] = ()
    barcode_formats: tuple[BarcodeFormat, ...] = ("qr",)
    stamp_shape: StampShape | None = None
    beacons: tuple[Beacon, ...] = ()
    periods: tuple[Period, ...] = ()
    max_distance_m: int | None = None
    shareable: bool = True
    nfc: str | None = None
    rotates: bool = False

    def in_role(self, role: Role) -> tuple[FaceField, ...]:
        """The fields of one role, in the order they should be read."""
        return tuple(f for f in self.fields if f.role == role)

    @property
    def spent(self) -> bool:
        """Whether the card can no longer be used: expired, closed, or nothing left of a coupon."""
        used_up = self.kind == "coupon" and self.balance.amount == 0
        return used_up or self.state in ("expired", "deactivated")
