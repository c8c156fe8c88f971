"""A mail server that refuses what real ones refuse, and can be told to misbehave."""

from tests.fakes.mail.rules import Taken
from tests.fakes.mail.server import MailServer, Trouble

__all__ = ["MailServer", "Taken", "Trouble"]
