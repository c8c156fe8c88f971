"""`/console/signing`: the certificates Apple passes are signed with, until when, and how to renew them."""

from collections.abc import Callable
from typing import Any

import structlog
from cryptography import x509
from cryptography.x509.oid import NameOID
from flask import Blueprint, Response, request, url_for
from sqlalchemy import func, select

from passes.audit import service as audit
from passes.cards import wording
from passes.cards.face import Text
from passes.clock import real_now
from passes.errors import ConfigurationError
from passes.merchants import queries as merchants
from passes.merchants.access import Caller
from passes.outbox.models import Delivery
from passes.wallets.signing.certificates import name_value, read_certificates
from passes.wallets.signing.faults import ImportFault
from passes.wallets.signing.identity import IdentityMaterial
from passes.wallets.signing.importing import import_p12, import_pem
from passes.wallets.signing.status import advice, standing_of
from passes.wallets.signing.strangers import require_quick
from passes.wallets.signing.watch import APNS, watch_merchant
from passes.web import pages
from passes.web.console import session
from passes.web.console.session import signed_in
from passes.web.files import sent_file
from passes.web.texts import say
from passes.wiring import Services

_LONGEST_FILE = 64 * 1024

log = structlog.get_logger(__name__)


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the page and its form, and what every page of the console says about certificates."""

    @blueprint.get("/signing")
    @signed_in(services)
    def signing(caller: Caller) -> Response:
        return _page(services, caller)

    @blueprint.post("/signing")
    @signed_in(services)
    def signing_import(caller: Caller) -> Response:
        if session.MANAGES not in caller.scopes:
            return _page(services, caller, fault=say("signing_not_allowed", pages.language()), status=403)
        try:
            _take(services, caller)
        except ImportFault as error:
            fault = say(f"signing_fault_{error.code}", pages.language(), **error.values)
            return _page(services, caller, fault=fault, status=422)
        except ConfigurationError as error:
            # Names files of this machine, which are nobody's business out there.
            log.warning("identity_not_imported", merchant_id=caller.merchant_id, reason=str(error))
            fault = say("signing_fault_unreadable", pages.language())
            return _page(services, caller, fault=fault, status=422)
        return pages.see_other("console.signing", imported=1)

    @blueprint.context_processor
    def on_every_page() -> dict[str, Callable[[], list[str]]]:
        return {"signing_advice": lambda: _advice(services)}


def _take(services: Services, caller: Caller) -> None:
    """Check what was sent, put it in its place and let go what has waited for it."""
    data, passphrase = sent_file("file", _LONGEST_FILE), request.form.get("passphrase", "").encode() or None
    if not data:
        raise ImportFault("no_file", "file: choose one.")
    require_quick(data, passphrase)
    given = sent_file("intermediate", _LONGEST_FILE)
    issuers = (
        *(read_certificates(given, "intermediate") if given else ()),
        *services.identities.known_intermediates(),
    )
    material = _material(data, passphrase, issuers)
    with services.database.read() as uow:
        slug = merchants.merchant(uow, caller.merchant_id).slug
    with services.database.write() as uow:
        # Written down first, so that no certificate signs that nobody answers for.
        named = name_value(material.certificate.subject, NameOID.USER_ID) or ""
        audit.record(uow, caller.merchant_id, caller.actor, "signing.import", named[:80])
        services.identities.save(slug, material, new_type=bool(request.form.get("new_type")))
    watch_merchant(
        services.database,
        services.identities,
        caller.merchant_id,
        slug,
        is_https=services.settings.is_https,
    )


def _material(
    data: bytes, passphrase: bytes | None, issuers: tuple[x509.Certificate, ...]
) -> IdentityMaterial:
    if b"-----BEGIN" in data:
        return import_pem(data, data, passphrase, intermediates=issuers)
    return import_p12(data, passphrase, intermediates=issuers)


def _page(services: Services, caller: Caller, *, fault: str | None = None, status: int = 200) -> Response:
    at = real_now()
    waiting = select(func.count()).where(
        Delivery.merchant_id == caller.merchant_id,
        Delivery.channel == APNS,
        Delivery.done < Delivery.wanted,
        Delivery.dead_at.is_(None),
    )
    with services.database.read() as uow:
        merchant = merchants.merchant(uow, caller.merchant_id)
        count = uow.conn.execute(waiting).scalar_one()
    standing = standing_of(services.identities, merchant.slug, at, is_https=services.settings.is_https)
    listed: list[tuple[Any, Text]] = [
        (one, wording.day(one.not_after, merchant.time_zone)) for one in standing.identities
    ]
    return pages.page(
        "console/signing.html",
        status=status,
        address=url_for("console.signing"),
        merchant=merchant,
        standing=standing,
        listed=listed,
        waiting=count,
        may_import=session.MANAGES in caller.scopes,
        fault=fault,
    )


def _advice(services: Services) -> list[str]:
    """What somebody signed in should know of their certificates, in the language of the page."""
    caller = session.of_this_page()
    if caller is None:
        return []
    with services.database.read() as uow:
        slug = merchants.merchant(uow, caller.merchant_id).slug
    at = real_now()
    standing = standing_of(services.identities, slug, at, is_https=services.settings.is_https)
    return [text.in_language(pages.language()) for text in advice(standing, at)]
