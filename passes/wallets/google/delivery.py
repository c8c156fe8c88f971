"""The channel `google`: cards that changed, and messages, several at a time.

A request spends most of its time on the way, so several are on the way at once; how many leave in a second
is for the pace to say. What concerns one card goes in its order.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog

from passes.cards.face import Text
from passes.errors import Busy
from passes.outbox.channel import ClaimedDelivery, Ending, Outcome
from passes.wallets.google.errors import GoogleBusy, GoogleDenied, GoogleRefused
from passes.wallets.google.kept import GoogleCards
from passes.wallets.google.parts import Json

BATCH = 100
WORKERS = 8
# No further card is begun after this; one takes a few time-outs at most.
BUDGET_S = 45.0
DENIED_PAUSE_S = 900.0

log = structlog.get_logger(__name__)


class GoogleChannel:
    """Deliveries of both sorts: a card to be shown as it stands, and a message."""

    def __init__(self, cards: GoogleCards, budget_s: float = BUDGET_S, workers: int = WORKERS) -> None:
        self._cards = cards
        self._budget_s = budget_s
        self._workers = workers

    @property
    def batch_size(self) -> int:
        """How many are taken in hand at once: none while Google is not to be asked, so that they stay due."""
        return 0 if self._cards.paused_for_s() else BATCH

    def send(self, deliveries: Sequence[ClaimedDelivery]) -> list[Outcome]:
        """Send them; when Google cannot be had, what was not begun is not even tried."""
        batch = _Batch(self._cards, time.monotonic() + self._budget_s)
        by_card: dict[str, list[ClaimedDelivery]] = defaultdict(list)
        for delivery in deliveries:
            by_card[delivery.payload["card_id"]].append(delivery)
        with ThreadPoolExecutor(self._workers, thread_name_prefix="google") as pool:
            for ended in pool.map(batch.send, by_card.values()):
                batch.outcomes.update(ended)
        return [batch.outcomes[delivery.id] for delivery in deliveries]


class _Batch:
    """One batch on its way; the first that could not be tried stops those not yet begun."""

    def __init__(self, cards: GoogleCards, ends_at: float) -> None:
        self._cards = cards
        self._ends_at = ends_at
        self._blocked: Outcome | None = None
        self.outcomes: dict[int, Outcome] = {}

    def send(self, deliveries: Iterable[ClaimedDelivery]) -> dict[int, Outcome]:
        """What becomes of the deliveries of one card."""
        return {delivery.id: self._send_in_time(delivery) for delivery in deliveries}

    def _send_in_time(self, delivery: ClaimedDelivery) -> Outcome:
        if self._blocked is not None:
            return self._blocked
        if time.monotonic() > self._ends_at:
            return Outcome.wait("not reached in time")
        outcome = self._send_one(delivery)
        if outcome.ending is Ending.WAIT:
            self._blocked = outcome
        return outcome

    def _send_one(self, delivery: ClaimedDelivery) -> Outcome:
        try:
            sent = self._deliver(delivery.payload)
        except GoogleBusy as error:
            return Outcome.wait(str(error), error.retry_after_s or 0.0)
        except Busy as error:
            return Outcome.wait(str(error))
        except GoogleDenied as error:
            log.error("google_denied", reason=str(error))
            return Outcome.wait(str(error), DENIED_PAUSE_S)
        except GoogleRefused as error:
            log.error("google_refused", merchant_id=delivery.merchant_id, reason=str(error))
            return Outcome.dead(str(error))
        return Outcome.done() if sent else Outcome.drop("the card has no object at Google")

    def _deliver(self, payload: Json) -> bool:
        if "message_id" not in payload:
            return self._cards.sync(payload["card_id"])
        header, body = (Text(payload[part]["de"], payload[part]["en"]) for part in ("header", "body"))
        return self._cards.tell(payload["card_id"], payload["message_id"], header, body)
