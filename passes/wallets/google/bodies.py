"""A card face as Google Wallet's class (what all cards of a design share) and object (this card).

Pure functions; every body they return is complete, so that it can be inserted as it stands. Only fields
of Google's published schema appear, and none that Google marks deprecated or output only.
"""

from dataclasses import dataclass

from passes.cards import wording
from passes.cards.face import CardFace, FaceField, Link, Loss, Role, Stamps, Text
from passes.clock import format_rfc3339
from passes.wallets.google.barcodes import barcodes, shown_code
from passes.wallets.google.layout import CELLS, template
from passes.wallets.google.losses import LossNotes, of_changes, of_logos, of_the_look
from passes.wallets.google.names import class_id, object_id, pass_type
from passes.wallets.google.parts import (
    Json,
    LinkTarget,
    Rendering,
    TextModule,
    back_modules,
    bilingual,
    front_modules,
    image,
    links,
    merchant_locations,
    money,
    own_locations,
    text_modules,
    until,
)
from passes.wallets.losses import of_field, of_link

_CLASS = frozenset(
    {"callbackOptions", "merchantLocations", "heroImage", "enableSmartTap", "redemptionIssuers"}
)
_OBJECT = frozenset(
    {
        *("heroImage", "validTimeInterval", "merchantLocations"),
        *("rotatingBarcode", "passConstraints", "smartTapRedemptionValue"),
    }
)
OPTIONAL = {
    "loyaltyClass": _CLASS | {"wideProgramLogo"},
    "offerClass": _CLASS | {"finePrint", "localizedFinePrint", "wideTitleImage"},
    "giftCardClass": _CLASS | {"wideProgramLogo"},
    "loyaltyObject": _OBJECT | {"accountName"},
    "offerObject": _OBJECT,
    "giftCardObject": _OBJECT | {"balance", "balanceUpdateTime"},
}
"""Fields a body may lack although an earlier one had them: a patch has to clear these by name."""

_BALANCE_LABELS = {
    "stamp": Text(de="Stempel", en="Stamps"),
    "points": Text(de="Punkte", en="Points"),
}
_STATES = {
    "active": "ACTIVE",
    "pending": "INACTIVE",
    "blocked": "INACTIVE",
    "expired": "EXPIRED",
    "deactivated": "INACTIVE",
}
_FRONT: tuple[Role, ...] = ("header", "primary", "secondary", "auxiliary")
_NEWS = Text(de="Neuigkeiten", en="Latest news")
_TERMS = Text(de="Bedingungen", en="Terms")
_ABOUT = Text(de="Über diese Karte", en="About this card")
_HOLDER = Text(de="Ausgestellt auf", en="Issued to")
_BALANCE = Text(de="Guthaben", en="Balance")
_AVAILABLE = Text(de="Davon verfügbar", en="Available of it")
_WEBSITE = Text(de="Website", en="Website")
_CARD_PAGE = Text(de="Karte im Browser", en="Card in the browser")
_ENROL = Text(de="Karte für Freunde", en="A card for friends")


@dataclass(frozen=True, slots=True)
class PublicUrls:
    """Addresses Google itself calls: pictures it fetches, and where it reports saves and deletions.

    A picture is fetched once per address, so the caller changes the address with the picture. `hero` is
    None for a card without one, and so is `wide_logo`. A `callback` that is not https is left out of the
    class, as Google would refuse it.
    """

    logo: str
    hero: str | None = None
    callback: str | None = None
    wide_logo: str | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """What Google allows an issuer beyond what it allows everybody.

    `merchant_locations` is taken for granted until Google says otherwise; `redemption_issuers` are those
    whose terminals may read the card over NFC, which Google calls Smart Tap.
    """

    merchant_locations: bool = True
    redemption_issuers: tuple[str, ...] = ()


EVERYTHING = Allowed()


def class_body(face: CardFace, issuer_id: str, urls: PublicUrls, allowed: Allowed = EVERYTHING) -> Rendering:
    """The loyalty, offer or gift card class of the face's design, ready to insert.

    It is made only of what all cards of the program share, so that every card's face makes the same one.
    """
    losses = LossNotes()
    of_the_look(face, losses)
    body: Json = {
        "id": class_id(face, issuer_id),
        "issuerName": face.organization,
        "reviewStatus": "UNDER_REVIEW",
        "hexBackgroundColor": face.colors.background,
        "multipleDevicesAndHoldersAllowedStatus": _sharing(face),
        "classTemplateInfo": template(face.kind),
        "linksModuleData": links(_class_links(face), losses),
        "textModulesData": text_modules(_class_texts(face), losses),
        **_class_kind(face, urls),
        **_shops(face, allowed, losses),
        **_terminals(face, allowed, losses),
    }
    if urls.hero is not None and face.stamps is None:
        body["heroImage"] = image(urls.hero, face.title)
    if urls.hero is None and (face.images.strip is not None or face.stamps is not None):
        losses.left_out("images.strip", "Das große Bild fehlt.", "The large picture is missing.")
    of_logos(face, losses, is_wide=urls.wide_logo is not None)
    if urls.callback is not None and urls.callback.startswith("https://"):
        body["callbackOptions"] = {"url": urls.callback}
    return Rendering(body, losses.report())


def object_body(face: CardFace, issuer_id: str, urls: PublicUrls, allowed: Allowed = EVERYTHING) -> Rendering:
    """The object of this one card, ready to insert once its class is there."""
    losses = LossNotes()
    of_changes(face, losses)
    values = _object_kind(face, losses)
    body: Json = {
        "id": object_id(face, issuer_id),
        "classId": class_id(face, issuer_id),
        "state": object_state(face),
        "linksModuleData": links(_object_links(face), losses),
        "textModulesData": text_modules(_object_texts(face, values, losses), losses),
        **barcodes(face, losses),
        **until(face),
        **values,
    }
    if face.nfc is not None and allowed.redemption_issuers:
        body["smartTapRedemptionValue"] = face.nfc
    if allowed.merchant_locations and (own := own_locations(face)):
        body["merchantLocations"] = own
    if urls.hero is not None and face.stamps is not None:
        # Only a stamp card's picture differs from card to card; the others have theirs in the class.
        body["heroImage"] = image(urls.hero, _filled(face.stamps))
    return Rendering(body, losses.report())


def losses_of(
    face: CardFace, issuer_id: str, urls: PublicUrls, allowed: Allowed = EVERYTHING
) -> tuple[Loss, ...]:
    """Everything of the face that a customer of Google Wallet does not see as it was meant."""
    shared = class_body(face, issuer_id, urls, allowed).losses
    return shared + tuple(
        loss for loss in object_body(face, issuer_id, urls, allowed).losses if loss not in shared
    )


def object_state(face: CardFace) -> str:
    """Google's state of the card.

    Anything but ACTIVE moves the card to the holder's "Expired passes". A coupon with no use left is
    COMPLETED, which Google words as used up; a card that is not yet loaded, blocked or closed is
    INACTIVE, since neither its time nor its purpose is over. An empty gift card stays ACTIVE: it can be
    loaded again and takes refunds.
    """
    if face.kind == "coupon" and face.state == "active" and face.balance.amount == 0:
        return "COMPLETED"
    return _STATES[face.state]


def _sharing(face: CardFace) -> str:
    return "MULTIPLE_HOLDERS" if face.shareable else "ONE_USER_ALL_DEVICES"


def _shops(face: CardFace, allowed: Allowed, losses: LossNotes) -> Json:
    if not face.places:
        return {}
    if not allowed.merchant_locations:
        losses.left_out(
            "places",
            "Standorte fehlen: Google hat sie für dieses Konto nicht freigeschaltet.",
            "Shops are missing: Google has not opened them to this account.",
        )
        return {}
    return {"merchantLocations": merchant_locations(face, losses)}


def _terminals(face: CardFace, allowed: Allowed, losses: LossNotes) -> Json:
    if face.nfc is None:
        return {}
    if not allowed.redemption_issuers:
        losses.left_out(
            "nfc",
            "Hinhalten statt Scannen geht bei Google nicht: kein Smart-Tap-Terminal ist eingerichtet.",
            "Tapping instead of scanning does not work at Google: no Smart Tap terminal is set up.",
        )
        return {}
    return {"enableSmartTap": True, "redemptionIssuers": list(allowed.redemption_issuers)}


def _class_kind(face: CardFace, urls: PublicUrls) -> Json:
    name = Text.same(face.organization)
    logo, wide = image(urls.logo, name), image(urls.wide_logo, name) if urls.wide_logo else None
    match pass_type(face.kind):
        case "loyalty":
            body = {**bilingual("programName", face.title), "programLogo": logo}
            return body | ({"wideProgramLogo": wide} if wide else {})
        case "offer":
            return {**_offer_texts(face), "titleImage": logo} | ({"wideTitleImage": wide} if wide else {})
        case "giftCard":
            return {
                **bilingual("merchantName", name),
                "programLogo": logo,
                "allowBarcodeRedemption": True,
                **({"wideProgramLogo": wide} if wide else {}),
            }


def _offer_texts(face: CardFace) -> Json:
    offer = next((field.value for field in face.fields if field.key == "offer"), face.title)
    body = {
        **bilingual("title", face.title),
        **bilingual("shortTitle", offer),
        **bilingual("details", face.description),
        "provider": face.organization,
        "redemptionChannel": "INSTORE",
    }
    if face.terms is not None:
        body |= bilingual("finePrint", face.terms)
    return body


def _class_links(face: CardFace) -> list[LinkTarget]:
    found = [LinkTarget("website", face.website, _WEBSITE, "website")] if face.website else []
    if face.kind != "gift":  # which are not given away
        found.append(LinkTarget("enrol", face.enrol_url, _ENROL, "enrol_url"))
    return found + [_target(link) for link in face.links]


def _target(link: Link) -> LinkTarget:
    return LinkTarget(link.key, link.url, link.label, of_link(link.key))


def _class_texts(face: CardFace) -> list[TextModule]:
    """What the card is about and its terms, for which only an offer has places of their own."""
    if face.kind == "coupon":
        return []
    modules = []
    if face.description != face.title or face.kind == "gift":
        # A gift card's class has no place for its title, so it stands over what the card is about.
        header = face.title if face.kind == "gift" else _ABOUT
        modules.append(TextModule("about", header, face.description, "description"))
    if face.terms is not None:
        modules.append(TextModule("terms", _TERMS, face.terms, "terms"))
    return modules


def _object_kind(face: CardFace, losses: LossNotes) -> Json:
    match pass_type(face.kind):
        case "loyalty":
            return _loyalty_values(face, losses)
        case "giftCard":
            return _gift_values(face, losses)
        case "offer":
            return {}


def _gift_values(face: CardFace, losses: LossNotes) -> Json:
    body: Json = {"cardNumber": shown_code(face)}
    balance = money(face.balance)
    if balance is None:
        losses.changed(
            "balance",
            "Das Guthaben steht nur als Text auf der Karte: der Betrag ist größer, als Google ihn kennt.",
            "The balance is on the card as a text only: the amount is larger than Google knows.",
        )
        return body
    label = next((field.label for field in face.fields if field.key == "balance"), _BALANCE)
    if label != _BALANCE:
        losses.changed(
            "field:balance.label",
            f"Google schreibt selbst über das Guthaben, nicht „{label.de}“.",
            f"Google puts a label of its own on the balance, not “{label.en}”.",
        )
    return {**body, "balance": balance, "balanceUpdateTime": {"date": format_rfc3339(face.updated_at)}}


def _loyalty_values(face: CardFace, losses: LossNotes) -> Json:
    field = next((field for field in face.fields if field.key == "balance"), None)
    body: Json = {
        "loyaltyPoints": {
            # Always the string form: patches merge, and a balance that once was a number and now is a string
            # would end up as both, where Google allows one.
            "balance": {"string": _points(face, field, losses)},
            **bilingual("label", field.label if field else _BALANCE_LABELS[face.kind]),
        },
        "accountId": shown_code(face),
    }
    if face.member_name:
        body["accountName"] = face.member_name
    return body


def _points(face: CardFace, field: FaceField | None, losses: LossNotes) -> str:
    """The balance as Google shows it to everybody: one text for all languages."""
    if field is not None and field.value.de == field.value.en:
        return field.value.en
    if field is not None and "".join(filter(str.isdigit, field.value.en)) != str(face.balance.amount):
        losses.changed(
            "field:balance",
            f"Google zeigt den Stand als bloße Zahl: {face.balance.amount} statt {field.value.de}.",
            f"Google shows the balance as a bare number: {face.balance.amount} instead of {field.value.en}.",
        )
    if face.stamps is not None:
        return f"{face.stamps.filled} / {face.stamps.required}"
    return str(face.balance.amount)


def _object_texts(face: CardFace, values: Json, losses: LossNotes) -> list[TextModule]:
    elsewhere = _shown_elsewhere(face, values)
    front = [field for role in _FRONT for field in face.in_role(role) if field not in elsewhere]
    back = [field for field in face.in_role("back") if field not in elsewhere]
    modules = front_modules(front, CELLS[face.kind], losses)
    if face.kind == "gift" and "balance" not in values and not any(f.key == "balance" for f in front):
        modules.append(TextModule("balance", _BALANCE, wording.amount(face.balance), "balance"))
    if face.news is not None:
        modules.append(TextModule("news", _NEWS, face.news, "news"))
    if face.available != face.balance:
        modules.append(TextModule("available", _AVAILABLE, wording.amount(face.available), "available"))
    if face.member_name and face.kind not in ("stamp", "points"):
        modules.append(TextModule("holder", _HOLDER, Text.same(face.member_name), "member_name"))
    return modules + back_modules(back)


def _shown_elsewhere(face: CardFace, values: Json) -> list[FaceField]:
    """Fields that class or object say in a place of their own: the balance, terms, news, what it is about."""
    said = {text for text in (face.terms, face.news, face.description) if text is not None}
    has_balance = bool({"loyaltyPoints", "balance"} & values.keys())
    return [
        field
        for field in face.fields
        if field.link is None and (field.value in said or (has_balance and field.key == "balance"))
    ]


def _object_links(face: CardFace) -> list[LinkTarget]:
    targets = [LinkTarget("page", face.page_url, _CARD_PAGE, "page_url")]
    return targets + [
        LinkTarget(field.key, field.link, field.label, f"{of_field(field.key)}.link")
        for field in face.fields
        if field.link
    ]


def _filled(stamps: Stamps) -> Text:
    filled, required = stamps.filled, stamps.required
    return Text(de=f"{filled} von {required} Stempeln", en=f"{filled} of {required} stamps")
