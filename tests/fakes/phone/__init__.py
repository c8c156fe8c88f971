"""A phone with a wallet: registers, is pushed, lists and fetches, and chokes where a real one would."""

from tests.fakes.phone.device import Notification, Phone
from tests.fakes.phone.refusal import PhoneRefuses
from tests.fakes.phone.transport import Answer, over_http, through_wsgi

__all__ = ["Answer", "Notification", "Phone", "PhoneRefuses", "over_http", "through_wsgi"]
