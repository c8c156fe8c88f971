"""The card as it looks on a phone, as plain data for a template: what stands where, in one language."""

from collections.abc import Iterator
from dataclasses import dataclass

from passes.cards.face import CardFace, FaceField, Kind, Loss, Role, State, Text
from passes.ids import format_code
from passes.wallets.web.brand import Brand, brand_of
from passes.wallets.web.drawings import Drawing, logo_drawing, strip_drawing
from passes.wallets.web.losses import OPENED, losses_of, opens
from passes.wallets.web.qr import QrCode, qr_code

_ABOUT = Text(de="Über diese Karte", en="About this card")
_WEBSITE = Text(de="Website", en="Website")
_ENROL = Text(de="Karte für Freunde", en="A card for friends")


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
    `qr` is what a scanner reads, `code` what a person types instead. `more` is what the card has to say
    besides its fields. `losses` are for the designer and not for the page.
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
    more: tuple[Shown, ...]
    news: str | None
    terms: str | None
    address: str
    qr: QrCode
    code: str
    losses: tuple[Loss, ...]


def render_card(face: CardFace, language: str) -> CardPicture:
    """`face` in `language` ("de" or "en"), ready to be drawn by `templates/web/card.html`."""

    def shown(role: Role) -> tuple[Shown, ...]:
        return tuple(_shown(field, language) for field in face.in_role(role))

    brand = brand_of(face.colors)
    return CardPicture(
        kind=face.kind,
        state=face.state,
        spent=face.spent,
        organization=face.organization,
        title=face.title.in_language(language),
        brand=brand,
        art_slug=face.program_slug,
        art_design=face.design_id,
        logo=logo_drawing(face),
        strip=strip_drawing(face, language),
        header=shown("header"),
        primary=shown("primary"),
        secondary=shown("secondary"),
        auxiliary=shown("auxiliary"),
        back=shown("back"),
        more=tuple(_more(face, language)),
        news=face.news.in_language(language) if face.news else None,
        terms=face.terms.in_language(language) if face.terms else None,
        address=face.page_url,
        qr=qr_code(face.barcode),
        code=format_code(face.code),
        losses=losses_of(face, brand),
    )


def _shown(field: FaceField, language: str) -> Shown:
    value = field.value.in_language(language)
    return Shown(field.key, field.label.in_language(language), value, _opened(field.link))


def _more(face: CardFace, language: str) -> Iterator[Shown]:
    """The links of the card and what it is about, unless a field says so already."""
    if face.description not in {field.value for field in face.fields}:
        yield _line("about", _ABOUT, face.description.in_language(language), language)
    for link in face.links:
        yield _line(f"link-{link.key}", link.label, _read(link.url), language, link.url)
    if face.website:
        yield _line("website", _WEBSITE, _read(face.website), language, face.website)
    if face.kind != "gift":  # gift cards are bought, not given away by a link
        yield _line("enrol", _ENROL, _read(face.enrol_url), language, face.enrol_url)


def _line(key: str, label: Text, value: str, language: str, link: str | None = None) -> Shown:
    return Shown(key, label.in_language(language), value, _opened(link))


def _opened(link: str | None) -> str | None:
    return link if link and opens(link) else None


def _read(url: str) -> str:
    """An address as people read it."""
    for scheme in OPENED:
        url = url.removeprefix(scheme)
    return url.rstrip("/")
