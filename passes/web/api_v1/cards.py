"""Cards: issue, read, block, close; their passes; their transactions."""

from typing import Any

from pydantic import model_validator

from passes.cards import queries, service
from passes.errors import FieldError
from passes.fields import Amount, Instant, Reference, Strict, WrongTogether
from passes.ledger import queries as books
from passes.ledger.queries import TransactionFilter
from passes.limits import approvals
from passes.limits.rules import Act
from passes.members import queries as members
from passes.members import service as member_service
from passes.members.rules import MemberDraft
from passes.merchants import queries as merchants
from passes.merchants.access import location_for
from passes.programs import queries as programs
from passes.programs.queries import ProgramView
from passes.redemption import limiting, replacing
from passes.redemption.errors import AssetMismatch, WrongKind
from passes.redemption.reversals import refuse_reversed
from passes.wallets.apple.bundle import PKPASS_TYPE
from passes.wallets.google.errors import GoogleError
from passes.web import problems
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call, Later, Nothing
from passes.web.api_v1.schemas import (
    AnyId,
    CardAnswer,
    GoogleLinkAnswer,
    LookupRequest,
    ReasonRequest,
    ReplaceRequest,
    TransactionAnswer,
    TransactionQuery,
    page_of,
)
from passes.web.files import as_file

api = Api("Cards")
GOOGLE_PATIENCE_S = 3.0


class CardRequest(Strict):
    """A new card, for a member we know, for one made along with it, or for nobody in particular."""

    program_id: AnyId
    member_id: AnyId | None = None
    member: MemberDraft | None = None
    amount: Amount | None = None
    reference: Reference | None = None
    location_id: AnyId | None = None
    approval_id: AnyId | None = None
    expires_at: Instant | None = None

    @model_validator(mode="after")
    def _one_member(self) -> "CardRequest":
        if self.member_id is not None and self.member is not None:
            raise WrongTogether("member", "give member_id or member, not both")
        return self


@api.operation(
    "POST",
    "/cards",
    scopes=("manage", "till"),
    takes=CardRequest,
    answers=CardAnswer,
    status=201,
    key="required",
    codes=("not_found", "wrong_kind", "asset_mismatch", "program_limit", "reversed", "location_not_allowed"),
)
def issue_card(call: Call[CardRequest]) -> Any:
    """Issue a card. A gift card with an amount is active at once, without one it waits for its first load."""
    body, uow = call.body, call.uow
    program = programs.get(uow, call.merchant_id, body.program_id)
    location_id = location_for(call.caller, body.location_id)
    if body.location_id is not None:
        merchants.location(uow, call.merchant_id, body.location_id)
    if body.reference is not None:
        refuse_reversed(uow, call.merchant_id, body.reference, location_id)
    if body.amount is not None:
        if program.kind != "gift":
            raise WrongKind(program.kind, "be issued with an amount")
        if body.amount.asset != program.asset:
            raise AssetMismatch("amount", program.asset)
    if body.expires_at is not None and body.expires_at <= (call.occurred_at or uow.now):
        raise FieldError("expires_at", "lies in the past")
    verdict = _held_against_limits(call, program, location_id)
    card = service.issue(
        uow,
        program,
        actor=call.caller.actor,
        member_id=_member_id(call),
        amount=body.amount.amount if body.amount else None,
        reference=body.reference,
        location_id=location_id,
        expires_at=body.expires_at,
    )
    limiting.flag(uow, verdict, card.id, card.version, card.id)
    return present.card(uow, call.services, card)


def _held_against_limits(
    call: Call[CardRequest], program: ProgramView, location_id: str | None
) -> limiting.Verdict:
    """What the merchant's limits say to another card; raises `Refusal`."""
    approval_id = call.body.approval_id
    if approval_id is not None:
        approvals.get(call.uow, call.merchant_id, approval_id)
    worth = call.body.amount.amount if call.body.amount else 0
    act = Act(
        merchant_id=call.merchant_id,
        call="issue",
        actor=call.caller.actor,
        card_id=None,
        program_id=program.id,
        location_id=location_id,
        asset=program.asset,
        amount=worth,
        change=worth,
        at=call.occurred_at or call.uow.now,
        told_at=call.uow.now,
    )
    version = merchants.merchant(call.uow, call.merchant_id).limits_version
    return limiting.check(call.uow, act, limiting.Terms(version, approval_id))


def _member_id(call: Call[CardRequest]) -> str | None:
    if call.body.member is not None:
        return _new_member(call, call.body.member)
    if call.body.member_id is not None:
        return members.get(call.uow, call.merchant_id, call.body.member_id, lock=True).id
    return None


def _new_member(call: Call[CardRequest], draft: MemberDraft) -> str:
    try:
        return member_service.create_member(call.uow, call.merchant_id, draft, call.caller.actor).id
    except FieldError as error:
        # Named the way the caller wrote it.
        within = [{**wrong, "field": f"member.{wrong['field']}"} for wrong in error.errors]
        raise FieldError.of(within) from None


@api.operation("GET", "/cards/<id>", scopes=("read", "till"), answers=CardAnswer, codes=("card_not_found",))
def get_card(call: Call[Nothing]) -> Any:
    """One card as it stands."""
    return present.card(call.uow, call.services, queries.get(call.uow, call.merchant_id, call.path["id"]))


@api.operation(
    "POST",
    "/cards/lookup",
    scopes=("read", "till"),
    takes=LookupRequest,
    answers=CardAnswer,
    key="optional",
    codes=("card_not_found", "barcode_stale"),
    only_reads=True,
)
def look_up_card(call: Call[LookupRequest]) -> Any:
    """The card a typed code or a scanned barcode names."""
    return present.card(call.uow, call.services, queries.by_code(call.uow, call.merchant_id, call.body.code))


@api.operation(
    "POST",
    "/cards/<id>/block",
    scopes=("manage",),
    takes=ReasonRequest,
    answers=CardAnswer,
    key="optional",
    codes=("card_not_found", "card_not_active"),
)
def block_card(call: Call[ReasonRequest]) -> Any:
    """Stop a card for now."""
    card = service.block(call.uow, call.merchant_id, call.path["id"], call.body.reason, call.caller.actor)
    return present.card(call.uow, call.services, card)


@api.operation(
    "POST",
    "/cards/<id>/unblock",
    scopes=("manage",),
    takes=ReasonRequest,
    answers=CardAnswer,
    key="optional",
    codes=("card_not_found", "card_not_active"),
)
def unblock_card(call: Call[ReasonRequest]) -> Any:
    """Let a blocked card work again."""
    card = service.unblock(call.uow, call.merchant_id, call.path["id"], call.body.reason, call.caller.actor)
    return present.card(call.uow, call.services, card)


@api.operation(
    "POST",
    "/cards/<id>/deactivate",
    scopes=("manage",),
    takes=ReasonRequest,
    answers=CardAnswer,
    key="optional",
    codes=("card_not_found",),
)
def deactivate_card(call: Call[ReasonRequest]) -> Any:
    """Close a card for good."""
    card = service.deactivate(
        call.uow, call.merchant_id, call.path["id"], call.body.reason, call.caller.actor
    )
    return present.card(call.uow, call.services, card)


@api.operation(
    "POST",
    "/cards/<id>/replace",
    scopes=("manage",),
    takes=ReplaceRequest,
    answers=CardAnswer,
    status=201,
    key="required",
    codes=("card_not_found", "card_not_active", "card_expired"),
)
def replace_card(call: Call[ReplaceRequest]) -> Any:
    """Close a card and hand out another in its place, with everything that was on it."""
    card = replacing.replace_card(
        call.uow, call.merchant_id, call.path["id"], call.body.reason, call.caller.actor
    )
    return present.card(call.uow, call.services, card)


@api.operation(
    "GET",
    "/cards/<id>/transactions",
    scopes=("read",),
    takes=TransactionQuery,
    answers=page_of(TransactionAnswer),
    codes=("card_not_found",),
)
def list_card_transactions(call: Call[TransactionQuery]) -> Any:
    """What happened to one card, newest first."""
    card = queries.get(call.uow, call.merchant_id, call.path["id"])
    return _transactions(call, card.id)


@api.operation(
    "GET",
    "/transactions",
    scopes=("read",),
    takes=TransactionQuery,
    answers=page_of(TransactionAnswer),
)
def list_transactions(call: Call[TransactionQuery]) -> Any:
    """What happened to all cards at all locations, newest first; `location_id` narrows it to one."""
    return _transactions(call, None)


def _transactions(call: Call[TransactionQuery], card_id: str | None) -> Any:
    q = call.body
    wanted = TransactionFilter(card_id, q.since, q.until, q.type, q.location_id, q.reference)
    found = books.transactions(call.uow, call.merchant_id, wanted, q.limit, q.cursor)
    return present.page(found, present.transaction)


@api.operation(
    "GET",
    "/cards/<id>/pass.pkpass",
    scopes=("read",),
    media_type=PKPASS_TYPE,
    codes=("card_not_found", "wallet_not_configured"),
)
def get_apple_pass(call: Call[Nothing]) -> Any:
    """The signed Apple pass."""
    card = queries.get(call.uow, call.merchant_id, call.path["id"])
    content = call.services.build_pass(call.uow, card.id)
    return as_file(content, PKPASS_TYPE, f"{card.id}.pkpass", opened=True)


@api.operation(
    "GET",
    "/cards/<id>/google",
    scopes=("read",),
    answers=GoogleLinkAnswer,
    codes=("card_not_found", "wallet_not_configured", "busy"),
)
def get_google_link(call: Call[Nothing]) -> Any:
    """The address that puts the card into a Google account, and what stands behind it."""
    services, card = call.services, queries.get(call.uow, call.merchant_id, call.path["id"])

    def ask_google() -> Any:
        try:
            link = services.save_link(card.id, GOOGLE_PATIENCE_S)
        except GoogleError as error:
            return problems.busy(f"Google Wallet cannot be had now: {error}").response()
        return {"save_url": link.save_url, "class": link.class_body, "object": link.object_body}

    return Later(ask_google)
