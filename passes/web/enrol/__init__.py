"""The way of a customer: the page that gives a card away, and the page a card has."""

from passes.web.enrol.blueprint import create_blueprint

__all__ = ["create_blueprint"]
