"""From a card and its program to the face every wallet renders."""

import hashlib
from collections.abc import Mapping

import orjson

from passes.cards import face_fields, queries, signed_barcode, wording
from passes.cards.face import (
    Beacon,
    CardFace,
    Colors,
    DesignImages,
    Focus,
    Link,
    Period,
    Stamps,
    Text,
)
from passes.cards.face_fields import Sitting, words
from passes.cards.filling import fill
from passes.cards.rules import CardView
from passes.cards.shops import shops
from passes.db.engine import UnitOfWork
from passes.errors import CardNotFound, NotFound
from passes.merchants import queries as merchants
from passes.merchants import signing_keys
from passes.merchants.queries import MerchantView
from passes.programs import queries as programs
from passes.programs.design import Contact, Design
from passes.programs.queries import ProgramView
from passes.programs.rules import CouponRules, StampRules
from passes.remembered import Remembered

_UPLOADS: Remembered[bytes] = Remembered(32 * 1024 * 1024, len)


def face_of(uow: UnitOfWork, base_url: str, card_id: str, token_key: bytes | None = None) -> CardFace:
    """The face of a card as it stands; raises `CardNotFound`. See `face_for` for `token_key`."""
    card = queries.by_id_anywhere(uow, card_id)
    if card is None:
        raise CardNotFound
    return face_for(uow, base_url, card, token_key)


def sample_face(
    uow: UnitOfWork,
    base_url: str,
    program: ProgramView,
    filled: int,
    rewards: int = 0,
    pictures: Mapping[str, bytes] | None = None,
) -> CardFace:
    """The face a card of `program` would have, for pages and pictures that come before any card.

    A stamp card shows `filled` stamps, a gift card so many minor units; its code and barcode unlock nothing.
    The program may be one that is not stored yet, its `pictures` (PNG by their names) neither.
    """
    uses = program.rules.uses if isinstance(program.rules, CouponRules) else 0
    card = CardView(
        id="card_sample",
        merchant_id=program.merchant_id,
        program_id=program.id,
        program_version=program.version,
        kind=program.kind,
        asset=program.asset,
        member_id=None,
        state="active",
        state_before_block=None,
        code="2222222222222222",
        barcode="0" * 26,
        page_token="SAMPLE",  # noqa: S106  # the address of no card
        token_key_id="",
        version=1,
        modified_s=0,
        collected=0,
        last_purchase_at=None,
        news=None,
        news_at=None,
        reference=None,
        expires_at=None,
        created_at=uow.now,
        updated_at=uow.now,
        balance=filled or uses,
        rewards=rewards,
    )
    return _face(uow, base_url, card, program, pictures=pictures)


def face_for(uow: UnitOfWork, base_url: str, card: CardView, token_key: bytes | None = None) -> CardFace:
    """The face of a card already read; with `token_key` its barcode is signed where the program asks."""
    program = programs.at_version(uow, card.program_id, card.program_version)
    return _face(uow, base_url, card, program, token_key)


def _face(
    uow: UnitOfWork,
    base_url: str,
    card: CardView,
    program: ProgramView,
    token_key: bytes | None = None,
    pictures: Mapping[str, bytes] | None = None,
) -> CardFace:
    merchant = merchants.merchant(uow, card.merchant_id)
    sat, design = face_fields.sitting(uow, card, program, merchant), program.design
    description = face_fields.text_of(program, "description", face_fields.rule_sentence(program))
    title = face_fields.own_words(program, "title", Text.same(program.name))
    shared = face_fields.shared_values_of(merchant)
    nearby = words(design.nearby) if design.nearby else None
    places, places_used = shops(uow, merchant.id, card.id, nearby)
    return CardFace(
        card_id=card.id,
        kind=program.kind,  # type: ignore[arg-type]  # the database's CHECK keeps it one of the four
        state=card.state_at(uow.now),  # type: ignore[arg-type]  # likewise
        version=card.version,
        merchant_id=merchant.id,
        merchant_slug=merchant.slug,
        program_id=program.id,
        program_slug=program.slug,
        design_id=_design_id(program, merchant),
        organization=merchant.name,
        title=fill(title, shared),
        description=fill(description, shared),
        colors=Colors(**program.colors),
        barcode=_barcode(uow, sat, token_key),
        code=card.code,
        balance=card.money,
        available=card.available,
        updated_at=card.updated_at,
        page_url=f"{base_url}/c/{card.page_token.lower()}",
        enrol_url=f"{base_url}/e/{program.slug}",
        fields=face_fields.fields_of(uow, sat),
        images=_images(uow, design, pictures),
        stamps=_stamps(program, card),
        places=places,
        places_used=places_used,
        expires_at=face_fields.ends_at(program, card),
        news=Text(card.news["de"], card.news["en"]) if card.news else None,
        news_at=card.news_at,
        member_name=sat.member_name,
        terms=_terms(program, merchant),
        website=program.texts.get("de", {}).get("website") or program.texts.get("en", {}).get("website"),
        links=_links(design),
        barcode_formats=design.barcode_formats,
        stamp_shape=design.stamp_shape,
        beacons=_beacons(design),
        periods=tuple(Period(period.starts, period.ends) for period in design.periods),
        max_distance_m=design.max_distance_m,
        shareable=design.shareable,
        # A reader is given what a scanner would read, so that a till knows one name for a card.
        nfc=card.barcode if design.nfc else None,
        rotates=design.rotates,
    )


def _design_id(program: ProgramView, merchant: MerchantView) -> str:
    """Equal exactly when everything is equal that all cards of a design share."""
    shared = [program.id, program.name, merchant.name, program.colors, program.images, program.texts]
    rules = program.rules.model_dump(mode="json")
    unusual = program.design.unusual()
    # A design without any of the optional parts keeps the name it had before there were any.
    parts = [shared, rules, unusual] if unusual else [shared, rules]
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()[:24]


def _stamps(program: ProgramView, card: CardView) -> Stamps | None:
    if not isinstance(program.rules, StampRules):
        return None
    required = program.rules.stamps_required
    return Stamps(filled=min(card.balance, required), required=required, rewards=card.rewards)


def _barcode(uow: UnitOfWork, sat: Sitting, token_key: bytes | None) -> str:
    """What a scanner reads. Only what can be used is signed, so that what is blocked runs out by itself."""
    card, program = sat.card, sat.program
    if token_key is None or program.barcode != "signed" or card.state_at(uow.now) != "active":
        return card.barcode
    key = signing_keys.current(uow, card.merchant_id, signed_barcode.PURPOSE)
    return card.barcode if key is None else signed_barcode.sign(card, key, token_key, uow.now)


def _terms(program: ProgramView, merchant: MerchantView) -> Text | None:
    terms = face_fields.text_of(program, "terms", Text.same(""))
    return fill(terms, face_fields.shared_values_of(merchant)) if terms.de else None


def _links(design: Design) -> tuple[Link, ...]:
    """The design's links, then the ways to reach whom it names as contact."""
    own = tuple(Link(link.key, words(link.label), link.url) for link in design.links)
    contact = design.contact or Contact()
    reach = []
    if contact.phone is not None:
        digits = "".join(c for c in contact.phone if c in "+0123456789")
        reach.append(Link("contact_phone", wording.CALL, f"tel:{digits}"))
    if contact.email is not None:
        reach.append(Link("contact_email", wording.WRITE, f"mailto:{contact.email}"))
    return (*own, *reach)


def _beacons(design: Design) -> tuple[Beacon, ...]:
    return tuple(Beacon(b.uuid, b.major, b.minor, words(b.text) if b.text else None) for b in design.beacons)


def _images(uow: UnitOfWork, design: Design, pictures: Mapping[str, bytes] | None) -> DesignImages:
    if pictures is None:
        stored = {name: _upload(uow, sha256) for name, sha256 in design.images.items()}
        pictures = {name: content for name, content in stored.items() if content is not None}
    focus = tuple((name, Focus(at.x, at.y)) for name, at in sorted(design.focus.items()))
    return DesignImages(
        logo=pictures.get("logo"),
        icon=pictures.get("icon"),
        strip=pictures.get("strip"),
        stamp_empty=pictures.get("stamp_empty"),
        stamp_full=pictures.get("stamp_full"),
        stamp_reward=pictures.get("stamp_reward"),
        wide_logo=pictures.get("wide_logo"),
        focus=focus,
    )


def _upload(uow: UnitOfWork, sha256: str) -> bytes | None:
    """A picture by its name, which is the hash of what is in it, so that it is read once for many cards."""

    def read() -> bytes:
        content = programs.image(uow, sha256)
        if content is None:
            raise NotFound("There is no such picture.")
        return content

    try:
        return _UPLOADS.get(sha256, read)
    except NotFound:
        return None
