"""How a merchant's identities stand, for whoever has to know: the watch, the API, the console, operators."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cryptography.hazmat.primitives.hashes import SHA256

from passes.cards.face import Text
from passes.errors import ConfigurationError
from passes.wallets.signing.expiry import WARNING_DAYS
from passes.wallets.signing.identity import SigningIdentity
from passes.wallets.signing.store import IdentityStore

State = Literal["signs", "ends_soon", "ended", "not_yet_valid", "needs_https", "kept"]
Serves = Literal["new_cards", "cards_on_phones", "nothing"]

_RENEW = Text(
    "Bitte im Apple-Entwicklerkonto für denselben Pass-Typ erneuern und hier importieren; Karten auf Handys "
    "bleiben, wie sie sind.",
    "Please renew it in Apple's developer account for the same pass type and import it here; cards on phones "
    "stay as they are.",
)


@dataclass(frozen=True, slots=True)
class IdentityStatus:
    """One identity: what it serves, whether it signs now, and the warning step it has reached.

    `step` is 30, 14, 7 or 1 (days before the end at most), 0 once it has ended, None before all that. What
    is `kept` was renewed and only stands by.
    """

    merchant_slug: str
    pass_type: str
    team: str
    not_before: datetime
    not_after: datetime
    development: bool
    nfc: bool
    fingerprint: str
    serves: Serves
    state: State
    step: int | None

    @property
    def signs(self) -> bool:
        """Whether passes are signed with it now."""
        return self.state in ("signs", "ends_soon")

    def days_left(self, at: datetime) -> int:
        """Whole days until it ends, 0 once it has."""
        return max(0, (self.not_after - at).days)


@dataclass(frozen=True, slots=True)
class Standing:
    """All of a merchant's identities, the one for new cards first; `damaged` if one cannot be read."""

    identities: tuple[IdentityStatus, ...]
    damaged: bool = False

    @property
    def signs(self) -> bool:
        """Whether new cards get a pass."""
        return any(one.signs and one.serves == "new_cards" for one in self.identities)


def standing_of(store: IdentityStore, merchant_slug: str, at: datetime, *, is_https: bool) -> Standing:
    """How the identities of a merchant stand at `at` (real time)."""
    try:
        held, signers = store.held(merchant_slug), store.signers(merchant_slug)
    except ConfigurationError:
        return Standing((), damaged=True)
    serving: dict[str, Serves] = {_fingerprint(i): "cards_on_phones" for i in signers}
    serving.update((_fingerprint(i), "new_cards") for i in signers[:1])
    found = [_status(i, serving.get(_fingerprint(i), "nothing"), at, is_https=is_https) for i in held]
    return Standing(tuple(sorted(found, key=lambda one: _ORDER[one.serves])))


def _fingerprint(identity: SigningIdentity) -> str:
    return identity.certificate.fingerprint(SHA256()).hex()


_ORDER: dict[Serves, int] = {"new_cards": 0, "cards_on_phones": 1, "nothing": 2}


def _status(identity: SigningIdentity, serves: Serves, at: datetime, *, is_https: bool) -> IdentityStatus:
    step = step_of(identity.not_after, at)
    return IdentityStatus(
        merchant_slug=identity.merchant_slug,
        pass_type=identity.pass_type_identifier,
        team=identity.team_identifier,
        not_before=identity.not_before,
        not_after=identity.not_after,
        development=identity.development,
        nfc=identity.nfc,
        fingerprint=_fingerprint(identity),
        serves=serves,
        state=_state(identity, serves, at, step, is_https=is_https),
        step=None if serves == "nothing" else step,
    )


def step_of(not_after: datetime, at: datetime) -> int | None:
    """The nearest of 30, 14, 7 and 1 days before the end, 0 after it, None while it is further away."""
    if at > not_after:
        return 0
    return next((days for days in WARNING_DAYS if not_after - at <= timedelta(days=days)), None)


def _state(
    identity: SigningIdentity, serves: Serves, at: datetime, step: int | None, *, is_https: bool
) -> State:
    if serves == "nothing":
        return "kept"
    if step == 0:
        return "ended"
    if at < identity.not_before:
        return "not_yet_valid"
    if not (identity.development or is_https):
        return "needs_https"
    return "signs" if step is None else "ends_soon"


def advice(standing: Standing, at: datetime) -> list[Text]:
    """What somebody has to know or do, the worst first; nothing while all is well."""
    if standing.damaged:
        return [
            Text(
                "Ein Zertifikat oder Schlüssel ist beschädigt oder liegt offen; Apple-Karten werden nicht "
                "unterschrieben. Was fehlt, sagt „python -m passes certs show“ auf dem Server.",
                "A certificate or key is damaged or lies open; Apple passes are not signed. Run "
                "“python -m passes certs show” on the server to see what is wrong.",
            )
        ]
    said = [(one.step or 0, text) for one in standing.identities if (text := _advice(one, at)) is not None]
    return list(dict.fromkeys(text for _, text in sorted(said, key=lambda pair: pair[0])))


def _advice(one: IdentityStatus, at: datetime) -> Text | None:
    day = one.not_after.date().isoformat()
    if one.state == "ended":
        return Text(
            f"Das Zertifikat für {one.pass_type} ist am {day} abgelaufen: Apple-Karten werden nicht mehr "
            f"unterschrieben, Änderungen warten. {_RENEW.de}",
            f"The certificate for {one.pass_type} ended on {day}: Apple passes are no longer signed, changes "
            f"wait. {_RENEW.en}",
        )
    if one.state == "ends_soon":
        left = _days(one.days_left(at))
        return Text(
            f"Das Zertifikat für {one.pass_type} läuft am {day} ab, {left.de}. {_RENEW.de}",
            f"The certificate for {one.pass_type} ends on {day}, {left.en}. {_RENEW.en}",
        )
    if one.state == "not_yet_valid":
        start = f"{one.not_before:%Y-%m-%d %H:%M} UTC"
        return Text(
            f"Das Zertifikat für {one.pass_type} gilt erst ab {start}. Bitte die Uhr des Servers prüfen.",
            f"The certificate for {one.pass_type} is valid from {start} on. Please check the server's clock.",
        )
    if one.state == "needs_https":
        return Text(
            "STEMPEL_BASE_URL ist keine https-Adresse; so nimmt kein Handy eine Karte mit echtem Zertifikat.",
            "STEMPEL_BASE_URL is no https address, so phones take no pass with a real certificate.",
        )
    return None


def _days(left: int) -> Text:
    if left == 0:
        return Text("in weniger als einem Tag", "in less than a day")
    if left == 1:
        return Text("in einem Tag", "in one day")
    return Text(f"in {left} Tagen", f"in {left} days")
