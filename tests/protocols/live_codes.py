"""A great many live codes, put into the database in one go: what a thief would be guessing at."""

from sqlalchemy import insert

from passes.cards.models import Card
from passes.db.engine import Database
from passes.ids import new_code, new_id, new_token
from passes.ledger.chain import GENESIS
from passes.ledger.models import Account
from passes.ledger.rules import BALANCE, account_id

_AT_ONCE = 10_000


def issue_many(database: Database, merchant_id: str, program_id: str, count: int) -> list[str]:
    """The codes of `count` new, empty gift cards, made without their entries in the books."""
    codes = [new_code() for _ in range(count)]
    for start in range(0, count, _AT_ONCE):
        with database.write() as uow:
            cards = [
                _card(code, merchant_id, program_id, uow.now) for code in codes[start : start + _AT_ONCE]
            ]
            uow.conn.execute(insert(Card), cards)
            uow.conn.execute(insert(Account), [_account(card) for card in cards])
    return codes


def _card(code: str, merchant_id: str, program_id: str, at: object) -> dict[str, object]:
    return {
        "id": new_id("card"),
        "merchant_id": merchant_id,
        "program_id": program_id,
        "state": "active",
        "code": code,
        "barcode": new_token(),
        "page_token": new_token(),
        "token_key_id": "test",
        "version": 1,
        "modified_s": 0,
        "collected": 0,
        "chain_head": GENESIS,
        "created_at": at,
        "updated_at": at,
    }


def _account(card: dict[str, object]) -> dict[str, object]:
    return {
        "id": account_id(str(card["id"]), BALANCE, "EUR"),
        "merchant_id": card["merchant_id"],
        "program_id": card["program_id"],
        "card_id": card["id"],
        "role": BALANCE,
        "asset": "EUR",
        "balance": 0,
        "held": 0,
    }
