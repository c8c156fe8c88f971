"""Reading the whole of the books as they were at one moment."""

from sqlalchemy import text

from passes.db.engine import UnitOfWork


def read_at_one_moment(uow: UnitOfWork) -> None:
    """Make everything that is read from now on be of one moment, however long it takes.

    Tills go on working meanwhile; without one snapshot their half-seen changes would look like faults.
    `uow` must not have been asked anything yet.
    """
    if uow.conn.dialect.name == "postgresql":
        uow.conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        uow.conn.execute(text("SET LOCAL statement_timeout = 0"))
