"""The card as it looks on a phone, as plain data for a template: what stands where, in one language."""

from dataclasses import dataclass

from passes.cards.face import CardFace, FaceField, Kind, Role, State
from passes.ids import format_code
from passes.wallets.web.brand import Brand, brand_of
from passes.wallets.web.drawings import Drawing, logo_drawing, strip_drawing
from passes.wallets.web.qr import QrCode, qr_code


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing the card says, in the language of the page."""

    key: str
    label: str
    value: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class CardPicture:
    """Everything a template needs to draw one card.

    Drawings are served under `art_slug` and `art_design`, the program and the design they belong to.
    `qr` is what a scanner reads, `code` what a person types instead.
    """

    kind: Kind
    state: State
    spent: bool
    organization: str
    title: str
    brand: Brand
    art_slug: str
    art_design: str
    logo: Drawing
    strip: Drawing
    header: tuple[Shown, ...]
    primary: tuple[Shown, ...]
    secondary: tuple[Shown, ...]
    auxiliary: tuple[Shown, ...]
    back: tuple[Shown, ...]
    qr: QrCode
    code: str


def render_card(face: CardFace, language: str) -> CardPicture:
    """`face` in `language` ("de" or "en"), ready to be drawn by `templates/web/card.html`."""

    def shown(role: Role) -> tuple[Shown, ...]:
        return tuple(_shown(field, language) for field in face.in_role(role))

    return CardPicture(
        kind=face.kind,
        state=face.state,
        spent=face.spent,
        organization=face.organization,
        title=face.title.in_language(language),
        brand=brand_of(face.colors),
        art_slug=face.program_slug,
        art_design=face.design_id,
        logo=logo_drawing(face),
        strip=strip_drawing(face, language),
        header=shown("header"),
        primary=shown("primary"),
        secondary=shown("secondary"),
        auxiliary=shown("auxiliary"),
        back=shown("back"),
        qr=qr_code(face.barcode),
        code=format_code(face.code),
    )


def _shown(field: FaceField, language: str) -> Shown:
    value = field.value.in_language(language)
    return Shown(field.key, field.label.in_language(language), value, field.link)
