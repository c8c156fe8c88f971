"""A database from before value ran out: its programs get the account where it goes, and give it back."""

from sqlalchemy import text

from passes import migrate
from passes.db.engine import Database

BEFORE = "0004"
SPENT = """
    INSERT INTO accounts (id, merchant_id, program_id, card_id, role, asset, balance, held)
    VALUES ('prog_1.spent.STAMP', 'mer_1', 'prog_1', NULL, 'spent', 'STAMP', NULL, 0),
           ('prog_1.spent.REWARD', 'mer_1', 'prog_1', NULL, 'spent', 'REWARD', NULL, 0),
           ('prog_2.spent.EUR', 'mer_1', 'prog_2', NULL, 'spent', 'EUR', NULL, 0)
"""


def roles(database: Database) -> list[str]:
    with database.read() as uow:
        return list(uow.conn.execute(text("SELECT id FROM accounts ORDER BY id")).scalars())


def test_programs_that_are_there_get_an_account_for_what_runs_out(
    empty_database: Database,
) -> None:
    database = empty_database
    migrate.upgrade(database, BEFORE)
    with database.write() as uow:
        uow.conn.execute(text(SPENT))
    spent = ["prog_1.spent.REWARD", "prog_1.spent.STAMP", "prog_2.spent.EUR"]
    opened = ["prog_1.expired.REWARD", "prog_1.expired.STAMP", "prog_2.expired.EUR"]
    for _ in range(2):
        migrate.upgrade(database)
        assert roles(database) == sorted(spent + opened)
        migrate.downgrade(database, BEFORE)
        assert roles(database) == spent
