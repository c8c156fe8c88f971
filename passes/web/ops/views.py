"""`/healthz`, `/readyz` and `/metrics`."""

from dataclasses import dataclass

import orjson
import structlog
from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from passes import migrate
from passes.cards.models import Card
from passes.clock import real_now
from passes.errors import Busy, ConfigurationError
from passes.installs import google_pace
from passes.outbox import queries as outbox
from passes.wallets.signing.expiry import expiry_warning
from passes.wallets.signing.status import standing_of
from passes.wiring import Services

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What would keep us from doing our work (`failures`) and what soon will (`warnings`)."""

    failures: list[str]
    warnings: list[str]


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
            "warnings": found.warnings,
            "google": "on" if services.settings.google_issuer_id else "off",
        }
        return _json(body, 503 if found.failures else 200)

    @blueprint.get("/metrics")
    def metrics() -> Response:
        return Response(_metrics(services), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def readiness(services: Services) -> Readiness:
    """Whether tills can be served. Signing that fails is a warning: it stops passes, not tills."""
    failures = _clock_failures(services) or _database_failures(services)
    of_database = [] if failures else [*_token_key_warnings(services), *_google_warnings(services)]
    return Readiness(failures, [*_signing_warnings(services), *of_database])


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


def _metrics(services: Services) -> bytes:
    registry = CollectorRegistry()
    waiting = Gauge("stempel_outbox_waiting", "Deliveries due or backing off", ["channel"], registry=registry)
    dead = Gauge("stempel_outbox_dead", "Deliveries given up", ["channel"], registry=registry)
    ready = Gauge("stempel_ready", "1 when tills can be served", registry=registry)
    found = readiness(services)
    ready.set(0 if found.failures else 1)
    if not found.failures:
        with services.database.read() as uow:
            for channel in outbox.status(uow, real_now()).channels:
                waiting.labels(channel.channel).set(channel.waiting)
                dead.labels(channel.channel).set(channel.dead)
    _signing_metrics(services, registry)
    return generate_latest(registry)


def _signing_metrics(services: Services, registry: CollectorRegistry) -> None:
    names, at = ["merchant", "pass_type"], real_now()
    signs = Gauge("stempel_identity_signs", "1 when passes are signed with it", names, registry=registry)
    left = Gauge("stempel_identity_days_left", "Days until it ends", names, registry=registry)
    damaged = Gauge("stempel_identity_damaged", "1 when it cannot be read", ["merchant"], registry=registry)
    for slug in services.identities.slugs():
        standing = standing_of(services.identities, slug, at, is_https=services.settings.is_https)
        damaged.labels(slug).set(int(standing.damaged))
        for one in standing.identities:
            if one.serves != "nothing":
                signs.labels(slug, one.pass_type).set(int(one.signs))
                left.labels(slug, one.pass_type).set((one.not_after - at).total_seconds() / 86_400)


def _json(body: object, status: int) -> Response:
    return Response(orjson.dumps(body), status, content_type="application/json")
