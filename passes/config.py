"""Every setting of Stempel, typed and documented: environment variables with the prefix `STEMPEL_`.

An unknown or malformed setting stops the start with a sentence that names it, because a misspelt
setting that is silently ignored is found out weeks later.
"""

import contextlib
import difflib
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from passes.clock import Clock, FileClock, SystemClock
from passes.errors import ConfigurationError

PREFIX = "STEMPEL_"
_LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "::1"}
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{16,200}=*")  # RFC 6750 section 2.1
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")


def _http_url(value: str) -> str:
    if not _is_address(value, "http", "https"):
        raise ValueError("must be an address such as https://cards.example.com")
    return value.rstrip("/")


def _is_address(value: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(value)
        named = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        return False
    return named and not any(character.isspace() for character in value)


def _is_mail_server(value: str) -> bool:
    """Whether `value` names a server, and either nobody to sign in as or somebody with a password."""
    if not _is_address(value, "smtp", "smtps"):
        return False
    parts = urlsplit(value)
    return (
        bool(parts.username) == bool(parts.password)
        and parts.path in ("", "/")
        and not (parts.query or parts.fragment)
        and unquote(f"{parts.username}{parts.password}").isascii()
    )


class Settings(BaseSettings):
    """The settings, with a working default for every one of them."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    """Where the web server listens on this machine."""
    host: str = "127.0.0.1"
    """The address the web server binds; 0.0.0.0 in a container."""
    database_url: str = ""
    """SQLAlchemy URL; empty means an SQLite file in `data_dir`."""
    data_dir: Path = Path("var")
    """Database, generated keys, pictures that were drawn once."""
    certs_dir: Path = Path("certs")
    """Signing identities."""
    base_url: str = ""
    """The public address without a trailing slash; empty means loopback and `port`."""
    secret_key: SecretStr = SecretStr("")
    """Signs sessions; generated into `data_dir` when empty."""
    token_key: SecretStr = SecretStr("")
    """Apple's per-card tokens are derived from it; generated into `data_dir` when empty."""
    apns_url: str = "https://api.push.apple.com"
    """Push host."""
    google_api_url: str = "https://walletobjects.googleapis.com"
    """Google Wallet API host."""
    google_credentials_file: Path | None = None
    """Service account file; Google is off without it."""
    google_issuer_id: Annotated[str | None, Field(pattern=r"^[0-9]{1,25}$"), NoDecode] = None
    """Google Wallet issuer, digits."""
    google_callback_keys_url: str = "https://pay.google.com/gp/m/issuer/keys"
    """Where the root keys of Google's callbacks are read."""
    google_save_url: str = "https://pay.google.com/gp/v/save"
    """The page that saves a card, without the token that follows; another one only for a stand-in."""
    google_requests_per_s: Annotated[int, Field(ge=1, le=1000)] = 20
    """How many requests a second Google takes from the issuer, over all our processes together."""
    google_smart_tap_issuer_ids: Annotated[
        str | None, Field(pattern=r"^[0-9]{1,25}(,[0-9]{1,25}){0,19}$"), NoDecode
    ] = None
    """Issuers whose Smart Tap terminals may read cards over NFC, digits with commas between them."""
    provider_ca_file: Path | None = None
    """PEM file with extra trust roots for both providers."""
    smtp_url: SecretStr = SecretStr("")
    """smtp://user:password@host:587, or smtps:// with port 465; without it mails are files in `data_dir`."""
    mail_from: str = ""
    """The address mails come from; by default the user of `smtp_url`, else no-reply at `base_url`'s host."""
    metrics_token: SecretStr = SecretStr("")
    """What `/metrics` asks for as a bearer token, and `/readyz` before it names merchants; without one
    `/metrics` answers everybody and names no merchant."""
    clock_file: Path | None = None
    """A file holding the business time; only with a loopback `base_url`."""
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 0
    """How many proxies of our own stand in front and may say who the visitor is."""
    api_requests_per_s: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """How many API requests a second one key may make of one process, and ten seconds' worth at once."""
    embedded_scheduler: bool | None = None
    """Run the scheduler inside the web process; by default with SQLite only."""

    @field_validator("base_url")
    @classmethod
    def _paths_can_be_appended(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("must be an address that links can begin with: no ?, no # and no user name")
        return value

    @field_validator("base_url", "apns_url", "google_api_url", "google_callback_keys_url", "google_save_url")
    @classmethod
    def _urls_are_urls(cls, value: str) -> str:
        return _http_url(value) if value else value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value.startswith("postgresql://"):
            return value.replace("postgresql://", "postgresql+psycopg://", 1)
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must start with sqlite:/// or postgresql://")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _cannot_be_guessed(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("must be 16 or more letters, digits or -._~+/")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_goes_somewhere(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if url and not _is_mail_server(url):
            raise ValueError("must be an address such as smtp://user:password@mail.example.com:587")
        return value

    @field_validator("mail_from")
    @classmethod
    def _mail_comes_from_somebody(cls, value: str) -> str:
        if value and not _MAILBOX.fullmatch(value):
            raise ValueError("must be an e-mail address in plain ASCII, such as cards@example.com")
        return value

    @field_validator("google_credentials_file", "provider_ca_file", "clock_file")
    @classmethod
    def _files_exist(cls, value: Path | None) -> Path | None:
        # os.path asks without raising, whatever the name.
        if value is not None and not os.path.isfile(value):
            raise ValueError(f"there is no file {value}")
        return value

    @model_validator(mode="before")
    @classmethod
    def _fill_addresses(cls, data: dict[str, Any]) -> dict[str, Any]:
        if not data.get("base_url"):
            data["base_url"] = f"http://127.0.0.1:{str(data.get('port', 8000)).strip()}"
        if not data.get("database_url"):
            path = Path(data.get("data_dir", "var")).absolute() / "stempel.db"
            data["database_url"] = f"sqlite:///{path}"
        return data

    @model_validator(mode="after")
    def _settings_agree(self) -> "Settings":
        if (self.google_credentials_file is None) != (self.google_issuer_id is None):
            raise ValueError(
                f"{PREFIX}GOOGLE_CREDENTIALS_FILE and {PREFIX}GOOGLE_ISSUER_ID belong together: "
                "set both or none"
            )
        if self.clock_file is not None and not self.is_loopback:
            raise ValueError(
                f"{PREFIX}CLOCK_FILE is for experiments and only works while {PREFIX}BASE_URL is a loopback "
                "address"
            )
        if not self.is_sqlite and not (
            self.secret_key.get_secret_value() and self.token_key.get_secret_value()
        ):
            raise ValueError(
                f"{PREFIX}SECRET_KEY and {PREFIX}TOKEN_KEY must both be set when {PREFIX}DATABASE_URL "
                "is PostgreSQL"
            )
        for name in ("secret_key", "token_key"):
            value = getattr(self, name).get_secret_value()
            if value and len(value) < 32:
                raise ValueError(f"{PREFIX}{name.upper()} must have at least 32 characters")
        return self

    @property
    def smart_tap_issuers(self) -> tuple[str, ...]:
        """The issuers whose terminals may read cards; none where no terminal is set up."""
        given = self.google_smart_tap_issuer_ids
        return tuple(given.split(",")) if given else ()

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is in use."""
        return self.database_url.startswith("sqlite")

    @property
    def is_loopback(self) -> bool:
        """Whether the public address is this machine alone."""
        return urlsplit(self.base_url).hostname in _LOOPBACK_HOSTS

    @property
    def is_https(self) -> bool:
        """Whether the public address is one a phone accepts."""
        return self.base_url.startswith("https://")

    @property
    def host_name(self) -> str:
        """The name of the public address, by which other machines know us."""
        host = urlsplit(self.base_url).hostname or ""
        return "localhost" if ":" in host or host.replace(".", "").isdigit() else host

    @property
    def mail_sender(self) -> str:
        """The address mails come from."""
        user = unquote(urlsplit(self.smtp_url.get_secret_value()).username or "")
        return self.mail_from or (user if _MAILBOX.fullmatch(user) else f"no-reply@{self.host_name}")

    @property
    def runs_scheduler(self) -> bool:
        """Whether the web process also keeps time and sends."""
        return self.is_sqlite if self.embedded_scheduler is None else self.embedded_scheduler

    def clock(self) -> Clock:
        """The business clock these settings ask for."""
        return FileClock(self.clock_file) if self.clock_file else SystemClock()

    def session_key(self) -> str:
        """The key sessions are signed with."""
        return self._secret("secret_key")

    def card_token_key(self) -> bytes:
        """The key Apple's per-card tokens are derived from."""
        return self._secret("token_key").encode()

    def _secret(self, name: str) -> str:
        value: str = getattr(self, name).get_secret_value()
        return value or _generated_secret(self.data_dir / name)


def _generated_secret(path: Path) -> str:
    """The secret in `path`, made on first use; whoever comes second reads what the first one made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings from `environment`, by default the process's own; `ConfigurationError` names a bad one."""
    environment = os.environ if environment is None else environment
    given = {k[len(PREFIX) :].lower(): v for k, v in environment.items() if k.startswith(PREFIX) and v}
    for name in given:
        if name not in Settings.model_fields:
            near = difflib.get_close_matches(name, Settings.model_fields, n=1)
            hint = f" Did you mean {PREFIX}{near[0].upper()}?" if near else ""
            raise ConfigurationError(f"{PREFIX}{name.upper()} is not a setting of Stempel.{hint}")
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        # What two settings disagree about names both by itself.
        name = f"{PREFIX}{str(first['loc'][0]).upper()}: " if first["loc"] else ""
        raise ConfigurationError(name + first["msg"].removeprefix("Value error, ")) from None
