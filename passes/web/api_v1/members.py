"""Members: the customers a merchant knows, what they agreed to, and their right to see and to go."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from passes.cards import queries as card_queries
from passes.cards import service as cards
from passes.clock import format_rfc3339
from passes.errors import NotFound
from passes.fields import Line, Reference
from passes.members import queries, service
from passes.members.queries import MemberView
from passes.members.rules import MemberChanges, MemberDraft
from passes.privacy import service as privacy
from passes.wallets.apple.several import MAX_PASSES, PKPASSES_TYPE, bundle_of
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call, Nothing
from passes.web.api_v1.schemas import Answered, ListQuery, page_of
from passes.web.files import as_file
from passes.web.keyed import Personal

api = Api("Members")


class ConsentAnswer(Answered):
    """One consent as it counts today."""

    purpose: str
    channel: str
    granted: bool
    wording: str
    source: str
    at: datetime


class MemberAnswer(Answered):
    """A member as known today."""

    id: str
    external_id: str | None
    name: str | None
    email: str | None
    phone: str | None
    birthday: str | None
    locale: str
    time_zone: str
    tags: list[str]
    consents: list[ConsentAnswer]
    created_at: datetime
    updated_at: datetime


class ExportAnswer(Answered, extra="allow"):
    """Everything we hold about one member."""

    member: dict[str, Any]


class MemberQuery(ListQuery):
    """Which members."""

    search: Annotated[Line, Field(min_length=1, max_length=200)] | None = None
    external_id: Reference | None = None
    email: Annotated[Line, Field(min_length=1, max_length=320)] | None = None


@api.operation(
    "POST",
    "/members",
    scopes=("manage",),
    takes=MemberDraft,
    answers=MemberAnswer,
    status=201,
    key="optional",
)
def create_member(call: Call[MemberDraft]) -> Any:
    """Make a member; a day that never was is no birthday."""
    member = service.create_member(call.uow, call.merchant_id, call.body, call.caller.actor)
    return Personal(_present(member), member.id)


@api.operation("GET", "/members", scopes=("read", "manage"), takes=MemberQuery, answers=page_of(MemberAnswer))
def list_members(call: Call[MemberQuery]) -> Any:
    """The merchant's members, newest first."""
    q = call.body
    found = queries.listing(
        call.uow,
        call.merchant_id,
        limit=q.limit,
        cursor=q.cursor,
        search=q.search,
        external_id=q.external_id,
        email=q.email,
    )
    return present.page(found, _present)


@api.operation("GET", "/members/<id>", scopes=("read", "manage"), answers=MemberAnswer, codes=("not_found",))
def get_member(call: Call[Nothing]) -> Any:
    """One member."""
    return _present(queries.get(call.uow, call.merchant_id, call.path["id"]))


@api.operation(
    "PATCH",
    "/members/<id>",
    scopes=("manage",),
    takes=MemberChanges,
    answers=MemberAnswer,
    codes=("not_found",),
)
def change_member(call: Call[MemberChanges]) -> Any:
    """Change what is named; null empties a field, consents are added to the history."""
    member_id = call.path["id"]
    # Locked, or a name that somebody else changes meanwhile would be compared with an older one.
    before = queries.get(call.uow, call.merchant_id, member_id, lock=True)
    after = service.update_member(call.uow, call.merchant_id, member_id, call.body, call.caller.actor)
    if before.name != after.name:
        cards.touch_member(call.uow, call.merchant_id, member_id)
    return _present(after)


@api.operation("DELETE", "/members/<id>", scopes=("manage",), status=204, codes=("not_found",))
def erase_member(call: Call[Nothing]) -> Any:
    """Erase the person and keep the books: cards live on with nobody behind them."""
    privacy.erase_member(call.uow, call.merchant_id, call.path["id"], call.caller.actor)
    return None


@api.operation("GET", "/members/<id>/export", scopes=("manage",), answers=ExportAnswer, codes=("not_found",))
def export_member(call: Call[Nothing]) -> Any:
    """Everything we hold about one member, for the member to take along."""
    return privacy.export_member(call.uow, call.merchant_id, call.path["id"])


@api.operation(
    "GET",
    "/members/<id>/cards.pkpasses",
    scopes=("manage",),
    media_type=PKPASSES_TYPE,
    codes=("not_found", "wallet_not_configured"),
)
def get_apple_passes(call: Call[Nothing]) -> Any:
    """The signed Apple passes of a member's usable cards in one file: the latest ten, newest first."""
    member_id = call.path["id"]
    queries.get(call.uow, call.merchant_id, member_id)
    usable = card_queries.usable_of_member(call.uow, call.merchant_id, member_id, MAX_PASSES)
    if not usable:
        raise NotFound("The member has no card that a phone could take.")
    content = bundle_of([call.services.build_pass(call.uow, card_id) for card_id in usable])
    return as_file(content, PKPASSES_TYPE, f"{member_id}.pkpasses", opened=True)


def _present(view: MemberView) -> present.Json:
    return {
        "id": view.id,
        "external_id": view.external_id,
        "name": view.name,
        "email": view.email,
        "phone": view.phone,
        "birthday": view.birthday,
        "locale": view.locale,
        "time_zone": view.time_zone,
        "tags": list(view.tags),
        "consents": [
            {
                "purpose": consent.purpose,
                "channel": consent.channel,
                "granted": consent.granted,
                "wording": consent.wording,
                "source": consent.source,
                "at": format_rfc3339(consent.at),
            }
            for consent in view.consents
        ],
        "created_at": format_rfc3339(view.created_at),
        "updated_at": format_rfc3339(view.updated_at),
    }
