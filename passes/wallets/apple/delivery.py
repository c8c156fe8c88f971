"""The channel `apns`: what a delivery to a device means, from its newest push token to Apple's answer."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog
from sqlalchemy import select

from passes.clock import real_now
from passes.db.engine import Database
from passes.errors import ConfigurationError
from passes.installs import service as installs
from passes.installs.queries import DeviceKey, push_tokens
from passes.merchants.models import Merchant
from passes.outbox.channel import ClaimedDelivery, Outcome
from passes.wallets.apple.apns import ClientIdentity, PushResult, Verdict
from passes.wallets.signing.identity import SigningIdentity

BATCH = 500
# No further identity is begun after this; one takes a time-out of the push client at most.
BUDGET_S = 60.0
ALARM_PAUSE_S = 900.0
IDENTITY_PAUSE_S = 300.0

log = structlog.get_logger(__name__)


class Pusher(Protocol):
    """What the channel needs of the push client."""

    def push(self, identity: ClientIdentity, tokens: Sequence[str]) -> list[PushResult]:
        """Push once to each token; one result per token in the same order."""
        ...


class ApnsChannel:
    """Pushes to the devices of every merchant, each with its own pass certificate.

    `load_identity` takes a merchant's slug and a pass type and may raise `ConfigurationError`. What cannot be
    pushed for want of a certificate waits for one, however long that takes.
    """

    batch_size = BATCH

    def __init__(
        self,
        database: Database,
        pusher: Pusher,
        load_identity: Callable[[str, str], SigningIdentity | None],
        budget_s: float = BUDGET_S,
    ) -> None:
        self._database = database
        self._pusher = pusher
        self._load_identity = load_identity
        self._budget_s = budget_s

    def send(self, deliveries: Sequence[ClaimedDelivery]) -> list[Outcome]:
        """Push to every device once; a device without a card left is dropped."""
        started = time.monotonic()
        devices = {d.id: DeviceKey(d.payload["device_id"], d.payload["pass_type"]) for d in deliveries}
        with self._database.read() as uow:
            # Read now and not when the delivery was written: tokens rotate.
            tokens = push_tokens(uow, set(devices.values()))
            slugs = {d.merchant_id: "" for d in deliveries}
            found = select(Merchant.id, Merchant.slug).where(Merchant.id.in_(slugs))
            slugs.update((row.id, row.slug) for row in uow.conn.execute(found))
        groups: dict[tuple[str, str], list[ClaimedDelivery]] = defaultdict(list)
        outcomes: dict[int, Outcome] = {}
        for delivery in deliveries:
            device = devices[delivery.id]
            if device in tokens:
                groups[delivery.merchant_id, device.pass_type].append(delivery)
            else:
                outcomes[delivery.id] = Outcome.drop("no card is left on the device")
        for (merchant_id, pass_type), group in groups.items():
            if time.monotonic() - started > self._budget_s:
                outcomes.update((d.id, Outcome.wait("not reached in time")) for d in group)
                continue
            wanted = {d.id: (devices[d.id], tokens[devices[d.id]]) for d in group}
            outcomes.update(self._push_group(merchant_id, slugs[merchant_id], pass_type, wanted))
        return [outcomes[d.id] for d in deliveries]

    def _push_group(
        self, merchant_id: str, slug: str, pass_type: str, wanted: Mapping[int, tuple[DeviceKey, str]]
    ) -> dict[int, Outcome]:
        identity = self._identity(slug, pass_type)
        if isinstance(identity, Outcome):
            log.error("push_without_identity", merchant_id=merchant_id, note=identity.note)
            return dict.fromkeys(wanted, identity)
        results = self._pusher.push(identity, [token for _, token in wanted.values()])
        outcomes = {}
        for (delivery_id, (device, _)), result in zip(wanted.items(), results, strict=True):
            if result.verdict in (Verdict.ALARM, Verdict.FIX):
                log.error("push_refused", merchant_id=merchant_id, status=result.status, reason=result.reason)
            outcomes[delivery_id] = self._judge(device, result)
        return outcomes

    def _identity(self, slug: str, pass_type: str) -> ClientIdentity | Outcome:
        """Who pushes to that pass type, or what becomes of its deliveries because nobody can."""
        try:
            identity = self._load_identity(slug, pass_type)
        except ConfigurationError as error:
            return Outcome.wait(str(error), IDENTITY_PAUSE_S)
        if identity is None:
            return Outcome.wait(f"merchant {slug} has no signing identity for {pass_type}", IDENTITY_PAUSE_S)
        if not identity.usable_at(real_now()):
            return Outcome.wait(f"the certificate of merchant {slug} has expired", IDENTITY_PAUSE_S)
        return ClientIdentity(pass_type, identity.paths.certificate, identity.paths.key)

    def _judge(self, device: DeviceKey, result: PushResult) -> Outcome:
        note = f"{result.status or 'no answer'} {result.reason}".strip()
        match result.verdict:
            case Verdict.ACCEPTED:
                return Outcome.done(note)
            case Verdict.GONE | Verdict.BAD_TOKEN:
                return self._forget(device, result, note)
            case Verdict.FIX:
                return Outcome.dead(note)
            case Verdict.ALARM:
                return Outcome.wait(note, ALARM_PAUSE_S)
            case Verdict.RETRY if result.status == 429:
                # Said of this one device, unlike silence and faults, which are the service's own.
                return Outcome.retry(note, result.retry_after_s or 0)
            case Verdict.RETRY:
                return Outcome.wait(note, result.retry_after_s or 0)

    def _forget(self, device: DeviceKey, result: PushResult, note: str) -> Outcome:
        with self._database.write() as uow:
            gone = installs.forget_device(
                uow, device.device_id, device.pass_type, result.token, result.timestamp
            )
        return Outcome.drop(note) if gone else Outcome.retry(f"{note}, but the device came back")
