"""A card face as Google Wallet's class (what all cards of a design share) and object (this card).

Pure functions; every body they return is complete, so that it can be inserted as it stands. Only fields
of Google's published schema appear, and none that Google marks deprecated or output only.
"""

from dataclasses import dataclass

from passes.cards.face import CardFace, FaceField, Role, Stamps, Text
from passes.clock import format_rfc3339
from passes.ids import format_code
from passes.wallets.google.names import class_id, object_id, pass_type
from passes.wallets.google.parts import (
    FRONT_CELLS,
    Json,
    Rendering,
    TextModule,
    back_modules,
    barcode,
    bilingual,
    front_modules,
    image,
    links,
    merchant_locations,
    money,
    text_modules,
    until,
)

_CLASS = frozenset({"callbackOptions", "merchantLocations", "heroImage"})
_OBJECT = frozenset({"heroImage", "validTimeInterval"})
OPTIONAL = {
    "loyaltyClass": _CLASS,
    "offerClass": _CLASS | {"finePrint", "localizedFinePrint"},
    "giftCardClass": _CLASS,
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
_WEBSITE = Text(de="Website", en="Website")
_CARD_PAGE = Text(de="Karte im Browser", en="Card in the browser")


@dataclass(frozen=True, slots=True)
class PublicUrls:
    """Addresses Google itself calls: pictures it fetches, and where it reports saves and deletions.

    A picture is fetched once per address, so the caller changes the address with the picture. `hero` is
    None for a card without one. A `callback` that is not https is left out of the class, as Google
    would refuse it.
    """

    logo: str
    hero: str | None = None
    callback: str | None = None


def class_body(face: CardFace, issuer_id: str, urls: PublicUrls) -> Rendering:
    """The loyalty, offer or gift card class of the face's design, ready to insert."""
    losses = ["colors: foreground and label are left out, Google chooses the colour of texts"]
    body: Json = {
        "id": class_id(face, issuer_id),
        "issuerName": face.organization,
        "reviewStatus": "UNDER_REVIEW",
        "hexBackgroundColor": face.colors.background,
        "multipleDevicesAndHoldersAllowedStatus": _sharing(face),
        "linksModuleData": links(_class_links(face), losses),
        "textModulesData": text_modules(_class_texts(face), losses),
        **_class_kind(face, urls),
    }
    if face.places:
        body["merchantLocations"] = merchant_locations(face, losses)
    if urls.hero is not None and face.stamps is None:
        body["heroImage"] = image(urls.hero, face.title)
    if urls.callback is not None and urls.callback.startswith("https://"):
        body["callbackOptions"] = {"url": urls.callback}
    return Rendering(body, tuple(losses))


def object_body(face: CardFace, issuer_id: str, urls: PublicUrls) -> Rendering:
    """The object of this one card, ready to insert once its class is there."""
    losses: list[str] = []
    body: Json = {
        "id": object_id(face, issuer_id),
        "classId": class_id(face, issuer_id),
        "state": object_state(face),
        "barcode": barcode(face),
        "linksModuleData": links(_object_links(face), losses),
        "textModulesData": text_modules(_object_texts(face), losses),
        **until(face),
        **_object_kind(face, losses),
    }
    if urls.hero is not None and face.stamps is not None:
        # Only a stamp card's picture differs from card to card; the others have theirs in the class.
        body["heroImage"] = image(urls.hero, _filled(face.stamps))
    return Rendering(body, tuple(losses))


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
    # A gift card is made to be handed on; the other kinds belong to the customer who earned them.
    return "MULTIPLE_HOLDERS" if face.kind == "gift" else "ONE_USER_ALL_DEVICES"


def _class_kind(face: CardFace, urls: PublicUrls) -> Json:
    logo = image(urls.logo, Text.same(face.organization))
    match pass_type(face.kind):
        case "loyalty":
            return {
                **bilingual("programName", face.title),
                "programLogo": logo,
                "classTemplateInfo": _loyalty_template(),
            }
        case "offer":
            return {**_offer_texts(face), "titleImage": logo}
        case "giftCard":
            return {
                **bilingual("merchantName", Text.same(face.organization)),
                "programLogo": logo,
                "allowBarcodeRedemption": True,
            }


def _offer_texts(face: CardFace) -> Json:
    offer = face.in_role("primary")
    body = {
        **bilingual("title", face.title),
        **bilingual("shortTitle", offer[0].value if offer else face.title),
        **bilingual("details", face.description),
        "provider": face.organization,
        "redemptionChannel": "INSTORE",
    }
    if face.terms is not None:
        body |= bilingual("finePrint", face.terms)
    return body


def _loyalty_template() -> Json:
    """Two rows under the title: the balance and the first front texts of the card."""
    cells = ["object.loyaltyPoints.balance"]
    cells += [f"object.textModulesData['front_{place}']" for place in range(1, FRONT_CELLS + 1)]
    rows = [
        {"twoItems": {"startItem": _cell(left), "endItem": _cell(right)}}
        for left, right in zip(cells[::2], cells[1::2], strict=True)
    ]
    return {"cardTemplateOverride": {"cardRowTemplateInfos": rows}}


def _cell(path: str) -> Json:
    return {"firstValue": {"fields": [{"fieldPath": path}]}}


def _class_links(face: CardFace) -> list[tuple[str, str, Text]]:
    return [("website", face.website, _WEBSITE)] if face.website else []


def _class_texts(face: CardFace) -> list[TextModule]:
    # The terms of an offer have their own place, without a limit of length.
    if face.terms is None or face.kind == "coupon":
        return []
    return [TextModule("terms", _TERMS, face.terms)]


def _object_kind(face: CardFace, losses: list[str]) -> Json:
    match pass_type(face.kind):
        case "loyalty":
            return _loyalty_values(face)
        case "giftCard":
            return _gift_values(face, losses)
        case "offer":
            return {}


def _gift_values(face: CardFace, losses: list[str]) -> Json:
    body: Json = {"cardNumber": format_code(face.code)}
    balance = money(face.balance)
    if balance is None:
        losses.append("balance: left out, the amount is larger than Google can hold")
        return body
    return {**body, "balance": balance, "balanceUpdateTime": {"date": format_rfc3339(face.updated_at)}}


def _loyalty_values(face: CardFace) -> Json:
    # Always the string form: patches merge, and a balance that once was a number and now is a string
    # would end up as both, where Google allows one.
    balance = str(face.balance.amount)
    if face.stamps is not None:
        balance = f"{face.stamps.filled} / {face.stamps.required}"
    label = next((f.label for f in face.fields if f.key == "balance"), _BALANCE_LABELS[face.kind])
    body: Json = {
        "loyaltyPoints": {"balance": {"string": balance}, **bilingual("label", label)},
        "accountId": format_code(face.code),
    }
    if face.member_name:
        body["accountName"] = face.member_name
    return body


def _object_texts(face: CardFace) -> list[TextModule]:
    elsewhere = _shown_elsewhere(face)
    front = [field for role in _FRONT for field in face.in_role(role) if field not in elsewhere]
    back = [field for field in face.in_role("back") if field not in elsewhere]
    news = [TextModule("news", _NEWS, face.news)] if face.news else []
    return [*front_modules(front), *news, *back_modules(back)]


def _shown_elsewhere(face: CardFace) -> list[FaceField]:
    """Fields with a place of their own in class or object: the balance, terms and news."""
    keys = {"balance"}
    if face.terms is not None:
        keys.add("terms")
    if face.news is not None:
        keys.add("news")
    return [field for field in face.fields if field.key in keys]


def _object_links(face: CardFace) -> list[tuple[str, str, Text]]:
    targets = [("page", face.page_url, _CARD_PAGE)]
    return targets + [(field.key, field.link, field.label) for field in face.fields if field.link]


def _filled(stamps: Stamps) -> Text:
    filled, required = stamps.filled, stamps.required
    return Text(de=f"{filled} von {required} Stempeln", en=f"{filled} of {required} stamps")
