"""Making merchants and their shops."""

from dataclasses import asdict

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from passes.audit import service as audit
from passes.db.engine import UnitOfWork
from passes.errors import FieldError
from passes.ids import new_id
from passes.merchants import queries
from passes.merchants.models import Location, Merchant
from passes.merchants.queries import LocationView, MerchantView
from passes.merchants.rules import LocationDraft, MerchantDraft


def create_merchant(uow: UnitOfWork, draft: MerchantDraft, actor: str) -> MerchantView:
    """Make a merchant; raises `FieldError` naming `slug` when that is taken."""
    view = MerchantView(id=new_id("mer"), created_at=uow.now, **draft.model_dump())
    try:
        with uow.savepoint():
            uow.conn.execute(insert(Merchant).values(**asdict(view)))
    except IntegrityError:
        raise FieldError("slug", "is taken; choose another") from None
    audit.record(uow, view.id, actor, "merchants.create", view.id)
    return view


def create_location(uow: UnitOfWork, merchant_id: str, draft: LocationDraft, actor: str) -> LocationView:
    """Open a shop; raises `NotFound` for an unknown merchant."""
    queries.merchant(uow, merchant_id)
    view = LocationView(id=new_id("loc"), merchant_id=merchant_id, created_at=uow.now, **draft.model_dump())
    uow.conn.execute(insert(Location).values(**asdict(view)))
    audit.record(uow, merchant_id, actor, "merchants.create_location", view.id)
    return view
