"""Apple's web service: how phones register a pass, ask what changed, and fetch the new one."""

from passes.web.apple.blueprint import create_blueprint
from passes.web.apple.services import AppleServices

__all__ = ["AppleServices", "create_blueprint"]
