"""Tests of the API's promises share a database, like those of its code: each has merchants of its own."""

# Fixtures count where they are named.
from tests.web.api_v1.conftest import api_app, database, services

__all__ = ["api_app", "database", "services"]
