"""`/console/audit`: who did what, for a manager to read, search and take along."""

from collections.abc import Iterator

import orjson
from flask import Blueprint, Response, request, url_for

from passes.audit import queries as log
from passes.audit.queries import Noted, Search
from passes.cards import wording
from passes.cards.face import Text
from passes.cells import plain_cell
from passes.clock import format_rfc3339
from passes.db.engine import UnitOfWork
from passes.errors import FieldError, NotFound
from passes.merchants import actors
from passes.merchants import queries as merchants
from passes.merchants.access import Caller
from passes.money import Money
from passes.web import pages
from passes.web.console.listing import table
from passes.web.console.session import MANAGES, signed_in
from passes.web.texts import say
from passes.web.texts.audit import ACTIONS, ACTORS, SAID
from passes.wiring import Services

SHOWN = 50
_MOST_IN_A_FILE = 20_000
_AT_ONCE = 1_000
_COLUMNS = ("created_at", "actor", "actor_name", "action", "subject", "details")
_SAID = ("limit", "reason", "scope", "purpose")


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the page and its file."""

    @blueprint.get("/audit")
    @signed_in(services, MANAGES)
    def audit_page(caller: Caller) -> Response:
        sought, cursor = request.args.get("q", "").strip(), request.args.get("before") or None
        with services.database.read() as uow:
            merchant = merchants.merchant(uow, caller.merchant_id)
            search = _search(uow, merchant.id, sought)
            try:
                found = log.listing(uow, merchant.id, SHOWN, cursor, search=search)
            except FieldError:
                found, cursor = log.listing(uow, merchant.id, SHOWN, None, search=search), None
            names = actors.names(uow, merchant.id, {noted.actor for noted in found.items})
            lines = [_told(uow, merchant.id, merchant.time_zone, noted, names) for noted in found.items]
        return pages.page(
            "console/audit.html",
            address=url_for("console.audit_page"),
            merchant=merchant,
            lines=lines,
            search=sought,
            cursor=cursor,
            older=found.next_cursor,
        )

    @blueprint.get("/audit.csv")
    @signed_in(services, MANAGES)
    def audit_export(caller: Caller) -> Response:
        with services.database.read() as uow:
            search = _search(uow, caller.merchant_id, request.args.get("q", "").strip())
            return table("log", _COLUMNS, list(_rows(uow, caller.merchant_id, search)))


def _search(uow: UnitOfWork, merchant_id: str, sought: str) -> Search | None:
    """What `sought` may mean: an act in either language, a person, or the beginning of an id."""
    if not sought:
        return None
    low = sought.lower()
    actions = [
        action
        for action, words in ACTIONS.items()
        if any(low in text.lower() for text in (action, words.de, words.en))
    ]
    return Search(actions, [*actors.called(uow, merchant_id, sought), sought], sought)


def _told(
    uow: UnitOfWork, merchant_id: str, zone: str, noted: Noted, names: dict[str, str]
) -> dict[str, str]:
    """A line in words, and under it what else it says that a person can use."""
    spoken = pages.language()
    return {
        "when": wording.second(noted.created_at, zone).in_language(spoken),
        "who": _who(noted, names, spoken),
        "what": ACTIONS.get(noted.action, Text.same(noted.action)).in_language(spoken),
        "said": " · ".join(_said(uow, merchant_id, noted, spoken)),
        "subject": noted.subject,
    }


def _who(noted: Noted, names: dict[str, str], spoken: str) -> str:
    known_as = names.get(noted.actor, noted.actor)
    if noted.actor.startswith("key_"):
        return say("act_by_key", spoken, hint=known_as.removesuffix("…"))
    return ACTORS.get(noted.actor, Text.same(known_as)).in_language(spoken)


def _said(uow: UnitOfWork, merchant_id: str, noted: Noted, spoken: str) -> Iterator[str]:
    details = noted.details
    if isinstance(worth := details.get("amount"), dict):
        yield wording.counted(Money(worth["amount"], worth["asset"])).in_language(spoken)
    for name in _SAID:
        if isinstance(value := details.get(name), str):
            yield SAID.get(value, Text.same(value)).in_language(spoken)
    if isinstance(shop := details.get("location_id"), str):
        try:
            yield merchants.location(uow, merchant_id, shop).name
        except NotFound:
            yield shop


def _rows(uow: UnitOfWork, merchant_id: str, search: Search | None) -> Iterator[tuple[str, ...]]:
    cursor, written = None, 0
    while True:
        found = log.listing(uow, merchant_id, _AT_ONCE, cursor, search=search)
        names = actors.names(uow, merchant_id, {noted.actor for noted in found.items})
        for noted in found.items:
            yield _row(noted, names)
        written, cursor = written + len(found.items), found.next_cursor
        if cursor is None or written >= _MOST_IN_A_FILE:
            return


def _row(noted: Noted, names: dict[str, str]) -> tuple[str, ...]:
    details = orjson.dumps(noted.details, option=orjson.OPT_SORT_KEYS).decode()
    who = plain_cell(names.get(noted.actor, ""))
    return (
        format_rfc3339(noted.created_at),
        noted.actor,
        who,
        noted.action,
        plain_cell(noted.subject),
        details,
    )
