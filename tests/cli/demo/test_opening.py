"""The demo shop: opened once, found again, completed where something is missing, nobody else's."""

from typing import Any

import pytest
from sqlalchemy import func, select

from passes.audit.models import AuditEntry
from passes.cli.demo import offers, opening
from passes.cli.demo.opening import Shop, open_shop
from passes.db.engine import Database
from passes.errors import ConfigurationError
from passes.ledger.models import Transaction
from passes.ledger.verify import verify
from passes.programs.service import ProgramDraft, create_program
from tests.factories.merchants import a_merchant


def opened(database: Database) -> Shop:
    with database.write() as uow:
        return open_shop(uow)


def traces(database: Database) -> tuple[int, int]:
    """How much has been written so far."""
    with database.read() as uow:
        counted = [
            uow.conn.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (AuditEntry, Transaction)
        ]
    return counted[0], counted[1]


def test_it_has_a_program_and_a_card_of_every_kind_with_something_on_it(database: Database) -> None:
    shop = opened(database)
    assert shop.merchant.slug == "demo"
    assert len(shop.locations) == 2
    assert set(shop.programs) == set(shop.cards) == {"stamp", "coupon", "gift", "points"}
    assert all(program.slug == f"demo-{kind}" for kind, program in shop.programs.items())
    assert {kind: card.balance for kind, card in shop.cards.items()} == {
        "stamp": 4, "coupon": 1, "gift": 2500, "points": 36,
    }  # fmt: skip
    assert {card.member_id for card in shop.cards.values()} == {shop.member.id}
    assert shop.member.consents[0].granted
    for program in shop.programs.values():
        assert program.texts["de"]["title"]
        assert program.texts["en"]["title"]
    with database.read() as uow:
        assert verify(uow).ok


def test_opening_it_again_changes_nothing(database: Database) -> None:
    first, before = opened(database), traces(database)
    assert opened(database) == first
    assert traces(database) == before


def test_what_was_spent_stays_spent(database: Database) -> None:
    shop = opened(database)
    with database.write() as uow:
        call = opening.TillCall(shop.merchant.id, "till", card_id=shop.cards["stamp"].id)
        opening.redemption.stamp(uow, call, count=3)
    assert opened(database).cards["stamp"].balance == 7


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("until", ["_locations", "_program", "_member", "_cards", "_new_card"])
def test_an_opening_that_breaks_off_leaves_nothing_and_the_next_completes(
    database: Database, monkeypatch: pytest.MonkeyPatch, until: str
) -> None:
    def broken(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(opening, until, broken)
        with pytest.raises(KeyboardInterrupt):
            opened(database)
    assert traces(database) == (0, 0)
    assert len(opened(database).cards) == 4


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_shop_that_lacks_something_gets_it(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(offers, "PROGRAMS", offers.PROGRAMS[:2])
        half = opened(database)
    whole = opened(database)
    assert set(half.cards) == {"stamp", "coupon"}
    assert set(whole.cards) == {"stamp", "coupon", "gift", "points"}
    assert whole.cards["stamp"] == half.cards["stamp"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_slug_that_another_merchant_has_is_named(database: Database) -> None:
    with database.write() as uow:
        other = a_merchant(uow)
        rules = {"stamps_required": 5, "reward": "Tea"}
        create_program(
            uow, other.id, other.slug, ProgramDraft("stamp", "T", rules, slug="demo-stamp"), "test"
        )
    with pytest.raises(ConfigurationError, match="demo-stamp, which another program has"):
        opened(database)
