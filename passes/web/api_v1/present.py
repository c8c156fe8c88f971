"""How our things read in JSON. Plain dictionaries, because the answer models only describe and test them."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from passes.cards.endings import Ending, next_ending
from passes.cards.rules import CardView
from passes.clock import format_rfc3339, told
from passes.db.engine import UnitOfWork
from passes.db.paging import Page
from passes.ids import format_code
from passes.ledger.holds import HoldView
from passes.ledger.rules import Entry
from passes.programs import queries as programs
from passes.programs.design import IMAGE_NAMES
from passes.programs.queries import ProgramView
from passes.programs.rules import CouponRules, StampRules
from passes.programs.versions import Listed
from passes.wallets.lint.findings import Finding
from passes.wiring import Services

Json = dict[str, Any]
OFFLINE = ("occurred_at", "overspend", "limit_exceeded")
"""What only an entry has that a till told us of later."""


def page(found: Page[Any], one: Callable[[Any], Json]) -> Json:
    """A page of a list."""
    return {"items": [one(item) for item in found.items], "next_cursor": found.next_cursor}


def program(services: Services, view: ProgramView) -> Json:
    """A program at its current version."""
    base = services.settings.base_url
    images = {name: view.images.get(name) for name in IMAGE_NAMES}
    return {
        "id": view.id,
        "kind": view.kind,
        "name": view.name,
        "slug": view.slug,
        "currency": view.currency,
        "rules": view.rules.model_dump(mode="json", exclude_none=True),
        "design": {
            "colors": view.colors,
            "images": {name: f"{base}/images/{sha}.png" if sha else None for name, sha in images.items()},
            "barcode": view.barcode,
            **view.design.look(),
        },
        "texts": view.texts,
        "version": view.version,
        "links": {"enrol": f"{base}/e/{view.slug}", "poster": f"{base}/e/{view.slug}/poster.pdf"},
        "created_at": format_rfc3339(view.created_at),
        "updated_at": format_rfc3339(view.updated_at),
    }


def version(listed: Listed) -> Json:
    """A version of a program."""
    return told(asdict(listed))


def finding(found: Finding) -> Json:
    """Something about a design."""
    return asdict(found)


def card(uow: UnitOfWork, services: Services, view: CardView) -> Json:
    """A card as it stands; the kind decides which extras it has."""
    amount = view.money.as_dict()
    links = services.card_links(view.page_token)
    answer: Json = {
        "id": view.id,
        "kind": view.kind,
        "program_id": view.program_id,
        "member_id": view.member_id,
        "state": view.state_at(uow.now),
        "code": format_code(view.code),
        "balance": amount,
        "available": view.available.as_dict(),
        "version": view.version,
        "expires_at": format_rfc3339(view.expires_at) if view.expires_at else None,
        "expires_next": ending(next_ending(uow, view)),
        "created_at": format_rfc3339(view.created_at),
        "updated_at": format_rfc3339(view.updated_at),
        "links": {"page": links.page, "apple": links.apple, "google": links.google},
    }
    rules = programs.at_version(uow, view.program_id, view.program_version).rules
    if isinstance(rules, StampRules):
        answer |= {"stamps_required": rules.stamps_required, "rewards": view.rewards}
    if view.kind in ("stamp", "points"):
        answer["owed"] = {"amount": view.owed, "asset": view.asset}
    if isinstance(rules, CouponRules):
        answer["offer"] = rules.offer.model_dump(mode="json", exclude_none=True)
    return answer


def ending(view: Ending | None) -> Json | None:
    """What runs out next."""
    return None if view is None else {"at": format_rfc3339(view.at), "amount": view.amount.as_dict()}


def transaction(entry: Entry) -> Json:
    """One entry of the ledger."""
    details = entry.details or {}
    offline = {name: details[name] for name in OFFLINE if name in details}
    return {
        **offline,
        "id": entry.id,
        "type": entry.type,
        "card_id": entry.card_id,
        "amount": {"amount": entry.amount, "asset": entry.asset},
        "delta": {"amount": entry.delta, "asset": entry.balance_asset},
        "balance_after": {"amount": entry.balance_after, "asset": entry.balance_asset},
        "rewards_after": entry.rewards_after,
        "discount": details.get("discount"),
        "remaining_due": details.get("remaining_due"),
        "reference": entry.reference,
        "location_id": entry.location_id,
        "note": entry.note,
        "created_at": format_rfc3339(entry.created_at),
    }


def hold(view: HoldView, at: datetime) -> Json:
    """A hold as it stands at `at`."""
    return {
        "id": view.id,
        "card_id": view.card_id,
        "status": view.status_at(at),
        "amount": view.money.as_dict(),
        "captured": {"amount": view.captured, "asset": view.asset},
        "expires_at": format_rfc3339(view.expires_at),
        "reference": view.reference,
        "location_id": view.location_id,
        "note": view.note,
        "created_at": format_rfc3339(view.created_at),
    }
