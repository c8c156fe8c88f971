"""`/healthz`, `/readyz` and `/metrics`."""

from dataclasses import dataclass

import orjson
import structlog
from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from passes import migrate
from passes.cards.models import Card
from passes.clock import real_now
from passes.errors import Busy, ConfigurationError
from passes.installs import google_pace
from passes.wallets.signing.expiry import expiry_warning
from passes.web.ops import metrics as metrics_of
from passes.wiring import Services

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What would keep us from doing our work (`failures`) and what soon will (`warnings`).

    Those `of_merchants` are warnings that name merchants.
    """

    failures: list[str]
    of_merchants: list[str]
    warnings: list[str]

    def told(self, *, with_names: bool) -> list[str]:
        """All warnings; without names only how many there are of merchants, and who may read them."""
        if with_names or not self.of_merchants:
            return [*self.of_merchants, *self.warnings]
        hidden = (
            f"Warnings about certificates of merchants: {len(self.of_merchants)}. "
            "STEMPEL_METRICS_TOKEN as a bearer token shows them."
        )
        return [hidden, *self.warnings]


def create_blueprint(services: Services) -> Blueprint:
    """The three addresses."""
    blueprint = Blueprint("ops", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return _json({"status": "ok"}, 200)

    @blueprint.get("/readyz")
    def readyz() -> Response:
        found = readiness(services)
        body = {
            "status": "not ready" if found.failures else "ready",
            "failures": found.failures,
            "warnings": found.told(with_names=metrics_of.is_allowed(services)),
            "google": "on" if services.settings.google_issuer_id else "off",
        }
        return _json(body, 503 if found.failures else 200)

    @blueprint.get("/metrics")
    def metrics() -> Response:
        if not metrics_of.is_allowed(services):
            refusal = _json({"status": "STEMPEL_METRICS_TOKEN is needed as a bearer token"}, 401)
            refusal.headers["WWW-Authenticate"] = "Bearer"
            return refusal
        is_ready = not readiness(services).failures
        return Response(metrics_of.metrics(services, is_ready=is_ready), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def readiness(services: Services) -> Readiness:
    """Whether tills can be served. Signing that fails is a warning: it stops passes, not tills."""
    failures = _clock_failures(services) or _database_failures(services)
    of_database = [] if failures else [*_token_key_warnings(services), *_google_warnings(services)]
    return Readiness(failures, _signing_warnings(services), of_database)


def _clock_failures(services: Services) -> list[str]:
    try:
        services.database.clock.now()
    except (OSError, ValueError):
        return ["The file that STEMPEL_CLOCK_FILE names holds no time."]
    return []


def _database_failures(services: Services) -> list[str]:
    try:
        with services.database.read():
            behind = migrate.pending(services.database)
    except Busy as error:
        return [str(error)]
    except OperationalError:
        # The reason may quote the address, and with it the password; the log of the driver has it.
        return ["The database cannot be used."]
    return ["The database is behind the code: run db upgrade."] if behind else []


def _token_key_warnings(services: Services) -> list[str]:
    """Whether the first card that comes was made under the key we derive tokens from; all were, or none."""
    with services.database.read() as uow:
        stored = uow.conn.execute(select(Card.token_key_id).limit(1)).scalar()
    if stored in (None, services.database.token_key_id):
        return []
    return ["TOKEN_KEY is not the one the cards were made under: phones that hold them can no longer update."]


def _google_warnings(services: Services) -> list[str]:
    issuer_id = services.settings.google_issuer_id
    if issuer_id is None:
        return []
    with services.database.read() as uow:
        state = google_pace.issuer_state(uow, issuer_id)
    if not state.paused_for_us:
        return []
    left_s = state.paused_for_us // google_pace.SECOND_US + 1
    return [f"Google is left alone for another {left_s} s, and what is due there waits: {state.pause_reason}"]


def _signing_warnings(services: Services) -> list[str]:
    warnings = []
    for slug in services.identities.slugs():
        try:
            signers = services.identities.signers(slug)
        except ConfigurationError as error:
            # The reason names files of this machine, which are nobody's business out there.
            log.error("identity_unusable", merchant=slug, reason=str(error))
            warnings.append(f"{slug}: passes cannot be signed; see: python -m passes certs show")
            continue
        if not services.settings.is_https and not all(identity.development for identity in signers):
            warnings.append(f"{slug}: BASE_URL is not https, so no pass is signed with a real certificate.")
        for identity in signers:
            if (warning := expiry_warning(identity, real_now())) is not None:
                warnings.append(f"{slug}: {warning}")
    return warnings


def _json(body: object, status: int) -> Response:
    return Response(orjson.dumps(body), status, content_type="application/json")
