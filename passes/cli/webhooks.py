"""`webhooks`: which other systems hear of what happens, and what came through to them."""

from dataclasses import asdict

import click

from passes.cli.base import ACTOR, Complaint, Group, json_option, merchant_option
from passes.cli.output import note, show, table
from passes.cli.session import merchant_named, open_services
from passes.clock import format_rfc3339
from passes.errors import FieldError
from passes.fields import checked
from passes.merchants.queries import MerchantView
from passes.messaging.webhooks import history, queries, service, signature
from passes.messaging.webhooks.events import EVENT_TYPES
from passes.messaging.webhooks.history import DeliveryFilter, Sent
from passes.messaging.webhooks.queries import EndpointView
from passes.web.api_v1.webhooks import WebhookRequest
from passes.wiring import Services

_webhook = click.argument("webhook_id", metavar="ID")
_ONCE = "Keep the secret now: it is not shown again."


@click.group(cls=Group)
def webhooks() -> None:
    """Let other systems hear of what happens, and see what they heard."""


@webhooks.command()
@merchant_option
@click.option("--url", required=True, help="Where events are sent; https and public.")
@click.option("--events", help=f"Some of {','.join(EVENT_TYPES)}, separated by commas; by default all.")
@json_option
def create(merchant: str, url: str, events: str | None, as_json: bool) -> None:
    """Have events sent to an address, and print the secret they are signed with, this once."""
    types = None if events is None else [name.strip() for name in events.split(",")]
    wanted = checked(WebhookRequest, {"url": url, "events": types})
    with open_services() as services, services.database.write() as uow:
        owner, loopback = merchant_named(uow, merchant), services.settings.is_loopback
        made, seed = service.create(uow, owner.id, wanted.url, wanted.events, ACTOR, loopback=loopback)
        secret = _secret(services, seed)
    show(as_json, {**asdict(made), "secret": secret}, secret)
    if not as_json:
        note(f"The webhook has the id {made.id}. {_ONCE}")


@webhooks.command("list")
@merchant_option
@json_option
def list_(merchant: str, as_json: bool) -> None:
    """List a merchant's webhooks and how they are doing."""
    with open_services() as services, services.database.read() as uow:
        found = history.endpoints(uow, merchant_named(uow, merchant).id)
    headings = ("id", "address", "last answer", "failing since", "disabled because")
    show(as_json, [asdict(one) for one in found], table(headings, [_row(one) for one in found]))


@webhooks.command()
@merchant_option
@click.option("--state", type=click.Choice(history.STATES), help="Only what stands so.")
@click.option("--webhook", metavar="ID", help="Only what goes there.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many.")
@json_option
def deliveries(merchant: str, state: str | None, webhook: str | None, limit: int, as_json: bool) -> None:
    """List what was sent, waits or was given up, the newest event first."""
    wanted = DeliveryFilter(state=state, endpoint_id=webhook)
    with open_services() as services, services.database.read() as uow:
        owner = merchant_named(uow, merchant)
        if webhook is not None and all(one.id != webhook for one in history.endpoints(uow, owner.id)):
            raise FieldError("webhook", f"there is none; {_see('list', owner)}")
        found = history.listing(uow, owner.id, limit, None, wanted).items
    headings = ("created", "event", "type", "webhook", "state", "attempts", "last answer", "next attempt")
    show(as_json, [_sent(one) for one in found], table(headings, [_sent_row(one) for one in found]))


@webhooks.command()
@merchant_option
@_webhook
@click.option("--event", metavar="ID", help="Only this event, got through or not.")
@json_option
def replay(merchant: str, webhook_id: str, event: str | None, as_json: bool) -> None:
    """Send again one event, or all that was given up; the ids stay the same."""
    with open_services() as services, services.database.write() as uow:
        owner = merchant_named(uow, merchant)
        if queries.get(uow, owner.id, webhook_id).disabled_at is not None:
            way_out = f"enable it first: {_line('enable', owner)} {webhook_id}"
            raise Complaint([f"The webhook is disabled and would be sent nothing; {way_out}"])
        count = service.replay(uow, owner.id, webhook_id, event, ACTOR)
        if event is not None and not count:
            raise FieldError("event", f"is not among what was sent there; {_see('deliveries', owner)}")
    show(as_json, {"replayed": count}, f"Deliveries that start again: {count}.")


@webhooks.command("rotate-secret")
@merchant_option
@_webhook
@click.option("--at-once", is_flag=True, help="End the old secret now, for one that has leaked.")
@json_option
def rotate_secret(merchant: str, webhook_id: str, at_once: bool, as_json: bool) -> None:
    """Give a webhook a new secret and print it, this once. The old one signs beside it for a day."""
    with open_services() as services, services.database.write() as uow:
        owner = merchant_named(uow, merchant)
        made, seed = service.rotate_secret(uow, owner.id, webhook_id, ACTOR, at_once=at_once)
        secret = _secret(services, seed)
    show(as_json, {**asdict(made), "secret": secret}, secret)
    if not as_json:
        note(_ONCE)


@webhooks.command()
@merchant_option
@_webhook
@json_option
def enable(merchant: str, webhook_id: str, as_json: bool) -> None:
    """Let a webhook that was disabled hear of what happens from now on."""
    with open_services() as services, services.database.write() as uow:
        made = service.enable(uow, merchant_named(uow, merchant).id, webhook_id, ACTOR)
    show(as_json, asdict(made), f"The webhook {webhook_id} hears of what happens from now on.")


@webhooks.command()
@merchant_option
@_webhook
def delete(merchant: str, webhook_id: str) -> None:
    """Close a webhook for good; what waits for it is forgotten."""
    with open_services() as services, services.database.write() as uow:
        service.delete(uow, merchant_named(uow, merchant).id, webhook_id, ACTOR)
    click.echo(f"The webhook {webhook_id} hears of nothing any more.")


def _secret(services: Services, seed: bytes) -> str:
    return signature.shown(signature.secret_of(services.token_key, seed))


def _see(command: str, owner: MerchantView) -> str:
    return f"see: {_line(command, owner)}"


def _line(command: str, owner: MerchantView) -> str:
    return f"python -m passes webhooks {command} --merchant {owner.slug}"


def _row(one: EndpointView) -> tuple[str, ...]:
    since = format_rfc3339(one.failing_since) if one.failing_since else ""
    return (one.id, one.url, one.last_outcome or "", since, one.disabled_reason or "")


def _sent(one: Sent) -> dict[str, object]:
    return {**asdict(one.delivery), "attempts": one.tries, "webhook_id": one.endpoint.id}


def _sent_row(one: Sent) -> tuple[str, ...]:
    sent = one.delivery
    when, then = format_rfc3339(sent.created_at), sent.next_attempt_at
    told = (sent.id, sent.type, one.endpoint.id, sent.state, str(one.tries), sent.last_outcome or "")
    return (when, *told, format_rfc3339(then) if then else "")
