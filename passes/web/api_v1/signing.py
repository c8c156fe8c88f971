"""How a merchant's signing identities stand, so that a program can watch what a person would forget."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select

from passes.clock import format_rfc3339, real_now
from passes.merchants import queries as merchants
from passes.outbox.models import Delivery
from passes.wallets.signing.status import IdentityStatus, advice, standing_of
from passes.wallets.signing.watch import APNS
from passes.web.api_v1.operation import Api, Call, Nothing
from passes.web.api_v1.schemas import Answered, WordsAnswer

api = Api("Signing")


class SigningIdentityAnswer(Answered):
    """One certificate with its key; `serves` says what is signed with it, `state` whether it is."""

    pass_type_identifier: str
    team_identifier: str
    serves: Literal["new_cards", "cards_on_phones", "nothing"]
    state: Literal["signs", "ends_soon", "ended", "not_yet_valid", "needs_https", "kept"]
    not_before: datetime
    not_after: datetime
    days_left: int
    nfc: bool
    development: bool
    fingerprint: str


class SigningAnswer(Answered):
    """Whether new cards get an Apple pass, why not, and how many phones wait to hear of a change.

    `warnings` are for a log, `advice` says the same in both languages.
    """

    signs: bool
    damaged: bool
    warnings: list[str]
    advice: list[WordsAnswer]
    phones_waiting: int
    identities: list[SigningIdentityAnswer]


@api.operation("GET", "/signing", scopes=("manage",), answers=SigningAnswer)
def get_signing(call: Call[Nothing]) -> Any:
    """The certificates Apple passes are signed with: which there are, until when, and what to do.

    A certificate that has ended stops signing and nothing else: tills go on, changes of cards wait and go
    out once it is renewed.
    """
    at, services = real_now(), call.services
    slug = merchants.merchant(call.uow, call.merchant_id).slug
    standing = standing_of(services.identities, slug, at, is_https=services.settings.is_https)
    waiting = select(func.count()).where(
        Delivery.merchant_id == call.merchant_id,
        Delivery.channel == APNS,
        Delivery.done < Delivery.wanted,
        Delivery.dead_at.is_(None),
    )
    said = advice(standing, at)
    return {
        "signs": standing.signs,
        "damaged": standing.damaged,
        "warnings": [text.en for text in said],
        "advice": [{"de": text.de, "en": text.en} for text in said],
        "phones_waiting": call.uow.conn.execute(waiting).scalar_one(),
        "identities": [_identity(one, at) for one in standing.identities],
    }


def _identity(one: IdentityStatus, at: datetime) -> dict[str, Any]:
    return {
        "pass_type_identifier": one.pass_type,
        "team_identifier": one.team,
        "serves": one.serves,
        "state": one.state,
        "not_before": format_rfc3339(one.not_before),
        "not_after": format_rfc3339(one.not_after),
        "days_left": one.days_left(at),
        "nfc": one.nfc,
        "development": one.development,
        "fingerprint": one.fingerprint,
    }
