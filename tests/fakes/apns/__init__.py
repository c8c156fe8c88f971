"""A local Apple push service: HTTP/2 over TLS, as strict as the real one, and able to misbehave."""

from tests.fakes.apns.journal import Behaviour, Push
from tests.fakes.apns.server import ApnsStandIn

__all__ = ["ApnsStandIn", "Behaviour", "Push"]
