"""What Prometheus reads of an installation; names of merchants are for whoever has the token alone."""

import hmac

from flask import request
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from passes.clock import real_now
from passes.outbox import queries as outbox
from passes.wallets.signing.status import Standing, standing_of
from passes.wiring import Services

_SIGNS = "stempel_identity_signs", "1 when passes are signed with it"
_LEFT = "stempel_identity_days_left", "Days until it ends"
_DAMAGED = "stempel_identity_damaged", "1 when it cannot be read"
_DAY_S = 86_400


def is_allowed(services: Services) -> bool:
    """Whether whoever asks may have metrics and names: everybody, unless there is a token to show."""
    token = services.settings.metrics_token.get_secret_value()
    shown = request.headers.get("Authorization", "").encode(errors="surrogatepass")
    return not token or hmac.compare_digest(shown, f"Bearer {token}".encode())


def metrics(services: Services, *, is_ready: bool) -> bytes:
    """The whole answer; what is in the database only while that can be read."""
    registry = CollectorRegistry()
    waiting = Gauge("stempel_outbox_waiting", "Deliveries due or backing off", ["channel"], registry=registry)
    dead = Gauge("stempel_outbox_dead", "Deliveries given up", ["channel"], registry=registry)
    Gauge("stempel_ready", "1 when tills can be served", registry=registry).set(int(is_ready))
    if is_ready:
        with services.database.read() as uow:
            for channel in outbox.status(uow, real_now()).channels:
                waiting.labels(channel.channel).set(channel.waiting)
                dead.labels(channel.channel).set(channel.dead)
    at, is_https = real_now(), services.settings.is_https
    found = {
        slug: standing_of(services.identities, slug, at, is_https=is_https)
        for slug in services.identities.slugs()
    }
    if services.settings.metrics_token.get_secret_value():
        _each_identity(found, registry)
    elif found:
        _all_identities(found, registry)
    return generate_latest(registry)


def _each_identity(found: dict[str, Standing], registry: CollectorRegistry) -> None:
    names, at = ["merchant", "pass_type"], real_now()
    signs, left = (Gauge(*what, names, registry=registry) for what in (_SIGNS, _LEFT))
    damaged = Gauge(*_DAMAGED, ["merchant"], registry=registry)
    for slug, standing in found.items():
        damaged.labels(slug).set(int(standing.damaged))
        for one in standing.identities:
            if one.serves != "nothing":
                signs.labels(slug, one.pass_type).set(int(one.signs))
                left.labels(slug, one.pass_type).set((one.not_after - at).total_seconds() / _DAY_S)


def _all_identities(found: dict[str, Standing], registry: CollectorRegistry) -> None:
    """The worst of all of them, without a name: whether every one signs, what ends first, any damage."""
    at = real_now()
    serving = [one for standing in found.values() for one in standing.identities if one.serves != "nothing"]
    damaged = any(standing.damaged for standing in found.values())
    Gauge(*_DAMAGED, registry=registry).set(int(damaged))
    if serving:
        ends = min(one.not_after for one in serving)
        Gauge(*_SIGNS, registry=registry).set(int(all(one.signs for one in serving)))
        Gauge(*_LEFT, registry=registry).set((ends - at).total_seconds() / _DAY_S)
