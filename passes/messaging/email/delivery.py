"""The channel `email`: from a delivery to a mail, and from the answer to what becomes of both."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from passes.clock import parse_rfc3339, real_now
from passes.db.engine import Database, UnitOfWork
from passes.members import unreachable
from passes.messaging.email import rules
from passes.messaging.email.address import NoSuchDomain, deliverable
from passes.messaging.email.letters import Desk, NobodyToWriteTo, letter_for
from passes.messaging.email.message import compose, name_of
from passes.messaging.email.post import Post, Reply, Sealed
from passes.outbox.channel import ClaimedDelivery, Ending, Outcome

BATCH = 20

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A delivery with the mail made of it, or with why there is none. `to` is the address as it is known."""

    delivery: ClaimedDelivery
    to: str = ""
    mail: Sealed | None = None
    outcome: Outcome | None = None


class EmailChannel:
    """Writes letters when they are due and hands them in, from the address `sender`."""

    batch_size = BATCH

    def __init__(self, database: Database, post: Post, desk: Desk, sender: str) -> None:
        self._database = database
        self._post = post
        self._desk = desk
        self._sender = sender

    def send(self, deliveries: Sequence[ClaimedDelivery]) -> list[Outcome]:
        """Try every delivery once; what is learnt about addresses is written down."""
        with self._database.read() as uow:
            prepared = [self._prepare(uow, delivery) for delivery in deliveries]
        going = [one for one in prepared if one.mail is not None]
        replies = list(self._post.hand_in([one.mail for one in going if one.mail is not None]))
        judged = {one.delivery.id: self._judge(one, reply) for one, reply in zip(going, replies, strict=True)}
        self._note(list(zip(going, replies, strict=True)))
        return [one.outcome or judged[one.delivery.id] for one in prepared]

    def _prepare(self, uow: UnitOfWork, delivery: ClaimedDelivery) -> Prepared:
        try:
            letter = letter_for(uow, delivery, self._desk)
        except NobodyToWriteTo:
            return Prepared(delivery, outcome=Outcome.drop("nobody is there to be written to"))
        if not letter.was_asked_for and unreachable.is_noted(uow, delivery.merchant_id, letter.to):
            return Prepared(delivery, outcome=Outcome.dead("the address was refused before"))
        at = parse_rfc3339(delivery.payload["at"])
        name = name_of(delivery.merchant_id, delivery.target, delivery.wanted)
        try:
            content = compose(letter, self._sender, name, at)
        except NoSuchDomain as error:
            return Prepared(delivery, outcome=Outcome.dead(str(error)))
        sealed = Sealed(name, at, self._sender, deliverable(letter.to), content)
        return Prepared(delivery, letter.to, sealed)

    def _judge(self, one: Prepared, reply: Reply) -> Outcome:
        outcome = rules.judge(reply, one.delivery.attempts + 1)
        if outcome.ending is not Ending.DONE:
            log.warning("mail_failed", kind=one.delivery.payload["kind"], reason=str(reply))
        return outcome

    def _note(self, answered: Sequence[tuple[Prepared, Reply]]) -> None:
        """Remember which addresses nobody has, and forget it of those that have taken a mail after all."""
        told = [(one, reply) for one, reply in answered if reply.is_accepted or rules.is_unreachable(reply)]
        if not told:
            return
        with self._database.write() as uow:
            for one, reply in told:
                merchant_id = one.delivery.merchant_id
                if reply.is_accepted:
                    unreachable.forget(uow, merchant_id, one.to)
                else:
                    unreachable.note(uow, merchant_id, one.to, str(reply), real_now())
