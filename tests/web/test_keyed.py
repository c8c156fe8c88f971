"""Once and for all: what becomes of a key that two use at the same moment."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from passes.db.engine import Database, UnitOfWork
from passes.errors import Refusal
from passes.ledger import service as ledger
from passes.merchants import service as merchants
from passes.merchants.rules import MerchantDraft
from passes.web import keyed


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_refusal_beside_another_use_of_its_key_is_answered_like_any_reuse(database: Database) -> None:
    """The other one commits after this one has looked for the key and before it notes its refusal."""
    with database.write() as uow:
        merchant_id = merchants.create_merchant(uow, MerchantDraft(slug="cafe", name="Café"), "test").id

    def prepare(_: UnitOfWork) -> tuple[str, Callable[[], Any]]:
        def refuse() -> None:
            with database.write() as other:
                ledger.answer_key(other, merchant_id, "a key", b"something else", 201, b"{}")
            raise Refusal("card_not_active", "The card is blocked.", state="blocked")

        return merchant_id, refuse

    answer = keyed.perform(database, prepare, status=201, key="a key", request_hash=b"this")
    assert (answer.status, orjson.loads(answer.body)["code"]) == (422, "idempotency_key_reused")
