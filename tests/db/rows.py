"""Rows as plain as they come, for tests of what the database refuses whatever the code above does."""

from typing import Any

from sqlalchemy import func, insert, select

from passes.audit.service import record
from passes.cards.models import Card
from passes.db.base import Base
from passes.db.engine import UnitOfWork
from passes.ledger.models import Account, AnsweredKey, Posting, Transaction
from passes.merchants.models import Merchant
from passes.programs.models import Program


def add(uow: UnitOfWork, table: type[Base], **values: Any) -> None:
    """Insert one row as given."""
    uow.conn.execute(insert(table).values(**values))


def add_merchant(uow: UnitOfWork, name: str) -> None:
    """A merchant `mer_<name>` with a gift card program `prog_<name>`."""
    add(
        uow,
        Merchant,
        id=f"mer_{name}",
        slug=name,
        name=name.title(),
        locale="de",
        time_zone="Europe/Berlin",
        created_at=uow.now,
    )
    add(
        uow,
        Program,
        id=f"prog_{name}",
        merchant_id=f"mer_{name}",
        kind="gift",
        name="Gift",
        slug=f"{name}-gift",
        currency="EUR",
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
    )


def add_card(uow: UnitOfWork, merchant: str, number: int, **changes: Any) -> None:
    """Card `card_<number>` of `mer_<merchant>`, without any account."""
    values = {
        "id": f"card_{number}",
        "merchant_id": f"mer_{merchant}",
        "program_id": f"prog_{merchant}",
        "state": "active",
        "code": f"CODE{number}",
        "barcode": f"BARCODE{number}",
        "page_token": f"PAGE{number}",
        "token_key_id": "k1",
        "version": 1,
        "modified_s": 1,
        "created_at": uow.now,
        "updated_at": uow.now,
    }
    add(uow, Card, **values | changes)


def add_books(uow: UnitOfWork, merchant: str) -> None:
    """Card 1 with 5 EUR on it, a transaction without postings, an answered key, an audit entry."""
    add_card(uow, merchant, 1)
    owner = {"merchant_id": f"mer_{merchant}", "program_id": f"prog_{merchant}"}
    card = owner | {"card_id": "card_1", "role": "card"}
    house = owner | {"card_id": None, "role": "funds", "balance": None}
    add(uow, Account, id="card_1:EUR", asset="EUR", balance=0, **card)
    add(uow, Account, id="card_1:REWARD", asset="REWARD", balance=0, **card)
    add(uow, Account, id="house:EUR", asset="EUR", **house)
    add_transaction(uow, merchant, "txn_1", card_version=1)
    add_transaction(uow, merchant, "txn_empty", card_version=2)
    post(uow, "house:EUR", "card_1:EUR", 500)
    add(
        uow,
        AnsweredKey,
        merchant_id=f"mer_{merchant}",
        key="once",
        fingerprint=bytes(32),
        status=201,
        body=b"{}",
        created_at=uow.now,
        seal=bytes(32),
    )
    record(uow, f"mer_{merchant}", "test", "test.begin", "card_1")


def add_transaction(uow: UnitOfWork, merchant: str, txn_id: str, card_version: int) -> None:
    """A load of 5 EUR onto `card_1`, without postings."""
    add(
        uow,
        Transaction,
        id=txn_id,
        merchant_id=f"mer_{merchant}",
        card_id="card_1",
        card_version=card_version,
        type="load",
        asset="EUR",
        amount=500,
        balance_asset="EUR",
        delta=500,
        balance_after=500,
        actor="test",
        created_at=uow.now,
        chain=bytes(32),
    )


def post(uow: UnitOfWork, source: str, destination: str, amount_minor: int) -> None:
    """A further posting of transaction `txn_1`, in EUR."""
    position = uow.conn.scalar(
        select(func.count()).select_from(Posting).where(Posting.transaction_id == "txn_1")
    )
    add(
        uow,
        Posting,
        transaction_id="txn_1",
        position=position,
        source=source,
        destination=destination,
        asset="EUR",
        amount=amount_minor,
    )
