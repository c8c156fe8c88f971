"""What a merchant, a shop, a key and a person of staff must look like. No I/O."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, WithJsonSchema, field_validator

from passes.fields import Id, Line, Name, Strict, TimeZone
from passes.merchants.access import SCOPES

DEFAULT_TIME_ZONE = "Europe/Berlin"
DEFAULT_LOCALE = "de"
MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_LENGTH = 200

_LANGUAGE = "[a-z]{2}(-[A-Za-z0-9]{2,8})?"


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) or not 2 <= len(value) <= 60:
        raise ValueError("must be 2 to 60 lower-case letters, digits and single hyphens, such as cafe-mokka")
    return value


def _scopes(value: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [scope for scope in value if scope not in SCOPES]
    if unknown or not value:
        raise ValueError(f"must be one or more of {', '.join(SCOPES)}")
    return tuple(scope for scope in SCOPES if scope in value)


def _language(value: str) -> str:
    if not re.fullmatch(_LANGUAGE, value):
        raise ValueError("must be a language such as de or en-GB")
    return value


def _password(value: SecretStr) -> SecretStr:
    # Length is what NIST SP 800-63B asks of a password; the upper bound keeps hashing it cheap.
    if not MIN_PASSWORD_LENGTH <= len(value.get_secret_value()) <= MAX_PASSWORD_LENGTH:
        raise ValueError(f"must have {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters")
    return value


def _pin(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9]{6,10}", value.get_secret_value()):
        raise ValueError("must be 6 to 10 digits")
    return value


def normalise_email(value: str) -> str:
    """An address in the form it is stored and looked up in: trimmed, lower case; `ValueError` for none.

    Looser than RFC 5321 on letters (other alphabets are fine), stricter on oddities nobody has: no quoted
    local parts, no address literals, a domain with a dot.
    """
    address = value.strip().lower()
    local, _, domain = address.rpartition("@")
    labels = domain.split(".")
    if (
        len(address) > 254
        or not address.isprintable()
        or not re.fullmatch(r"[^\s@()<>\[\],;:\\\"]{1,64}", local)
        or len(labels) < 2
        or not all(re.fullmatch(r"[^\W_]([\w-]{0,61}[^\W_])?", label) for label in labels)
    ):
        raise ValueError("must be an e-mail address such as anna@example.com")
    return address


Slug = Annotated[str, AfterValidator(_slug)]
Scopes = Annotated[tuple[str, ...], AfterValidator(_scopes)]
Email = Annotated[str, AfterValidator(normalise_email)]
Language = Annotated[
    str, AfterValidator(_language), WithJsonSchema({"type": "string", "pattern": f"^{_LANGUAGE}$"})
]
Latitude = Annotated[float, Field(ge=-90, le=90, strict=True, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, strict=True, allow_inf_nan=False)]


class MerchantDraft(Strict):
    """A brand. The slug names it in commands and default links, and is unique in the installation."""

    slug: Slug
    name: Name
    time_zone: TimeZone = DEFAULT_TIME_ZONE
    locale: Language = DEFAULT_LOCALE


class LocationDraft(Strict):
    """A shop. Coordinates in degrees, WGS 84, both or none; without a time zone the merchant's counts."""

    name: Name
    address: Annotated[Line, Field(min_length=1, max_length=500)] | None = None
    latitude: Latitude | None = None
    longitude: Annotated[Longitude | None, Field(validate_default=True)] = None
    time_zone: TimeZone | None = None

    @field_validator("longitude")
    @classmethod
    def _a_point_has_two_coordinates(cls, longitude: float | None, info: ValidationInfo) -> float | None:
        if "latitude" in info.data and (longitude is None) != (info.data["latitude"] is None):
            raise ValueError("belongs together with latitude: give both or none")
        return longitude


class KeyDraft(Strict):
    """What a new API key may do, and at which shop alone, where it is bound to one."""

    scopes: Scopes
    location_id: Id | None = None


class StaffDraft(Strict):
    """A person who signs in: to the console by e-mail and password, to the scanner by PIN."""

    name: Name
    email: Email
    password: Annotated[SecretStr, AfterValidator(_password)]
    pin: Annotated[SecretStr, AfterValidator(_pin)] | None = None
    scopes: Scopes
    location_id: Id | None = None
