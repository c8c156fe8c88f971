"""A Google Wallet on this machine: token address, REST API, save page, and the callbacks it fires."""

from tests.fakes.google.server import ISSUER_ID, GoogleStandIn
from tests.fakes.google.switches import Misbehaviour

__all__ = ["ISSUER_ID", "GoogleStandIn", "Misbehaviour"]
