"""Programs that were there before tills could go offline get the account that overspend is booked against."""

from sqlalchemy import select, text

from passes import migrate
from passes.db.engine import Database
from passes.ledger.models import Account

BEFORE = "0003"
_ADD = (
    "INSERT INTO accounts (id, merchant_id, program_id, role, asset) "
    "VALUES (:id, 'mer_1', :program, :role, :asset)"
)


def add_program_account(database: Database, program: str, role: str, asset: str) -> None:
    row = {"id": f"{program}.{role}.{asset}", "program": program, "role": role, "asset": asset}
    with database.engine.begin() as conn:
        conn.execute(text(_ADD), row)


def loss_accounts(database: Database) -> dict[str, tuple[str, str, str]]:
    mine = select(Account.id, Account.merchant_id, Account.program_id, Account.asset)
    with database.engine.begin() as conn:
        rows = conn.execute(mine.where(Account.role == "offline_loss", Account.balance.is_(None)))
        return {row.id: (row.merchant_id, row.program_id, row.asset) for row in rows}


def test_existing_programs_get_their_loss_account_and_lose_an_empty_one_again(
    empty_database: Database,
) -> None:
    database = empty_database
    migrate.upgrade(database, BEFORE)
    accounts = [("prog_gift", "EUR"), ("prog_points", "POINT"), ("prog_stamp", "STAMP")]
    accounts += [("prog_stamp", "REWARD"), ("prog_coupon", "USE")]
    for program, asset in accounts:
        add_program_account(database, program, "spent", asset)
        add_program_account(database, program, "issued", asset)
    opened = {
        "prog_gift.offline_loss.EUR": ("mer_1", "prog_gift", "EUR"),
        "prog_points.offline_loss.POINT": ("mer_1", "prog_points", "POINT"),
    }
    migrate.upgrade(database)
    assert loss_accounts(database) == opened
    migrate.downgrade(database, BEFORE)
    assert loss_accounts(database) == {}
    add_program_account(database, "prog_gift", "offline_loss", "EUR")
    migrate.upgrade(database)
    assert loss_accounts(database) == opened
