"""Settings into working parts, once, for the web, the command line and the scheduler."""

import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.exc import ArgumentError

from passes.cards import faces
from passes.cards.apple_token import key_id_of, token_for
from passes.cards.face import CardFace
from passes.clock import real_now
from passes.config import Settings, load_settings
from passes.db.engine import Database, UnitOfWork
from passes.errors import ConfigurationError, Refusal
from passes.limits.doors import Admission, Closed, Pace
from passes.messaging.email import fan_out as email
from passes.messaging.email.delivery import EmailChannel
from passes.messaging.email.folder import Folder
from passes.messaging.email.letters import Desk
from passes.messaging.email.post import Post
from passes.messaging.email.server import parse_server
from passes.messaging.email.smtp import Smtp
from passes.messaging.webhooks import fan_out as webhooks
from passes.messaging.webhooks.delivery import WebhookChannel
from passes.messaging.webhooks.post import Poster
from passes.outbox.channel import Channel
from passes.outbox.relay import Event
from passes.outbox.sender import Sender
from passes.outbox.service import Target
from passes.wallets import fan_out as wallets
from passes.wallets.apple.apns import ApnsClient
from passes.wallets.apple.bundle import build_pass
from passes.wallets.apple.delivery import ApnsChannel
from passes.wallets.apple.drawn import DrawnPictures
from passes.wallets.apple.pass_json import WebService
from passes.wallets.art.picture_id import picture_id, wide_logo_id
from passes.wallets.art.pictures import has_wide_logo
from passes.wallets.google import waiting
from passes.wallets.google.bodies import PublicUrls
from passes.wallets.google.callback import CallbackVerifier
from passes.wallets.google.client import GoogleWallet
from passes.wallets.google.delivery import GoogleChannel
from passes.wallets.google.kept import GoogleCards
from passes.wallets.google.pace import SharedPace
from passes.wallets.google.parts import Json
from passes.wallets.google.save_link import save_url
from passes.wallets.signing.identity import SigningIdentity
from passes.wallets.signing.store import IdentityStore


@dataclass(frozen=True, slots=True)
class CardLinks:
    """Where a customer finds a card; `google` is None while Google is off."""

    page: str
    apple: str
    google: str | None


@dataclass(frozen=True, slots=True)
class SaveLink:
    """The address that puts a card into a Google account, and what stands behind it at Google."""

    save_url: str
    class_body: Json
    object_body: Json


def fan_out(uow: UnitOfWork, events: Sequence[Event]) -> Iterator[Target]:
    """Everybody who has to hear of some events: phones, Google, the merchants' webhooks, people by mail."""
    yield from wallets.fan_out(uow, events)
    yield from webhooks.fan_out(uow, events)
    yield from email.fan_out(uow, events)


class Services:
    """Everything an entry point works with. Parts that cost something are made when first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # What lies in it, the database of an SQLite installation included, is for its owner alone.
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.token_key = settings.card_token_key()
        self.database = Database(settings.database_url, settings.clock(), key_id_of(self.token_key))
        self.identities = IdentityStore(settings.certs_dir)
        self.drawn = DrawnPictures(settings.data_dir / "drawn")
        self.admission = Admission(settings.api_requests_per_s)
        self.closed = Closed()
        self.pace = Pace()

    @property
    def base_url(self) -> str:
        """The public address."""
        return self.settings.base_url

    @cached_property
    def google(self) -> GoogleWallet | None:
        """The Google Wallet client; None while Google is off."""
        settings = self.settings
        if settings.google_credentials_file is None or settings.google_issuer_id is None:
            return None
        return GoogleWallet(
            settings.google_credentials_file,
            settings.google_issuer_id,
            SharedPace(self.database, settings.google_issuer_id, settings.google_requests_per_s),
            api_url=settings.google_api_url,
            ca_file=settings.provider_ca_file,
        )

    @cached_property
    def google_cards(self) -> GoogleCards | None:
        """Our cards at Google; None while Google is off."""
        if self.google is None:
            return None
        return GoogleCards(
            self.database, self.google, self.read_face, self.google_urls, self.settings.smart_tap_issuers
        )

    @cached_property
    def callbacks(self) -> CallbackVerifier | None:
        """Who checks that a callback is Google's; None while Google is off."""
        if self.settings.google_issuer_id is None:
            return None
        return CallbackVerifier(
            self.settings.google_callback_keys_url,
            self.settings.google_issuer_id,
            ca_file=self.settings.provider_ca_file,
        )

    def read_face(self, uow: UnitOfWork, card_id: str) -> CardFace:
        """The face of a card, with our public addresses in it."""
        return faces.face_of(uow, self.base_url, card_id, self.token_key)

    def card_links(self, page_token: str) -> CardLinks:
        """Where a customer finds the card."""
        page = f"{self.base_url}/c/{page_token.lower()}"
        google = None if self.settings.google_issuer_id is None else f"{page}/google"
        return CardLinks(page, f"{page}/card.pkpass", google)

    def signing_identity(self, merchant_slug: str, pass_type: str | None = None) -> SigningIdentity:
        """The certificate for the merchant's new passes, or for those of `pass_type`.

        Refuses with `wallet_not_configured` and the way out.
        """
        try:
            identity = self.identities.load(merchant_slug, pass_type)
        except ConfigurationError as error:
            raise Refusal("wallet_not_configured", str(error), wallet="apple") from error
        if identity is None:
            raise Refusal(
                "wallet_not_configured",
                f"No Apple pass certificate{f' for {pass_type}' if pass_type else ''} is set up for this "
                "merchant. An operator imports one with: "
                f"python -m passes certs import --merchant {merchant_slug} --p12 FILE",
                wallet="apple",
            )
        return identity

    def build_pass(self, uow: UnitOfWork, card_id: str, pass_type: str | None = None) -> bytes:
        """The signed Apple pass of a card, of the `pass_type` it is installed as if it is.

        Refuses with `wallet_not_configured` when it cannot be signed.
        """
        face = self.read_face(uow, card_id)
        identity = self.signing_identity(face.merchant_slug, pass_type)
        token = token_for(self.token_key, key_id_of(self.token_key), identity.pass_type_identifier, card_id)
        try:
            return build_pass(face, identity, WebService(f"{self.base_url}/apple", token), self.drawn)
        except ConfigurationError as error:
            raise Refusal("wallet_not_configured", str(error), wallet="apple") from error

    def save_link(self, card_id: str, within_s: float) -> SaveLink:
        """See to it that the card is at Google and answer the address that saves it.

        Refuses with `wallet_not_configured` while Google is off; raises `GoogleError` when Google cannot be
        had `within_s`, or too many are waiting for it. Opens units of work of its own.
        """
        if self.google is None or self.google_cards is None:
            raise Refusal(
                "wallet_not_configured",
                "Google Wallet is off: GOOGLE_CREDENTIALS_FILE and GOOGLE_ISSUER_ID are not set.",
                wallet="google",
            )
        with waiting.turn():
            shown = self.google_cards.make_object(card_id, within_s=within_s)
        base = f"{self.settings.google_save_url}/"
        ids = self.google_cards.ids(shown.face)
        link = save_url(*ids, shown.face.kind, self.google.account, real_now(), base=base)
        return SaveLink(link, shown.class_body, shown.object_body)

    def google_urls(self, face: CardFace) -> PublicUrls:
        """The addresses Google calls. A picture that changes has another address."""
        pictures = f"{self.base_url}/pictures/{face.program_slug}/{picture_id(face)}"
        state = f"{face.stamps.filled}-{min(face.stamps.rewards, 1)}" if face.stamps else "0-0"
        callback = f"{self.base_url}/google/callback" if self.settings.is_https else None
        wide = f"{self.base_url}/pictures/{face.program_slug}/{wide_logo_id(face)}/wide-logo.png"
        return PublicUrls(
            f"{pictures}/logo.png",
            f"{pictures}/hero-{state}.png",
            callback,
            wide if has_wide_logo(face) else None,
        )

    def sender(self) -> Sender:
        """What empties the outbox, all of it."""
        channels = {**self._wallet_channels(), **self._webhook_channels(), **self._email_channels()}
        return Sender(self.database, fan_out, channels)

    def senders(self) -> dict[str, Sender]:
        """The same as jobs side by side, by name: whoever takes their time abroad holds up no phone."""
        return {
            "send": Sender(self.database, fan_out, self._wallet_channels()),
            "webhooks": Sender(self.database, fan_out, self._webhook_channels()),
            "mail": Sender(self.database, fan_out, self._email_channels()),
        }

    def _webhook_channels(self) -> dict[str, Channel]:
        postman = Poster(loopback=self.settings.is_loopback)
        return {webhooks.WEBHOOK: WebhookChannel(self.database, postman, self.token_key)}

    def _email_channels(self) -> dict[str, Channel]:
        settings = self.settings
        url = settings.smtp_url.get_secret_value()
        post: Post = Folder(settings.data_dir / "mail")
        if url:
            post = Smtp(parse_server(url), settings.host_name, settings.provider_ca_file)
        desk = Desk(self.base_url, self.token_key)
        return {email.EMAIL: EmailChannel(self.database, post, desk, settings.mail_sender)}

    def _wallet_channels(self) -> dict[str, Channel]:
        settings = self.settings
        pusher = ApnsClient(settings.apns_url, settings.provider_ca_file)
        channels: dict[str, Channel] = {"apns": ApnsChannel(self.database, pusher, self.identities.load)}
        if self.google_cards is not None:
            channels["google"] = GoogleChannel(self.google_cards)
        return channels

    def close(self) -> None:
        """Give back what is open."""
        self.database.close()


def services_of_environment() -> Services:
    """The services the environment's settings ask for; `ConfigurationError` about one that cannot work."""
    settings = load_settings()
    try:
        settings.clock().now()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"STEMPEL_CLOCK_FILE: {error}") from None
    _require_certificates(settings)
    try:
        services = Services(settings)
        _ = services.google  # so that credentials that are none stop the start and not a customer
        return services
    except OSError as error:
        raise ConfigurationError(f"STEMPEL_DATA_DIR: {error.strerror}: {error.filename}") from None
    except (ArgumentError, ValueError):
        # The reason would quote the address, and with it the password.
        raise ConfigurationError("STEMPEL_DATABASE_URL: is no address of a database") from None


def _require_certificates(settings: Settings) -> None:
    if settings.provider_ca_file is None:
        return
    try:
        ssl.create_default_context(cafile=settings.provider_ca_file)
    except OSError:
        raise ConfigurationError(
            f"STEMPEL_PROVIDER_CA_FILE: {settings.provider_ca_file} holds no certificates in PEM"
        ) from None
