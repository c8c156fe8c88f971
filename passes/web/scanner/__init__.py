"""The scanner page: a till for a shop that has none, in any browser."""

from passes.web.scanner.views import create_blueprint

__all__ = ["create_blueprint"]
