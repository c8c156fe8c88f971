"""The console: today one signed-in page from which a marketing team speaks to its customers."""

from passes.web.console.views import create_blueprint

__all__ = ["create_blueprint"]
