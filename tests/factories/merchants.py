"""Merchants and members for tests, made the way everybody makes them."""

from typing import Any

from passes.db.engine import UnitOfWork
from passes.members.queries import MemberView
from passes.members.rules import MemberDraft
from passes.members.service import create_member
from passes.merchants.queries import LocationView, MerchantView
from passes.merchants.rules import LocationDraft, MerchantDraft
from passes.merchants.service import create_location, create_merchant


def a_merchant(uow: UnitOfWork, slug: str = "mokka", **changes: Any) -> MerchantView:
    """A merchant in Berlin that speaks German."""
    return create_merchant(uow, MerchantDraft(slug=slug, **{"name": slug.title(), **changes}), "test")


def a_location(uow: UnitOfWork, merchant: MerchantView, name: str = "Mitte", **changes: Any) -> LocationView:
    """A shop of the merchant."""
    return create_location(uow, merchant.id, LocationDraft(name=name, **changes), "test")


def a_member(uow: UnitOfWork, merchant: MerchantView, **known: Any) -> MemberView:
    """A member of whom `known` is known."""
    return create_member(uow, merchant.id, MemberDraft(**known), "test")
