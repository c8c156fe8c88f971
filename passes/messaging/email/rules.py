"""What a mail server's answer means for the mail and for the address. No I/O."""

from passes.messaging.email.post import Reply
from passes.outbox.channel import Outcome

MAX_ATTEMPTS = 16
_FIRST_DELAY_S = 60
_LONGEST_DELAY_S = 4 * 3600
_ADDRESS = "5.1."
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})
_ABOUT_THE_MESSAGE = ("5.2.2", "5.7.", "5.3.", "5.6.")
"""Full, not allowed, not able to, not of a form they take: none of it says that nobody lives there."""


def retry_delay_s(attempts: int) -> int:
    """The wait after the `attempts`th failure: a minute, then twice as long each time, up to four hours.

    A server that does not know us often wants us to come back after some minutes (greylisting), and one
    that is down may be so for a night: sixteen attempts take a day and a half. The outbox adds its jitter.
    """
    return min(_LONGEST_DELAY_S, _FIRST_DELAY_S << min(attempts - 1, 10))


def judge(reply: Reply, attempts: int) -> Outcome:
    """What is to be done with a mail, `attempts` counting this one (RFC 5321, section 4.2.1)."""
    if reply.is_accepted:
        return Outcome.done(str(reply))
    if reply.stage in ("reach", "sender"):
        # Nothing about this mail: the server is away, or does not take mails from us at all.
        return Outcome.wait(str(reply), retry_delay_s(min(attempts, 5)))
    if reply.code is not None and reply.code >= 500:
        return Outcome.dead(str(reply))
    return Outcome.retry(str(reply), retry_delay_s(attempts), MAX_ATTEMPTS)


def is_unreachable(reply: Reply) -> bool:
    """Whether the answer says that nobody has this address, so that it need not be written to again."""
    if reply.code is None or reply.code < 500:
        return False
    if reply.stage == "recipient":
        return reply.code in _NO_SUCH_MAILBOX and not reply.detail.startswith(_ABOUT_THE_MESSAGE)
    return reply.stage == "content" and reply.detail.startswith(_ADDRESS)
